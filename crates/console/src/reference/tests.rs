use std::collections::BTreeSet;

use api::{Api, Code, all};

use super::Reference;

fn reference() -> Reference {
    Reference::of(&Api::new())
}

/// Every page.
fn pages(reference: &Reference) -> Vec<&str> {
    let mut pages = vec![reference.overview()];
    pages.extend(reference.parts.iter().map(|part| part.html.as_str()));
    pages.extend(reference.documents.iter().map(|(_, html)| html.as_str()));
    pages.extend(reference.problems.iter().map(|(_, html)| html.as_str()));
    pages
}

#[test]
fn every_operation_is_on_a_page() {
    let reference = reference();
    for mounted in all() {
        let meta = mounted.meta;
        let at = format!("<section id=\"{}\">", meta.id);
        let found: Vec<&str> = reference
            .parts
            .iter()
            .filter_map(|part| part.html.split_once(&at))
            .map(|(_, rest)| rest)
            .collect();
        let [section] = found[..] else { panic!("{} is not on one page", meta.id) };
        let (section, _) = section.split_once("</section>").expect("an end");
        assert!(
            section.contains(&format!("<code>{} /api/v1{}</code>", meta.method.as_str(), meta.path)),
            "{section}"
        );
        if let Some(verb) = meta.cli {
            assert!(section.contains(&format!("<code>wharfinger {verb}</code>")), "{section}");
        }
        for code in meta.faults {
            assert!(section.contains(&format!("<code>{}</code></a>", code.as_str())), "{section}");
        }
        for parameter in mounted.parameters {
            assert!(section.contains(&format!("<code>{}</code>", parameter.name)), "{section}");
        }
        assert!(section.contains(">curl "), "{section}");
        assert!(!section.contains("{project}</pre>"), "{section}");
        assert!(reference.overview().contains(&format!("#{}\"", meta.id)), "{}", meta.id);
    }
}

/// Nothing in them runs, nothing of them comes from elsewhere, and each leaves room for its frame.
#[test]
fn pages_are_words_alone() {
    let reference = reference();
    for page in pages(&reference) {
        for forbidden in ["<script", "javascript:", " on", "style=", "<img", "<iframe"] {
            let inside = page.split('<').filter_map(|tag| tag.split_once('>')).map(|(tag, _)| tag);
            let found = inside
                .into_iter()
                .find(|tag| format!("<{tag}").replace("aria-label", "").contains(forbidden));
            assert_eq!(found, None, "{forbidden}");
        }
        assert!(page.len() < 46_000, "{} bytes: {}", page.len(), page.get(..200).unwrap_or_default());
    }
}

/// Every link leads somewhere.
#[test]
fn what_is_linked_is_there() {
    let reference = reference();
    let mut wrong = BTreeSet::new();
    for page in pages(&reference) {
        for link in page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let (address, anchor) = link.split_once('#').unwrap_or((link, ""));
            let led = if address == "/api/docs" {
                Some(("", reference.overview()))
            } else if let Some(word) = address.strip_prefix("/api/problems/") {
                reference.problem(word)
            } else if let Some(name) = address.strip_prefix("/api/docs/documents/") {
                reference.document(name)
            } else {
                address.strip_prefix("/api/docs/").and_then(|name| reference.part(name))
            };
            let is_there =
                led.is_some_and(|(_, html)| anchor.is_empty() || html.contains(&format!("id=\"{anchor}\"")));
            if !is_there && link != "/api/openapi.json" {
                wrong.insert(link.to_owned());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_failure_says_who_tells_it() {
    let reference = reference();
    let (_, confirm) = reference.problem(Code::Confirm.as_str()).expect("a page");
    assert!(confirm.contains("status 409") && confirm.contains("#project_delete"), "{confirm}");
    let (_, denied) = reference.problem(Code::Denied.as_str()).expect("a page");
    assert!(denied.contains("Every operation may tell it"), "{denied}");
}
