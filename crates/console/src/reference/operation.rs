//! One operation: what it takes, what it answers, how it is asked.

use std::fmt::Write as _;

use api::BASE;
use serde_json::Value;

use super::{ROOT, TABLE_ENDS, escaped, example, prose, schema, table, text_of};

/// How many words of a path, behind the first, say which part an operation belongs to.
const PART_STEPS: usize = 2;

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

    /// Which part it belongs to: what the path begins with and, below something that is named, what of it is meant.
    pub(super) fn part(&self) -> String {
        let tag = self.document.pointer("/tags/0").and_then(Value::as_str).unwrap_or_default();
        let tag = if tag.is_empty() { "server" } else { tag };
        let below = self.path.strip_prefix(BASE).unwrap_or(&self.path);
        let steps = below.split('/').filter(|step| !step.is_empty()).skip(1);
        let mut part = tag.to_owned();
        for step in steps.filter(|step| !step.starts_with('{')).take(PART_STEPS) {
            part.push('-');
            part.push_str(step);
        }
        part
    }

    /// Whether it may answer with this code, and says so itself.
    pub(super) fn tells(&self, status: u16, code: &str) -> bool {
        let codes = self.document.pointer(&format!("/responses/{status}/x-codes")).and_then(Value::as_array);
        codes.is_some_and(|codes| codes.iter().any(|told| told == code))
    }

    /// A row of a list of operations: in that of its part with all that is said of it, in that of all parts with the beginning.
    pub(super) fn link(&self, text: &mut String, in_full: bool) {
        let (id, path, part) = (self.id(), escaped(&self.path), self.part());
        let summary = text_of(self.document, "summary");
        let begins = summary.split([';', '.', ':']).next().unwrap_or_default();
        let summary = prose(if in_full { summary } else { begins });
        let method = &self.method;
        let _ = writeln!(
            text,
            "<li><a href=\"{ROOT}/{part}#{id}\"><code>{method} {path}</code></a> {summary}</li>"
        );
    }

    pub(super) fn write(&self, text: &mut String) {
        let (id, path) = (self.id(), escaped(&self.path));
        let _ = write!(
            text,
            "<section id=\"{id}\">\n<h2><code>{} {path}</code></h2>\n<p>{}</p>\n<dl class=\"kv\">\n",
            self.method,
            prose(text_of(self.document, "summary"))
        );
        let mut line = |name: &str, told: String| {
            let _ = writeln!(text, "<dt>{name}</dt><dd>{told}</dd>");
        };
        line("Right", prose(text_of(self.document, "x-right")));
        line("Since", escaped(text_of(self.document, "x-since")));
        if let Some(verb) = self.document.get("x-cli").and_then(Value::as_str) {
            line("Command", format!("<code>wharfinger {}</code>", escaped(verb)));
        }
        let events = words(self.document.get("x-audit"));
        if !events.is_empty() {
            let events: Vec<String> = events.iter().map(|event| format!("<code>{event}</code>")).collect();
            line("Audit", events.join(", "));
        }
        text.push_str("</dl>\n");
        self.write_parameters(text);
        if let Some(body) = self.body() {
            text.push_str("<h3>Body</h3>\n");
            schema::write(text, &format!("Body of {id}"), body);
        }
        self.write_answers(text);
        let curl = escaped(&self.curl());
        let _ = writeln!(
            text,
            "<div class=\"snip\"><pre class=\"curl\" tabindex=\"0\" role=\"group\" aria-label=\"curl, {id}\">{curl}</pre></div>\n</section>"
        );
    }

    fn write_parameters(&self, text: &mut String) {
        if self.parameters.is_empty() {
            return;
        }
        text.push_str("<h3>Parameters</h3>\n");
        table(text, &format!("Parameters of {}", self.id()), &["Name", "In", "What", "Meaning"]);
        for parameter in &self.parameters {
            let required =
                if parameter.get("required") == Some(&Value::Bool(true)) { ", required" } else { "" };
            let _ = writeln!(
                text,
                "<tr><td><code>{}</code></td><td>{}{required}</td><td>{}</td><td>{}</td></tr>",
                escaped(text_of(parameter, "name")),
                escaped(text_of(parameter, "in")),
                parameter.get("schema").map(schema::kind).unwrap_or_default(),
                prose(text_of(parameter, "description")),
            );
        }
        text.push_str(TABLE_ENDS);
    }

    fn write_answers(&self, text: &mut String) {
        text.push_str("<h3>Answers</h3>\n");
        table(text, &format!("Answers of {}", self.id()), &["Status", "What"]);
        let answers = self.document.get("responses").and_then(Value::as_object);
        let (mut document, mut shared) = (None, Vec::new());
        for (status, answer) in answers.into_iter().flatten() {
            if answer.get("$ref").is_some() {
                shared.push(status.as_str());
                continue;
            }
            let answer = schema::followed(self.description, answer);
            let told = codes(answer);
            let told = if told.is_empty() {
                document = document.or_else(|| answer.pointer("/content/application~1json/schema"));
                prose(text_of(answer, "description"))
            } else {
                told
            };
            let _ = writeln!(text, "<tr><td>{}</td><td>{told}</td></tr>", escaped(status));
        }
        if !shared.is_empty() {
            let _ = writeln!(
                text,
                "<tr><td>{}</td><td><a href=\"{ROOT}#shared\">what operations have in common</a></td></tr>",
                escaped(&shared.join(", "))
            );
        }
        text.push_str(TABLE_ENDS);
        if let Some(document) = document {
            schema::write(text, &format!("Answer of {}", self.id()), document);
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

/// The kinds of failure that an answer tells, each with its page.
pub(super) fn codes(answer: &Value) -> String {
    let link = |code: &&str| format!("<a href=\"/api/problems/{code}\"><code>{code}</code></a>");
    words(answer.get("x-codes")).iter().map(link).collect::<Vec<_>>().join(", ")
}

fn words(list: Option<&Value>) -> Vec<&str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}
