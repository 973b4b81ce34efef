//! Versions exactly as `NuGet.Versioning` reads, writes and orders them (docs/nuget.md 8).

use std::cmp::Ordering;
use std::fmt::Write as _;

use domain::RefName;

/// Longest text read as a version, in bytes, and the longest that one is written as. A pushed version has a narrower bound of its own.
const TEXT_BYTES_MAX: usize = 256;
/// Longest that its four numbers are written as.
const NUMBERS_BYTES_MAX: usize = 43;

/// `1[.2[.3[.4]]][-label.label][+metadata]`. Equal, ordered and named without metadata and without case.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    numbers: [u32; 4],
    /// Prerelease labels with the dots between them, as written; empty for a release.
    labels: Box<str>,
    metadata: Box<str>,
    sort_key: Box<str>,
}

/// The text is no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a version: up to four numbers, then -PRERELEASE and +METADATA")]
pub(crate) struct BadVersion;

impl Version {
    /// Reads a version; spaces around it and around its numbers are passed over, as the client does.
    pub(crate) fn parse(text: &str) -> Result<Self, BadVersion> {
        let text = text.trim();
        if text.len() > TEXT_BYTES_MAX {
            return Err(BadVersion);
        }
        let (unmarked, metadata) = cut(text, '+')?;
        let (numbers, labels) = cut(unmarked, '-')?;
        let numeric = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
        let leading_zero = |label: &str| label.len() > 1 && label.starts_with('0') && numeric(label);
        if !words(metadata) || !words(labels) || labels.split('.').any(leading_zero) {
            return Err(BadVersion);
        }
        let numbers = read_numbers(numbers)?;
        let sort_key = sort_key(&numbers, labels).into();
        let version = Self { numbers, labels: labels.into(), metadata: metadata.into(), sort_key };
        // `1-a` is written as `1.0.0-a`, and what is written must be read again: only of a long one it must be counted.
        let may_be_long = text.len().saturating_add(NUMBERS_BYTES_MAX) > TEXT_BYTES_MAX;
        if may_be_long && version.full().len() > TEXT_BYTES_MAX {
            return Err(BadVersion);
        }
        Ok(version)
    }

    /// Three numbers, the fourth if it is not 0, the labels as written, no metadata.
    pub(crate) fn normalised(&self) -> String {
        let [major, minor, patch, revision] = self.numbers;
        let mut text = format!("{major}.{minor}.{patch}");
        if revision != 0 {
            let _ = write!(text, ".{revision}");
        }
        if !self.labels.is_empty() {
            text.push('-');
            text.push_str(&self.labels);
        }
        text
    }

    /// [`Self::normalised`] with the metadata.
    pub(crate) fn full(&self) -> String {
        let mut text = self.normalised();
        if !self.metadata.is_empty() {
            text.push('+');
            text.push_str(&self.metadata);
        }
        text
    }

    /// What decides whether two versions are the same: [`Self::normalised`] in lower case.
    pub(crate) fn key(&self) -> String {
        self.normalised().to_ascii_lowercase()
    }

    /// Its place among the versions of a package, compared byte by byte; at most 512 bytes.
    pub(crate) const fn sort_key(&self) -> &str {
        &self.sort_key
    }

    /// The version in storage.
    pub(crate) fn name(&self) -> Result<RefName, BadVersion> {
        let normalised = self.normalised();
        RefName::keyed(&normalised, &normalised.to_ascii_lowercase(), &self.sort_key).map_err(|_| BadVersion)
    }

    /// Whether it has a prerelease label.
    pub(crate) const fn is_prerelease(&self) -> bool {
        !self.labels.is_empty()
    }

    /// Whether clients that know only SemVer 1 cannot read it: dots between labels, or metadata.
    pub(crate) fn is_semver2(&self) -> bool {
        self.labels.contains('.') || !self.metadata.is_empty()
    }

    /// Whether it has build metadata.
    pub(crate) const fn has_metadata(&self) -> bool {
        !self.metadata.is_empty()
    }

    /// Its first number.
    pub(crate) const fn major(&self) -> u32 {
        let [major, ..] = self.numbers;
        major
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.sort_key == other.sort_key
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sort_key.cmp(&other.sort_key)
    }
}

/// What stands before and behind the first `mark`; nothing behind it is an error, no mark is none.
fn cut(text: &str, mark: char) -> Result<(&str, &str), BadVersion> {
    match text.split_once(mark) {
        None => Ok((text, "")),
        Some((_, "")) => Err(BadVersion),
        Some(parts) => Ok(parts),
    }
}

/// Words of `[0-9A-Za-z-]` with single dots between them, or nothing.
fn words(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.is_empty() || text.split('.').all(|word| !word.is_empty() && word.bytes().all(letter))
}

fn read_numbers(text: &str) -> Result<[u32; 4], BadVersion> {
    let mut numbers = [0; 4];
    let mut parts = text.split('.');
    for (number, part) in numbers.iter_mut().zip(&mut parts) {
        let part = part.trim();
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let value: i32 = if digits { part.parse().map_err(|_| BadVersion)? } else { return Err(BadVersion) };
        *number = value.unsigned_abs();
    }
    if parts.next().is_some() { Err(BadVersion) } else { Ok(numbers) }
}

/// Text whose byte order is the order of versions. A number is its count of digits, then its digits. A release ends in `~`,
/// which is behind `-`, the beginning of labels. A label that the client reads as a number (an `int`, the minus sign
/// included) is `0` or `1` by its sign and the number, negative ones complemented; any other is `2`, the label in lower case,
/// and `!`, which is before every character of a label.
fn sort_key(numbers: &[u32; 4], labels: &str) -> String {
    let mut key = String::with_capacity(32 + labels.len());
    for number in numbers {
        push_number(&mut key, *number);
    }
    if labels.is_empty() {
        key.push('~');
        return key;
    }
    key.push('-');
    for label in labels.split('.') {
        match label.parse::<i32>() {
            Ok(value) if value < 0 => {
                let mut magnitude = String::new();
                push_number(&mut magnitude, value.unsigned_abs());
                key.push('0');
                // ':' is the length of ten digits.
                key.extend(magnitude.bytes().map(|digit| char::from(b'0' + (b':' - digit))));
            }
            Ok(value) => {
                key.push('1');
                push_number(&mut key, value.unsigned_abs());
            }
            Err(_) => {
                key.push('2');
                key.extend(label.chars().map(|c| c.to_ascii_lowercase()));
                key.push('!');
            }
        }
    }
    key
}

/// One character for the count of digits (`1` to `9`, `:` for ten), then the digits.
fn push_number(key: &mut String, number: u32) {
    let digits = number.to_string();
    key.push(digits.len().try_into().map_or(':', |count: u8| char::from(b'0' + count)));
    key.push_str(&digits);
}

#[cfg(test)]
mod tests;
