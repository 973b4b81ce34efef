//! `/p/{project}/{repository}` and what is below: packages, versions and files. What an address below a repository means its format says,
//! and the store is asked, the likeliest meaning first.

use std::borrow::Cow;

use api::packages::{
    File, ListFiles, ListPackages, ListVersions, Listing, Package, ShowPackage, ShowVersion, Version,
};
use api::repositories::{Repository as RepositoryShown, ShowRepository, Visibility};
use api::{Code, Fault};
use domain::{KnownFormat, Permission};

use crate::door::Answer;
use crate::fault::rendered;
use crate::frame::{Crumb, Frame, Tab};
use crate::pages::Page;
use crate::pages::repository_place::{self, Part};
use crate::parts::filters;
use crate::visit::Visit;

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
    versions: Vec<(Version, String)>,
    may_publish: bool,
    next: Option<String>,
    first: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "package.html")]
struct PackagePage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    package: Package,
    versions: Vec<(Version, String)>,
    next: Option<String>,
    first: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "version.html")]
struct VersionPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    heading: String,
    version: Version,
    files: Vec<File>,
    is_public: bool,
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
    /// The repository of an address. One of a format that this program does not know shows nothing.
    async fn of(visit: &Visit<'_>) -> Result<Self, Fault> {
        let names = [visit.name(0), visit.name(1)];
        let shown = visit.read::<ShowRepository>(&names, &[]).await?;
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
        let projects = visit.me.as_ref().map(|_| "/p".to_owned());
        let first = Crumb { text: visit.t.common.projects.to_owned(), href: projects };
        let crumb = |text: &str, href| Crumb { text: text.to_owned(), href: Some(href) };
        let mut crumbs =
            vec![crumb(project, format!("/p/{project}")), crumb(repository, format!("/p/{}", self.path))];
        if first.href.is_some() {
            crumbs.insert(0, first);
        }
        crumbs
    }

    /// Versions of a package, a page of them, and where the list goes on.
    async fn versions(
        &self,
        visit: &Visit<'_>,
        package: &str,
    ) -> Result<(Vec<(Version, String)>, Option<String>), Fault> {
        let [project, repository] = self.names();
        let found = visit.read::<ListVersions>(&[project, repository, package], &paging(visit)).await?;
        let rows = found.items.into_iter().map(|version| {
            let address = self.address(package, Some(&version.version));
            (version, address)
        });
        Ok((rows.collect(), found.next.map(|next| visit.here_with("after", &next))))
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
    visit.given("after").map(|_| visit.asked.path.to_owned())
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
        let found = visit.read::<ListPackages>(&place.names(), &paging(visit)).await?;
        let (mut rows, mut versions) = (Vec::new(), Vec::new());
        let mut next = found.next.map(|next| visit.here_with("after", &next));
        match found.items.as_slice() {
            // The repository itself is the package.
            [only] if (place.known.browsing.page)(&only.name, None).is_empty() => {
                (versions, next) = place.versions(visit, &only.name).await?;
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
        let held = place.shown.about.my_permissions.as_ref().map(|held| held.0);
        let page = RepositoryPage {
            f: &Frame::of(visit),
            crumbs: ended(place.crumbs(visit)),
            tabs: repository_place::tabs(visit, &place.shown, Part::Packages),
            may_publish: held.is_some_and(|held| held.contains(Permission::Publish)),
            rows,
            versions,
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
        for (package, version) in (place.known.browsing.pages)(&below) {
            let Some(version) = version else {
                let names = [project, repository, package.as_str()];
                if let Some(found) = visit.caller.find::<ShowPackage>(&names, &[]).await? {
                    return package_page(visit, &place, found).await;
                }
                continue;
            };
            let names = [project, repository, package.as_str(), version.as_str()];
            if let Some(found) = visit.caller.find::<ShowVersion>(&names, &[]).await? {
                return version_page(visit, &place, &package, found).await;
            }
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

async fn package_page(visit: &Visit<'_>, place: &Place, package: Package) -> Result<Answer, Fault> {
    let address = place.address(&package.name, None);
    if let Some(moved) = elsewhere(visit, &address) {
        return Ok(moved);
    }
    let (versions, next) = place.versions(visit, &package.name).await?;
    let mut crumbs = place.crumbs(visit);
    crumbs.push(Crumb { text: package.name.clone(), href: None });
    let page = PackagePage { f: &Frame::of(visit), crumbs, package, versions, next, first: first(visit) };
    Ok(Answer::page(200, rendered(&page)))
}

async fn version_page(
    visit: &Visit<'_>,
    place: &Place,
    package: &str,
    version: Version,
) -> Result<Answer, Fault> {
    let address = place.address(package, Some(&version.version));
    if let Some(moved) = elsewhere(visit, &address) {
        return Ok(moved);
    }
    let [project, repository] = place.names();
    let names = [project, repository, package, version.version.as_str()];
    let files = visit.read::<ListFiles>(&names, &paging(visit)).await?;
    let mut crumbs = place.crumbs(visit);
    let of_package = (place.known.browsing.page)(package, None);
    if !of_package.is_empty() {
        crumbs.push(Crumb { text: package.to_owned(), href: Some(place.address(package, None)) });
    }
    crumbs.push(Crumb { text: version.version.clone(), href: None });
    let heading = (place.known.browsing.page)(package, Some(&version.version));
    let page = VersionPage {
        f: &Frame::of(visit),
        crumbs,
        heading,
        version,
        next: files.next.map(|next| visit.here_with("after", &next)),
        files: files.items,
        is_public: place.shown.visibility == Visibility::Public,
        first: first(visit),
    };
    Ok(Answer::page(200, rendered(&page)))
}

/// Another spelling of an address leads to the one that is shown everywhere.
fn elsewhere(visit: &Visit<'_>, address: &str) -> Option<Answer> {
    let same = |text: &str| percent_encoding::percent_decode_str(text).collect::<Vec<u8>>();
    (same(visit.asked.path) != same(address)).then(|| Answer::moved(address))
}

/// A digest as lists have it.
pub(super) fn short(digest: &str) -> &str {
    digest.get(..DIGEST_CHARS).unwrap_or(digest)
}

impl VersionPage<'_> {
    fn unlisted(&self) -> bool {
        self.version.state == Listing::Unlisted
    }
}
