//! What verbs say, word for word: tables, JSON, names, refusals and exit codes, against a fixed organisation. `UPDATE_EXPECT=1` writes
//! `golden.txt` anew.

use std::fmt::Write as _;

use expect_test::expect_file;

use super::{Desk, team};
use crate::support::Folder;

/// How secrets begin.
const SECRETS: [&str; 3] = ["whfp_", "whfa_", "whfi_"];

/// In this order, as `root`.
const LINES: &[&str] = &[
    "me",
    "me -q",
    "project create alpha --title Alpha --dry-run",
    "project create alpha --title Alpha",
    "project create alpha --title Alpha",
    "project create UPPER/CASE",
    "project list",
    "project list --query alpha -o json",
    "project list -o jsonl --query alpha",
    "project list -q",
    "project show alpha",
    "project show alpha -o json",
    "project show absent",
    "project set alpha --description Docks",
    "repository create alpha/jars --format maven",
    "repository create alpha/tapes --format tape",
    "repository list --project alpha",
    "repository show alpha/jars",
    "repository show alpha/jars -q",
    "repository visibility alpha/jars public",
    "repository visibility alpha/jars private -o json",
    "person create member:dora --title Dora --email dora@example.org",
    "person list --query dora",
    "person show member:dora",
    "person set member:dora --title Dorothea -q",
    "person create robot:dora",
    "team create crew --member member:dora",
    "team add crew member:bob",
    "team show crew",
    "team list --query crew",
    "team remove crew member:bob",
    "team remove crew member:nobody",
    "app create builder --requested read,publish",
    "app create breaker --requested write",
    "app authorise builder --in alpha",
    "app list --in alpha",
    "app withdraw builder --in alpha",
    "role set reviewer --on alpha --permissions read",
    "role list --on alpha -q",
    "role show reviewer --on alpha",
    "role reset project-member --on alpha",
    "grant put --to member:dora --role viewer --on alpha",
    "grant put --to member:nobody --role viewer --on alpha",
    "grant list --on alpha",
    "grant list --on alpha -q",
    "token create laptop --of member:dora --read alpha",
    "token create laptop --of member:dora",
    "token list --of member:dora",
    "token revoke 00000000",
    "explain --who member:dora --may publish --on alpha",
    "explain --who member:dora --may publish --on alpha -q",
    "explain --who member:dora --may read --on alpha -q",
    "rights of member:dora",
    "rights on alpha --may read",
    "grant delete --to member:dora --role viewer --on alpha",
    "participant remove alpha member:dora",
    "participant add alpha member:dora --role project-member",
    "participant list alpha",
    "participant list alpha -q",
    "participant remove alpha member:dora",
    "person invite member:dora --expires-secs 900",
    "person logout member:dora --dry-run",
    "organisation show",
    "organisation set --title Acme --if-match 00",
    "organisation set --token-days-max many",
    "format list",
    "principal suspend member:dora",
    "principal resume member:dora",
    "principal suspend member:root",
    "role delete reviewer --on alpha",
    "role delete reviewer --on alpha --confirm reviewer",
    "app delete builder --confirm builder",
    "team delete crew --confirm crew",
    "person delete member:dora --confirm member:dora",
    "repository delete alpha/jars --confirm alpha/jars",
    "project delete alpha",
    "project delete alpha --confirm beta",
    "project delete alpha --confirm alpha -o json",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_verb_says_what_it_said() {
    let folder = Folder::new("cli-golden");
    let (organisation, process) = team(&folder).await;
    let root = Desk::of("root", &organisation, &process, &folder);
    let mut text = String::new();
    let mut ids = vec![id_in(&organisation.login("root").secret).expect("a token")];
    for line in LINES {
        let said = root.run(line);
        ids.extend(id_in(&said.out));
        let _ = write!(text, "$ wharfinger {line}\n{}", masked(&said.out));
        for complaint in masked(&said.err).lines() {
            let _ = writeln!(text, "! {complaint}");
        }
        if said.code != Some(0) {
            let _ = writeln!(text, "exit {}", said.code.unwrap_or(-1));
        }
        text.push('\n');
    }
    let text = ids.iter().fold(text, |text, id| text.replace(id, "<id>"));
    let text = text.replace(&process.address.to_string(), "HOST");
    expect_file!["golden.txt"].assert_eq(&text);
}

/// The public id in a token or a code.
fn id_in(text: &str) -> Option<String> {
    let at = SECRETS.iter().find_map(|kind| text.find(kind))?;
    text.get(at + 5..at + 13).map(str::to_owned)
}

/// Moments, ids, versions, ETags and secrets are other ones each time.
fn masked(text: &str) -> String {
    let mut masked = String::new();
    for line in text.split_inclusive('\n') {
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let end = rest.find(|letter: char| !is_word(letter)).unwrap_or(rest.len());
            if end == 0 {
                masked.push(first);
                rest = &rest[first.len_utf8()..];
                continue;
            }
            masked.push_str(word(&rest[..end], &masked));
            rest = &rest[end..];
        }
    }
    masked
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | ':' | '-' | '.')
}

fn word<'t>(word: &'t str, before: &str) -> &'t str {
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    let named = |name: &str| {
        let line = before.rsplit('\n').next().unwrap_or_default();
        line.trim_end_matches([' ', '"', ':', '\t']).ends_with(name)
    };
    if SECRETS.iter().any(|kind| word.starts_with(kind)) {
        "<secret>"
    } else if domain::time::parse(word).is_some() {
        "<time>"
    } else if word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        "<etag>"
    } else if digits && (named("id") || named("policy_version")) {
        "<number>"
    } else {
        word
    }
}
