//! The `auths` that docker, podman, buildah and skopeo read (containers-auth.json(5)): a login for a host.

use std::collections::BTreeMap;
use std::ops::Range;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::value::RawValue;

use super::super::draft::{Draft, MASK};
use super::{Access, Editor};

pub(super) struct Auths;

type Fields<'t> = BTreeMap<String, &'t RawValue>;

impl Editor for Auths {
    fn has(&self, text: &str, access: &Access) -> Result<bool, String> {
        if text.trim().is_empty() {
            return Ok(false);
        }
        let fields = fields(text)?;
        Ok(match fields.get("auths") {
            Some(auths) => self::fields(auths.get())?.contains_key(&access.id),
            None => false,
        })
    }

    fn put(&self, draft: &mut Draft, access: &Access) -> Result<(), String> {
        let newline = draft.newline();
        let auth = match access.secret.as_str() {
            MASK => MASK.to_owned(),
            secret => BASE64_STANDARD.encode(format!("{}:{secret}", access.user)),
        };
        if draft.text.trim().is_empty() {
            let end = draft.text.len();
            draft.change(0..end, "{\n}\n", false);
        }
        let text = draft.text.clone();
        let value = |depth: usize| {
            let [outer, inner] = [depth, depth.saturating_add(1)].map(|depth| "\t".repeat(depth));
            format!("{{{newline}{inner}\"auth\": \"{auth}\"{newline}{outer}}}")
        };
        let all = fields(&text)?;
        let Some(auths) = all.get("auths") else {
            let inside = format!("\"auths\": {{{newline}\t\t\"{}\": {}{newline}\t}}", access.id, value(2));
            return insert(draft, 0..text.len(), &inside, 1);
        };
        let logins = fields(auths.get())?;
        match logins.get(&access.id) {
            Some(login) => {
                let span = span(&text, login).ok_or("cannot be read")?;
                let lines = login.get().contains('\n');
                draft.change(span, &if lines { value(2) } else { on_one_line(&value(2)) }, true);
                Ok(())
            }
            None => {
                let span = span(&text, auths).ok_or("cannot be read")?;
                insert(draft, span, &format!("\"{}\": {}", access.id, value(2)), 2)
            }
        }
    }

    fn take(&self, draft: &mut Draft, access: &Access) -> Result<(), String> {
        let text = draft.text.clone();
        let all = fields(&text)?;
        let Some(auths) = all.get("auths") else { return Ok(()) };
        if let Some(login) = fields(auths.get())?.get(&access.id) {
            let value = span(&text, login).ok_or("cannot be read")?;
            let span = with_key(&text, value, &access.id).ok_or("cannot be read")?;
            draft.change(span, "", true);
        }
        Ok(())
    }
}

/// The program that keeps logins in place of this file: that of the host, else that of all.
pub(super) fn helper(text: &str, access: &Access) -> Option<String> {
    let word = |value: &&RawValue| serde_json::from_str::<String>(value.get()).ok();
    let all = fields(text).ok()?;
    let of_host =
        all.get("credHelpers").and_then(|helpers| fields(helpers.get()).ok()?.get(&access.id).and_then(word));
    of_host.or_else(|| all.get("credsStore").and_then(word)).filter(|name| !name.is_empty())
}

fn fields(text: &str) -> Result<Fields<'_>, String> {
    serde_json::from_str(text).map_err(|error| format!("is no JSON object: {error}"))
}

/// Where a part of a text stands in it.
fn span(text: &str, part: &RawValue) -> Option<Range<usize>> {
    let start = part.get().as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let end = start.checked_add(part.get().len())?;
    text.get(start..end).is_some().then_some(start..end)
}

/// Puts a field into an object as its last one.
fn insert(draft: &mut Draft, object: Range<usize>, field: &str, depth: usize) -> Result<(), String> {
    let newline = draft.newline();
    let text = draft.text.get(object.clone()).ok_or("cannot be read")?;
    let close = object.start.saturating_add(text.rfind('}').ok_or("is no JSON object")?);
    let before = draft.text.get(..close).unwrap_or_default().trim_end();
    let (end, gap) = (before.len(), draft.text.get(before.len()..close).unwrap_or_default());
    let indent = "\t".repeat(depth);
    // What stood between the last field and the bracket stays, so that taking the field out leaves what was there.
    if before.ends_with('{') {
        let outer = "\t".repeat(depth.saturating_sub(1));
        draft.change(end..close, &format!("{newline}{indent}{field}{newline}{outer}"), false);
    } else if gap.contains('\n') {
        draft.change(end..end, &format!(",{newline}{indent}{field}"), false);
    } else {
        draft.change(end..end, &format!(", {}", on_one_line(field)), false);
    }
    Ok(())
}

fn on_one_line(field: &str) -> String {
    field.replace(['\r', '\n', '\t'], "")
}

/// A field of an object, with the comma that would be one too many without it.
fn with_key(text: &str, value: Range<usize>, key: &str) -> Option<Range<usize>> {
    let before = text.get(..value.start)?.trim_end().strip_suffix(':')?.trim_end();
    let before = before.strip_suffix(&format!("\"{key}\""))?.trim_end();
    if let Some(before) = before.strip_suffix(',') {
        return Some(before.len()..value.end);
    }
    let after = text.get(value.end..)?;
    let rest = after.trim_start();
    let skipped = after.len().saturating_sub(rest.len());
    let comma = usize::from(rest.starts_with(','));
    let end = if comma == 0 { value.end } else { value.end.saturating_add(skipped).saturating_add(comma) };
    Some(before.len()..end)
}
