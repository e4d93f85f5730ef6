//! Plots in SVG, and the lines of JSON that benchmarks print.

use std::fs;
use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::prelude::*;
use serde_json::Value;

const SIZE: (u32, u32) = (840, 380);
const COLORS: [RGBColor; 3] = [
    RGBColor(0x1f, 0x77, 0xb4),
    RGBColor(0xd6, 0x27, 0x28),
    BLACK,
];

/// A line of a plot.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// A bar of a plot.
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) value: f64,
}

/// The lines of a text that are JSON objects.
pub(crate) fn json_lines(text: &str) -> Vec<Value> {
    let objects = text.lines().filter(|line| line.starts_with('{'));
    objects
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// Lines over a common axis.
pub(crate) fn lines(file: &Path, title: &str, axes: (&str, &str), lines: &[Line]) -> Result<()> {
    let points = || lines.iter().flat_map(|line| &line.points);
    let right = points().map(|(x, _)| *x).fold(1.0, f64::max);
    let top = points().map(|(_, y)| *y).fold(1.0, f64::max);
    draw(file, |area| {
        let mut chart = ChartBuilder::on(area)
            .caption(title, ("sans-serif", 17))
            .margin(12)
            .x_label_area_size(36)
            .y_label_area_size(56)
            .build_cartesian_2d(0.0..right, 0.0..top * 1.05)
            .map_err(plain)?;
        let mesh = &mut chart.configure_mesh();
        mesh.x_desc(axes.0).y_desc(axes.1).draw().map_err(plain)?;
        for (line, color) in lines.iter().zip(COLORS) {
            let series = LineSeries::new(line.points.iter().copied(), color.stroke_width(2));
            let drawn = chart.draw_series(series).map_err(plain)?;
            drawn
                .label(&line.name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color));
        }
        let labels = &mut chart.configure_series_labels();
        labels
            .background_style(WHITE)
            .border_style(BLACK)
            .draw()
            .map_err(plain)
    })
}

/// Horizontal bars, the shortest on top.
pub(crate) fn bars(file: &Path, title: &str, bars: &[Bar]) -> Result<()> {
    let mut bars: Vec<_> = bars.iter().collect();
    bars.sort_by(|one, other| other.value.total_cmp(&one.value));
    let longest = bars.iter().map(|bar| bar.value).fold(1.0, f64::max);
    draw(file, |area| {
        let mut chart = ChartBuilder::on(area)
            .caption(title, ("sans-serif", 17))
            .margin(12)
            .build_cartesian_2d(0.0..longest * 1.5, 0..bars.len())
            .map_err(plain)?;
        for (row, bar) in bars.iter().enumerate() {
            let ours = bar.name.starts_with("prancer-auth");
            let color = if ours { COLORS[1] } else { COLORS[0] };
            let (left, width) = (longest * 0.35, bar.value);
            let mut shape = Rectangle::new([(left, row), (left + width, row + 1)], color.filled());
            shape.set_margin(4, 4, 0, 0);
            let font = ("sans-serif", 14);
            let middle = |x: f64, text: String| {
                EmptyElement::at((x, row + 1)) + Text::new(text, (4, 10), font)
            };
            chart.draw_series([shape]).map_err(plain)?;
            chart
                .draw_series([middle(0.0, bar.name.clone())])
                .map_err(plain)?;
            let value = format!("{:.0}", bar.value);
            chart
                .draw_series([middle(left + width, value)])
                .map_err(plain)?;
        }
        Ok(())
    })
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

fn draw(file: &Path, draw: impl FnOnce(&Area<'_>) -> Result<()>) -> Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    area.fill(&WHITE).map_err(plain)?;
    draw(&area)?;
    area.present().map_err(plain)
}

fn plain(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("cannot draw: {error}")
}
