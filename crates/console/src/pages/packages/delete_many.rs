//! `/p/{project}/{repository}/-/delete-versions`: some versions of a package at once, as they were ticked in its list; or the whole package.

use api::packages::{Listing, ShowPackage, ShowVersion, Version};
use api::versions::{DeletePackage, DeleteVersion, Deleted, PackageDeleted};
use api::{Code, Fault};
use domain::Permission;
use serde_json::Value;

use super::change::insist;
use super::{Place, brief};
use crate::caller::{Terms, encoded};
use crate::door::Answer;
use crate::fault::rendered;
use crate::frame::{Crumb, Frame};
use crate::pages::Page;
use crate::pages::deleting::{Deletes, Deletion};
use crate::parts::{filled, filters};
use crate::visit::Visit;

/// Most versions at once: as many as a page of a list has.
const VERSIONS_MAX: usize = 50;

/// `/p/{project}/{repository}/-/delete-versions`
pub(crate) enum DeleteVersions {}

/// `/p/{project}/{repository}/-/delete-package/{package}`
pub(crate) enum DeletesPackage {}

#[derive(askama::Template)]
#[template(path = "versions_delete.html")]
struct DeletePage<'a> {
    f: &'a Frame,
    place: &'a Place,
    crumbs: Vec<Crumb>,
    title: String,
    package: &'a str,
    /// Those that are there, and that would go.
    versions: Vec<Version>,
    /// What is typed to confirm it.
    confirm: &'a str,
    back: String,
    said: Said,
}

/// What stands above the form.
#[derive(Default)]
struct Said {
    /// What is wrong with the form as a whole.
    wrong: Option<&'static str>,
    /// How many went, where some did not.
    gone: Option<String>,
    /// What did not go, and why.
    kept: Vec<(String, &'static str, String)>,
}

/// What became of those that were to go.
#[derive(Default)]
struct Outcome {
    gone: u64,
    unlisted: bool,
    kept: Vec<(Version, Fault)>,
}

impl Page for DeleteVersions {
    const PATH: &'static str = "/p/{project}/{repository}/-/delete-versions";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let place = Place::of(visit).await?;
        insist(place.may(Permission::DeletePackage))?;
        if visit.asked.form.is_none() {
            let package = visit.given("package").unwrap_or_default();
            let versions = there(visit, &place, package, &visit.all("version")).await?;
            return Ok(confirm(visit, &place, package, versions, None));
        }
        let form = visit.form()?;
        let package = form.text("package");
        let asked: Vec<&str> = form.all("version").collect();
        let versions = there(visit, &place, package, &asked).await?;
        if form.text("do") != "delete" {
            return Ok(confirm(visit, &place, package, versions, None));
        }
        if form.text("confirm").trim() != to_type(&place, package) {
            let wrong = Some(visit.t.versions.typed_wrong);
            return Ok(confirm(visit, &place, package, versions, wrong));
        }
        let outcome = delete(visit, &place, package, versions).await;
        if !outcome.kept.is_empty() {
            return Ok(kept(visit, &place, package, outcome));
        }
        let [project, repository] = place.names();
        let left = visit.caller.find::<ShowPackage>(&[project, repository, package], &[]).await?;
        let back = left.map_or_else(|| format!("/p/{}", place.path), |_| place.address(package, None));
        let done = if outcome.unlisted { "versions-unlisted" } else { "versions-gone" };
        Ok(Answer::see(format!("{back}?done={done}")))
    }
}

/// The versions of these names that are there, each once.
async fn there(
    visit: &Visit<'_>,
    place: &Place,
    package: &str,
    names: &[&str],
) -> Result<Vec<Version>, Fault> {
    let [project, repository] = place.names();
    let mut found: Vec<Version> = Vec::new();
    for name in names.iter().take(VERSIONS_MAX) {
        let version = visit.caller.find::<ShowVersion>(&[project, repository, package, name], &[]).await?;
        let new = version.filter(|new| found.iter().all(|known| known.version != new.version));
        found.extend(new);
    }
    Ok(found)
}

/// Deletes one after another: what cannot go keeps none of the others. What could not go because something named it is asked once more
/// after that went.
async fn delete(visit: &Visit<'_>, place: &Place, package: &str, mut left: Vec<Version>) -> Outcome {
    let [project, repository] = place.names();
    let mut outcome = Outcome::default();
    loop {
        let (before, mut kept) = (left.len(), Vec::new());
        for version in left {
            let names = [project, repository, package, version.version.as_str()];
            match visit.change::<DeleteVersion>(&names, &Value::Null, Terms::default()).await {
                Ok(told) => {
                    outcome.gone += 1;
                    outcome.unlisted |= matches!(told.answer.outcome, Deleted::Unlisted);
                }
                // It went with another, or by somebody else.
                Err(fault) if fault.code() == Code::Absent => outcome.gone += 1,
                Err(fault) => kept.push((version, fault)),
            }
        }
        let again = kept.iter().any(|(_, fault)| fault.code() == Code::InUse);
        if !again || kept.len() == before {
            return Outcome { kept, ..outcome };
        }
        left = kept.into_iter().map(|(version, _)| version).collect();
    }
}

/// What confirms it: the name of the package, or of the repository that is one.
fn to_type<'p>(place: &'p Place, package: &'p str) -> &'p str {
    if place.address(package, None) == format!("/p/{}", place.path) { &place.path } else { package }
}

fn confirm(
    visit: &Visit<'_>,
    place: &Place,
    package: &str,
    versions: Vec<Version>,
    wrong: Option<&'static str>,
) -> Answer {
    shown(visit, place, (package, versions), Said { wrong, ..Said::default() })
}

/// Tells what did not go, and why; those can be tried again.
fn kept(visit: &Visit<'_>, place: &Place, package: &str, outcome: Outcome) -> Answer {
    let why = |(version, fault): &(Version, Fault)| {
        let problem = fault.problem();
        (brief(&version.version), visit.language.title(problem.code), problem.detail.into_owned())
    };
    let kept = outcome.kept.iter().map(why).collect();
    let said = Said { wrong: None, gone: Some(visit.language.number(outcome.gone)), kept };
    let left = outcome.kept.into_iter().map(|(version, _)| version).collect();
    shown(visit, place, (package, left), said)
}

fn shown(visit: &Visit<'_>, place: &Place, (package, versions): (&str, Vec<Version>), said: Said) -> Answer {
    let count = visit.language.number(versions.len() as u64);
    let back = place.address(package, None);
    let mut crumbs = place.crumbs(visit);
    if !package.is_empty() {
        crumbs.push(Crumb { text: package.to_owned(), href: Some(back.clone()) });
    }
    crumbs.push(Crumb { text: visit.t.versions.delete.trim_end_matches('…').to_owned(), href: None });
    let status = if said.wrong.is_some() || said.gone.is_some() { 400 } else { 200 };
    let page = DeletePage {
        f: &Frame::of(visit),
        crumbs,
        title: filled(visit.t.packages.delete_some, "count", &count),
        confirm: to_type(place, package),
        back,
        said,
        package,
        versions,
        place,
    };
    Answer::page(status, rendered(&page))
}

impl DeletePage<'_> {
    fn action(&self) -> String {
        format!("/p/{}/-/delete-versions", self.place.path)
    }

    /// Whether they only go out of lists.
    fn unlists(&self) -> bool {
        self.place.unlists()
    }

    fn name(version: &Version) -> String {
        brief(&version.version)
    }

    /// Whether all are tags, whose manifests stay.
    fn are_tags(&self) -> bool {
        self.place.has_tags() && self.versions.iter().all(|version| !version.version.contains(':'))
    }

    fn is_unlisted(version: &Version) -> bool {
        version.state == Listing::Unlisted
    }
}

impl Deletes for DeletesPackage {
    const PATH: &'static str = "/p/{project}/{repository}/-/delete-package/{package}";
    type By = DeletePackage;

    async fn deletion(visit: &Visit<'_>) -> Result<Deletion, Fault> {
        let place = Place::of(visit).await?;
        insist(place.may(Permission::DeletePackage))?;
        let names = [visit.name(0), visit.name(1), visit.name(2)];
        let package = visit.read::<ShowPackage>(&names, &[]).await?;
        let (t, back) = (&visit.t.packages, place.address(&package.name, None));
        let mut crumbs = place.crumbs(visit);
        crumbs.push(Crumb { text: package.name.clone(), href: Some(back.clone()) });
        crumbs.push(Crumb { text: t.delete_package.to_owned(), href: None });
        let count = visit.language.number(package.versions.unwrap_or_default());
        let (goes, stays) = if place.unlists() {
            (filled(t.package_unlists, "count", &count), t.package_still_found)
        } else if place.has_tags() {
            (filled(t.package_goes_image, "count", &count), t.package_stays)
        } else {
            (filled(t.package_goes, "count", &count), t.package_stays)
        };
        Ok(Deletion {
            crumbs,
            title: filled(t.delete_package_title, "name", &package.name),
            goes: vec![goes],
            stays: vec![stays.to_owned()],
            confirm: Some(package.name),
            verb: t.delete_package,
            back,
            ..Deletion::default()
        })
    }

    fn list(visit: &Visit<'_>) -> String {
        format!("/p/{}/{}", visit.name(0), visit.name(1))
    }

    fn done(answer: &PackageDeleted) -> &'static str {
        match answer.outcome {
            Deleted::Unlisted => "versions-unlisted",
            Deleted::Removed => "deleted",
        }
    }
}

/// Where a package is deleted.
pub(super) fn address(place: &Place, package: &str) -> String {
    format!("/p/{}/-/delete-package/{}", place.path, encoded(package))
}
