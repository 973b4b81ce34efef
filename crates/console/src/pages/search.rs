//! `/-/search`: packages in everything one may read.

use std::borrow::Cow;

use api::formats::ListFormats;
use api::packages::{ListVersions, Package};
use api::search::FindPackages;
use api::{Code, Fault};

use crate::door::Answer;
use crate::fault::rendered;
use crate::frame::Frame;
use crate::pages::Page;
use crate::pages::packages::Source;
use crate::parts::filters;
use crate::visit::Visit;

/// Rows of a page.
const ROWS: &str = "50";

/// What stands in front of an address in the lines that clients take.
const COMMANDS: [&str; 9] =
    ["docker", "podman", "nerdctl", "crane", "skopeo", "oras", "helm", "pull", "oci://"];

/// `/-/search`
pub(super) enum Search {}

/// A package that was found.
struct Hit {
    package: Package,
    address: String,
    line: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "search.html")]
struct SearchPage<'a> {
    f: &'a Frame,
    words: &'a str,
    project: &'a str,
    format: &'a str,
    formats: Vec<String>,
    hits: Vec<Hit>,
    next: Option<String>,
    first: Option<String>,
}

impl Page for Search {
    const PATH: &'static str = "/-/search";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if let Some(page) = visit.given("q").and_then(|typed| pasted(visit.asked.origin, typed)) {
            return Ok(Answer::see(page));
        }
        let mut query: Vec<(&str, Cow<'_, str>)> = vec![("limit", ROWS.into())];
        for (parameter, field) in
            [("query", "q"), ("format", "format"), ("project", "project"), ("after", "after")]
        {
            query.extend(visit.given(field).map(|value| (parameter, value.into())));
        }
        let found = match visit.read::<FindPackages>(&[], &query).await {
            Ok(found) => found,
            // What no name can be finds nothing.
            Err(fault) if matches!(fault.code(), Code::Invalid | Code::UnknownName) => {
                api::Page { items: Vec::new(), next: None }
            }
            Err(fault) => return Err(fault),
        };
        let formats = visit.read::<ListFormats>(&[], &[]).await?;
        let mut hits = Vec::with_capacity(found.items.len());
        for package in found.items {
            let (address, line) = (address(visit, &package), line(visit, &package).await?);
            hits.push(Hit { package, address, line });
        }
        let words = visit.given("q").unwrap_or_default();
        hits.sort_by_key(|hit| !is_called(&hit.package.name, words));
        let page = SearchPage {
            f: &Frame::of(visit),
            words,
            project: visit.given("project").unwrap_or_default(),
            format: visit.given("format").unwrap_or_default(),
            formats: formats.items.into_iter().map(|format| format.format).collect(),
            hits,
            next: found.next.map(|next| visit.here_with("after", &next)),
            first: visit.given("after").map(|_| visit.here_without("after")),
        };
        Ok(Answer::page(200, rendered(&page)))
    }
}

/// Where a package is looked at.
fn address(visit: &Visit<'_>, package: &Package) -> String {
    let known = visit.asked.cx.formats.find(&package.format).ok();
    let below = known.map(|known| (known.browsing.page)(&package.name, None)).unwrap_or_default();
    super::packages::address(&package.on, &below)
}

/// Whether a package is called just so: by its whole name, or by the last part of it.
fn is_called(name: &str, words: &str) -> bool {
    let last = name.rsplit(['/', ':']).next().unwrap_or(name);
    name.eq_ignore_ascii_case(words) || last.eq_ignore_ascii_case(words)
}

/// The line to paste for the newest version; of an image, which has no newest, for the last of its tags.
async fn line(visit: &Visit<'_>, package: &Package) -> Result<Option<String>, Fault> {
    let Ok(known) = visit.asked.cx.formats.find(&package.format) else { return Ok(None) };
    let source = Source { known, origin: visit.asked.origin, repository: &package.on, user: None };
    let Some((project, repository)) = package.on.split_once('/') else { return Ok(None) };
    let version = match &package.latest {
        Some(latest) => Some(latest.clone()),
        None if known.browsing.versions != known.browsing.packages => {
            let names = [project, repository, package.name.as_str()];
            let query = [("newest_first", "true".into()), ("limit", "1".into())];
            let found = visit.caller.find::<ListVersions>(&names, &query).await?;
            found.and_then(|found| found.items.into_iter().next()).map(|version| version.version)
        }
        None => None,
    };
    Ok(version.and_then(|version| source.first(&package.name, &version)))
}

/// The page that a line leads to which was copied from here: `docker pull HOST/p/…`, or an address of ours.
fn pasted(origin: &str, typed: &str) -> Option<String> {
    let (scheme, host) = origin.split_once("://")?;
    let mut words = typed.split_whitespace().filter(|word| !COMMANDS.contains(word));
    let (word, None) = (words.next()?, words.next()) else { return None };
    let word = ["oci://", "docker://"].iter().find_map(|scheme| word.strip_prefix(scheme)).unwrap_or(word);
    let word = word.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://")).unwrap_or(word);
    let path = word.strip_prefix(host)?.strip_prefix("/p/")?;
    let plain = |at: char| at.is_ascii_alphanumeric() || "-_./:@%+~".contains(at);
    let is_path =
        !path.is_empty() && path.chars().all(plain) && !path.starts_with('/') && !path.contains("//");
    is_path.then(|| format!("/p/{path}"))
}

#[cfg(test)]
mod tests {
    use super::{is_called, pasted};

    #[test]
    fn a_pasted_line_is_its_page() {
        let to = |typed: &str| pasted("https://host:8443", typed);
        assert_eq!(to("docker pull host:8443/p/a/b/c:1").as_deref(), Some("/p/a/b/c:1"));
        assert_eq!(to(" helm pull oci://host:8443/p/a/b/c ").as_deref(), Some("/p/a/b/c"));
        assert_eq!(to("https://host:8443/p/a/b/c@sha256:0f").as_deref(), Some("/p/a/b/c@sha256:0f"));
        for other in [
            "web",
            "docker pull other/p/a/b",
            "host:8443/p/",
            "host:8443/p//evil",
            "host:8443/q",
            "pull",
            "host:8443/p/a b",
        ] {
            assert_eq!(to(other), None, "{other}");
        }
    }

    #[test]
    fn a_name_is_known_by_its_last_part() {
        assert!(
            is_called("org.example:Lib", "lib") && is_called("tools/web", "web") && is_called("web", "WEB")
        );
        assert!(!is_called("webs", "web"));
    }
}
