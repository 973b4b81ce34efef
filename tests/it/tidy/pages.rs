//! The pages of the repository: every section that code and pages cite is there, and every link leads somewhere.
//!
//! A citation is `docs/PAGE.md`, perhaps with the numbers of sections behind it, parted by commas, `and` or `to`. In code it stands
//! in a comment.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::{root, sources, walk};

/// Numbered sections by page, such as `docs/oci.md`.
type Sections = BTreeMap<String, BTreeSet<String>>;

/// Where something is said, as `path:line`, and the text.
struct Line {
    place: String,
    text: String,
}

#[test]
fn every_cited_section_exists() {
    let sections = sections();
    let mut cited = comments();
    cited.extend(pages().into_iter().map(|(place, text)| Line { place, text: joined(&text) }));
    let mut wrong = Vec::new();
    for line in &cited {
        for (page, numbers) in citations(&line.text) {
            match sections.get(&page) {
                None => wrong.push(format!("{}: there is no {page}", line.place)),
                Some(known) => wrong.extend(
                    numbers
                        .iter()
                        .filter(|number| !known.contains(*number))
                        .map(|number| format!("{}: {page} has no section {number}", line.place)),
                ),
            }
        }
    }
    assert!(wrong.is_empty(), "citations that lead nowhere:\n{}", wrong.join("\n"));
}

#[test]
fn sections_are_cited_in_one_form() {
    let pages: Vec<String> =
        sections().into_keys().filter_map(|page| page.strip_prefix("docs/").map(str::to_owned)).collect();
    let mut wrong = Vec::new();
    for line in comments() {
        let other = pages
            .iter()
            .any(|page| line.text.match_indices(page.as_str()).any(|(at, _)| is_apart(&line.text[..at])));
        if other || line.text.to_lowercase().contains("design §") {
            wrong.push(format!("{}: {}", line.place, line.text.trim()));
        }
    }
    assert!(wrong.is_empty(), "cite a section as docs/PAGE.md N:\n{}", wrong.join("\n"));
}

#[test]
fn every_link_of_a_page_leads_somewhere() {
    let mut wrong = Vec::new();
    for (page, text) in pages() {
        let folder = root().join(&page).parent().expect("a page lies in a folder").to_owned();
        for target in links(&text) {
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let file = if path.is_empty() { root().join(&page) } else { folder.join(path) };
            let is_page = file.extension().is_some_and(|end| end == "md");
            if fs::metadata(&file).is_err()
                || (is_page && !anchor.is_empty() && !anchors(&file).contains(anchor))
            {
                wrong.push(format!("{page}: {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "links that lead nowhere:\n{}", wrong.join("\n"));
}

#[test]
fn every_decision_is_listed() {
    let list = fs::read_to_string(root().join("docs/decisions/README.md")).expect("the list");
    let linked = links(&list);
    let mut missing = Vec::new();
    for entry in fs::read_dir(root().join("docs/decisions")).expect("the decisions") {
        let name = entry.expect("an entry").file_name().into_string().expect("a UTF-8 name");
        if name != "README.md" && !linked.contains(&name) {
            missing.push(name);
        }
    }
    assert!(missing.is_empty(), "not in docs/decisions/README.md: {missing:?}");
}

#[test]
fn the_public_runner_takes_the_same_steps() {
    let ours = fs::read_to_string(root().join(".ci/run")).expect("our steps");
    let public = fs::read_to_string(root().join(".github/workflows/ci.yml")).expect("the public ones");
    let steps: Vec<&str> = ours.lines().filter_map(|line| line.strip_prefix("step cargo ")).collect();
    assert!(!steps.is_empty(), "the steps of .ci/run are written in another way");
    let missing: Vec<&&str> =
        steps.iter().filter(|step| !public.contains(&format!("run: cargo {step}\n"))).collect();
    assert!(missing.is_empty(), "not in .github/workflows/ci.yml: {missing:?}");
}

/// Path and text of every page.
fn pages() -> Vec<(String, String)> {
    let root = root();
    let mut files: Vec<PathBuf> = ["README.md", "CHANGELOG.md"].map(|page| root.join(page)).into();
    for folder in ["docs", "crates", "deploy", "benches", ".github"] {
        walk(&root.join(folder), &mut files);
    }
    files
        .into_iter()
        .filter(|file| file.extension().is_some_and(|end| end == "md"))
        .map(|file| {
            let text =
                fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            (file.strip_prefix(&root).expect("below the root").display().to_string(), text)
        })
        .collect()
}

/// Every comment in the sources, a line each.
fn comments() -> Vec<Line> {
    let mut found = Vec::new();
    for folder in ["crates", "tests", "benches"] {
        for (path, text) in sources(folder) {
            for (number, line) in text.lines().enumerate() {
                let comment = if line.trim_start().starts_with("//") {
                    Some(line)
                } else {
                    line.split_once(" // ").map(|(_, comment)| comment)
                };
                found.extend(comment.map(|comment| Line {
                    place: format!("{path}:{}", number + 1),
                    text: comment.to_owned(),
                }));
            }
        }
    }
    found
}

fn sections() -> Sections {
    let cited = pages().into_iter().filter(|(page, _)| page.starts_with("docs/"));
    cited
        .map(|(page, text)| {
            let numbers = headings(&text).filter_map(|heading| {
                let number = heading.split(' ').next()?.trim_end_matches('.');
                is_number(number).then(|| number.to_owned())
            });
            (page, numbers.collect())
        })
        .collect()
}

/// The pages that a text cites, each with the sections it names.
fn citations(text: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("docs/") {
        let is_name = |character: char| character.is_ascii_alphanumeric() || "-/_".contains(character);
        let rest = &text[at..];
        let Some(end) = rest.find(|character| !is_name(character)) else { continue };
        let Some(behind) = rest[end..].strip_prefix(".md") else { continue };
        let page = &rest[..end];
        // `../docs/` is a link; what has capitals or other folders than the guide is a page of another project.
        let folder = page.strip_prefix("docs/guide/").or_else(|| page.strip_prefix("docs/"));
        let is_other = folder.is_none_or(|name| name.contains('/'))
            || page.bytes().any(|byte| byte.is_ascii_uppercase());
        if !is_other && !text[..at].ends_with('/') {
            found.push((format!("{page}.md"), numbers(behind)));
        }
    }
    found
}

/// The numbers at the beginning of a text: ` 2, 3.1 and 4`.
fn numbers(mut text: &str) -> Vec<String> {
    let mut found = Vec::new();
    while let Some(rest) =
        [" ", ", ", " and ", " to "].iter().rev().find_map(|between| text.strip_prefix(between))
    {
        let length = rest.find(|character: char| !character.is_ascii_digit() && character != '.');
        let (number, behind) = rest.split_at(length.unwrap_or(rest.len()));
        let number = number.trim_end_matches('.');
        if !is_number(number) {
            break;
        }
        found.push(number.to_owned());
        text = behind;
    }
    found
}

fn is_number(text: &str) -> bool {
    !text.is_empty()
        && text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether the name of a page that follows stands alone: without its folder, and not as the end of another name.
fn is_apart(before: &str) -> bool {
    !before.ends_with(|character: char| character.is_ascii_alphanumeric() || "-_/".contains(character))
}

/// A page as one line, so that a citation at the end of a line goes on.
fn joined(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

/// What stands outside blocks of code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut within = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        within ^= fence;
        !within && !fence
    })
}

fn headings(text: &str) -> impl Iterator<Item = &str> {
    prose(text).filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim_start())
}

/// Where the links of a page lead, those to other hosts apart.
fn links(text: &str) -> Vec<String> {
    let text = prose(text).collect::<Vec<_>>().join(" ");
    let targets = text.match_indices("](").filter_map(|(at, _)| text[at + 2..].split(')').next());
    targets
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
        .map(str::to_owned)
        .collect()
}

/// What a link may name in a page: its headings, as they are shown on the web.
fn anchors(page: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(page).expect("a page");
    headings(&text)
        .map(|heading| {
            let kept = heading
                .chars()
                .filter(|character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_'));
            kept.collect::<String>().to_lowercase().replace(' ', "-")
        })
        .collect()
}
