//! A line for each thing that was proved, as it is done, and all of them again at the end.

use std::time::{Duration, Instant};

use anstyle::AnsiColor;
use anyhow::{Result, ensure};

#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

struct Row {
    name: String,
    /// What was counted; nothing where it failed.
    counted: Option<String>,
    time: Duration,
}

impl Report {
    /// Does one thing, which says what it counted.
    pub(crate) fn add(&mut self, name: String, prove: impl FnOnce() -> Result<String>) {
        let start = Instant::now();
        let done = prove();
        if let Err(error) = &done {
            eprintln!("{name}: {error:#}");
        }
        let row = Row {
            name,
            counted: done.ok(),
            time: start.elapsed(),
        };
        row.show();
        self.rows.push(row);
    }

    /// The table; fails when one of them did.
    pub(crate) fn end(&self) -> Result<()> {
        println!();
        self.rows.iter().for_each(Row::show);
        let failed = self.rows.iter().filter(|it| it.counted.is_none()).count();
        ensure!(failed == 0, "{failed} of {} failed", self.rows.len());
        Ok(())
    }
}

impl Row {
    fn show(&self) {
        let (word, color) = match self.counted {
            Some(_) => ("ok", AnsiColor::Green),
            None => ("FAILED", AnsiColor::Red),
        };
        let style = color.on_default();
        anstream::println!(
            "{style}{word:>7}{style:#}  {:>6.1} s  {:<62} {}",
            self.time.as_secs_f64(),
            self.name,
            self.counted.as_deref().unwrap_or_default()
        );
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn one_failure_fails_the_whole() {
        let mut report = Report::default();
        report.add("one".to_owned(), || Ok("1 check".to_owned()));
        assert!(report.end().is_ok());
        report.add("two".to_owned(), || bail!("no"));
        assert_eq!(report.end().unwrap_err().to_string(), "1 of 2 failed");
    }
}
