//! Versions and their order: that of Maven's `ComparableVersion`, written as a key that is compared byte by byte.
//!
//! A version is a run of parts, cut at `.`, at `-` and where digits meet letters: numbers, and words that may end in a
//! number (`rc1`, `rc-1`). Zeros that nothing but a word or the end follows do not count. At each place, from the oldest:
//! alpha, beta, milestone, rc, snapshot; nothing at all, or a word for a release; sp; other words by alphabet; a number
//! behind `-`; a number behind `.`. Where Maven 3 and 4 differ (`1-rc.1` and `1-rc1`) the order is that of Maven 4; where
//! Maven contradicts itself (`1.sp.1` > `1` > `1-alpha` > `1.sp.1`) a word counts the same behind `.` and `-`.

use crate::file_tree::characters::is_taken;

/// Longest version, in bytes: Maven's own bound.
pub(crate) const VERSION_BYTES_MAX: usize = 256;
/// How the base version of every snapshot ends.
pub(crate) const SNAPSHOT: &str = "SNAPSHOT";

/// A version as the layout has it in a directory: `1.0`, `1.0-SNAPSHOT`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Version(Box<str>);

/// One part of a version in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part<'a> {
    Number { dashed: bool, digits: &'a str },
    Word { word: &'a str, digits: Option<&'a str> },
}

/// How a part compares with nothing in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    Older,
    Nothing,
    Newer,
}

/// The end of a key. `A` to `E` are the words before a release; `F` and `H` a word for a release with something older or
/// newer behind it; `I` is sp, `J` every other word, `K` a number behind a dash, `L` one behind a dot.
const END: char = 'G';

impl Version {
    /// Takes what Maven takes, at most 256 bytes; no dot or space at the end, which some file systems drop, nor a space in front.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let sized = (1..=VERSION_BYTES_MAX).contains(&text.len());
        let good =
            sized && text.chars().all(is_taken) && !text.ends_with(['.', ' ']) && !text.starts_with(' ');
        good.then(|| Self(text.into()))
    }

    /// As it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it stands for builds that are still to change.
    pub(crate) fn is_snapshot(&self) -> bool {
        self.0.ends_with(SNAPSHOT)
    }

    /// Whether it comes before a release: a part of it is alpha, beta, milestone, rc or SNAPSHOT, or what Maven takes for one of these.
    pub(crate) fn is_prerelease(&self) -> bool {
        parts(&self.0.to_lowercase()).into_iter().any(|part| part.weight() == Weight::Older)
    }

    /// Its place in Maven's order; at most 1024 bytes. Versions that Maven holds for equal have equal keys.
    pub(crate) fn sort_key(&self) -> String {
        let folded = self.0.to_lowercase();
        let parts = counting(parts(&folded));
        let mut key = String::with_capacity(folded.len().saturating_mul(2));
        for (index, part) in parts.iter().enumerate() {
            let rest = parts.get(index.saturating_add(1)..).unwrap_or_default();
            part.write(&mut key, rest);
        }
        key.push(END);
        key
    }
}

/// Cuts a version in lower case into its parts.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut dashed = false;
    while let Some(first) = rest.bytes().next() {
        let part;
        if first.is_ascii_digit() || matches!(first, b'.' | b'-') {
            let digits;
            (digits, rest) = digits_of(rest);
            part = Part::Number { dashed, digits };
        } else {
            (part, rest) = word_of(rest);
        }
        found.push(part);
        // Digits that meet letters are cut as by a dash.
        dashed = !rest.starts_with('.');
        rest = rest.strip_prefix(['.', '-']).unwrap_or(rest);
    }
    found
}

/// The digits in front, without leading zeros, and what follows them.
fn digits_of(text: &str) -> (&str, &str) {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (digits.trim_start_matches('0'), rest)
}

/// The word in front with its number, which may stand behind a dash, and what follows them.
fn word_of(text: &str) -> (Part<'_>, &str) {
    let end = text.bytes().take_while(|byte| !byte.is_ascii_digit() && !matches!(byte, b'.' | b'-')).count();
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let number = rest.strip_prefix('-').unwrap_or(rest);
    if !number.starts_with(|first: char| first.is_ascii_digit()) {
        return (Part::Word { word, digits: None }, rest);
    }
    let (digits, rest) = digits_of(number);
    (Part::Word { word, digits: Some(digits) }, rest)
}

/// Leaves out the zeros that do not count: before a word and at the end. Words for a release at the end go too.
fn counting(mut parts: Vec<Part<'_>>) -> Vec<Part<'_>> {
    let mut before_word = false;
    let mut kept: Vec<Part<'_>> = Vec::with_capacity(parts.len());
    while let Some(part) = parts.pop() {
        let counts = match part {
            Part::Number { digits, .. } => !digits.is_empty() || !kept.is_empty() && !before_word,
            Part::Word { .. } => !kept.is_empty() || part.weight() != Weight::Nothing,
        };
        if counts {
            before_word = matches!(part, Part::Word { .. });
            kept.push(part);
        }
    }
    kept.reverse();
    kept
}

impl Part<'_> {
    fn weight(self) -> Weight {
        match self {
            Self::Number { digits: "", .. } => Weight::Nothing,
            Self::Number { .. } => Weight::Newer,
            Self::Word { word, digits } => match known(word, digits) {
                Some('A'..='E') => Weight::Older,
                Some(END) if digits.is_none_or(str::is_empty) => Weight::Nothing,
                _ => Weight::Newer,
            },
        }
    }

    /// Its place, its word if that is an unknown one, its number. What ends a word is less than all that can be in one.
    fn write(self, key: &mut String, rest: &[Self]) {
        let (word, digits) = match self {
            Self::Number { dashed, digits } => {
                key.push(if dashed { 'K' } else { 'L' });
                return push_number(key, digits);
            }
            Self::Word { word, digits } => (word, digits),
        };
        match known(word, digits) {
            Some(END) => {
                let mut decisive = std::iter::once(&self).chain(rest).map(|part| part.weight());
                let newer = decisive.find(|weight| *weight != Weight::Nothing) == Some(Weight::Newer);
                key.push(if newer { 'H' } else { 'F' });
            }
            Some(place) => key.push(place),
            None => {
                key.push('J');
                push_word(key, word);
            }
        }
        match digits {
            None => key.push(' '),
            Some(digits) => {
                key.push('!');
                push_number(key, digits);
            }
        }
    }
}

/// The place of a word that Maven knows; [`END`] for those that stand for a release. One letter is a word of these only in
/// front of a number.
fn known(word: &str, digits: Option<&str>) -> Option<char> {
    match word {
        "alpha" => Some('A'),
        "beta" => Some('B'),
        "milestone" => Some('C'),
        "a" if digits.is_some() => Some('A'),
        "b" if digits.is_some() => Some('B'),
        "m" if digits.is_some() => Some('C'),
        "rc" | "cr" => Some('D'),
        "snapshot" => Some('E'),
        "ga" | "final" | "release" => Some(END),
        "sp" => Some('I'),
        _ => None,
    }
}

/// A space and an exclamation mark end a word of a key: in a word they are written with a quotation mark, which none has, and
/// which is less than all that follow them.
fn push_word(key: &mut String, word: &str) {
    for character in word.chars() {
        match character {
            ' ' => key.push_str("\"0"),
            '!' => key.push_str("\"1"),
            other => key.push(other),
        }
    }
}

/// How many digits, then the digits: one character up to 60 of them, four beyond.
fn push_number(key: &mut String, digits: &str) {
    use std::fmt::Write as _;
    match u8::try_from(digits.len()) {
        Ok(count @ 0..=60) => key.push(char::from(b'0'.saturating_add(count))),
        _ => {
            let _ = write!(key, "m{:03}", digits.len());
        }
    }
    key.push_str(digits);
}

#[cfg(test)]
mod tests;
