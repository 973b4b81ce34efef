//! `/-/search`: packages in everything one may read.

use std::borrow::Cow;

use api::by_words::FindByWords;
use api::formats::ListFormats;
use api::newest::{ContentNamed, FindDigest};
use api::packages::Package;
use api::search::FindPackages;
use api::{Code, DigestAt, Fault};

use crate::door::Answer;
use crate::fault::{rendered, to_log_in};
use crate::frame::Frame;
use crate::pages::Page;
use crate::pages::packages::Source;
use crate::parts::filters;
use crate::visit::Visit;

/// Rows of a page.
const ROWS: &str = "50";
/// Rows of what is found by what it says of itself.
const SAID: &str = "20";

/// What stands in front of an address in the lines that clients take.
const COMMANDS: [&str; 9] =
    ["docker", "podman", "nerdctl", "crane", "skopeo", "oras", "helm", "pull", "oci://"];

/// `/-/search`
pub(super) enum Search {}

/// A package that was found.
struct Hit {
    package: Package,
    /// What it says of itself, in a line.
    about: Option<String>,
    address: String,
    line: Option<String>,
}

/// A name of content that was asked for by its hash.
struct Named {
    name: String,
    named: ContentNamed,
    address: String,
}

#[derive(askama::Template)]
#[template(path = "search.html")]
struct SearchPage<'a> {
    f: &'a Frame,
    words: &'a str,
    project: &'a str,
    format: &'a str,
    public: bool,
    prereleases: [(&'static str, &'static str); 3],
    prerelease: &'a str,
    listings: [(&'static str, &'static str); 3],
    unlisted: &'a str,
    formats: Vec<String>,
    hits: Vec<Hit>,
    /// What has the words in what it says of itself, where it was not found by its name.
    said: Vec<Hit>,
    /// Names of content with this hash, where a hash is what was asked for.
    contents: Option<Vec<Named>>,
    next: Option<String>,
    first: Option<String>,
}

impl Page for Search {
    const PATH: &'static str = "/-/search";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.me.is_none() && !visit.asked.doors.shows_landing() {
            return Ok(to_log_in(visit));
        }
        if let Some(page) = visit.given("q").and_then(|typed| pasted(visit.asked.origin, typed)) {
            return Ok(Answer::see(page));
        }
        let contents = contents(visit).await?;
        if let Some(only) = contents.as_deref().and_then(only) {
            return Ok(Answer::see(only.address.clone()));
        }
        let mut query = asked(visit);
        query.extend(truth(visit, "unlisted"));
        query.extend(visit.given("after").map(|after| ("after", after.into())));
        query.push(("limit", ROWS.into()));
        let found = nothing_by_no_name(visit.read::<FindPackages>(&[], &query).await)?;
        let found = found.unwrap_or(api::Page { items: Vec::new(), next: None });
        let formats = visit.read::<ListFormats>(&[], &[]).await?;
        let mut hits: Vec<Hit> =
            found.items.into_iter().map(|package| Hit::of(visit, package, None)).collect();
        let words = visit.given("q").unwrap_or_default();
        hits.sort_by_key(|hit| !is_called(&hit.package.name, words));
        let t = &visit.t.packages;
        let page = SearchPage {
            f: &Frame::of(visit),
            words,
            project: visit.given("project").unwrap_or_default(),
            format: visit.given("format").unwrap_or_default(),
            public: visit.given("public").is_some(),
            prereleases: [("", t.any_newest), ("false", t.newest_release), ("true", t.newest_before)],
            prerelease: visit.given("prerelease").unwrap_or_default(),
            listings: [("", t.any_listing), ("false", t.some_listed), ("true", t.none_listed)],
            unlisted: visit.given("unlisted").unwrap_or_default(),
            formats: formats.items.into_iter().map(|format| format.format).collect(),
            said: said(visit, &hits).await?,
            hits,
            contents,
            next: found.next.map(|next| visit.here_with("after", &next)),
            first: visit.given("after").map(|_| visit.here_without("after")),
        };
        Ok(Answer::page(200, rendered(&page)))
    }
}

/// What is asked, as both searches take it.
fn asked<'v>(visit: &'v Visit<'_>) -> Vec<(&'static str, Cow<'v, str>)> {
    let fields = [("query", "q"), ("format", "format"), ("project", "project")];
    let given = fields.into_iter().filter_map(|(name, field)| Some((name, visit.given(field)?.into())));
    let public = visit.given("public").map(|_| ("visibility", "public".into()));
    given.chain(public).chain(truth(visit, "prerelease")).collect()
}

/// A condition that the address says yes or no to.
fn truth<'v>(visit: &'v Visit<'_>, name: &'static str) -> Option<(&'static str, Cow<'v, str>)> {
    visit.given(name).filter(|said| matches!(*said, "true" | "false")).map(|said| (name, said.into()))
}

/// What no name can be finds nothing.
fn nothing_by_no_name<T>(told: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match told {
        Ok(found) => Ok(Some(found)),
        Err(fault) if matches!(fault.code(), Code::Invalid | Code::UnknownName | Code::Rule) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Packages that say the words of themselves, besides those that were found by their names; with the first page of these.
async fn said(visit: &Visit<'_>, hits: &[Hit]) -> Result<Vec<Hit>, Fault> {
    // Nothing is said by packages of which lists have nothing.
    let only_unlisted = visit.given("unlisted") == Some("true");
    if visit.given("q").is_none() || visit.given("after").is_some() || only_unlisted {
        return Ok(Vec::new());
    }
    let mut query = asked(visit);
    query.push(("limit", SAID.into()));
    let found = nothing_by_no_name(visit.read::<FindByWords>(&[], &query).await)?;
    let is_hit = |package: &Package| {
        hits.iter().any(|hit| hit.package.on == package.on && hit.package.name == package.name)
    };
    let new = found.into_iter().flat_map(|found| found.items).filter(|said| !is_hit(&said.about));
    Ok(new.map(|said| Hit::of(visit, said.about, said.description.or(said.title))).collect())
}

/// Where content is, if a hash is what was asked for.
async fn contents(visit: &Visit<'_>) -> Result<Option<Vec<Named>>, Fault> {
    let Some(digest) = visit.given("q").filter(|typed| DigestAt::new(typed).is_some()) else {
        return Ok(None);
    };
    let found = visit.read::<FindDigest>(&[digest], &[]).await?;
    Ok(Some(found.items.into_iter().map(|named| Named::of(visit, named)).collect()))
}

/// The one page that a hash leads to: that of its only name, or of the version that is called by the hash itself.
fn only(contents: &[Named]) -> Option<&Named> {
    let first = contents.first()?;
    let same = |other: &Named| other.named.on == first.named.on && other.named.package == first.named.package;
    if !contents.iter().all(same) {
        return None;
    }
    let by_hash = |named: &&Named| named.named.version.as_deref().is_some_and(|name| name.contains(':'));
    if contents.len() == 1 { Some(first) } else { contents.iter().find(by_hash) }
}

impl SearchPage<'_> {
    /// Whether anything is left out by a filter.
    fn is_filtered(&self) -> bool {
        let filters = [self.format, self.project, self.prerelease, self.unlisted];
        self.public || filters.iter().any(|filter| !filter.is_empty())
    }
}

impl Hit {
    fn of(visit: &Visit<'_>, package: Package, about: Option<String>) -> Self {
        Self { address: address(visit, &package), line: line(visit, &package), about, package }
    }
}

impl Named {
    fn of(visit: &Visit<'_>, named: ContentNamed) -> Self {
        let known = visit.asked.cx.formats.find(&named.format).ok();
        let below = known.map(|known| match &named.version {
            Some(version) => (known.browsing.page)(&named.package, Some(version)),
            // A file of a version lies in its folder.
            None if known.browsing.folders => {
                named.path.rsplit_once('/').map(|(folder, _)| folder.to_owned()).unwrap_or_default()
            }
            None => (known.browsing.page)(&named.package, None),
        });
        let name = match &named.version {
            Some(version) if named.package != "/" => format!("{} {version}", named.package),
            _ => named.path.clone(),
        };
        Self { address: super::packages::address(&named.on, &below.unwrap_or_default()), name, named }
    }
}

/// Where a package is looked at.
pub(super) fn address(visit: &Visit<'_>, package: &Package) -> String {
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
fn line(visit: &Visit<'_>, package: &Package) -> Option<String> {
    let known = visit.asked.cx.formats.find(&package.format).ok()?;
    let has_tags = known.browsing.versions != known.browsing.packages;
    let last = package.last.as_deref().filter(|_| has_tags);
    let source = Source { known, origin: visit.asked.origin, repository: &package.on, user: None };
    source.first(&package.name, package.latest.as_deref().or(last)?)
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
