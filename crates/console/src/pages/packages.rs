//! `/p/{project}/{repository}` and what is below: packages, versions and files. What an address below a repository means its format says,
//! and the store is asked, the likeliest meaning first.

use std::borrow::Cow;

use api::packages::{ListPackages, Listing, Package, ShowPackage, ShowVersion};
use api::repositories::{Repository as RepositoryShown, ShowRepository, Visibility};
use api::{Code, Fault};
use domain::{KnownFormat, Permission};

use crate::caller::UNCOUNTED;
use crate::door::Answer;
use crate::fault::rendered;
use crate::frame::{Crumb, Frame, Tab};
use crate::pages::Page;
use crate::pages::repository_place::{self, Part};
use crate::parts::filters;
use crate::visit::Visit;

mod change;
mod delete_many;
mod fitting;
mod folder;
mod lines;
mod package;
mod readme;
mod tombstones;
mod used_by;
mod version;

pub(super) use change::{ChangeVersion, DeleteVersion};
pub(super) use delete_many::{DeleteVersions, DeletesPackage};
pub(super) use lines::Source;
pub(super) use tombstones::Tombstones;
pub(super) use used_by::UsedBy;

/// Rows of a page.
const ROWS: &str = "50";
/// Digits of a digest that tell it from others at a glance.
const DIGEST_CHARS: usize = 19;

/// `/p/{project}/{repository}`
pub(super) enum Repository {}

/// What is below a repository.
pub(super) enum Below {}

/// A repository as its pages begin.
struct Place {
    path: String,
    shown: RepositoryShown,
    known: KnownFormat,
}

#[derive(askama::Template)]
#[template(path = "repository.html")]
struct RepositoryPage<'a> {
    f: &'a Frame,
    place: &'a Place,
    crumbs: Vec<Crumb>,
    tabs: Vec<Tab>,
    rows: Vec<(Package, String)>,
    rows_of: Vec<package::Row>,
    /// What its versions are filtered by, where it is a package itself.
    words: &'a str,
    /// The package whose versions can be ticked.
    ticks: Option<&'a str>,
    may_publish: bool,
    links: Vec<(&'static str, String)>,
    next: Option<String>,
    first: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "absent.html")]
struct AbsentPage<'a> {
    f: &'a Frame,
    nearest: String,
    nearest_name: &'a str,
    request: String,
}

impl Place {
    /// The frame around a page of the repository, or of what is in it.
    fn frame(&self, visit: &Visit<'_>, title: &str, description: Option<&str>) -> Frame {
        Frame::around(visit, self.is_public(), title, description)
    }

    /// The repository of an address. One of a format that this program does not know shows nothing.
    async fn of(visit: &Visit<'_>) -> Result<Self, Fault> {
        let names = [visit.name(0), visit.name(1)];
        let shown = visit.read::<ShowRepository>(&names, UNCOUNTED).await?;
        let absent = |_| Fault::Told(Code::Absent, "it does not exist".into());
        let known = visit.asked.cx.formats.find(&shown.format).map_err(absent)?;
        Ok(Self { path: shown.about.path.clone(), shown, known })
    }

    fn names(&self) -> [&str; 2] {
        let (project, repository) = self.path.split_once('/').unwrap_or((&self.path, ""));
        [project, repository]
    }

    /// The address of a package, or of one of its versions.
    fn address(&self, package: &str, version: Option<&str>) -> String {
        address(&self.path, &(self.known.browsing.page)(package, version))
    }

    fn crumbs(&self, visit: &Visit<'_>) -> Vec<Crumb> {
        let [project, repository] = self.names();
        let first = Crumb::projects(visit);
        let crumb = |text: &str, href| Crumb { text: text.to_owned(), href: Some(href) };
        let mut crumbs =
            vec![crumb(project, format!("/p/{project}")), crumb(repository, format!("/p/{}", self.path))];
        if first.href.is_some() {
            crumbs.insert(0, first);
        }
        crumbs
    }

    /// Whether who looks may do this here.
    fn may(&self, permission: Permission) -> bool {
        let held = self.shown.about.my_permissions.as_ref().map(|held| held.0);
        held.is_some_and(|held| held.contains(permission))
    }

    fn is_public(&self) -> bool {
        self.shown.visibility == Visibility::Public
    }

    /// Whether its versions are names for content that is there without them, as tags are.
    fn has_tags(&self) -> bool {
        self.known.browsing.packages != self.known.browsing.versions
    }

    /// Whether versions that are deleted only go out of lists.
    fn unlists(&self) -> bool {
        let hides = self.shown.policy.get("delete").is_none_or(|delete| delete == "unlist");
        self.known.browsing.unlists && hides
    }

    /// Whether its versions have an order of age.
    const fn is_ordered(&self) -> bool {
        self.known.browsing.newest_last
    }

    /// What lines to paste are made of.
    fn source<'p>(&'p self, visit: &'p Visit<'_>) -> Source<'p> {
        Source {
            known: self.known,
            origin: visit.asked.origin,
            repository: &self.path,
            user: visit.user_name().filter(|_| !self.is_public()),
        }
    }

    /// The address of a page about a version that stands beside the packages.
    fn beside(&self, page: &str, package: &str, version: &str) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("package", package)
            .append_pair("version", version)
            .finish();
        format!("/p/{}/-/{page}?{query}", self.path)
    }

    /// Where a browser fetches a file of it.
    fn download(&self, visit: &Visit<'_>, path: &str, url: &str) -> Option<String> {
        if self.is_public() {
            return Some(url.to_owned());
        }
        visit.me.as_ref().map(|_| address(&self.path, &format!("-/download/{path}")))
    }
}

/// An address below a repository.
pub(super) fn address(repository: &str, below: &str) -> String {
    let parts: Vec<String> = below.split('/').map(part).collect();
    format!("/p/{repository}/{}", parts.join("/")).trim_end_matches('/').to_owned()
}

/// A part of an address. What parts names in addresses of packages stands as it is.
fn part(text: &str) -> String {
    crate::caller::encoded(text).replace("%3A", ":").replace("%40", "@").replace("%2B", "+")
}

fn paging<'v>(visit: &'v Visit<'_>) -> Vec<(&'static str, Cow<'v, str>)> {
    let after = visit.given("after").map(|after| ("after", after.into()));
    after.into_iter().chain([("limit", ROWS.into())]).collect()
}

fn first(visit: &Visit<'_>) -> Option<String> {
    visit.given("after").map(|_| visit.here_without("after"))
}

/// The last step of a way is the page itself.
fn ended(mut crumbs: Vec<Crumb>) -> Vec<Crumb> {
    if let Some(last) = crumbs.last_mut() {
        last.href = None;
    }
    crumbs
}

impl Page for Repository {
    const PATH: &'static str = "/p/{project}/{repository}";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let place = Place::of(visit).await?;
        if visit.given("as") == Some("folders")
            && let Some(page) = folder::page(visit, &place, "").await?
        {
            return Ok(page);
        }
        // Where the repository itself is the package, the list that goes on is that of its versions.
        let is_package = (place.known.browsing.page)("/", None).is_empty();
        let asked = if is_package { vec![("limit", "1".into())] } else { paging(visit) };
        let found = visit.read::<ListPackages>(&place.names(), &asked).await?;
        let (mut rows, mut rows_of) = (Vec::new(), Vec::new());
        let mut next = found.next.map(|next| visit.here_with("after", &next));
        match found.items.as_slice() {
            [only] if is_package => {
                (rows_of, next) = package::rows(visit, &place, &only.name, false).await?;
            }
            _ => {
                rows = found
                    .items
                    .into_iter()
                    .map(|package| {
                        let address = place.address(&package.name, None);
                        (package, address)
                    })
                    .collect();
            }
        }
        let t = &visit.t.versions;
        let has_folders = place.known.browsing.folders;
        let mut links = Vec::new();
        if has_folders && !(rows.is_empty() && rows_of.is_empty()) {
            links.push((t.as_folders, format!("/p/{}?as=folders", place.path)));
        }
        if place.may(Permission::RepositorySettings) {
            links.push((t.reserved, format!("/p/{}/-/tombstones", place.path)));
        }
        let ticks = Some("/").filter(|_| !rows_of.is_empty() && place.may(Permission::DeletePackage));
        let page = RepositoryPage {
            words: if is_package { visit.given("query").unwrap_or_default() } else { "" },
            ticks,
            f: &place.frame(visit, &place.path, place.shown.description.as_deref()),
            crumbs: ended(place.crumbs(visit)),
            tabs: repository_place::tabs(visit, &place.shown, Part::Packages),
            may_publish: place.may(Permission::Publish),
            rows,
            rows_of,
            links,
            next,
            first: first(visit),
            place: &place,
        };
        Ok(Answer::page(200, rendered(&page)))
    }
}

impl Page for Below {
    const PATH: &'static str = "/p/{project}/{repository}/{*below}";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let place = Place::of(visit).await?;
        let [project, repository] = place.names();
        let below = visit.name(2).trim_end_matches('/').to_owned();
        if let Some(image) = below.strip_suffix("/-/untagged")
            && place.has_tags()
            && let Some(found) = visit.caller.find::<ShowPackage>(&[project, repository, image], &[]).await?
        {
            return package::page(visit, &place, found, true).await;
        }
        for (package, version) in (place.known.browsing.pages)(&below) {
            let Some(version) = version else {
                let names = [project, repository, package.as_str()];
                if let Some(found) = visit.caller.find::<ShowPackage>(&names, &[]).await? {
                    let address = place.address(&found.name, None);
                    return match elsewhere(visit, &address) {
                        Some(moved) => Ok(moved),
                        None => package::page(visit, &place, found, false).await,
                    };
                }
                continue;
            };
            let names = [project, repository, package.as_str(), version.as_str()];
            if let Some(found) = visit.caller.find::<ShowVersion>(&names, &[]).await? {
                let known =
                    visit.caller.find::<ShowPackage>(&[project, repository, &package], UNCOUNTED).await?;
                let package = known.map_or(package, |known| known.name);
                let address = place.address(&package, Some(&found.version));
                return match elsewhere(visit, &address) {
                    Some(moved) => Ok(moved),
                    None => version::page(visit, &place, &package, found).await,
                };
            }
        }
        if let Some(page) = folder::page(visit, &place, &below).await? {
            return Ok(page);
        }
        let page = AbsentPage {
            f: &Frame::of(visit),
            nearest: format!("/p/{}", place.path),
            nearest_name: &place.path,
            request: visit.asked.request.to_string(),
        };
        Ok(Answer::page(404, rendered(&page)))
    }
}

/// Another spelling of an address leads to the one that is shown everywhere.
fn elsewhere(visit: &Visit<'_>, address: &str) -> Option<Answer> {
    let same = |text: &str| percent_encoding::percent_decode_str(text).collect::<Vec<u8>>();
    (same(visit.asked.path) != same(address)).then(|| Answer::moved(address))
}

/// A version where there is little room: a digest is cut.
fn brief(version: &str) -> String {
    if version.contains(':') { short(version).to_owned() } else { version.to_owned() }
}

/// What a line to paste is known by in a page.
pub(super) fn line_id(client: &str) -> String {
    lines::id(client)
}

/// A digest as lists have it.
pub(super) fn short(digest: &str) -> &str {
    digest.get(..DIGEST_CHARS).unwrap_or(digest)
}
