//! The columns of a pipeline while it is resolved: found by name and by pattern, and counted.

use std::collections::{HashMap, VecDeque};
use std::ops::{Index, IndexMut};

use glob::Pattern;

use super::column::Column;
use crate::error::{Error, Line, Result};

/// Enough for any tensor that fits in memory, and little enough to plan in a moment.
const MOST_COLUMNS: u128 = 100_000;

/// Most bytes that a graph takes, about.
const MOST_BYTES: u128 = 64 << 20;

/// Most bytes of names that are compared with bytes of patterns, one by one.
const MOST_COMPARED: usize = 200_000_000;

/// Bytes of what a column brings beside itself: its plane and stage, its place, a longer name.
pub(super) const COLUMN: usize = 200;

/// Whether it may stand for several names.
pub(super) fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?', '['])
}

/// Columns in order.
#[derive(Default)]
pub(super) struct Columns {
    list: VecDeque<Column>,
    /// Where the column of a name stands, counted from where the first input did.
    places: HashMap<String, isize>,
    /// Columns that were put before the first input.
    before: isize,
    /// Bytes that are taken so far, about.
    bytes: u128,
    /// Bytes of names and patterns that were compared so far.
    compared: usize,
}

impl Columns {
    /// Whether a name can be given to a column.
    pub fn vacant(&self, line: Line, name: &str, advice: &str) -> Result<()> {
        if name.is_empty() {
            return Err(Error::value(line, "a column name", "empty", "allowed: any other text"));
        }
        match self.places.contains_key(name) {
            false => Ok(()),
            true => Err(Error::value(
                line,
                "a column name",
                format!("`{name}`, which exists already"),
                advice,
            )),
        }
    }

    /// The index of the column of that name.
    pub fn find(&self, line: Line, name: &str) -> Result<usize> {
        let found = self.places.get(name).map(|place| (place + self.before) as usize);
        found.ok_or_else(|| {
            let names = self.list.iter().map(|column| column.name.as_str());
            Error::unknown(line, "column", name, names)
        })
    }

    /// Puts a column of a new name before or behind all others.
    pub fn push(&mut self, column: Column, front: bool) {
        let name = column.name.clone();
        let place = match front {
            true => {
                self.list.push_front(column);
                self.before += 1;
                -self.before
            }
            false => {
                self.list.push_back(column);
                self.list.len() as isize - 1 - self.before
            }
        };
        self.places.insert(name, place);
    }

    /// Whether so many columns more are not too many.
    pub fn room(&self, line: Line, more: u128) -> Result<()> {
        let columns = self.list.len() as u128 + more;
        if columns <= MOST_COLUMNS {
            return Ok(());
        }
        let allowed = format!("allowed: up to {MOST_COLUMNS}");
        Err(Error::value(line, "the number of columns", columns, allowed))
    }

    /// Counts bytes before they are taken.
    pub fn take(&mut self, line: Line, bytes: u128) -> Result<()> {
        self.bytes += bytes;
        if self.bytes <= MOST_BYTES {
            return Ok(());
        }
        Err(Error::value(
            line,
            "the memory for the names, lags and scalers of all columns",
            format!("{} bytes", self.bytes),
            format!("allowed: up to {MOST_BYTES}"),
        ))
    }

    /// Counts bytes of names, times those of a pattern, before they are compared.
    fn compare(&mut self, line: Line, bytes: usize) -> Result<()> {
        self.compared = self.compared.saturating_add(bytes);
        if self.compared <= MOST_COMPARED {
            return Ok(());
        }
        let problem = "the column patterns and the names of the columns are too many, or too long, \
                       to be compared";
        Err(Error::Syntax { line, problem: problem.to_owned() })
    }

    /// The indices of the columns that a pattern matches.
    fn matched(&mut self, line: Line, pattern: &str) -> Result<Vec<usize>> {
        if !is_pattern(pattern) {
            return Ok(vec![self.find(line, pattern)?]);
        }
        if pattern == "*" {
            self.compare(line, self.list.len())?;
            return Ok((0..self.list.len()).collect());
        }
        let matcher = match Pattern::new(pattern) {
            Ok(matcher) => matcher,
            Err(_) if self.places.contains_key(pattern) => {
                return Ok(vec![self.find(line, pattern)?]);
            }
            Err(error) => {
                let got = format!("`{pattern}`");
                return Err(Error::value(line, "a column pattern", got, error.msg));
            }
        };
        let mut matched = Vec::new();
        let names: usize = self.list.iter().map(|column| column.name.len()).sum();
        self.compare(line, names.saturating_mul(pattern.len()))?;
        for (index, column) in self.list.iter().enumerate() {
            if column.name == pattern || matcher.matches(&column.name) {
                matched.push(index);
            }
        }
        match matched.is_empty() {
            true => Err(self.find(line, pattern).expect_err("no column matched")),
            false => Ok(matched),
        }
    }

    /// The indices of the columns that the patterns match, each once.
    pub fn select(&mut self, line: Line, patterns: &[String]) -> Result<Vec<usize>> {
        let mut selected = Vec::new();
        let mut taken = vec![false; self.list.len()];
        for pattern in patterns {
            for index in self.matched(line, pattern)? {
                if !std::mem::replace(&mut taken[index], true) {
                    selected.push(index);
                }
            }
        }
        Ok(selected)
    }
}

impl Index<usize> for Columns {
    type Output = Column;
    fn index(&self, index: usize) -> &Column {
        &self.list[index]
    }
}

impl IndexMut<usize> for Columns {
    fn index_mut(&mut self, index: usize) -> &mut Column {
        &mut self.list[index]
    }
}
