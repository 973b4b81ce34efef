//! How a page of names is written: as HTML, for people and for coursier, which reads versions out of it, and as JSON.

use quick_xml::escape::escape;
use serde_json::json;

use crate::fit::fitting;
use crate::http::query::encode_into;

/// Most names of one page, and most bytes of them; written they are about ten times as long at most.
const PAGE_NAMES_MAX: usize = 1000;
const PAGE_NAMES_BYTES_MAX: usize = 96 << 10;

/// What it is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// A page of links.
    Html,
    /// For tools that say so in `Accept`.
    Json,
}

/// Some of the names in a directory, of which those of directories end with a slash.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<'a> {
    names: Vec<&'a str>,
    more: bool,
}

impl<'a> Page<'a> {
    /// The first of the sorted lines behind `after`.
    pub(crate) fn of(lines: &'a str, after: Option<&str>) -> Self {
        let behind = lines.lines().filter(|name| after.is_none_or(|after| *name > after));
        let mut names: Vec<&str> = behind.take(PAGE_NAMES_MAX + 1).collect();
        let fit = fitting(PAGE_NAMES_BYTES_MAX, names.iter().map(|name| name.len())).min(PAGE_NAMES_MAX);
        let more = fit < names.len();
        names.truncate(fit);
        Self { names, more }
    }

    /// The page of the directory at this path, and the address of the next. `base` is what stands in front of the names for who
    /// asked for it without a slash.
    pub(crate) fn write(&self, style: Style, path: &str, base: &str) -> (String, Option<String>) {
        let last = self.names.last().filter(|_| self.more);
        let next = last.map(|last| format!("?after={}", encoded(last)));
        let text = match style {
            Style::Html => self.html(path, base, next.as_deref()),
            Style::Json => self.json(path, next.as_deref()),
        };
        (text, next)
    }

    fn html(&self, path: &str, base: &str, next: Option<&str>) -> String {
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
        if let Some(next) = next {
            text.push_str(&format!("<p><a rel=\"next\" href=\"{next}\">More</a></p>\n"));
        }
        text.push_str("</body>\n</html>\n");
        text
    }

    fn json(&self, path: &str, next: Option<&str>) -> String {
        let entries = self.names.iter().map(|name| match name.strip_suffix('/') {
            Some(name) => json!({ "name": name, "kind": "directory" }),
            None => json!({ "name": name, "kind": "file" }),
        });
        json!({ "path": path, "entries": entries.collect::<Vec<_>>(), "next": next }).to_string()
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
