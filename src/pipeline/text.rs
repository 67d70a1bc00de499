//! Reading TOML with the line of every value at hand.

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::error::{Error, Line, Result, shown};

/// A table of a pipeline file whose keys are taken one by one; what is left over is unknown.
pub(super) struct Section<'a> {
    lines: &'a Lines,
    name: String,
    line: Line,
    table: &'a DeTable<'a>,
    known: Vec<&'static str>,
    taken: Vec<String>,
}

/// A value of a section.
pub(super) struct Field<'a> {
    subject: String,
    pub line: Line,
    value: &'a DeValue<'a>,
}

/// Where the lines of a text begin.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub fn of(text: &str) -> Lines {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Lines(ends.map(|(offset, _)| offset + 1).collect())
    }

    /// The line of a byte offset, counted from 1.
    fn at(&self, offset: usize) -> Line {
        Line(Some(1 + self.0.partition_point(|begin| *begin <= offset)))
    }
}

/// Parses the text; the error names the line.
pub(super) fn parse<'a>(text: &'a str, lines: &Lines) -> Result<Spanned<DeTable<'a>>> {
    DeTable::parse(text).map_err(|error| Error::Syntax {
        line: error.span().map_or(Line::NONE, |span| lines.at(span.start)),
        problem: format!("not TOML: {}", shown(&error.message().replace('\n', " "))),
    })
}

impl<'a> Section<'a> {
    pub fn new(lines: &'a Lines, name: &str, offset: usize, table: &'a DeTable<'a>) -> Self {
        let line = lines.at(offset);
        Section { lines, name: name.to_owned(), line, table, known: Vec::new(), taken: Vec::new() }
    }

    /// Where the section begins.
    pub fn line(&self) -> Line {
        self.line
    }

    /// The value of a key that the section may have.
    pub fn take(&mut self, key: &'static str) -> Option<Field<'a>> {
        self.known.push(key);
        self.entry(key)
    }

    fn entry(&mut self, key: &str) -> Option<Field<'a>> {
        let value = self.table.get(key)?;
        self.taken.push(key.to_owned());
        Some(self.field(key, value))
    }

    fn field(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Field<'a> {
        Field {
            subject: format!("`{key}` of {}", self.name),
            line: self.lines.at(value.span().start),
            value: value.get_ref(),
        }
    }

    /// Every key that was not taken, with its value: parameters, whose names a row knows.
    pub fn rest(&mut self) -> Vec<(String, Line, Field<'a>)> {
        let mut rest = Vec::new();
        for (key, value) in self.table {
            let name = key.get_ref().to_string();
            if !self.taken.contains(&name) {
                let line = self.lines.at(key.span().start);
                rest.push((name.clone(), line, self.field(&name, value)));
            }
        }
        rest
    }

    /// The keys asked for so far.
    pub fn known(&self) -> &[&'static str] {
        &self.known
    }

    /// The sections of an array of tables, `[[key]]`.
    pub fn sections(&mut self, key: &'static str) -> Result<Vec<Section<'a>>> {
        let Some(field) = self.take(key) else { return Ok(Vec::new()) };
        let Some(array) = field.value.as_array() else {
            return Err(field.wrong(&format!("write it as [[{key}]]")));
        };
        let section = |item: &'a Spanned<DeValue<'a>>| match item.get_ref().as_table() {
            Some(table) => {
                Ok(Section::new(self.lines, &format!("a {key}"), item.span().start, table))
            }
            None => Err(field.wrong(&format!("write it as [[{key}]]"))),
        };
        array.iter().map(section).collect()
    }

    /// The section of a table, `[key]`.
    pub fn section(&mut self, key: &'static str) -> Result<Option<Section<'a>>> {
        self.table(key, &format!("[{key}]"), &format!("write it as [{key}]"))
    }

    /// The entries of a table inside this one, such as `key = { close = "adj_close" }`.
    pub fn entries(
        &mut self,
        key: &'static str,
        advice: &str,
    ) -> Result<Vec<(String, Line, Field<'a>)>> {
        let name = format!("`{key}` of {}", self.name);
        let table = self.table(key, &name, advice)?;
        Ok(table.map(|mut table| table.rest()).unwrap_or_default())
    }

    fn table(
        &mut self,
        key: &'static str,
        name: &str,
        advice: &str,
    ) -> Result<Option<Section<'a>>> {
        let Some(field) = self.take(key) else { return Ok(None) };
        match field.value.as_table() {
            Some(table) => {
                let offset = self.table.get(key).expect("just taken").span().start;
                Ok(Some(Section::new(self.lines, name, offset, table)))
            }
            None => Err(field.wrong(advice)),
        }
    }

    /// The section under a better name, once its op is known.
    pub fn named(mut self, name: String) -> Self {
        self.name = name;
        self
    }

    /// Ends the section.
    ///
    /// # Errors
    ///
    /// A key that nobody asked for.
    pub fn finish(mut self) -> Result<()> {
        match self.rest().into_iter().next() {
            Some((key, line, _)) => Err(Error::unknown(line, "key", &key, self.known)),
            None => Ok(()),
        }
    }
}

impl<'a> Field<'a> {
    /// The error that this value is not what its key takes.
    pub fn wrong(&self, allowed: &str) -> Error {
        Error::value(self.line, &self.subject, describe(self.value), allowed)
    }

    pub fn text(&self) -> Option<&'a str> {
        self.value.as_str()
    }

    /// `true` or `false` as a text.
    pub fn truth(&self) -> Option<&'static str> {
        self.value.as_bool().map(|truth| if truth { "true" } else { "false" })
    }

    pub fn number(&self) -> Option<f64> {
        number(self.value)
    }

    pub fn integer(&self) -> Option<i64> {
        integer(self.value)
    }

    pub fn flag(&self) -> Option<bool> {
        self.value.as_bool()
    }

    pub fn list(&self) -> Option<&'a DeArray<'a>> {
        self.value.as_array()
    }

    /// A text, or a list of texts.
    pub fn texts(&self) -> Result<Vec<String>> {
        if let Some(text) = self.text() {
            return Ok(vec![text.to_owned()]);
        }
        let text = |item: &Spanned<DeValue<'_>>| item.get_ref().as_str().map(str::to_owned);
        self.list()
            .and_then(|list| list.iter().map(text).collect())
            .ok_or_else(|| self.wrong("allowed: a name, or a list of names"))
    }

    /// A list of numbers.
    pub fn numbers(&self) -> Option<Vec<f64>> {
        self.list()?.iter().map(|item| number(item.get_ref())).collect()
    }

    /// A list of whole numbers.
    pub fn integers(&self) -> Result<Vec<i64>> {
        self.list()
            .and_then(|list| list.iter().map(|item| integer(item.get_ref())).collect())
            .ok_or_else(|| self.wrong("allowed: a list of whole numbers, such as [1, 2]"))
    }
}

fn integer(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

fn number(value: &DeValue<'_>) -> Option<f64> {
    match value.as_float() {
        Some(float) => float.as_str().parse().ok(),
        None => integer(value).map(|integer| integer as f64),
    }
}

fn describe(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(integer) => integer.as_str().to_owned(),
        DeValue::Float(float) => float.as_str().to_owned(),
        DeValue::Boolean(boolean) => boolean.to_string(),
        DeValue::Array(array) => {
            let items: Vec<_> = array.iter().map(|item| describe(item.get_ref())).collect();
            format!("[{}]", items.join(", "))
        }
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
