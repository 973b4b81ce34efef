//! Head → operation: the grammar of paths and queries (docs/nuget.md 2). Pure.

use domain::{ProjectKey, RepositoryName, RepositoryPath};
use edge::http::condition::Conditions;
use edge::http::{multipart, path, query};
use http::Method;
use http::header::CONTENT_TYPE;

use super::NuGet;
use super::error::Bad;
use super::feed::Feed;
use super::id::PackageId;
use super::op::{
    Catalog, Document, Fetch, File, Form, Hive, Identity, Look, On, Part, Push, Pushed, Remove, Resource,
    Vulnerabilities,
};
use super::search::{self, Filter, Query, Terms};
use super::symbols::target;
use super::version::Version;
use crate::head::Head;
use crate::protocol::{At, Routed};

/// Longest query string looked at, in bytes; a longer one counts as none.
const QUERY_BYTES_MAX: usize = 16 * 1024;
/// Packages of a page when the client does not say, and at most; packages passed over at most (the gallery's bounds).
const TAKE_DEFAULT: u32 = 20;
const TAKE_MAX: u32 = 1000;
const SKIP_MAX: u64 = 3000;

/// Reads a request.
pub(crate) fn route(head: &Head<'_>) -> Routed<NuGet> {
    let Ok(path) = path::decode(head.path) else { return Routed::Open(Err(Bad::Path)) };
    // No name here is told apart by case; what is shown is what was pushed.
    let path = path.to_ascii_lowercase();
    let path = path.strip_suffix('/').unwrap_or(&path);
    let mut parts = path.splitn(5, '/').skip(1);
    let (Some("p"), Some(project), Some(repository)) = (parts.next(), parts.next(), parts.next()) else {
        return Routed::Open(Err(Bad::NoRoute));
    };
    let repository = match (ProjectKey::parse_folded(project), RepositoryName::parse_folded(repository)) {
        (Ok(project), Ok(repository)) => Some(RepositoryPath { project, repository }),
        _ => None,
    };
    Request { head, repository }.route(parts.next().unwrap_or_default())
}

struct Request<'a> {
    head: &'a Head<'a>,
    repository: Option<RepositoryPath>,
}

impl Request<'_> {
    fn route(self, below: &str) -> Routed<NuGet> {
        let segments: Vec<&str> = below.split('/').collect();
        if let Some(of) = self.removed(&segments) {
            return self.package(Ok(of));
        }
        if is_of_v2(&segments) {
            return self.old_protocol();
        }
        match segments.as_slice() {
            // People paste the address of the index or of the feed as the place to push to, and Paket uses it as it is; others
            // leave the name of the index out of the source.
            ["" | "v3"] | ["v3", "index.json"] => self.index(),
            ["v3", "package"] => self.push_only(Pushed::Package),
            ["v3", "symbolpackage"] => self.push_only(Pushed::Symbols),
            ["v3", "vulnerabilities", "index.json"] => self.vulnerabilities(Vulnerabilities::Index),
            ["v3", "vulnerabilities", "base.json"] => self.vulnerabilities(Vulnerabilities::Page),
            ["v3", "catalog", rest @ ..] => {
                let asked = catalog(rest);
                self.resource(asked.map(|asked| Resource::Document(Document::Catalog(asked))))
            }
            ["v3", "symbolpackage", id, version] => {
                let of = identity(id, version);
                let resource = of.map(|of| self.file(of, File::Symbols));
                self.resource(resource)
            }
            ["v3", "symbols", rest @ ..] => {
                let resource = self.symbols(rest);
                self.resource(resource)
            }
            ["v3", "package" | "index.json", id, version] => self.package(identity(id, version)),
            ["v3", "query"] => self.search(|request| Ok(Fetch::Search(request.query(search::terms)))),
            ["v3", "autocomplete"] => self.search(Self::autocomplete),
            ["v3", "flat", rest @ ..] => {
                let resource = self.flat(rest);
                self.resource(resource)
            }
            ["v3", hive, rest @ ..] => match Hive::parse(hive) {
                Some(hive) => self.resource(registration(hive, rest)),
                None => self.nothing(),
            },
            _ => self.nothing(),
        }
    }

    /// Puts an act and the feed it is about together.
    fn on<T>(self, act: Result<T, Bad>, variant: fn(At<On<T>, Bad>) -> Routed<NuGet>) -> Routed<NuGet> {
        // A name that none can have is answered by the pipeline before the operation is looked at.
        let feed =
            self.repository.as_ref().map(|repository| Feed::of(self.head, repository)).ok_or(Bad::NoRoute);
        variant(At::new(self.repository, feed.and_then(|feed| act.map(|act| On { feed, act }))))
    }

    fn nothing(self) -> Routed<NuGet> {
        self.on(Err::<Fetch, _>(Bad::NoRoute), Routed::Read)
    }

    fn not_allowed(self, allow: &'static str) -> Routed<NuGet> {
        self.on(Err::<Fetch, _>(Bad::Method { allow }), Routed::Read)
    }

    fn index(self) -> Routed<NuGet> {
        match *self.head.method {
            Method::GET | Method::HEAD => self.on(Ok(Look::Index), Routed::Probe),
            Method::PUT => self.push(Pushed::Package),
            _ => self.not_allowed("GET, HEAD, PUT"),
        }
    }

    fn push_only(self, what: Pushed) -> Routed<NuGet> {
        if *self.head.method == Method::PUT { self.push(what) } else { self.not_allowed("PUT") }
    }

    fn push(self, what: Pushed) -> Routed<NuGet> {
        let form = form(self.head.header(&CONTENT_TYPE).unwrap_or_default());
        self.on(form.map(|form| Push { what, form }), Routed::Publish)
    }

    fn package(self, of: Result<Identity, Bad>) -> Routed<NuGet> {
        match *self.head.method {
            Method::DELETE => self.on(of.map(Remove::Delete), Routed::Delete),
            Method::POST => self.on(of.map(Remove::Relist), Routed::Delete),
            _ => self.not_allowed("DELETE, POST"),
        }
    }

    /// The version to take away or bring back: the client puts it behind the address it pushes to, whatever that is.
    fn removed(&self, segments: &[&str]) -> Option<Identity> {
        match (self.head.method, segments) {
            (&Method::DELETE | &Method::POST, ["v3", id, version] | [id, version]) => {
                identity(id, version).ok()
            }
            _ => None,
        }
    }

    fn old_protocol(self) -> Routed<NuGet> {
        let index = self.repository.as_ref().map(|repository| Feed::of(self.head, repository));
        let index = index.map_or_else(String::new, |feed| feed.below("index.json"));
        self.on(Err::<Fetch, _>(Bad::OldProtocol { index }), Routed::Read)
    }

    fn vulnerabilities(self, asked: Vulnerabilities) -> Routed<NuGet> {
        self.resource(Ok(Resource::Document(Document::Vulnerabilities(asked))))
    }

    fn resource(self, resource: Result<Resource, Bad>) -> Routed<NuGet> {
        match *self.head.method {
            Method::HEAD => self.on(resource.map(Look::Resource), Routed::Probe),
            Method::GET => self.on(resource.map(Fetch::Resource), Routed::Read),
            _ => self.not_allowed("GET, HEAD"),
        }
    }

    fn search(self, fetch: fn(&Self) -> Result<Fetch, Bad>) -> Routed<NuGet> {
        match *self.head.method {
            Method::GET | Method::HEAD => {
                let fetch = fetch(&self);
                self.on(fetch, Routed::Read)
            }
            _ => self.not_allowed("GET, HEAD"),
        }
    }

    fn autocomplete(&self) -> Result<Fetch, Bad> {
        match self.parameter("id").as_deref() {
            None | Some("") => Ok(Fetch::Ids(self.query(search::ids))),
            Some(id) => Ok(Fetch::Versions { id: package(id)?, filter: self.filter() }),
        }
    }

    fn query(&self, read: fn(&str) -> Terms) -> Query {
        let number = |name| self.parameter(name).and_then(|text| text.parse::<u32>().ok());
        let terms = read(&self.parameter("q").unwrap_or_default());
        let skip = u64::from(number("skip").unwrap_or(0));
        let take = number("take").unwrap_or(TAKE_DEFAULT).min(TAKE_MAX);
        // Beyond the bound there is nothing, so that a client that pages comes to an end.
        let take = if skip > SKIP_MAX { 0 } else { take };
        Query { terms, filter: self.filter(), skip, take }
    }

    fn filter(&self) -> Filter {
        // The documentation has the one name, the client sends the other (NuGet/Home#14941).
        let kind = ["packageType", "packageTypeFilter"].into_iter().find_map(|name| self.parameter(name));
        let semver = self.parameter("semVerLevel").and_then(|level| Version::parse(&level).ok());
        Filter {
            prerelease: self.parameter("prerelease").is_some_and(|yes| yes.eq_ignore_ascii_case("true")),
            semver2: semver.is_some_and(|level| level.major() >= 2),
            package_type: kind.filter(|kind| !kind.is_empty()).map(|kind| type_of(&kind)),
        }
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let text = self.head.query.filter(|query| query.len() <= QUERY_BYTES_MAX);
        query::first(text, name).map(|value| value.trim().to_owned())
    }

    /// `{file}/{key}/{file}`.
    fn symbols(&self, rest: &[&str]) -> Result<Resource, Bad> {
        match rest {
            [file, key, again] if file == again => {
                let conditions = Conditions::of(self.head.method, self.head.headers);
                Ok(Resource::Symbols { target: target(file, key), conditions })
            }
            _ => Err(Bad::UnknownSymbols),
        }
    }

    fn file(&self, of: Identity, file: File) -> Resource {
        let conditions = Conditions::of(self.head.method, self.head.headers);
        Resource::File { of, file, conditions }
    }

    /// `{id}/index.json`, `{id}/{version}/{file}`.
    fn flat(&self, rest: &[&str]) -> Result<Resource, Bad> {
        let file = |of, file| Ok(self.file(of, file));
        match rest {
            [id, "index.json"] => Ok(Resource::Document(Document::Versions(package(id)?))),
            [id, version, "readme"] => file(identity(id, version)?, File::Readme),
            [id, version, "icon"] => file(identity(id, version)?, File::Icon),
            [id, version, "license"] => file(identity(id, version)?, File::Licence),
            [id, version, name] => {
                let of = identity(id, version)?;
                let kind = content_file(name, &of)?;
                file(of, kind)
            }
            _ => Err(Bad::NoRoute),
        }
    }
}

/// What clients of V2, or those that take the source for one, ask for, below any address that people give as the source.
fn is_of_v2(segments: &[&str]) -> bool {
    let behind = match segments {
        ["v3", "index.json" | "package", rest @ ..] | ["api", "v2", rest @ ..] | ["v2" | "v3", rest @ ..] => {
            rest
        }
        all => all,
    };
    let Some(first) = behind.first() else { return segments.last() == Some(&"v2") };
    let name = first.split('(').next().unwrap_or_default();
    matches!(name, "$metadata" | "$batch" | "packages")
        || first.contains('(') && matches!(name, "findpackagesbyid" | "search" | "getupdates")
}

/// `{id}.{version}.nupkg` in any form of the version, `{id}.nuspec`.
fn content_file(name: &str, of: &Identity) -> Result<File, Bad> {
    let behind_id = name.strip_prefix(of.id.key()).ok_or(Bad::NoRoute)?;
    if behind_id == ".nuspec" {
        return Ok(File::Nuspec);
    }
    let version = behind_id.strip_prefix('.').and_then(|rest| rest.strip_suffix(".nupkg"));
    let same = version
        .and_then(|text| Version::parse(text).ok())
        .is_some_and(|version| version.key() == of.version.key());
    if same { Ok(File::Package) } else { Err(Bad::NoRoute) }
}

/// `{id}/index.json`, `{id}/page/{lower}/{upper}.json`, `{id}/{version}.json`.
fn registration(hive: Hive, rest: &[&str]) -> Result<Resource, Bad> {
    let (id, part) = match rest {
        [id, "index.json"] => (id, Part::Index),
        [id, "page", lower, upper] => {
            (id, Part::Page { lower: version(lower)?, upper: version(json(upper)?)? })
        }
        [id, leaf] => (id, Part::Leaf(version(json(leaf)?)?)),
        _ => return Err(Bad::NoRoute),
    };
    Ok(Resource::Document(Document::Registration { hive, id: package(id)?, part }))
}

/// `index.json`, `page{number}.json`, `data/{number}/{id}/{version}.json`.
fn catalog(rest: &[&str]) -> Result<Catalog, Bad> {
    match rest {
        ["index.json"] => Ok(Catalog::Index),
        [page] => {
            let number = json(page)?.strip_prefix("page").and_then(|number| number.parse().ok());
            number.map(Catalog::Page).ok_or(Bad::NoRoute)
        }
        ["data", number, id, version] if number.parse::<u64>().is_ok() => {
            Ok(Catalog::Leaf(identity(id, json(version)?)?))
        }
        _ => Err(Bad::NoRoute),
    }
}

/// How the body holds the package.
fn form(content_type: &str) -> Result<Form, Bad> {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/octet-stream") {
        return Ok(Form::Raw);
    }
    multipart::boundary(content_type).map(Form::Parts).ok_or(Bad::ContentType)
}

fn json(name: &str) -> Result<&str, Bad> {
    name.strip_suffix(".json").ok_or(Bad::NoRoute)
}

/// An id that none can have is one that is not here.
fn package(text: &str) -> Result<PackageId, Bad> {
    PackageId::parse(text).map_err(|_| Bad::UnknownPackage)
}

fn version(text: &str) -> Result<Version, Bad> {
    Version::parse(text).map_err(|_| Bad::UnknownVersion)
}

fn identity(id: &str, text: &str) -> Result<Identity, Bad> {
    Ok(Identity { id: package(id)?, version: version(text)? })
}

/// A type that no package can have finds nothing, as any other that none has.
fn type_of(text: &str) -> Box<str> {
    PackageId::parse(text).map_or_else(|_| "-".into(), |kind| kind.key().into())
}

#[cfg(test)]
mod tests;
