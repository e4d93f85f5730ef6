//! A line for each thing that was proved, as it is done, and all of them again at the end.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anstyle::AnsiColor;
use anyhow::{Result, ensure};

#[derive(Default)]
pub(crate) struct Report {
    rows: Mutex<Vec<Row>>,
}

struct Row {
    name: String,
    /// What was counted; nothing where it failed.
    counted: Option<String>,
    time: Duration,
}

impl Report {
    /// Does one thing, which says what it counted; whether it went well.
    pub(crate) fn add(&self, name: &str, prove: impl FnOnce() -> Result<String>) -> bool {
        let start = Instant::now();
        let done = prove();
        let mut rows = self.rows();
        if let Err(error) = &done {
            eprintln!("{name}: {error:#}");
        }
        let good = done.is_ok();
        let row = Row {
            name: name.to_owned(),
            counted: done.ok(),
            time: start.elapsed(),
        };
        row.show();
        rows.push(row);
        good
    }

    /// Does many things side by side, as many at a time as there are processors.
    pub(crate) fn add_all<T: Send>(
        &self,
        things: impl IntoIterator<Item = (String, T)>,
        prove: impl Fn(T) -> Result<String> + Sync,
    ) {
        let waiting: Mutex<VecDeque<_>> = Mutex::new(things.into_iter().collect());
        let next = || {
            let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.pop_front()
        };
        thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                scope.spawn(|| {
                    while let Some((name, thing)) = next() {
                        self.add(&name, || prove(thing));
                    }
                });
            }
        });
    }

    /// The table; fails when one of them did.
    pub(crate) fn end(&self) -> Result<()> {
        println!();
        let rows = self.rows();
        rows.iter().for_each(Row::show);
        let failed = rows.iter().filter(|it| it.counted.is_none()).count();
        ensure!(failed == 0, "{failed} of {} failed", rows.len());
        Ok(())
    }

    fn rows(&self) -> MutexGuard<'_, Vec<Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
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
            "{style}{word:>7}{style:#}  {:>6.1} s  {:<40} {}",
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
        let report = Report::default();
        assert!(report.add("one", || Ok("1 check".to_owned())));
        assert!(report.end().is_ok());
        let things = [("two".to_owned(), true), ("three".to_owned(), false)];
        report.add_all(things, |good| {
            if good {
                return Ok(String::new());
            }
            bail!("no")
        });
        assert_eq!(report.end().unwrap_err().to_string(), "1 of 3 failed");
    }
}
