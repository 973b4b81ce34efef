//! The management for people who read: `/api/docs`, made of the description that programs read, and a page for each kind of failure. It
//! asks for nothing from elsewhere and runs nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use api::{BASE, Code};
use bytes::Bytes;
use quick_xml::escape::escape;
use serde_json::{Map, Value};

mod example;
mod operation;
mod schema;

use operation::Operation;

/// What pages look like: light or dark, as the reader's system is.
pub(super) const STYLE: &str = include_str!("docs/style.css");

/// How to read the page, and what its lines of `curl` take from the shell.
const INTRODUCTION: &str = "<p>Every operation of the management, made from the list that answers it; programs read the same as \
    <a href=\"/api/openapi.json\">OpenAPI</a>. The lines of <code>curl</code> take three variables of the shell: <code>SERVER</code>, \
    such as <code>https://registry.example.org</code>; <code>NAME</code>, your user name; <code>TOKEN</code>, a token or your \
    password. Names in them are examples.</p>\n\
    <p>Answers are JSON. A list is a page <code>{items, next}</code>: ask again with <code>after</code> set to <code>next</code> until \
    that is <code>null</code>. What goes wrong is told as <code>application/problem+json</code> with a <code>code</code> that never \
    changes.</p>\n";

/// All pages, made once.
pub(super) struct Pages {
    operations: Bytes,
    problems: Vec<(Code, Bytes)>,
}

impl Pages {
    /// Out of the description that programs read.
    pub(super) fn of(description: &[u8]) -> Self {
        let description = serde_json::from_slice(description).unwrap_or_default();
        let problems = Code::ALL.iter().map(|code| (*code, problem(*code, &description).into())).collect();
        Self { operations: page(&description).into(), problems }
    }

    /// That of all operations.
    pub(super) fn operations(&self) -> Bytes {
        self.operations.clone()
    }

    /// That of one kind of failure.
    pub(super) fn problem(&self, code: Code) -> Bytes {
        let mut all = self.problems.iter();
        all.find(|(known, _)| *known == code).map(|(_, page)| page.clone()).unwrap_or_default()
    }
}

/// The page of all operations, out of the description.
fn page(description: &Value) -> String {
    let operations = operations(description);
    let mut by_tag: BTreeMap<&str, Vec<&Operation<'_>>> = BTreeMap::new();
    for operation in &operations {
        by_tag.entry(operation.tag()).or_default().push(operation);
    }
    let mut text = head("Management API");
    text.push_str("<nav>\n");
    for (tag, operations) in &by_tag {
        let _ = writeln!(text, "<h2>{}</h2>\n<ul>", escape(*tag));
        for operation in operations {
            operation.link(&mut text);
        }
        text.push_str("</ul>\n");
    }
    text.push_str("<h2><a href=\"#documents\">documents</a></h2>\n</nav>\n<main>\n<h1>Management API</h1>\n");
    text.push_str(INTRODUCTION);
    for operations in by_tag.values() {
        for operation in operations {
            operation.write(&mut text);
        }
    }
    text.push_str("<h2 id=\"documents\">Documents</h2>\n");
    for (name, schema) in schemas(description).into_iter().flatten() {
        let _ = writeln!(text, "<section id=\"document-{0}\">\n<h3>{0}</h3>", escape(&**name));
        schema::write(&mut text, schema);
        text.push_str("</section>\n");
    }
    text.push_str("</main>\n</body>\n</html>\n");
    text
}

/// The page of one kind of failure.
fn problem(code: Code, description: &Value) -> String {
    let mut text = head(code.title());
    let (word, title) = (code.as_str(), escape(code.title()));
    let _ = write!(
        text,
        "<main>\n<h1>{title}</h1>\n<p><code>{word}</code>, status {}. The <code>detail</code> of the answer says what can be done about \
         this one.</p>\n",
        code.status()
    );
    if is_told_by_all(code, description) {
        text.push_str("<p>Every operation may tell it.</p>\n");
    } else {
        let operations = operations(description);
        let told = operations.iter().filter(|operation| operation.tells(code.status(), word));
        text.push_str("<h2>Told by</h2>\n<ul>\n");
        told.for_each(|operation| operation.link_from_elsewhere(&mut text));
        text.push_str("</ul>\n");
    }
    text.push_str("<p><a href=\"/api/docs\">All operations</a></p>\n</main>\n</body>\n</html>\n");
    text
}

/// Whether the description says it once for all.
fn is_told_by_all(code: Code, description: &Value) -> bool {
    let codes = description.pointer(&format!("/components/responses/Refused{}/x-codes", code.status()));
    let mut codes = codes.and_then(Value::as_array).into_iter().flatten();
    codes.any(|one| one == code.as_str())
}

fn head(title: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title} – Wharfinger</title>\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <link rel=\"stylesheet\" href=\"/api/docs.css\">\n</head>\n<body>\n"
    )
}

fn operations(description: &Value) -> Vec<Operation<'_>> {
    let paths = description.get("paths").and_then(Value::as_object);
    let mut all = Vec::new();
    for (path, methods) in paths.into_iter().flatten() {
        for (method, document) in methods.as_object().into_iter().flatten() {
            all.push(Operation::new(description, method, format!("{BASE}{path}"), document));
        }
    }
    all
}

fn schemas(description: &Value) -> Option<&Map<String, Value>> {
    description.pointer("/components/schemas").and_then(Value::as_object)
}

/// A text of a document; empty if it has none.
fn text_of<'v>(document: &'v Value, name: &str) -> &'v str {
    document.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A text with what stands between backticks set as code.
fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let set = parts.map(|(index, part)| match index % 2 {
        0 => escape(part).into_owned(),
        _ => format!("<code>{}</code>", escape(part)),
    });
    set.collect()
}

#[cfg(test)]
mod tests;
