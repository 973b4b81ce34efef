//! A text while it is changed: by spans, so that every other byte stays as it was, and with a note of each change for people.

use std::ops::Range;

/// What stands for a secret in what is shown.
pub(super) const MASK: &str = "********";

/// A text, and what was changed in it.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// As it is now.
    pub(super) text: String,
    /// What was changed, in lines as a diff has them.
    pub(super) shown: Vec<String>,
}

impl Draft {
    pub(super) fn of(text: &str) -> Self {
        Self { text: text.to_owned(), shown: Vec::new() }
    }

    /// Puts another text in place of a span. What goes is shown only if it holds no secret.
    pub(super) fn change(&mut self, span: Range<usize>, with: &str, holds_secret: bool) {
        let before = self.text.get(..span.start).unwrap_or_default();
        let gone = self.text.get(span.clone()).unwrap_or_default();
        let line = before.matches('\n').count().saturating_add(1);
        self.shown.push(format!("@@ line {line} @@"));
        if holds_secret && !gone.is_empty() {
            self.shown.push("- (what was here before)".to_owned());
        } else {
            self.shown.extend(said("-", gone));
        }
        self.shown.extend(said("+", with));
        let after = self.text.get(span.end..).unwrap_or_default();
        self.text = format!("{before}{with}{after}");
    }

    /// The end of lines that the text has.
    pub(super) fn newline(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// What stands before a place on its line, if that is white space only.
    pub(super) fn indent_at(&self, place: usize) -> Option<&str> {
        let before = self.text.get(..place)?;
        let line = before.rfind('\n').map_or(0, |newline| newline.saturating_add(1));
        before.get(line..).filter(|indent| indent.chars().all(|letter| letter == ' ' || letter == '\t'))
    }

    /// A span with the whole of its lines, if nothing else is on them.
    pub(super) fn whole_lines(&self, span: Range<usize>) -> Range<usize> {
        let after = self.text.get(span.end..).unwrap_or_default();
        let blank = after.len().saturating_sub(after.trim_start_matches([' ', '\t', '\r']).len());
        let rest = after.get(blank..).unwrap_or_default();
        match self.indent_at(span.start) {
            Some(indent) if rest.starts_with('\n') => {
                let end = span.end.saturating_add(blank).saturating_add(1);
                span.start.saturating_sub(indent.len())..end
            }
            _ => span,
        }
    }
}

/// Lines without what would steer the terminal.
fn said<'t>(sign: &'t str, text: &'t str) -> impl Iterator<Item = String> + 't {
    let plain = |line: &str| {
        line.chars().filter(|letter| *letter == '\t' || !letter.is_control()).collect::<String>()
    };
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(move |line| format!("{sign} {}", plain(line)))
}
