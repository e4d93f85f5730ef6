//! The figures that READMEs show are those that `cargo xtask bench` measured, which writes them anew by this test.

use serde_json::{Map, Value};
use snapbox::Assert;
use snapbox::data::{Data, DataFormat};

/// By benchmark: the date, the machine, and the lines that it printed.
const FIGURES: &str = include_str!("../../crates/prancer-auth/figures/figures.json");
/// Around the tables of a README.
const MARKS: [&str; 2] = [
    "<!-- figures: written by `cargo xtask bench` -->\n",
    "<!-- end of figures -->\n",
];

/// A table: of which benchmark, what it is, the member that its lines have, the columns with their members, its README.
struct Table {
    bench: &'static str,
    title: &'static str,
    of: &'static str,
    columns: &'static [(&'static str, &'static str)],
    readme: &'static str,
}

const SESSION: &str = "crates/prancer-auth/README.md";
const COMMAND: &str = "crates/prancer-auth-cli/README.md";
const FRONT: &str = "README.md";

const TABLES: [Table; 9] = [
    Table {
        bench: "peers",
        title: "A valid token of 700 bytes from the cache, as the library's credential or as a ready header",
        of: "peer",
        columns: &[
            ("library", "peer"),
            ("version", "version"),
            ("what", "result"),
            ("ns", "ns"),
            ("ns, two threads", "ns_two_threads"),
            ("allocations", "allocations"),
        ],
        readme: SESSION,
    },
    Table {
        bench: "crowd",
        title: "A thousand callers at once, an exchange takes 20 ms",
        of: "crowd",
        columns: &[
            ("token", "crowd"),
            ("served", "served"),
            ("exchanges", "exchanges"),
            ("wait p50, us", "wait_p50_us"),
            ("longest, us", "wait_max_us"),
        ],
        readme: SESSION,
    },
    Table {
        bench: "crowd",
        title: "Authenticated requests on loopback, as a part of the throughput of bare ones with a fixed header",
        of: "throughput",
        columns: &[
            ("at once", "at_once"),
            ("requests", "requests"),
            ("ratio", "ratio_median"),
            ("lower quartile", "ratio_quarter"),
            ("upper quartile", "ratio_three_quarters"),
        ],
        readme: SESSION,
    },
    Table {
        bench: "memory",
        title: "The memory of a session",
        of: "memory",
        columns: &[
            ("bytes", "bytes"),
            ("of its tokens", "of_tokens"),
            ("of the header", "of_the_header"),
            ("beside", "beside"),
        ],
        readme: SESSION,
    },
    Table {
        bench: "stores",
        title: "A load from a store",
        of: "load",
        columns: &[
            ("store", "load"),
            ("us", "load_us"),
            ("against a bare", "against"),
            ("us", "bare_us"),
            ("ratio", "ratio_median"),
        ],
        readme: SESSION,
    },
    Table {
        bench: "stores",
        title: "Processes that share a session when its token expires, with a portal that takes 20 ms and kills used refresh tokens",
        of: "waits",
        columns: &[
            ("store", "waits"),
            ("processes", "processes"),
            ("exchanges", "exchanges"),
            ("wait p50, ms", "wait_p50_ms"),
            ("p99, ms", "wait_p99_ms"),
        ],
        readme: SESSION,
    },
    Table {
        bench: "simulation",
        title: "A month of a million sessions that logged in within one minute: renewals, the busiest minute over the mean",
        of: "simulation",
        columns: &[
            ("policy", "simulation"),
            ("a second", "mean_per_second"),
            ("busiest", "peak_over_mean"),
            ("after an outage of an hour", "peak_after_outage_over_mean"),
            ("unserved", "unserved"),
        ],
        readme: SESSION,
    },
    Table {
        bench: "command",
        title: "The command as a whole process",
        of: "command",
        columns: &[("what", "command"), ("value", "value"), ("unit", "unit")],
        readme: COMMAND,
    },
    Table {
        bench: "dependents",
        title: "What a program pays that depends on them: crates in its tree, and CPU seconds of a first debug build",
        of: "dependent",
        columns: &[
            ("on", "dependent"),
            ("crates", "crates"),
            ("CPU seconds", "cpu_seconds"),
        ],
        readme: FRONT,
    },
];

fn tables(figures: &Map<String, Value>, readme: &str) -> String {
    let tables = TABLES.iter().filter(|it| it.readme == readme);
    tables.map(|it| table(figures, it)).collect()
}

/// One table, empty where nothing was measured.
fn table(figures: &Map<String, Value>, table: &Table) -> String {
    let Some(measured) = figures.get(table.bench) else {
        return String::new();
    };
    let lines = measured["lines"].as_array().unwrap();
    let rows: Vec<_> = lines.iter().filter(|it| !it[table.of].is_null()).collect();
    if rows.is_empty() {
        return String::new();
    }
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let headings = table
        .columns
        .iter()
        .map(|(heading, _)| (*heading).to_owned());
    let mut text = format!("{}:\n\n{}", table.title, line(headings.collect()));
    text += &format!("|{}\n", "---|".repeat(table.columns.len()));
    for row in rows {
        let cells = table.columns.iter().map(|(_, member)| shown(&row[*member]));
        text += &line(cells.collect());
    }
    let (date, machine) = (&measured["date"], &measured["machine"]);
    let (date, machine) = (date.as_str().unwrap(), machine.as_str().unwrap());
    text + &format!("\nMeasured on {date}, {machine}.\n\n")
}

/// A text as it is, a number with three digits that count.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        value => match value.as_f64() {
            Some(number) if number.fract() == 0.0 || number >= 100.0 => format!("{number:.0}"),
            Some(number) if number >= 10.0 => format!("{number:.1}"),
            Some(number) => format!("{number:.2}"),
            None => value.to_string(),
        },
    }
}

/// A README whose marks stand around these tables.
fn with_tables(readme: &str, tables: &str) -> String {
    let [start, end] = MARKS;
    let (before, rest) = readme.split_once(start).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    format!("{before}{start}\n{tables}{end}{after}")
}

#[test]
fn readmes_show_the_figures_that_were_measured() {
    let figures = serde_json::from_str(FIGURES).unwrap();
    let mends = "cargo xtask bench --write";
    for readme in [SESSION, COMMAND, FRONT] {
        let file = format!("../{readme}");
        let text = std::fs::read_to_string(&file).unwrap();
        let expected = Data::read_from(file.as_ref(), Some(DataFormat::Text)).raw();
        let assert = Assert::new().action_env("SNAPSHOTS");
        let actual = with_tables(&text, &tables(&figures, readme));
        eprintln!("where {readme} differs: {mends}");
        assert.eq(Data::text(actual).raw(), expected);
    }
}

#[test]
fn a_figure_that_was_changed_by_hand_is_not_what_the_file_makes() {
    let lines = serde_json::json!([{ "memory": "a session", "bytes": 4321, "beside": 12.345 }]);
    let measured =
        serde_json::json!({ "date": "2026-01-01", "machine": "2 x a processor", "lines": lines });
    let figures = Map::from_iter([("memory".to_owned(), measured)]);
    let tables = tables(&figures, SESSION);
    assert!(tables.contains("| 4321 |  |  | 12.3 |\n"), "{tables}");
    assert!(
        tables.contains("Measured on 2026-01-01, 2 x a processor."),
        "{tables}"
    );
    let [start, end] = MARKS;
    let readme = with_tables(&format!("a\n{start}old\n{end}b\n"), &tables);
    assert!(readme.starts_with("a\n") && readme.ends_with("b\n") && !readme.contains("old"));
    assert_eq!(with_tables(&readme, &tables), readme);
    let by_hand = readme.replace("4321", "1234");
    assert_ne!(with_tables(&by_hand, &tables), by_hand);
}
