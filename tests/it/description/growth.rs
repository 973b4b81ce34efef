//! What of version 1 a description no longer promises (docs/api.md 1). A request may come to accept more, an answer to say more;
//! everything else breaks somebody.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Refusals that clients of version 1 know (docs/api.md 1): an operation that exists may come to answer them.
const REFUSALS: &str = "400 401 403 404 405 408 409 412 413 415 421 422 429 500 503 504 507";
/// Bounds that shut more out the higher they are, and the lower.
const LOWER: [&str; 4] = ["minimum", "minLength", "minItems", "minProperties"];
const UPPER: [&str; 4] = ["maximum", "maxLength", "maxItems", "maxProperties"];

/// Which way a document goes: what is sent may only come to be wider, what is answered only to be narrower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Sent,
    Answered,
}

/// Every promise of `old` that `new` breaks, in words.
pub(super) fn breakages(old: &Value, new: &Value) -> Vec<String> {
    let mut growth = Growth { old, new, seen: BTreeSet::new(), found: BTreeSet::new() };
    for (path, methods) in fields(&old["paths"]) {
        for (method, operation) in fields(methods) {
            growth.operation(&format!("{method} {path}"), operation, &new["paths"][path][method]);
        }
    }
    for (path, methods) in fields(&new["paths"]) {
        for (method, operation) in fields(methods) {
            let since = operation["x-since"].as_str();
            growth.check(since.is_some(), &format!("{method} {path}"), "says not since when it is there");
        }
    }
    growth.found.into_iter().collect()
}

struct Growth<'d> {
    old: &'d Value,
    new: &'d Value,
    /// References that were compared, or are being: some documents hold themselves.
    seen: BTreeSet<(Way, &'d str, &'d str)>,
    found: BTreeSet<String>,
}

impl<'d> Growth<'d> {
    fn check(&mut self, holds: bool, at: &str, what: &str) {
        if !holds {
            self.found.insert(format!("{at}: {what}"));
        }
    }

    fn operation(&mut self, at: &str, old: &'d Value, new: &'d Value) {
        if new.is_null() {
            return self.check(false, at, "is gone");
        }
        for word in ["operationId", "x-since"] {
            self.check(old[word].is_null() || old[word] == new[word], at, &format!("another {word}"));
        }
        for event in items(&old["x-audit"]) {
            let kept = items(&new["x-audit"]).contains(event);
            self.check(kept, at, &format!("no longer writes {} to the audit", word(event)));
        }
        let open = |operation: &Value| operation["security"].as_array().is_some_and(Vec::is_empty);
        self.check(!open(old) || open(new), at, "wants a log-in now");
        self.parameters(at, old, new);
        let (was, is) = (&old["requestBody"], &new["requestBody"]);
        self.check(was["required"] == true || is["required"] != true, at, "wants a body now");
        self.content(&format!("{at}: body"), Way::Sent, was, is);
        for (status, answer) in fields(&old["responses"]) {
            let at = format!("{at}: {status}");
            match new["responses"].get(status) {
                None => self.check(false, &at, "is no longer answered"),
                Some(now) => self.answer(&at, resolve(self.old, answer).1, resolve(self.new, now).1),
            }
        }
        for (status, _) in fields(&new["responses"]) {
            let known =
                old["responses"].get(status).is_some() || REFUSALS.split(' ').any(|one| one == status);
            self.check(known, at, &format!("answers {status} now"));
        }
    }

    fn parameters(&mut self, at: &str, old: &'d Value, new: &'d Value) {
        // Some stand in one place for all operations.
        let all = |document, operation: &'d Value| -> Vec<&'d Value> {
            items(&operation["parameters"]).iter().map(|one| resolve(document, one).1).collect()
        };
        let (old, new) = (all(self.old, old), all(self.new, new));
        let same = |one: &Value, other: &Value| one["in"] == other["in"] && one["name"] == other["name"];
        for was in &old {
            let at = format!("{at}: {}", word(&was["name"]));
            match new.iter().find(|is| same(was, is)) {
                None => self.check(false, &at, "is gone"),
                Some(is) => {
                    let since = was["x-since"].is_null() || was["x-since"] == is["x-since"];
                    self.check(since, &at, "another x-since");
                    self.schema(&at, Way::Sent, &was["schema"], &is["schema"]);
                }
            }
        }
        for is in new.iter().filter(|is| is["required"] == true) {
            let was = old.iter().find(|was| same(was, is));
            let before = was.is_some_and(|was| was["required"] == true);
            self.check(before, at, &format!("wants {} now", word(&is["name"])));
        }
    }

    fn answer(&mut self, at: &str, old: &'d Value, new: &'d Value) {
        for code in items(&old["x-codes"]) {
            let kept = items(&new["x-codes"]).contains(code);
            self.check(kept, at, &format!("no longer with the code {}", word(code)));
        }
        for (name, _) in fields(&old["headers"]) {
            self.check(new["headers"].get(name).is_some(), at, &format!("no longer with {name}"));
        }
        self.content(at, Way::Answered, old, new);
    }

    fn content(&mut self, at: &str, way: Way, old: &'d Value, new: &'d Value) {
        for (media_type, was) in fields(&old["content"]) {
            match new["content"].get(media_type) {
                None => self.check(false, at, &format!("no longer as {media_type}")),
                Some(is) => self.schema(at, way, &was["schema"], &is["schema"]),
            }
        }
    }

    fn schema(&mut self, at: &str, way: Way, old: &'d Value, new: &'d Value) {
        let ((was, old), (is, new)) = (resolve(self.old, old), resolve(self.new, new));
        if let (Some(was), Some(is)) = (was, is)
            && !self.seen.insert((way, was, is))
        {
            return;
        }
        for word in ["x-since", "default"] {
            self.check(old[word].is_null() || old[word] == new[word], at, &format!("another {word}"));
        }
        // Whatever the narrow one lets through the wide one must.
        let (narrow, wide) = if way == Way::Sent { (old, new) } else { (new, old) };
        let fits =
            wide["type"].is_null() || (!narrow["type"].is_null() && types(narrow).is_subset(&types(wide)));
        self.check(fits, at, &format!("was {}, is {}", old["type"], new["type"]));
        self.values(at, way, (old, new), (narrow, wide));
        for name in items(&wide["required"]) {
            let both = items(&narrow["required"]).contains(name);
            let now = if way == Way::Sent { "is wanted now" } else { "may be absent now" };
            self.check(both, &format!("{at}.{}", word(name)), now);
        }
        for (name, was) in fields(&old["properties"]) {
            match new["properties"].get(name) {
                None => self.check(false, &format!("{at}.{name}"), "is gone"),
                Some(is) => self.schema(&format!("{at}.{name}"), way, was, is),
            }
        }
        for inner in ["items", "additionalProperties"] {
            match (&old[inner], &new[inner]) {
                (was, is) if was.is_object() && is.is_object() => {
                    self.schema(&format!("{at}[]"), way, was, is)
                }
                (was, is) => {
                    let shut = *is == false && *was != false || is.is_object() && !was.is_object();
                    self.check(way == Way::Answered || !shut, at, &format!("less {inner}"));
                }
            }
        }
        for inner in ["oneOf", "anyOf"] {
            self.alternatives(at, way, &old[inner], &new[inner]);
        }
    }

    /// What a single value may be: words, bounds, form.
    fn values(&mut self, at: &str, way: Way, (old, new): (&Value, &Value), (narrow, wide): (&Value, &Value)) {
        let open = way == Way::Answered && old["x-open-enum"] == true;
        if let (Some(allowed), false) = (words(wide), open) {
            let fits = words(narrow).is_some_and(|some| some.iter().all(|one| allowed.contains(one)));
            self.check(fits, at, if way == Way::Sent { "takes fewer words" } else { "says other words" });
        }
        self.check(wide["format"].is_null() || wide["format"] == narrow["format"], at, "another format");
        if way == Way::Answered {
            return;
        }
        self.check(new["pattern"].is_null() || new["pattern"] == old["pattern"], at, "another pattern");
        self.check(new["uniqueItems"] != true || old["uniqueItems"] == true, at, "wants each once now");
        for (names, sign) in [(LOWER, 1.0), (UPPER, -1.0)] {
            for name in names {
                let (was, is) = (old[name].as_f64(), new[name].as_f64());
                let fits = is.is_none_or(|is| was.is_some_and(|was| is * sign <= was * sign));
                self.check(fits, at, &format!("{name} was {}, is {}", old[name], new[name]));
            }
        }
    }

    /// Each alternative of the narrow side is one of the wide side.
    fn alternatives(&mut self, at: &str, way: Way, old: &'d Value, new: &'d Value) {
        let (narrow, wide) = if way == Way::Sent { (old, new) } else { (new, old) };
        // Words alone were compared as values.
        if wide.is_null() || wide.as_array().is_some_and(|all| all.iter().all(|one| words(one).is_some())) {
            return;
        }
        for one in items(narrow) {
            let fits = items(wide).iter().any(|other| {
                let (was, is) = if way == Way::Sent { (one, other) } else { (other, one) };
                let (seen, found) = (self.seen.clone(), BTreeSet::new());
                let mut trial = Growth { old: self.old, new: self.new, seen, found };
                trial.schema(at, way, was, is);
                trial.found.is_empty()
            });
            self.check(fits, at, &format!("nothing stands for {}", short(one)));
        }
        self.check(!narrow.is_null(), at, "has alternatives now");
    }
}

/// Follows a reference, and says which it was.
fn resolve<'d>(document: &'d Value, value: &'d Value) -> (Option<&'d str>, &'d Value) {
    let Some(to) = value["$ref"].as_str() else { return (None, value) };
    let found = document.pointer(to.trim_start_matches('#'));
    (Some(to), found.unwrap_or_else(|| panic!("{to} is not there")))
}

/// The words it is one of: `enum`, `const`, or alternatives that are nothing but these.
fn words(schema: &Value) -> Option<Vec<&Value>> {
    if let Some(one) = schema.get("const") {
        return Some(vec![one]);
    }
    if let Some(some) = schema["enum"].as_array() {
        return Some(some.iter().collect());
    }
    let each: Option<Vec<_>> = schema["oneOf"].as_array()?.iter().map(words).collect();
    Some(each?.concat())
}

fn types(schema: &Value) -> BTreeSet<&str> {
    let one = schema["type"].as_str().into_iter();
    let all: BTreeSet<&str> = one.chain(items(&schema["type"]).iter().filter_map(Value::as_str)).collect();
    // Every integer is a number.
    if all.contains("number") { all.into_iter().chain(["integer"]).collect() } else { all }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(80).collect()
}
