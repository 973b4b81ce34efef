//! A walk along links without a screen, and whether what is shown is HTML that says what it means.

use std::collections::{BTreeSet, VecDeque};

use crate::support::Browser;
use crate::support::browser::text;

/// Most bytes of the HTML of a page.
pub(super) const HTML_BYTES_MAX: usize = 60_000;
/// Elements that have no end.
const VOID: [&str; 8] = ["br", "hr", "img", "input", "link", "meta", "use", "wbr"];
/// What is no page to who does not say that they are a browser, or ends the visit.
const NO_PAGES: [&str; 11] = [
    "/-/logout",
    "/-/look",
    "/-/assets/",
    "/api/v1",
    "/api/openapi.json",
    "/api/problems/",
    "/robots.txt",
    "/v2/",
    "/maven/",
    "/nuget/",
    "/files/",
];

/// Opens what links lead to from these addresses on, each once; every page that a link leads to is there, well formed and not too long.
/// Gives the addresses with their pages.
pub(super) async fn walk(browser: &mut Browser, from: &[&str]) -> Vec<(String, String)> {
    let mut waiting: VecDeque<String> = from.iter().map(|address| (*address).to_owned()).collect();
    let (mut seen, mut pages) = (BTreeSet::new(), Vec::new());
    while let Some(address) = waiting.pop_front() {
        if !seen.insert(same(&address)) {
            continue;
        }
        let page = text(&browser.open(&address).await.is(200));
        assert!(page.len() < HTML_BYTES_MAX, "{address}: {} bytes", page.len());
        well_formed(&address, &page);
        waiting.extend(links(&page));
        pages.push((address, page));
    }
    pages
}

/// What tells a page from others: filters and cursors do not, versions that something is done about do.
fn same(address: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    if query.contains("version=") { address.to_owned() } else { path.to_owned() }
}

/// Pages that a page leads to.
pub(super) fn links(page: &str) -> Vec<String> {
    let found = page.split(" href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let own = found.filter(|href| href.starts_with('/') && !href.starts_with("//"));
    let pages =
        own.filter(|href| !NO_PAGES.iter().any(|no| href.starts_with(no)) && !href.contains("/-/download/"));
    pages.map(|href| href.replace("&#38;", "&").replace("&amp;", "&").replace("&#39;", "'")).collect()
}

/// Whether elements end where they should, attributes stand in quotes and ids are one thing's each.
pub(super) fn well_formed(address: &str, page: &str) {
    let (mut open, mut ids) = (Vec::new(), BTreeSet::new());
    for piece in page.split('<').skip(1) {
        if piece.starts_with("!doctype") || piece.starts_with("!--") {
            continue;
        }
        let (tag, shown) = piece.split_once('>').unwrap_or_else(|| panic!("{address}: <{piece}"));
        assert!(!shown.contains('>'), "{address}: > in text after <{tag}>");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{address}: </{name}>");
            continue;
        }
        let (name, attributes) = tag.split_once([' ', '\n']).unwrap_or((tag, ""));
        assert_eq!(attributes.matches('"').count() % 2, 0, "{address}: <{tag}>");
        for (name, value) in quoted(attributes) {
            assert!(!value.contains('<') && !name.starts_with("on") && name != "style", "{address}: <{tag}>");
            assert!(name != "id" || ids.insert(value), "{address}: two things are #{value}");
        }
        if !VOID.contains(&name) && !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{address}: {open:?} do not end");
    assert_eq!(page.matches("<h1").count(), 1, "{address}: one heading of the page");
}

fn quoted(attributes: &str) -> Vec<(&str, &str)> {
    let pieces: Vec<&str> = attributes.split('"').collect();
    let pairs = pieces.chunks_exact(2).filter_map(|pair| match pair {
        [name, value] => Some((name.trim().trim_end_matches('=').rsplit([' ', '\n']).next()?, *value)),
        _ => None,
    });
    pairs.collect()
}
