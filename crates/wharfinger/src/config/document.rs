//! TOML whose every key and value still knows its line, so that each error can say where.

use std::ops::Range;

use serde_json::{Map, Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::problem::{Location, Problem, Problems};
use api::closest;

/// The text of a file and its name, to turn positions into lines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'t> {
    pub(crate) name: &'t str,
    pub(crate) text: &'t str,
}

/// A value and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) line: u32,
}

/// A table of the file; what it is called in messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table<'d> {
    source: Source<'d>,
    table: &'d DeTable<'d>,
    title: &'d str,
    line: u32,
}

impl<'t> Source<'t> {
    /// Parses the text.
    pub(crate) fn parse(self) -> Result<Spanned<DeTable<'t>>, Problem> {
        DeTable::parse(self.text).map_err(|error| {
            let line = self.line_of(error.span().unwrap_or_default());
            Problem::new(Location::Line(self.name.to_owned(), line), error.message().replace('\n', ", "))
        })
    }

    /// The line a range of bytes starts on, counted from 1.
    pub(crate) fn line_of(self, span: Range<usize>) -> u32 {
        let before = self.text.as_bytes().iter().take(span.start).filter(|byte| **byte == b'\n').count();
        u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
    }

    pub(crate) fn problem(self, line: u32, message: impl Into<String>) -> Problem {
        Problem::new(Location::Line(self.name.to_owned(), line), message)
    }
}

impl<T> At<T> {
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> At<U> {
        At { value: change(self.value), line: self.line }
    }
}

impl<'d> Table<'d> {
    pub(crate) fn root(source: Source<'d>, table: &'d DeTable<'d>) -> Self {
        Self { source, table, title: "the file", line: 1 }
    }

    pub(crate) const fn line(&self) -> u32 {
        self.line
    }

    pub(crate) const fn source(&self) -> Source<'d> {
        self.source
    }

    /// Whether the key is there, of whatever type.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The line of a key's value.
    pub(crate) fn line_of(&self, key: &str) -> Option<u32> {
        self.table.get(key).map(|value| self.source.line_of(value.span()))
    }

    /// Every key that is none of `known` is a problem.
    pub(crate) fn only(&self, known: &[&str], problems: &mut Problems) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                let line = self.source.line_of(key.span());
                let message = format!("unknown key `{}` in {}", shown(name), self.title);
                problems.add(self.source.problem(line, message).meant(closest(name, known.iter().copied())));
            }
        }
    }

    /// A text. Absent is `None`, another type a problem and `None`.
    pub(crate) fn text(&self, key: &str, problems: &mut Problems) -> Option<At<&'d str>> {
        self.typed(key, "a string", problems, |value| value.as_str())
    }

    /// A text that must be there.
    pub(crate) fn required_text(&self, key: &str, problems: &mut Problems) -> Option<At<&'d str>> {
        if self.table.get(key).is_none() {
            problems.add(self.source.problem(self.line, format!("{} needs `{key}`", self.title)));
        }
        self.text(key, problems)
    }

    pub(crate) fn flag(&self, key: &str, problems: &mut Problems) -> Option<At<bool>> {
        self.typed(key, "true or false", problems, DeValue::as_bool)
    }

    pub(crate) fn time(&self, key: &str, problems: &mut Problems) -> Option<At<toml::value::Datetime>> {
        self.typed(key, "a date and time such as 2099-12-31T00:00:00Z", problems, |value| {
            value.as_datetime().copied()
        })
    }

    /// A list of texts, each with its line; absent is empty.
    pub(crate) fn texts(&self, key: &str, problems: &mut Problems) -> Option<Vec<At<&'d str>>> {
        let (list, line) = self.list(key, problems)?;
        let mut texts = Vec::new();
        for item in list {
            match item.get_ref().as_str() {
                Some(text) => texts.push(At { value: text, line: self.source.line_of(item.span()) }),
                None => problems.add(self.source.problem(line, format!("`{key}` must be a list of strings"))),
            }
        }
        Some(texts)
    }

    /// A table inside this one.
    pub(crate) fn table(&self, key: &str, title: &'d str, problems: &mut Problems) -> Option<Self> {
        let found = self.typed(key, "a table", problems, |value| value.as_table())?;
        Some(Self { source: self.source, table: found.value, title, line: found.line })
    }

    /// The line of the value that a JSON pointer leads to, or of the last one on the way that is there.
    pub(crate) fn line_at(&self, pointer: &str) -> u32 {
        let mut keys = pointer.split('/').skip(1);
        let Some(mut value) = keys.next().and_then(|key| self.table.get(key)) else { return self.line };
        for key in keys {
            let below = match value.get_ref() {
                DeValue::Table(table) => table.get(key),
                DeValue::Array(items) => key.parse().ok().and_then(|index: usize| items.get(index)),
                _ => None,
            };
            let Some(below) = below else { break };
            value = below;
        }
        self.source.line_of(value.span())
    }

    /// A value as JSON has it.
    pub(crate) fn json(&self, key: &str) -> Option<Value> {
        self.table.get(key).map(|value| json(value.get_ref()))
    }

    /// The tables of an array such as `[[members]]`; absent is empty.
    pub(crate) fn tables(&self, key: &str, title: &'d str, problems: &mut Problems) -> Vec<Self> {
        let Some((list, line)) = self.list(key, problems) else { return Vec::new() };
        let mut tables = Vec::new();
        for item in list {
            match item.get_ref().as_table() {
                Some(table) => {
                    let line = self.source.line_of(item.span());
                    tables.push(Self { source: self.source, table, title, line });
                }
                None => problems.add(self.source.problem(line, format!("`{key}` must be a list of tables"))),
            }
        }
        tables
    }

    fn list(&self, key: &str, problems: &mut Problems) -> Option<(&'d toml::de::DeArray<'d>, u32)> {
        let found = self.typed(key, "a list", problems, |value| value.as_array())?;
        Some((found.value, found.line))
    }

    fn typed<T>(
        &self,
        key: &str,
        expected: &str,
        problems: &mut Problems,
        take: impl FnOnce(&'d DeValue<'d>) -> Option<T>,
    ) -> Option<At<T>> {
        let value = self.table.get(key)?;
        let line = self.source.line_of(value.span());
        let taken = take(value.get_ref());
        if taken.is_none() {
            problems.add(self.source.problem(line, format!("`{key}` must be {expected}")));
        }
        taken.map(|value| At { value, line })
    }
}

/// What JSON has no word for (times, numbers that it does not know) becomes an object, which is never what a text or number is
/// wanted for.
fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Boolean(flag) => (*flag).into(),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or_else(|_| nothing(), Value::from)
        }
        DeValue::Float(number) => {
            let number = number.as_str().parse().ok().and_then(Number::from_f64);
            number.map_or_else(nothing, Value::Number)
        }
        DeValue::Datetime(_) => nothing(),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => {
            let fields = table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref())));
            Value::Object(fields.collect())
        }
    }
}

fn nothing() -> Value {
    Value::Object(Map::new())
}

/// A word from a file as it may stand in a message: bounded, without control characters.
pub(crate) fn shown(word: &str) -> String {
    word.chars().filter(|letter| !letter.is_control()).take(80).collect()
}
