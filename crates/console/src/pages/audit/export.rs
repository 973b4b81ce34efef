//! The events that the filters leave, all of them, as a file: lines of JSON or lines with commas, made while it is sent.

use std::borrow::Cow;

use api::audit::Event;
use api::{Endpoint, Fault, Page as Listed};
use futures_util::{StreamExt as _, stream};

use crate::door::{Answer, Lines};
use crate::visit::Visit;

/// Events that are read at once.
const ROWS: &str = "500";
/// The columns of the lines with commas.
const COLUMNS: [&str; 18] = [
    "id",
    "at",
    "class",
    "action",
    "outcome",
    "actor",
    "object_kind",
    "object",
    "object_of",
    "node",
    "address",
    "token",
    "session",
    "request_id",
    "bytes",
    "times",
    "policy_version",
    "reason",
];

/// How events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A document a line.
    Json,
    /// Lines with commas (RFC 4180) below what their columns are called.
    Csv,
}

impl Form {
    /// What the address asks for; `None` for the page.
    pub(super) fn asked(visit: &Visit<'_>) -> Option<Self> {
        match visit.given("as")? {
            "jsonl" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }

    const fn file(self) -> (&'static str, &'static str) {
        match self {
            Self::Json => ("jsonl", "application/jsonl"),
            Self::Csv => ("csv", "text/csv; charset=utf-8; header=present"),
        }
    }

    /// What stands before all events.
    fn head(self) -> String {
        if self == Self::Csv { line(COLUMNS.into_iter().map(str::to_owned)) } else { String::new() }
    }

    fn of(self, events: &[Event]) -> String {
        match self {
            Self::Csv => events.iter().map(|event| line(cells(event).into_iter())).collect(),
            Self::Json => {
                let line = |event| serde_json::to_string(event).map(|text| text + "\n").unwrap_or_default();
                events.iter().map(line).collect()
            }
        }
    }
}

/// The file of what these filters leave. What is wrong with them is told before it begins.
pub(super) async fn file<E: Endpoint<Answer = Listed<Event>>>(
    visit: &Visit<'_>,
    names: &[&str],
    form: Form,
    mut query: Vec<(&'static str, Cow<'_, str>)>,
) -> Result<Answer, Fault> {
    query.retain(|(name, _)| !matches!(*name, "after" | "limit"));
    query.push(("limit", ROWS.into()));
    let first = visit.read::<E>(names, &query).await?;
    let text = form.head() + &form.of(&first.items);
    let begin = stream::once(std::future::ready(Ok(text)));
    let pieces = match first.next {
        Some(after) => {
            let rest = visit.caller.rest::<E, Event>(names, &query, after);
            begin.chain(rest.map(move |page| page.map(|events| form.of(&events)))).boxed()
        }
        None => begin.boxed(),
    };
    let (ending, media_type) = form.file();
    let place = names.iter().map(|name| format!("-{name}")).collect::<String>();
    Ok(Answer::lines(Lines { name: format!("audit{place}.{ending}"), media_type, pieces }))
}

/// The cells of an event, in the order of the columns.
fn cells(event: &Event) -> [String; 18] {
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    [
        event.id.clone(),
        domain::time::show_millis(event.at.0),
        event.class.as_str().to_owned(),
        event.action.clone(),
        event.outcome.as_str().to_owned(),
        event.actor.reference.clone(),
        event.object.kind.clone(),
        event.object.name.clone(),
        text(event.object.of.as_ref()),
        text(event.node.as_ref().and_then(|node| node.path.as_ref())),
        text(event.address.as_ref()),
        text(event.token.as_ref().map(|token| &token.id)),
        text(event.session.as_ref()),
        text(event.request_id.as_ref()),
        number(event.bytes),
        number(event.times),
        event.policy_version.to_string(),
        text(event.reason.as_ref()),
    ]
}

fn line(cells: impl Iterator<Item = String>) -> String {
    cells.map(|cell| quoted(&cell)).collect::<Vec<_>>().join(",") + "\r\n"
}

/// A cell. What spreadsheets would take for a formula is marked as text: names are chosen by others.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula { Cow::from(format!("'{cell}")) } else { Cow::from(cell) };
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, line, quoted};

    #[test]
    fn cells_are_text_whatever_they_hold() {
        assert_eq!(quoted("member:alice"), "member:alice");
        assert_eq!(quoted("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(quoted("a,b\r\nc"), "\"a,b\r\nc\"");
        assert_eq!(quoted("@x"), "'@x");
        assert_eq!(line(COLUMNS.into_iter().take(2).map(str::to_owned)), "id,at\r\n");
    }
}
