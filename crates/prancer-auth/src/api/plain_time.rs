//! Durations for people.

use std::fmt;
use std::time::Duration;

const UNITS: [(u64, &str); 4] = [(24 * 60 * 60, "d"), (60 * 60, "h"), (60, "min"), (1, "s")];

/// A duration in its two largest units, such as `23 h 59 min`; what is less than a minute is exact.
pub(crate) struct PlainTime(pub(crate) Duration);

impl fmt::Display for PlainTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        for ((unit, name), (smaller, next)) in UNITS.iter().zip(&UNITS[1..]) {
            if seconds >= *unit {
                write!(f, "{} {name}", seconds / unit)?;
                return match seconds % unit / smaller {
                    0 => Ok(()),
                    count => write!(f, " {count} {next}"),
                };
            }
        }
        write!(f, "{} s", self.0.as_secs_f32())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_shown_in_its_two_largest_units() {
        for (milliseconds, shown) in [
            (0, "0 s"),
            (300, "0.3 s"),
            (59_000, "59 s"),
            (60_000, "1 min"),
            (90_500, "1 min 30 s"),
            (3_600_000, "1 h"),
            (86_399_999, "23 h 59 min"),
            (86_401_000, "1 d"),
            (2_592_000_000, "30 d"),
        ] {
            let time = PlainTime(Duration::from_millis(milliseconds));
            assert_eq!(time.to_string(), shown);
        }
        assert!(PlainTime(Duration::MAX).to_string().ends_with(" h"));
    }
}
