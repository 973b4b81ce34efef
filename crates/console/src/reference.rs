//! The management for people who read, made of the description that programs read: a page for each part of it, one for each document that
//! operations speak of, and one for each kind of failure. In English, as the description is.

use std::fmt::Write as _;

use api::{Api, BASE, Code};
use serde_json::{Map, Value};

use crate::markdown::escape;
use operation::Operation;

mod example;
mod operation;
mod schema;

/// Where it is.
pub(crate) const ROOT: &str = "/api/docs";

/// How to read the pages, and what lines of `curl` take from the shell.
const INTRODUCTION: &str = "<p>Every operation of the management, made from the list that answers it; programs read the same as \
    <a href=\"/api/openapi.json\">OpenAPI</a>. The lines of <code>curl</code> take three variables of the shell: <code>SERVER</code>, \
    such as <code>https://registry.example.org</code>; <code>NAME</code>, your user name; <code>TOKEN</code>, a token or your \
    password. Names in them are examples.</p>\n\
    <p>Answers are JSON. A list is a page <code>{items, next}</code>: ask again with <code>after</code> set to <code>next</code> until \
    that is <code>null</code>. What goes wrong is told as <code>application/problem+json</code> with a <code>code</code> that never \
    changes.</p>\n";

/// All pages, made once.
pub(crate) struct Reference {
    /// What operations are about, in the order of their paths.
    pub(crate) parts: Vec<Part>,
    overview: String,
    documents: Vec<(String, String)>,
    problems: Vec<(Code, String)>,
}

/// Operations about one thing, with the page of them.
pub(crate) struct Part {
    /// In its address.
    pub(crate) name: String,
    /// For people: `repositories, webhooks`.
    pub(crate) title: String,
    html: String,
}

impl Reference {
    /// Out of the description that programs read.
    pub(crate) fn of(api: &Api) -> Self {
        Self::read(&serde_json::from_str(&api.document()).unwrap_or_default())
    }

    fn read(description: &Value) -> Self {
        let operations = operations(description);
        let mut groups: Vec<(String, Vec<&Operation<'_>>)> = Vec::new();
        for operation in &operations {
            let name = operation.part();
            match groups.iter_mut().find(|(known, _)| *known == name) {
                Some((_, group)) => group.push(operation),
                None => groups.push((name, vec![operation])),
            }
        }
        let mut overview = format!("<h1>Management API</h1>\n{INTRODUCTION}");
        for (name, group) in &groups {
            let _ = write!(
                overview,
                "<h2><a href=\"{ROOT}/{name}\">{}</a></h2>\n<ul class=\"list\">\n",
                titled(name)
            );
            group.iter().for_each(|operation| operation.link(&mut overview, false));
            overview.push_str("</ul>\n");
        }
        shared(&mut overview, description);
        let parts = groups.iter().map(|(name, group)| Part::of(name, group)).collect();
        let documents = schemas(description).into_iter().flatten();
        let documents = documents.map(|(name, schema)| (name.clone(), document(name, schema))).collect();
        let problems =
            Code::ALL.iter().map(|code| (*code, problem(*code, description, &operations))).collect();
        Self { parts, overview, documents, problems }
    }

    /// What there is, and how to read it.
    pub(crate) fn overview(&self) -> &str {
        &self.overview
    }

    /// A part: what it is called, and its page.
    pub(crate) fn part(&self, name: &str) -> Option<(&str, &str)> {
        let part = self.parts.iter().find(|part| part.name == name)?;
        Some((&part.title, &part.html))
    }

    /// A document that operations take or answer.
    pub(crate) fn document(&self, name: &str) -> Option<(&str, &str)> {
        let (name, html) = self.documents.iter().find(|(known, _)| known == name)?;
        Some((name, html))
    }

    /// A kind of failure.
    pub(crate) fn problem(&self, word: &str) -> Option<(&str, &str)> {
        let (code, html) = self.problems.iter().find(|(code, _)| code.as_str() == word)?;
        Some((code.title(), html))
    }
}

impl Part {
    fn of(name: &str, operations: &[&Operation<'_>]) -> Self {
        let title = titled(name);
        let mut html = format!("<h1>{title}</h1>\n<ul class=\"list\">\n");
        operations.iter().for_each(|operation| operation.link(&mut html, true));
        html.push_str("</ul>\n");
        operations.iter().for_each(|operation| operation.write(&mut html));
        Self { name: name.to_owned(), title, html }
    }
}

/// The failures that operations have in common, by status.
fn shared(html: &mut String, description: &Value) {
    html.push_str("<h2 id=\"shared\">What operations have in common</h2>\n");
    table(html, "Failures that operations have in common", &["Status", "Code"]);
    let answers = description.pointer("/components/responses").and_then(Value::as_object);
    for (name, answer) in answers.into_iter().flatten() {
        let status = name.trim_start_matches(|at: char| !at.is_ascii_digit());
        let _ = writeln!(html, "<tr><td>{}</td><td>{}</td></tr>", escaped(status), operation::codes(answer));
    }
    html.push_str(TABLE_ENDS);
}

/// What a part is called: `repositories-webhooks` are those of repositories.
fn titled(name: &str) -> String {
    let mut title = name.replacen('-', ": ", 1).replace('-', " ");
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    title
}

fn document(name: &str, schema: &Value) -> String {
    let mut html = format!("<h1>{}</h1>\n", escaped(name));
    schema::write(&mut html, name, schema);
    html
}

/// The page of one kind of failure.
fn problem(code: Code, description: &Value, operations: &[Operation<'_>]) -> String {
    let mut html = format!(
        "<h1>{}</h1>\n<p><code>{}</code>, status {}. The <code>detail</code> of the answer says what can be done about this one.</p>\n",
        escaped(code.title()),
        code.as_str(),
        code.status()
    );
    if is_told_by_all(code, description) {
        html.push_str("<p>Every operation may tell it.</p>\n");
        return html;
    }
    html.push_str("<h2>Told by</h2>\n<ul class=\"list\">\n");
    let told = operations.iter().filter(|operation| operation.tells(code.status(), code.as_str()));
    told.for_each(|operation| operation.link(&mut html, true));
    html.push_str("</ul>\n");
    html
}

/// Whether the description says it once for all.
fn is_told_by_all(code: Code, description: &Value) -> bool {
    let codes = description.pointer(&format!("/components/responses/Refused{}/x-codes", code.status()));
    let mut codes = codes.and_then(Value::as_array).into_iter().flatten();
    codes.any(|one| one == code.as_str())
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

fn escaped(text: &str) -> String {
    let mut html = String::new();
    escape(text, &mut html);
    html
}

/// A text with what stands between backticks set as code.
fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let set = parts.map(|(index, part)| match index % 2 {
        0 => escaped(part),
        _ => format!("<code>{}</code>", escaped(part)),
    });
    set.collect()
}

/// Begins a table that is wider than the page at times, called by what it shows.
fn table(html: &mut String, called: &str, heads: &[&str]) {
    let called = escaped(called);
    let _ = write!(
        html,
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{called}\"><table><thead><tr>"
    );
    for head in heads {
        let _ = write!(html, "<th scope=\"col\">{head}</th>");
    }
    html.push_str("</tr></thead><tbody>\n");
}

const TABLE_ENDS: &str = "</tbody></table></div>\n";

#[cfg(test)]
mod tests;
