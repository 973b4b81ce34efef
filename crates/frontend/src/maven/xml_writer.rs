//! XML that is written here.

use quick_xml::escape::escape;

/// Writes elements, indented, with everything between them escaped.
pub(crate) struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    /// Begins a document with this root.
    pub(crate) fn new(root: &str) -> Self {
        Self { text: format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{root}\n"), depth: 1 }
    }

    /// An element with a text.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) {
        self.line(&["<", name, ">", &escape(text), "</", name, ">"]);
    }

    /// An element with others in it.
    pub(crate) fn within(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.line(&["<", name, ">"]);
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.line(&["</", name, ">"]);
    }

    /// Writes items while the document is no longer than that.
    pub(crate) fn up_to<T>(
        &mut self,
        bytes_max: usize,
        items: impl Iterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        for item in items {
            if self.text.len() > bytes_max {
                return;
            }
            write(self, item);
        }
    }

    fn line(&mut self, parts: &[&str]) {
        (0..self.depth).for_each(|_| self.text.push_str("  "));
        parts.iter().for_each(|part| self.text.push_str(part));
        self.text.push('\n');
    }

    /// Ends the root.
    pub(crate) fn finish(mut self, root: &str) -> String {
        self.text.push_str(root);
        self.text.push('\n');
        self.text
    }
}
