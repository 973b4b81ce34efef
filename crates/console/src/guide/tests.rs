use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{GuidePage, Ours, all, anchor, beside};
use crate::look::Language;
use crate::markdown::Manner as _;

fn shown(page: &GuidePage) -> String {
    let shown = page.html("https://packages.acme.test", Language::English.texts());
    assert!(!shown.cut, "{} is too long for one page", page.file);
    shown.html
}

/// The files below a folder, by their paths from it.
fn files(folder: &Path, above: &str, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = format!("{above}{}", entry.file_name().to_str().expect("UTF-8"));
        if entry.path().is_dir() {
            files(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name);
        }
    }
}

#[test]
fn what_pages_point_at_is_there() {
    for spot in super::spots::ALL {
        assert!(spot.title().is_some(), "{spot:?}");
        let (page, _) = spot
            .address()
            .split_once('#')
            .map(|(page, name)| (page.to_owned(), name.to_owned()))
            .expect("both");
        assert!(all().any(|to| to.address() == page), "{spot:?}");
    }
}

#[test]
fn every_file_is_a_page() {
    let mut there = BTreeSet::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide"), "", &mut there);
    let listed: BTreeSet<String> = all().map(|page| page.file.to_owned()).collect();
    assert_eq!(there, listed);
}

/// Whoever reads it in the browser needs nothing else: links lead to pages of the guide, to headings that are there, or over the web.
#[test]
fn every_link_stays_in_the_guide() {
    let mut wrong = Vec::new();
    for page in all() {
        let (html, manner) = (shown(page), ours(page));
        let targets = page.text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains(' ')) {
            if manner.link(target).is_none() {
                wrong.push(format!("{}: {target}", page.file));
            }
        }
        for link in html.split(" href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let Some((address, name)) = link.split_once('#').filter(|_| !link.starts_with("https:")) else {
                continue;
            };
            let to = all().find(|to| to.address() == address).unwrap_or(page);
            if !name.starts_with("i-") && !shown(to).contains(&format!("id=\"{name}\"")) {
                wrong.push(format!("{}: {link}", page.file));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_page_has_one_title_and_room_for_its_frame() {
    for page in all() {
        let html = shown(page);
        assert_eq!(html.matches("<h1").count(), 1, "{}", page.file);
        assert!(html.len() < 46_000, "{}: {} bytes", page.file, html.len());
        let ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let once: BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(once.len(), ids.len(), "{}: {ids:?}", page.file);
    }
}

fn ours(page: &GuidePage) -> Ours<'_> {
    let t = Language::English.texts();
    Ours { page, t, origin: "https://packages.acme.test", blocks: 0, tables: 0 }
}

#[test]
fn the_reader_s_own_address_stands_in_the_lines() {
    let page = all().find(|page| page.path() == "docker").expect("a page");
    let said = ours(page)
        .text("docker login 127.0.0.1:8080 # http://127.0.0.1:8080 https://registry.example.org/x")
        .into_owned();
    assert_eq!(
        said,
        "docker login packages.acme.test # https://packages.acme.test https://packages.acme.test/x"
    );
    let own = all().find(|page| page.own).expect("a page");
    assert_eq!(ours(own).text("127.0.0.1:8080"), "127.0.0.1:8080");
    // What the browser says of itself is text.
    let hostile = Ours { origin: "https://<b>\"", ..ours(page) };
    let html = crate::markdown::html("`127.0.0.1:8080`", hostile).html;
    assert_eq!(html, "<p><code>&lt;b&gt;&quot;</code></p>");
}

#[test]
fn what_is_for_plain_http_stays_where_there_is_no_tls() {
    let page = all().find(|page| page.path() == "docker").expect("a page");
    let line = "oras pull --plain-http 127.0.0.1:8080/p/a/b:1";
    assert_eq!(ours(page).text(line), "oras pull packages.acme.test/p/a/b:1");
    let plain = Ours { origin: "http://127.0.0.1:9000", ..ours(page) };
    assert_eq!(plain.text(line), "oras pull --plain-http 127.0.0.1:9000/p/a/b:1");
}

#[test]
fn programs_are_found_by_their_names() {
    assert_eq!(super::about("docker").as_deref(), Some("/docs/docker#docker"));
    assert_eq!(super::about("Kubernetes").as_deref(), Some("/docs/kubernetes#kubernetes"));
    assert_eq!(super::about("no such program"), None);
}

#[test]
fn files_are_found_from_files() {
    assert_eq!(beside("start.md", "recipes/README.md"), "recipes/README.md");
    assert_eq!(beside("recipes/README.md", "../access.md"), "access.md");
    assert_eq!(anchor("1. Made, and `found` again"), "1-made-and-found-again");
}
