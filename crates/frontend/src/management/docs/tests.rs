use api::{Api, Code, all};
use serde_json::Value;

use super::{page, problem};

fn description() -> Value {
    serde_json::from_str(&Api::new().document()).expect("JSON")
}

#[test]
fn every_operation_is_on_the_page() {
    let page = page(&description());
    for mounted in all() {
        let meta = mounted.meta;
        let at = format!("<section id=\"{}\">", meta.id);
        let (_, section) = page.split_once(&at).unwrap_or_else(|| panic!("{} is not there", meta.id));
        let (section, _) = section.split_once("</section>").expect("an end");
        assert!(
            section.contains(&format!("{} <code>/api/v1{}</code>", meta.method.as_str(), meta.path)),
            "{section}"
        );
        if let Some(verb) = meta.cli {
            assert!(section.contains(&format!("<code>wharfinger {verb}</code>")), "{section}");
        }
        for code in meta.faults {
            assert!(
                section.contains(&format!("<code>{}</code></a>", code.as_str())),
                "{} {section}",
                code.as_str()
            );
        }
        for parameter in mounted.parameters {
            assert!(section.contains(&format!("<code>{}</code>", parameter.name)), "{section}");
        }
        assert!(section.contains("<pre class=\"curl\">curl "), "{section}");
        assert!(!section.contains("{project}</pre>"), "{section}");
    }
}

/// Nothing in it runs, and nothing of it comes from elsewhere.
#[test]
fn pages_are_words_alone() {
    let description = description();
    let pages = Code::ALL.iter().map(|code| problem(*code, &description));
    for page in pages.chain([page(&description)]) {
        for forbidden in ["<script", "javascript:", " on", "style=", "<img", "<iframe", "@import", "url("] {
            let inside = page.split('<').filter_map(|tag| tag.split_once('>')).map(|(tag, _)| tag);
            let found = inside.into_iter().find(|tag| format!("<{tag}").contains(forbidden));
            assert_eq!(found, None, "{forbidden}");
        }
        let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        for link in links {
            assert!(link.starts_with('#') || link.starts_with("/api/"), "{link}");
        }
    }
    assert!(!super::STYLE.contains("url(") && !super::STYLE.contains("@import"));
}

/// Every link within the page leads somewhere.
#[test]
fn what_is_linked_is_there() {
    let page = page(&description());
    for link in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(page.contains(&format!("id=\"{link}\"")), "{link}");
    }
}

#[test]
fn a_failure_says_who_tells_it() {
    let description = description();
    let confirm = problem(Code::Confirm, &description);
    assert!(confirm.contains("status 409") && confirm.contains("/api/docs#project_delete"), "{confirm}");
    assert!(problem(Code::Denied, &description).contains("Every operation may tell it"));
}
