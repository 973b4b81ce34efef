//! One operation: what it takes, what it answers, how it is asked.

use std::fmt::Write as _;

use quick_xml::escape::escape;
use serde_json::Value;

use super::{example, prose, schema, text_of};

/// One operation of the description.
pub(super) struct Operation<'d> {
    description: &'d Value,
    method: String,
    /// From the root of the server.
    path: String,
    document: &'d Value,
    /// With what is only referred to.
    parameters: Vec<&'d Value>,
}

impl<'d> Operation<'d> {
    pub(super) fn new(description: &'d Value, method: &str, path: String, document: &'d Value) -> Self {
        let parameters = document.get("parameters").and_then(Value::as_array);
        let parameters = parameters.into_iter().flatten();
        let parameters = parameters.map(|parameter| schema::followed(description, parameter)).collect();
        Self { description, method: method.to_ascii_uppercase(), path, document, parameters }
    }

    fn id(&self) -> &'d str {
        text_of(self.document, "operationId")
    }

    pub(super) fn tag(&self) -> &'d str {
        let tag = self.document.pointer("/tags/0").and_then(Value::as_str).unwrap_or_default();
        if tag.is_empty() { "server" } else { tag }
    }

    /// Whether it may answer with this code, and says so itself.
    pub(super) fn tells(&self, status: u16, code: &str) -> bool {
        let codes = self.document.pointer(&format!("/responses/{status}/x-codes")).and_then(Value::as_array);
        codes.is_some_and(|codes| codes.iter().any(|told| told == code))
    }

    pub(super) fn link(&self, text: &mut String) {
        self.link_to("", text);
    }

    pub(super) fn link_from_elsewhere(&self, text: &mut String) {
        self.link_to("/api/docs", text);
    }

    fn link_to(&self, page: &str, text: &mut String) {
        let (id, path) = (self.id(), escape(&*self.path));
        let _ = writeln!(text, "<li><a href=\"{page}#{id}\">{} {path}</a></li>", self.method);
    }

    pub(super) fn write(&self, text: &mut String) {
        let (id, path) = (self.id(), escape(&*self.path));
        let _ = write!(
            text,
            "<section id=\"{id}\">\n<h3><a href=\"#{id}\">{} <code>{path}</code></a></h3>\n<p>{}</p>\n<dl>\n",
            self.method,
            prose(text_of(self.document, "summary"))
        );
        let mut line = |name: &str, told: String| {
            let _ = writeln!(text, "<dt>{name}</dt><dd>{told}</dd>");
        };
        line("Right", prose(text_of(self.document, "x-right")));
        line("Since", escape(text_of(self.document, "x-since")).into_owned());
        if let Some(verb) = self.document.get("x-cli").and_then(Value::as_str) {
            line("Command", format!("<code>wharfinger {}</code>", escape(verb)));
        }
        let events = words(self.document.get("x-audit"));
        if !events.is_empty() {
            let events: Vec<String> = events.iter().map(|event| format!("<code>{event}</code>")).collect();
            line("Audit", events.join(", "));
        }
        text.push_str("</dl>\n");
        self.write_parameters(text);
        if let Some(body) = self.body() {
            text.push_str("<h4>Body</h4>\n");
            schema::write(text, body);
        }
        self.write_answers(text);
        let _ = writeln!(text, "<pre class=\"curl\">{}</pre>\n</section>", escape(self.curl()));
    }

    fn write_parameters(&self, text: &mut String) {
        if self.parameters.is_empty() {
            return;
        }
        text.push_str(
            "<h4>Parameters</h4>\n<table>\n<tr><th>Name</th><th>In</th><th>What</th><th>Meaning</th></tr>\n",
        );
        for parameter in &self.parameters {
            let required =
                if parameter.get("required") == Some(&Value::Bool(true)) { ", required" } else { "" };
            let _ = writeln!(
                text,
                "<tr><td><code>{}</code></td><td>{}{required}</td><td>{}</td><td>{}</td></tr>",
                escape(text_of(parameter, "name")),
                escape(text_of(parameter, "in")),
                parameter.get("schema").map(schema::kind).unwrap_or_default(),
                prose(text_of(parameter, "description")),
            );
        }
        text.push_str("</table>\n");
    }

    fn write_answers(&self, text: &mut String) {
        text.push_str("<h4>Answers</h4>\n<table>\n<tr><th>Status</th><th>What</th></tr>\n");
        let answers = self.document.get("responses").and_then(Value::as_object);
        let mut document = None;
        for (status, answer) in answers.into_iter().flatten() {
            let answer = schema::followed(self.description, answer);
            let codes = words(answer.get("x-codes"));
            let told = if codes.is_empty() {
                document = document.or_else(|| answer.pointer("/content/application~1json/schema"));
                prose(text_of(answer, "description"))
            } else {
                let link = |code: &&str| format!("<a href=\"/api/problems/{code}\"><code>{code}</code></a>");
                codes.iter().map(link).collect::<Vec<_>>().join(", ")
            };
            let _ = writeln!(text, "<tr><td>{}</td><td>{told}</td></tr>", escape(&**status));
        }
        text.push_str("</table>\n");
        if let Some(document) = document {
            schema::write(text, document);
        }
    }

    fn body(&self) -> Option<&'d Value> {
        let content = self.document.pointer("/requestBody/content").and_then(Value::as_object)?;
        content.values().next()?.get("schema")
    }

    /// The line that asks it, for a shell.
    fn curl(&self) -> String {
        let mut line = "curl".to_owned();
        if self.document.get("security").is_none() {
            line.push_str(" -u \"$NAME:$TOKEN\"");
        }
        if self.method != "GET" {
            let _ = write!(line, " -X {}", self.method);
        }
        if let Some(body) = self.body() {
            let content = self.document.pointer("/requestBody/content").and_then(Value::as_object);
            let kind = content.and_then(|content| content.keys().next()).map(String::as_str);
            let body = example::of(self.description, body).to_string().replace('\'', "'\\''");
            let _ = write!(line, " -H 'Content-Type: {}' -d '{body}'", kind.unwrap_or_default());
        }
        let _ = write!(line, " \"$SERVER{}\"", self.target());
        line
    }

    /// Path and query, with the names of the examples. What goes for good is named once more.
    fn target(&self) -> String {
        let (mut path, mut names, mut query) = (self.path.clone(), Vec::new(), Vec::new());
        for parameter in &self.parameters {
            let name = text_of(parameter, "name");
            let schema = parameter.get("schema").unwrap_or(&Value::Null);
            match (text_of(parameter, "in"), name, parameter.get("required")) {
                ("path", name, _) => {
                    path = path.replace(&format!("{{{name}}}"), example::named(name));
                    names.push(example::named(name));
                }
                ("query", "confirm", _) => query.push(format!("confirm={}", names.join("/"))),
                ("query", name, Some(Value::Bool(true))) => {
                    query.push(format!("{name}={}", example::parameter(self.description, name, schema)));
                }
                _ => {}
            }
        }
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{path}{mark}{}", query.join("&"))
    }
}

fn words(list: Option<&Value>) -> Vec<&str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}
