//! A version: lines to paste, what it tells of itself, what it is made of, and what can be done about it.

use api::Fault;
use api::details::{Dependency, Details, Licence, Link, Part};
use api::packages::{File, ListFiles, Listing, ShowPackage, Version};
use api::remarks::{Deprecation, ShowDeprecation};
use api::version_details::ShowDetails;
use api::version_list::ListVersions;
use domain::{FetchLine, Permission};

use super::fitting::fit;
use super::readme;
use super::used_by::Users;
use super::{Place, first, paging};
use crate::caller::UNCOUNTED;
use crate::door::Answer;
use crate::fault::rendered;
use crate::frame::{Crumb, Frame};
use crate::markdown::Shown;
use crate::parts::filters;
use crate::room::Room;
use crate::texts::Texts;
use crate::visit::Visit;

/// Most bytes of HTML of the document of a version that stand in its page.
const DOCUMENT_BYTES_MAX: usize = 12 << 10;
/// Versions beside the one that is shown.
const BESIDE: &str = "10";

#[derive(askama::Template)]
#[template(path = "version.html")]
struct VersionPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    heading: String,
    version: Version,
    format: &'a str,
    details: Details,
    lines: Vec<FetchLine>,
    platforms: Vec<Platform>,
    layers: Vec<Part>,
    attached: Vec<(Part, String)>,
    same_as: Vec<(String, String)>,
    part_of: Vec<(String, String)>,
    dependencies: Vec<(Dependency, Option<String>)>,
    facts: Vec<(String, String)>,
    environment: Vec<String>,
    labels: Vec<(String, String)>,
    document: Option<String>,
    readme: Option<Shown>,
    /// Whether the API tells more.
    left_out: bool,
    deprecation: Option<Deprecation>,
    newer: Option<(String, String)>,
    beside: Vec<(Version, String)>,
    users: Option<Users>,
    files: Vec<(File, Option<String>)>,
    change: Option<String>,
    delete: Option<String>,
    next: Option<String>,
    first: Option<String>,
}

/// A platform of an index.
struct Platform {
    name: String,
    bytes: Option<u64>,
    here: bool,
    /// Where its layers are shown.
    href: String,
    current: bool,
}

/// The files of a version.
struct Files {
    /// Each with where a browser fetches it.
    files: Vec<(File, Option<String>)>,
    /// Where the list goes on.
    next: Option<String>,
    /// Where clients fetch the first.
    url: Option<String>,
}

/// The page of a version.
pub(super) async fn page(
    visit: &Visit<'_>,
    place: &Place,
    package: &str,
    version: Version,
) -> Result<Answer, Fault> {
    let [project, repository] = place.names();
    let names = [project, repository, package, version.version.as_str()];
    let mut room = visit.room();
    let mut details = visit.read::<ShowDetails>(&names, &[]).await?;
    fit(&mut details, &mut room);
    let Files { files, next, url } = Files::of(visit, place, &names).await?;
    let url = url.filter(|_| version.digest.is_some() && !place.has_tags());
    let platforms = platforms(visit, &details);
    let mut inner = chosen(visit, place, package, (&platforms, &details)).await?;
    if let Some(inner) = &mut inner {
        fit(inner, &mut room);
    }
    let beside = beside(visit, place, package).await?;
    let users = Users::of(visit, place, (package, None), &mut room).await?;
    let deprecation = match place.known.browsing.ecosystem {
        Some(_) => visit.caller.find::<ShowDeprecation>(&names, &[]).await?,
        None => None,
    };
    let of = |version: &str| place.address(package, Some(version));
    let to = |versions: &[String]| versions.iter().map(|one| (one.clone(), of(one))).collect();
    let about = inner.as_ref().unwrap_or(&details);
    let may_change = place.may(Permission::RepositorySettings) || place.may(Permission::DeletePackage);
    let heading = (place.known.browsing.page)(package, Some(&version.version));
    let page = VersionPage {
        f: &place.frame(visit, &heading, details.description.as_deref()),
        crumbs: crumbs(visit, place, package, &version.version),
        heading,
        format: place.known.format.as_str(),
        lines: place.source(visit).all((package, &version.version), &details, url.as_deref()),
        layers: parts(about, "layer"),
        attached: parts(&details, "attached")
            .into_iter()
            .map(|part| {
                let address = of(&part.digest);
                (part, address)
            })
            .collect(),
        same_as: to(&details.same_as),
        part_of: to(&details.part_of),
        dependencies: dependencies(place, &details),
        facts: facts(visit.t, about, &details),
        environment: said(about, "environment"),
        labels: about.labels.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        readme: details.readme.as_ref().map(|readme| readme::html(&readme.text, readme.markdown, &mut room)),
        document: details.document.as_deref().map(|text| cut(text, &mut room)),
        left_out: room.full,
        newer: newer(&version, &beside),
        change: may_change.then(|| place.beside("version", package, &version.version)),
        delete: place
            .may(Permission::DeletePackage)
            .then(|| place.beside("delete-version", package, &version.version)),
        files,
        first: first(visit),
        platforms,
        deprecation,
        beside,
        users,
        details,
        version,
        next,
    };
    Ok(Answer::page(200, rendered(&page)))
}

/// What the platform that is looked at tells of itself.
async fn chosen(
    visit: &Visit<'_>,
    place: &Place,
    package: &str,
    (platforms, details): (&[Platform], &Details),
) -> Result<Option<Details>, Fault> {
    let [project, repository] = place.names();
    let all = details.parts.iter().filter(|part| part.role == "platform");
    let mut shown = all.zip(platforms).filter(|(_, platform)| platform.current && platform.here);
    let Some((part, _)) = shown.next() else { return Ok(None) };
    visit.caller.find::<ShowDetails>(&[project, repository, package, &part.digest], &[]).await
}

impl Files {
    /// A page of them. What is found by tags is fetched by its clients alone.
    async fn of(visit: &Visit<'_>, place: &Place, names: &[&str]) -> Result<Self, Fault> {
        let found = visit.read::<ListFiles>(names, &paging(visit)).await?;
        let url = found.items.first().map(|file| file.url.clone());
        let files = found.items.into_iter().filter(|_| !place.has_tags()).map(|file| {
            let to = place.download(visit, &file.path, &file.url);
            (file, to)
        });
        let files = files.collect();
        Ok(Self { files, url, next: found.next.map(|next| visit.here_with("after", &next)) })
    }
}

fn crumbs(visit: &Visit<'_>, place: &Place, package: &str, version: &str) -> Vec<Crumb> {
    let mut crumbs = place.crumbs(visit);
    if !(place.known.browsing.page)(package, None).is_empty() {
        crumbs.push(Crumb { text: package.to_owned(), href: Some(place.address(package, None)) });
    }
    crumbs.push(Crumb { text: super::brief(version), href: None });
    crumbs
}

/// The newest versions of the package, where versions have an order of age.
async fn beside(visit: &Visit<'_>, place: &Place, package: &str) -> Result<Vec<(Version, String)>, Fault> {
    if !place.is_ordered() {
        return Ok(Vec::new());
    }
    let [project, repository] = place.names();
    let names = [project, repository, package];
    if visit.caller.find::<ShowPackage>(&names, UNCOUNTED).await?.is_none() {
        return Ok(Vec::new());
    }
    let query = [("newest_first", "true".into()), ("limit", BESIDE.into())];
    let found = visit.read::<ListVersions>(&names, &query).await?;
    let shown = found.items.into_iter().map(|version| {
        let address = place.address(package, Some(&version.version));
        (version, address)
    });
    Ok(shown.collect())
}

/// The newest listed version, if it comes behind this one. For what is not a prerelease none is newer.
fn newer(version: &Version, beside: &[(Version, String)]) -> Option<(String, String)> {
    let is_stable = |text: &str| !text.contains('-');
    let wanted = |one: &&(Version, String)| {
        one.0.state == Listing::Listed && (!is_stable(&version.version) || is_stable(&one.0.version))
    };
    let place = beside.iter().position(|(one, _)| one.version == version.version).unwrap_or(beside.len());
    let (found, address) = beside.iter().take(place).find(wanted)?;
    Some((found.version.clone(), address.clone()))
}

fn platforms(visit: &Visit<'_>, details: &Details) -> Vec<Platform> {
    let all = || details.parts.iter().filter(|part| part.role == "platform");
    let wanted = visit.given("platform");
    let chosen = all().position(|part| wanted == Some(part.digest.as_str()));
    let chosen = chosen.or_else(|| all().position(|part| part.here));
    let shown = all().enumerate().map(|(index, part)| Platform {
        name: part.name.clone().unwrap_or_else(|| super::short(&part.digest).to_owned()),
        bytes: part.bytes.filter(|_| part.here),
        here: part.here,
        href: format!("{}?platform={}", visit.asked.path, crate::caller::encoded(&part.digest)),
        current: chosen == Some(index),
    });
    shown.collect()
}

fn parts(details: &Details, role: &str) -> Vec<Part> {
    let parts = details.parts.iter().filter(|part| part.role == role);
    parts
        .map(|part| Part {
            role: part.role.clone(),
            name: part.name.clone(),
            digest: part.digest.clone(),
            bytes: part.bytes,
            media_type: part.media_type.clone(),
            made_by: part.made_by.clone(),
            here: part.here,
        })
        .collect()
}

fn dependencies(place: &Place, details: &Details) -> Vec<(Dependency, Option<String>)> {
    let shown = details.dependencies.iter().map(|one| {
        let dependency = Dependency {
            group: one.group.clone(),
            package: one.package.clone(),
            range: one.range.clone(),
            scope: one.scope.clone(),
            optional: one.optional,
            here: one.here,
        };
        let address = (one.here == Some(true)).then(|| place.address(&one.package, None));
        (dependency, address)
    });
    shown.collect()
}

/// What is said of something, each.
fn said(details: &Details, name: &str) -> Vec<String> {
    let of = details.facts.iter().filter(|fact| fact.name == name);
    of.map(|fact| fact.value.clone()).collect()
}

/// Facts in words, those of the same name together.
fn facts(t: &Texts, about: &Details, details: &Details) -> Vec<(String, String)> {
    let mut shown: Vec<(String, String)> = Vec::new();
    let own = details.facts.iter().filter(|_| !std::ptr::eq(about, details));
    for fact in about.facts.iter().chain(own) {
        if matches!(fact.name.as_str(), "environment" | "release-notes") {
            continue;
        }
        let name = fact_name(t, &fact.name).to_owned();
        match shown.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) if values.split(", ").any(|value| value == fact.value) => {}
            Some((_, values)) if values.len() < 500 => values.push_str(&format!(", {}", fact.value)),
            Some(_) => {}
            None => shown.push((name, fact.value.chars().take(500).collect())),
        }
    }
    shown
}

/// What people call a fact; those without a word of ours keep their own.
fn fact_name<'n>(t: &'n Texts, name: &'n str) -> &'n str {
    let t = &t.versions;
    match name {
        "entrypoint" => t.entrypoint,
        "command" => t.command,
        "user" => t.user,
        "working-directory" => t.working_directory,
        "port" => t.ports,
        "volume" => t.volumes,
        "platform" => t.platform,
        "artifact-type" => t.artifact_type,
        "packaging" => t.packaging,
        "parent" => t.parent,
        "framework" => t.frameworks,
        "revision" => t.revision,
        "symbols" => t.symbols,
        "type" => t.kind,
        other => other,
    }
}

/// A document as far as it fits in the page.
fn cut(text: &str, room: &mut Room) -> String {
    let mut end = text.len().min(DOCUMENT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let shown = text.get(..end).unwrap_or_default().chars();
    let shown: String =
        shown.filter(|at| matches!(at, '\n' | '\t') || !api::details::controls(*at)).collect();
    let fits = room.text(&shown, DOCUMENT_BYTES_MAX);
    if end < text.len() && fits == shown { format!("{shown}\n…") } else { fits }
}

impl VersionPage<'_> {
    fn unlisted(&self) -> bool {
        self.version.state == Listing::Unlisted
    }

    /// The word for what it is.
    fn kind(&self) -> &str {
        let t = &self.f.t.versions;
        match &*self.details.kind {
            "image" => t.image,
            "index" => t.index,
            "helm-chart" => t.helm_chart,
            "wasm" => t.wasm,
            other => attached_name(self.f.t, other),
        }
    }

    fn severity(&self, severity: &u8) -> &'static str {
        let t = &self.f.t.versions;
        match severity {
            0 => t.low,
            1 => t.moderate,
            2 => t.high,
            _ => t.critical,
        }
    }

    fn licences(&self) -> &[Licence] {
        &self.details.licences
    }

    fn links(&self) -> Vec<(&'static str, &Link)> {
        let t = &self.f.t.versions;
        let name = |link: &Link| match link.what.as_str() {
            "source" => t.source,
            "documentation" => t.documentation,
            "issues" => t.issues,
            _ => t.home,
        };
        self.details.links.iter().map(|link| (name(link), link)).collect()
    }
}

/// The word for what is attached.
fn attached_name<'n>(t: &'n Texts, kind: &'n str) -> &'n str {
    let t = &t.versions;
    match kind {
        "signature" => t.signature,
        "sbom" => t.sbom,
        "provenance" => t.provenance,
        "attestation" => t.attestation,
        "package" => t.package,
        "file" => t.file,
        "artifact" => t.artifact,
        other => other,
    }
}

/// The name of a part that is attached.
fn part_name<'n>(t: &'n Texts, part: &'n Part) -> &'n str {
    attached_name(t, part.name.as_deref().unwrap_or("artifact"))
}

/// The name of a file without its folder.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
