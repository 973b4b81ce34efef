//! What a directory lists, page by page: as HTML, for people and for coursier, which reads versions out of it, and as JSON.

use std::collections::BTreeSet;

use bytes::Bytes;
use domain::RepositoryName;
use edge::http::query;
use http::header::{ACCEPT, CONTENT_SECURITY_POLICY, LINK, VARY};
use http::{HeaderValue, StatusCode};
use quick_xml::escape::escape;
use serde_json::json;

use crate::blocking::blocking;
use crate::error::Error;
use crate::fit::fitting;
use crate::head::Head;
use crate::reply::Reply;

/// Most names of one page, and most bytes of them; written they are about ten times as long at most.
const PAGE_NAMES_MAX: usize = 1000;
const PAGE_NAMES_BYTES_MAX: usize = 96 << 10;

/// Most names that are gathered at once. Of a directory with more, the rest follows in further windows.
const WINDOW_NAMES_MAX: usize = 20_000;

/// In front of the names of listings among documents; no path begins like this.
const LISTING: &str = "\nlisting ";

/// Which page of a directory, and how it is written.
#[derive(Debug)]
pub(crate) struct PageQuery {
    /// What it is written as.
    pub style: Style,
    /// In the window behind this name, of a directory that has several.
    pub from: Option<Box<str>>,
    /// After this name.
    pub after: Option<Box<str>>,
    /// Whether the address ends with a slash, so that names are below it.
    pub within: bool,
}

/// What it is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// A page of links.
    Html,
    /// For tools that say so in `Accept`.
    Json,
}

impl PageQuery {
    /// A browser says that it takes HTML, a tool that it takes JSON; whoever says neither gets HTML. A path without a slash at its
    /// end is a file, but for the root.
    pub(crate) fn of(head: &Head<'_>, is_root: bool) -> Self {
        let accepted = head.headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let accepted: String = accepted.collect::<Vec<_>>().join(",").to_ascii_lowercase();
        let json = accepted.contains("application/json") && !accepted.contains("text/html");
        let name = |parameter| query::first(head.query, parameter).map(Into::into);
        Self {
            style: if json { Style::Json } else { Style::Html },
            from: name("from"),
            after: name("after"),
            within: !is_root || head.path.ends_with('/'),
        }
    }

    /// Behind which name its window begins; empty for the first.
    pub(crate) fn from(&self) -> &str {
        self.from.as_deref().unwrap_or_default()
    }

    /// The name of its window among documents.
    pub(crate) fn document(&self, path: &str) -> String {
        format!("{LISTING}{path}\n{}", self.from())
    }
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

    /// Behind which name it begins.
    pub(crate) const fn from(&self) -> &'a str {
        self.from
    }

    /// Whether it is full of names before this one, so that neither this nor any behind it is wanted.
    pub(crate) fn ends_before(&self, name: &str) -> bool {
        self.more && self.names.last().is_none_or(|last| **last < *name)
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

/// The page of a directory out of the lines of its window; `repository` is the last of the address of the root.
pub(crate) async fn answer<B>(
    lines: Bytes,
    path: &str,
    page: &PageQuery,
    repository: &RepositoryName,
) -> Result<Reply, Error<B>> {
    let (at, style) = (path.to_owned(), page.style);
    let (from, after) = (page.from.clone(), page.after.clone());
    let base = if page.within { String::new() } else { format!("{repository}/") };
    let written = blocking("writing a listing", move || {
        Page::of(&String::from_utf8_lossy(&lines), from.as_deref(), after.as_deref()).write(style, &at, &base)
    });
    let (text, next) = written.await?;
    let media_type = match style {
        Style::Html => HeaderValue::from_static("text/html; charset=utf-8"),
        Style::Json => HeaderValue::from_static("application/json"),
    };
    let reply = Reply::new(StatusCode::OK)
        .header(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"))
        .header(VARY, HeaderValue::from_static("accept"));
    let reply = match next {
        Some(next) => reply.header(LINK, format!("<{next}>; rel=\"next\"")),
        None => reply,
    };
    Ok(reply.bytes(media_type, Bytes::from(text)))
}

/// Some of the names in a directory, of which those of directories end with a slash.
#[derive(Debug, PartialEq, Eq)]
struct Page<'a> {
    names: Vec<&'a str>,
    /// The address of the next page.
    next: Option<String>,
}

impl<'a> Page<'a> {
    /// The first lines behind `after` in the window behind `from`.
    fn of(lines: &'a str, from: Option<&str>, after: Option<&str>) -> Self {
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
    fn write(self, style: Style, path: &str, base: &str) -> (String, Option<String>) {
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
    query::encode_into(&mut address, name);
    address.replace(':', "%3A")
}

#[cfg(test)]
mod tests;
