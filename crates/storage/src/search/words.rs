//! Where words begin: one function for what is indexed and for what is asked, so that both databases agree.

/// Longest run of letters and digits that is looked at, in characters; the rest of a longer one is nobody's word.
const RUN_CHARS_MAX: usize = 128;
/// Most places of one run where words begin.
const STARTS_MAX: usize = 32;

/// Letters and digits, folded, and where in them words begin.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Run {
    text: String,
    chars: usize,
    /// Offsets in bytes; the first is 0.
    starts: Vec<usize>,
}

/// What decides whether a word begins between two characters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Between,
    Digit,
    Upper,
    Other,
}

impl Run {
    /// The whole text as one run: what stands between letters and digits only says where words begin.
    pub(crate) fn joined(text: &str) -> Self {
        let mut run = Self::default();
        for_each(text, |letter, begins| run.push(letter, begins));
        run
    }

    /// The runs of a text, each from one character between words to the next.
    pub(crate) fn all(text: &str) -> Vec<Self> {
        text.split(|letter: char| !letter.is_alphanumeric())
            .filter(|run| !run.is_empty())
            .map(Self::joined)
            .collect()
    }

    /// The words one by one.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> {
        self.spans(1)
    }

    /// Each two words in a row.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = &str> {
        self.spans(2).take(self.starts.len().saturating_sub(1))
    }

    /// So many words in a row, from each of them on.
    fn spans(&self, words: usize) -> impl Iterator<Item = &str> {
        let ends = self.starts.iter().skip(words).copied().chain([self.text.len()]);
        self.starts.iter().zip(ends).filter_map(|(start, end)| self.text.get(*start..end))
    }

    /// All of it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    fn push(&mut self, letter: char, begins: bool) {
        if self.chars >= RUN_CHARS_MAX {
            return;
        }
        if begins && self.starts.len() < STARTS_MAX {
            self.starts.push(self.text.len());
        }
        self.chars = self.chars.saturating_add(1);
        self.text.extend(letter.to_lowercase());
    }
}

/// Each letter and digit, and whether a word begins there: behind anything else, between letters and digits, at `tP` and before
/// the `Pa` of `JSONPatch`.
fn for_each(text: &str, mut take: impl FnMut(char, bool)) {
    let mut before = Class::Between;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let class = Class::of(letter);
        if class != Class::Between {
            let next = letters.peek().map_or(Class::Between, |next| Class::of(*next));
            let begins = match (before, class) {
                (Class::Between, _) => true,
                (Class::Upper, Class::Upper) => next == Class::Other,
                (Class::Other, Class::Upper) => true,
                (before, class) => (before == Class::Digit) != (class == Class::Digit),
            };
            take(letter, begins);
        }
        before = class;
    }
}

impl Class {
    fn of(letter: char) -> Self {
        if letter.is_numeric() {
            Self::Digit
        } else if letter.is_uppercase() {
            Self::Upper
        } else if letter.is_alphabetic() {
            Self::Other
        } else {
            Self::Between
        }
    }
}
