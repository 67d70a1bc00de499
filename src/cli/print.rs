//! Words and numbers for a terminal.

use std::io::{self, Write};

use anyhow::anyhow;
use serde::Serialize;

/// Writes results on stdout. A reader that has gone away is no failure.
pub fn results(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| anyhow!("cannot write the results: {error}")),
    }
}

/// Writes a result on stdout for programs. What is not finite becomes null.
pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    results(&pretty(value)?)
}

/// JSON with a newline at its end.
pub fn pretty(value: &impl Serialize) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// Writes a line on stderr, if anyone listens.
pub fn message(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Writes a warning on stderr.
pub fn warn(text: &str) {
    message(&format!("warning: {}", shown(text)));
}

/// The text on one line, without control characters.
pub fn one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    shown(&lines.join("; "))
}

/// The text without control characters, which a terminal would obey.
pub fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// Names, the first of them where there are many.
pub fn names(names: &[String]) -> String {
    const MOST: usize = 24;
    const LONGEST: usize = 80;
    let short = |name: &String| name.chars().take(LONGEST).collect();
    let mut list: Vec<String> = names.iter().take(MOST).map(short).collect();
    if names.len() > MOST {
        list.push("...".to_owned());
    }
    list.join(", ")
}

/// Rows as aligned columns: the first to the left, the others to the right.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            match column {
                0 => line.push_str(&format!("{cell:<width$}")),
                _ => line.push_str(&format!("  {cell:>width$}")),
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// So many of something: `1 sample`, `2 samples`.
pub fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// A whole number in groups of three: `16,000`.
pub fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size in bytes: `153.6 MB`.
pub fn size(bytes: usize) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    let mut scaled = bytes as f64 / 1e3;
    let mut unit = 0;
    while scaled >= 999.95 && unit + 1 < units.len() {
        scaled /= 1e3;
        unit += 1;
    }
    if bytes < 1000 { format!("{bytes} bytes") } else { format!("{scaled:.1} {}", units[unit]) }
}

/// A shape as NumPy writes it.
pub fn shape([samples, timesteps, features]: [usize; 3]) -> String {
    format!("({samples}, {timesteps}, {features})")
}

/// A value in six significant digits, as short as that can be.
pub fn number(x: f64) -> String {
    if !x.is_finite() || x == 0.0 {
        return x.to_string();
    }
    let exponent = format!("{x:.5e}");
    let power: i32 = exponent.split_once('e').map_or(0, |(_, power)| power.parse().unwrap_or(0));
    let fixed = match power {
        -4..=9 => format!("{x:.*}", (5 - power).max(0) as usize),
        _ => return exponent,
    };
    match fixed.contains('.') {
        true => fixed.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => fixed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (x, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (-0.5, "-0.5"),
            (123.456789, "123.457"),
            (1234567.0, "1234567"),
            (0.0001234567, "0.000123457"),
            (1.5e-9, "1.50000e-9"),
            (6.02e23, "6.02000e23"),
            (9.9999999, "10"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(number(x), text);
        }
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [12, 1500, 999_960, 153_600_000].map(size),
            ["12 bytes", "1.5 kB", "1.0 MB", "153.6 MB"]
        );
    }

    #[test]
    fn an_error_is_one_line() {
        assert_eq!(one_line("a\n  b\n\nc\u{1b}[31m\n"), "a; b; c?[31m");
    }
}
