//! Plots in SVG of the lines of JSON that benchmarks print.

use std::io::{Read, read_to_string};
use std::path::Path;

use plotters::prelude::*;
use serde_json::Value;

/// Draws what there is of it: the peers as bars, the simulation as lines.
pub(crate) fn draw(folder: &Path, printed: impl Read) {
    let text = read_to_string(printed).expect("lines");
    let rows: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let of = |row: &Value, member: &str| row[member].as_str().unwrap_or_default().to_owned();
    let headers = rows.iter().filter(|it| it["result"] == "header");
    let headers: Vec<_> = headers
        .map(|it| Bar {
            name: format!("{} {}", of(it, "peer"), of(it, "version")),
            value: it["ns"].as_f64().unwrap_or_default(),
        })
        .collect();
    if !headers.is_empty() {
        let title = "A valid token as a ready header, one thread, nanoseconds";
        bars(&folder.join("valid-token.svg"), title, &headers);
    }
    let policies = rows
        .iter()
        .filter(|it| it["simulation"].is_string())
        .take(2);
    let policies: Vec<_> = policies
        .map(|it| Line {
            name: of(it, "simulation"),
            points: by_day(it["hourly_per_second"].as_array()),
        })
        .collect();
    if !policies.is_empty() {
        lines(
            &folder.join("simulation.svg"),
            "A million sessions that logged in within one minute: requests for a token",
            ("day", "per second, mean of an hour"),
            &policies,
        );
    }
}

/// The values of hours, over days.
fn by_day(hours: Option<&Vec<Value>>) -> Vec<(f64, f64)> {
    let values = hours.into_iter().flatten().filter_map(Value::as_f64);
    let points = values.enumerate();
    points
        .map(|(hour, value)| (hour as f64 / 24.0, value))
        .collect()
}

const SIZE: (u32, u32) = (840, 380);
const COLORS: [RGBColor; 3] = [
    RGBColor(0x1f, 0x77, 0xb4),
    RGBColor(0xd6, 0x27, 0x28),
    BLACK,
];

/// A line of a plot.
struct Line {
    name: String,
    points: Vec<(f64, f64)>,
}

/// A bar of a plot.
struct Bar {
    name: String,
    value: f64,
}

/// Lines over a common axis.
fn lines(file: &Path, title: &str, axes: (&str, &str), lines: &[Line]) {
    let points = || lines.iter().flat_map(|line| &line.points);
    let right = points().map(|(x, _)| *x).fold(1.0, f64::max);
    let top = points().map(|(_, y)| *y).fold(1.0, f64::max);
    drawn(file, |area| {
        let mut chart = ChartBuilder::on(area)
            .caption(title, ("sans-serif", 17))
            .margin(12)
            .x_label_area_size(36)
            .y_label_area_size(56)
            .build_cartesian_2d(0.0..right, 0.0..top * 1.05)
            .expect("a plot");
        let mesh = &mut chart.configure_mesh();
        mesh.x_desc(axes.0).y_desc(axes.1).draw().expect("a plot");
        for (line, color) in lines.iter().zip(COLORS) {
            let series = LineSeries::new(line.points.iter().copied(), color.stroke_width(2));
            let drawn = chart.draw_series(series).expect("a plot");
            drawn
                .label(&line.name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color));
        }
        let labels = &mut chart.configure_series_labels();
        labels
            .background_style(WHITE)
            .border_style(BLACK)
            .draw()
            .expect("a plot");
    });
}

/// Horizontal bars, the shortest on top.
fn bars(file: &Path, title: &str, bars: &[Bar]) {
    let mut bars: Vec<_> = bars.iter().collect();
    bars.sort_by(|one, other| other.value.total_cmp(&one.value));
    let longest = bars.iter().map(|bar| bar.value).fold(1.0, f64::max);
    drawn(file, |area| {
        let mut chart = ChartBuilder::on(area)
            .caption(title, ("sans-serif", 17))
            .margin(12)
            .build_cartesian_2d(0.0..longest * 1.5, 0..bars.len())
            .expect("a plot");
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
            chart.draw_series([shape]).expect("a plot");
            chart
                .draw_series([middle(0.0, bar.name.clone())])
                .expect("a plot");
            let value = format!("{:.0}", bar.value);
            chart
                .draw_series([middle(left + width, value)])
                .expect("a plot");
        }
    });
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

fn drawn(file: &Path, draw: impl FnOnce(&Area<'_>)) {
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    area.fill(&WHITE).expect("a plot");
    draw(&area);
    area.present().expect("a plot");
}
