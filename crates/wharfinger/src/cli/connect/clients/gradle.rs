//! Gradle's `gradle.properties` of a user: two properties, named after the repository as its own convention has it.

use std::ops::Range;

use super::super::draft::Draft;
use super::{Access, Editor};

pub(super) struct Properties;

impl Editor for Properties {
    fn has(&self, text: &str, access: &Access) -> Result<bool, String> {
        Ok(names(access).iter().any(|name| property(text, name).is_some()))
    }

    fn put(&self, draft: &mut Draft, access: &Access) -> Result<(), String> {
        let newline = draft.newline();
        let mut missing = String::new();
        for (name, value) in names(access).iter().zip([&access.user, &access.secret]) {
            let line = format!("{name}={}", escaped(value));
            match property(&draft.text, name) {
                Some(span) => draft.change(span, &line, true),
                None => missing.push_str(&format!("{line}{newline}")),
            }
        }
        if !missing.is_empty() {
            let (end, open) = (draft.text.len(), !draft.text.is_empty() && !draft.text.ends_with('\n'));
            let before = if open { newline } else { "" };
            draft.change(end..end, &format!("{before}{missing}"), false);
        }
        Ok(())
    }

    fn take(&self, draft: &mut Draft, access: &Access) -> Result<(), String> {
        for name in names(access) {
            if let Some(span) = property(&draft.text, &name) {
                let span = draft.whole_lines(span);
                draft.change(span, "", true);
            }
        }
        Ok(())
    }
}

fn names(access: &Access) -> [String; 2] {
    ["Username", "Password"].map(|what| format!("{}{what}", access.id))
}

/// Where a property stands, from its name to the end of its last line, without the newline: lines that end in a backslash go on.
fn property(text: &str, name: &str) -> Option<Range<usize>> {
    let mut start = 0_usize;
    let mut going_on = false;
    let mut found: Option<Range<usize>> = None;
    for line in text.split_inclusive('\n') {
        let plain = line.trim_end_matches(['\n', '\r']);
        let end = start.saturating_add(plain.len());
        if going_on {
            if let Some(found) = &mut found {
                found.end = end;
            }
        } else if found.is_some() {
            break;
        } else {
            let rest = plain.trim_start().strip_prefix(name);
            let ours = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['=', ':', ' ', '\t']));
            found = ours.then_some(start..end);
        }
        let slashes = plain.len().saturating_sub(plain.trim_end_matches('\\').len());
        going_on = slashes % 2 == 1 && !(found.is_none() && plain.trim_start().starts_with(['#', '!']));
        start = start.saturating_add(line.len());
    }
    found
}

/// As `java.util.Properties` reads it.
fn escaped(text: &str) -> String {
    let mut units = [0; 2];
    let letter = |letter: char| match letter {
        '\\' => "\\\\".to_owned(),
        '!'..='~' => letter.to_string(),
        other => other.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
    };
    text.chars().map(letter).collect()
}

pub(super) fn next(id: &str, url: &str, tls: bool) -> String {
    let plain = if tls { "" } else { "\n        allowInsecureProtocol = true" };
    format!(
        "in build.gradle:\n    maven {{\n        name = '{id}'\n        url = '{url}'{plain}\n        credentials {{ \
         username = {id}Username; password = {id}Password }}\n    }}"
    )
}
