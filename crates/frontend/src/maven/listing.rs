//! How a page of names is written: as HTML, for people and for coursier, which reads versions out of it, and as JSON.

use std::collections::BTreeSet;

use edge::http::query::encode_into;
use quick_xml::escape::escape;
use serde_json::json;

use crate::fit::fitting;

/// Most names of one page, and most bytes of them; written they are about ten times as long at most.
const PAGE_NAMES_MAX: usize = 1000;
const PAGE_NAMES_BYTES_MAX: usize = 96 << 10;

/// Most names that are gathered at once. Of a directory with more, the rest follows in further windows.
const WINDOW_NAMES_MAX: usize = 20_000;

/// What it is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// A page of links.
    Html,
    /// For tools that say so in `Accept`.
    Json,
}

/// The first names of a directory behind one of them. Gathered in any order, and no more of them are held than it is to have.
#[derive(Debug)]
pub(crate) struct Window<'a> {
    from: &'a str,
    names: BTreeSet<String>,
    names_max: usize,
    /// Whether there is any name at all, within the window or not.
    any: bool,
    /// Whether there are names behind the last.
    more: bool,
}

impl<'a> Window<'a> {
    /// Behind this name; all of a small directory if it is empty.
    pub(crate) const fn behind(from: &'a str) -> Self {
        Self { from, names: BTreeSet::new(), names_max: WINDOW_NAMES_MAX, any: false, more: false }
    }

    /// Whether the directory has no names.
    pub(crate) const fn is_nothing(&self) -> bool {
        !self.any
    }

    /// The names, sorted, one a line; behind the last an empty line if others follow.
    pub(crate) fn lines(self) -> String {
        let names: Vec<String> = self.names.into_iter().collect();
        names.join("\n") + if self.more { "\n" } else { "" }
    }
}

impl Extend<String> for Window<'_> {
    fn extend<T: IntoIterator<Item = String>>(&mut self, names: T) {
        for name in names {
            self.any = true;
            if *name > *self.from {
                self.names.insert(name);
            }
            if self.names.len() > self.names_max {
                self.names.pop_last();
                self.more = true;
            }
        }
    }
}

/// Some of the names in a directory, of which those of directories end with a slash.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<'a> {
    names: Vec<&'a str>,
    /// The address of the next page.
    next: Option<String>,
}

impl<'a> Page<'a> {
    /// The first lines behind `after` in the window behind `from`.
    pub(crate) fn of(lines: &'a str, from: Option<&str>, after: Option<&str>) -> Self {
        let behind = lines.lines().filter(|name| after.is_none_or(|after| *name > after));
        let mut names: Vec<&str> = behind.take(PAGE_NAMES_MAX + 1).collect();
        let fit = fitting(PAGE_NAMES_BYTES_MAX, names.iter().map(|name| name.len())).min(PAGE_NAMES_MAX);
        let in_window = fit < names.len();
        names.truncate(fit);
        let window = from.filter(|_| in_window).map(|from| format!("from={}&", encoded(from)));
        let last = names.last().or(after.as_ref()).filter(|_| in_window || lines.ends_with('\n'));
        let by = if in_window { "after" } else { "from" };
        let next = last.map(|last| format!("?{}{by}={}", window.unwrap_or_default(), encoded(last)));
        Self { names, next }
    }

    /// The page of the directory at this path, and the address of the next. `base` is what stands in front of the names for who
    /// asked for it without a slash.
    pub(crate) fn write(self, style: Style, path: &str, base: &str) -> (String, Option<String>) {
        let text = match style {
            Style::Html => self.html(path, base),
            Style::Json => self.json(path),
        };
        (text, self.next)
    }

    fn html(&self, path: &str, base: &str) -> String {
        let at = escape(path);
        let slash = if path.is_empty() { "" } else { "/" };
        let mut text = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Index of /{at}{slash}</title></head>\n\
             <body>\n<h1>Index of /{at}{slash}</h1>\n<ul>\n"
        );
        let mut link = |address: &str, name: &str| {
            text.push_str(&format!("<li><a href=\"{address}\">{}</a></li>\n", escape(name)));
        };
        if !path.is_empty() {
            link("../", "../");
        }
        for name in &self.names {
            link(&format!("{base}{}", encoded(name)), name);
        }
        text.push_str("</ul>\n");
        if let Some(next) = self.next.as_deref().map(escape) {
            text.push_str(&format!("<p><a rel=\"next\" href=\"{next}\">More</a></p>\n"));
        }
        text.push_str("</body>\n</html>\n");
        text
    }

    fn json(&self, path: &str) -> String {
        let entries = self.names.iter().map(|name| match name.strip_suffix('/') {
            Some(name) => json!({ "name": name, "kind": "directory" }),
            None => json!({ "name": name, "kind": "file" }),
        });
        json!({ "path": path, "entries": entries.collect::<Vec<_>>(), "next": self.next }).to_string()
    }
}

/// As part of an address. A colon would make a scheme of what stands before it.
fn encoded(name: &str) -> String {
    let mut address = String::with_capacity(name.len());
    encode_into(&mut address, name);
    address.replace(':', "%3A")
}

#[cfg(test)]
mod tests;
