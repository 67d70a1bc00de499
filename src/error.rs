//! The one error type: every variant names its subject, what came and what is allowed.

use std::fmt;
use std::path::PathBuf;

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in one line that says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text of a pipeline file does not parse.
    #[error("{line}{problem}")]
    Syntax {
        /// Where in the pipeline file.
        line: Line,
        /// What the parser expected and found.
        problem: String,
    },
    /// A name that does not exist: an op, a column, a key, a level.
    #[error("{line}unknown {kind} `{name}`; {allowed}")]
    Unknown {
        /// Where in the pipeline file, if it came from one.
        line: Line,
        /// What sort of name it is.
        kind: &'static str,
        /// The name that came.
        name: String,
        /// The nearest name, or the names that exist.
        allowed: String,
    },
    /// A value outside what its subject allows.
    #[error("{line}{subject} is {got}; {allowed}")]
    Value {
        /// Where in the pipeline file, if it came from one.
        line: Line,
        /// Whose value it is.
        subject: String,
        /// What came.
        got: String,
        /// What is allowed.
        allowed: String,
    },
    /// An array whose shape does not fit.
    #[error("{subject} has shape {got}; expected {expected}")]
    Shape {
        /// Which array.
        subject: String,
        /// Its shape.
        got: String,
        /// The shape that fits.
        expected: String,
    },
    /// A NaN or an infinity where a fit needs a number.
    #[error(
        "cannot fit `{op}`: column `{column}` is {got} at sample {sample}, timestep {timestep}; \
         a fit needs finite values"
    )]
    NotFinite {
        /// The scaler.
        op: String,
        /// Its column.
        column: String,
        /// Index of the sample.
        sample: usize,
        /// Index of the timestep.
        timestep: usize,
        /// The value found.
        got: f64,
    },
    /// Data from which a scaler cannot be fitted.
    #[error("cannot fit `{op}`: column `{column}` {problem}")]
    Unfit {
        /// The scaler.
        op: String,
        /// Its column.
        column: String,
        /// Why not.
        problem: String,
    },
    /// A result that does not fit in memory; nothing was allocated.
    #[error("{subject} needs {bytes} bytes, {problem}")]
    TooLarge {
        /// What would be that large.
        subject: String,
        /// Its size.
        bytes: u128,
        /// What it exceeds.
        problem: &'static str,
    },
    /// Saved state that this version cannot use.
    #[error("saved state: {subject} is {got}; {allowed}")]
    State {
        /// Which part of it.
        subject: String,
        /// What it holds.
        got: String,
        /// What is allowed.
        allowed: String,
    },
    /// A file whose bytes are not what they should be.
    #[error("{}: {problem}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, where, and what is allowed.
        problem: String,
    },
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system answered.
        source: std::io::Error,
    },
}

/// A line of a pipeline file, or nowhere.
///
/// Prints as `line 7: `, ready to stand before a message, or as nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Line(pub Option<usize>);

impl Line {
    /// No line: the value did not come from a file.
    pub const NONE: Line = Line(None);
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(line) => write!(f, "line {line}: "),
            None => Ok(()),
        }
    }
}

impl Error {
    /// An unknown name, with the nearest of `known`, or all of them when none is near.
    pub fn unknown<'a>(
        line: Line,
        kind: &'static str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        let lower = name.to_lowercase();
        // Names are compared in time that grows with both lengths.
        let compared = |text: &str| text.len() <= LONGEST_SHOWN;
        let nearest = known
            .iter()
            .filter(|candidate| compared(name) && compared(candidate))
            .map(|candidate| (strsim::jaro_winkler(&lower, &candidate.to_lowercase()), candidate))
            .filter(|(likeness, _)| *likeness > 0.75)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let allowed = match nearest {
            Some((_, candidate)) => format!("did you mean `{candidate}`?"),
            None if known.is_empty() => "there is none here".to_owned(),
            None if known.len() <= MOST_LISTED => format!("there are: {}", listed(&known)),
            None if matches!(kind, "op" | "indicator") => {
                format!("`windrow indicators` lists all {}", known.len())
            }
            None => format!("there are: {}", listed(&known)),
        };
        Error::Unknown { line, kind, name: shown(name), allowed }
    }

    /// A value outside what `subject` allows.
    pub fn value(
        line: Line,
        subject: impl Into<String>,
        got: impl fmt::Display,
        allowed: impl Into<String>,
    ) -> Self {
        Error::Value {
            line,
            subject: subject.into(),
            got: shown(&got.to_string()),
            allowed: allowed.into(),
        }
    }

    /// Saved state with something that this version cannot use.
    pub(crate) fn state(
        subject: impl Into<String>,
        got: impl Into<String>,
        allowed: impl Into<String>,
    ) -> Self {
        Error::State { subject: subject.into(), got: got.into(), allowed: allowed.into() }
    }
}

/// Most bytes of a name or value that a message repeats.
const LONGEST_SHOWN: usize = 160;

/// Most names that a message lists.
const MOST_LISTED: usize = 24;

/// A text of strangers, safe to print.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// A name or value of strangers, short and safe to print.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = printable(text);
    if text.len() > LONGEST_SHOWN {
        shown = shown.chars().take(LONGEST_SHOWN / 2).collect();
        shown += &format!("... ({} bytes)", text.len());
    }
    shown
}

/// Names of strangers, the first of them where there are many.
pub(crate) fn listed(names: &[impl AsRef<str>]) -> String {
    let mut list: Vec<String> =
        names.iter().take(MOST_LISTED).map(|name| shown(name.as_ref())).collect();
    if names.len() > MOST_LISTED {
        list.push(format!("... {} in all", names.len()));
    }
    list.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_gets_the_nearest_known_one() {
        let error = Error::unknown(Line(Some(7)), "op", "smaa", ["ema", "sma", "wma"]);
        assert_eq!(error.to_string(), "line 7: unknown op `smaa`; did you mean `sma`?");
    }

    #[test]
    fn an_unknown_name_far_from_all_gets_the_list() {
        let error = Error::unknown(Line::NONE, "column", "zzz", ["open", "close"]);
        assert_eq!(error.to_string(), "unknown column `zzz`; there are: open, close");
    }
}
