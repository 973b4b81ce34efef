//! NuGet v3: what `dotnet`, Visual Studio and Paket ask of a feed.
//!
//! | request below `/nuget/p/PROJECT/REPOSITORY` | asks for | does |
//! |---|---|---|
//! | `GET v3/index.json`, `v3`, the feed itself; `HEAD` of what follows, but for searches | Probe | the service index; what is there |
//! | `GET v3/flat/ID/index.json` | Read | versions |
//! | `GET v3/flat/ID/V/ID.V.nupkg`, `…/ID.nuspec`, `…/readme`, `…/icon`, `…/license` | Read | files, with ranges |
//! | `GET v3/HIVE/ID/index.json`, `…/page/V/V.json`, `…/V.json` | Read | registrations: `reg`, `reg-gz`, `reg-gz-semver2` |
//! | `GET v3/catalog/index.json`, `…/pageN.json`, `…/data/N/ID/V.json` | Read | versions in the order of their changes, for mirrors |
//! | `GET v3/vulnerabilities/index.json`, `…/base.json` | Read | weaknesses by package, of the feed's own advisories |
//! | `GET v3/query`, `GET v3/autocomplete` | Read | packages by words, ids by their beginning, versions of one |
//! | `GET v3/symbols/FILE/KEY/FILE` | Read | symbols for debuggers, with ranges |
//! | `GET v3/symbolpackage/ID/V` | Read | the symbols of a version as they were pushed, with ranges, for who carries them elsewhere |
//! | `PUT v3/symbolpackage` | Publish | symbols of a version |
//! | `PUT v3/package`, `v3/index.json`, `v3`, the feed itself | Publish | a package |
//! | `DELETE v3/package/ID/V` or behind any other address that takes a push, `POST` there | Delete | unlists or removes, as the repository's rule says; relists |
//! | `FindPackagesById()`, `Packages`, `$metadata` and the like, below any address of the feed | Read | says where the index of V3 is |
//!
//! Ids and versions are accepted in any case and form, and shown as pushed or, in addresses, in lower case and normalised.

mod advisory;
mod archive;
mod browsing;
mod carried;
mod details;
mod documents;
pub(crate) mod error;
mod examples;
mod fault;
mod feed;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod id;
mod identity;
mod metadata;
mod nuspec;
pub(crate) mod op;
mod ops;
mod package;
mod policy;
mod range;
pub(crate) mod route;
mod search;
mod steps;
mod symbols;
mod version;
mod wire;
mod xml;

pub use carried::{PackageFile, package_file, version_key};

use std::sync::Arc;

use api::details::Details;
use auth::Audience;
use domain::{Browsing, ClientLines, Connecting, Delete, Format, Granted, Probe, Publish, Read};
use edge::Body;
use http::HeaderName;
use shelf::{Item, Shelf, Shelves};
use storage::ContentError;
use tokio::sync::Semaphore;

use self::error::Bad;
use self::op::{Browse, Fetch, File, Look, On, Open, Push, Pushed, Remove, Resource};
use self::policy::Policy;
use crate::error::Error;
use crate::head::{Asked, Head};
use crate::protocol::{Cx, Example, FirstLogin, HandedOut, Protocol, ReplyResult, Routed, WriteCx};
use crate::reply::Response;

/// Packages that are looked into at the same time: each takes a thread and, at worst, 40 MiB.
const EXAMINED_AT_ONCE_MAX: usize = 4;

/// The protocol of NuGet packages.
#[derive(Debug)]
pub(crate) struct NuGet {
    examining: Arc<Semaphore>,
}

impl NuGet {
    /// As it begins.
    pub(crate) fn new() -> Self {
        Self { examining: Arc::new(Semaphore::new(EXAMINED_AT_ONCE_MAX)) }
    }
}

impl Protocol for NuGet {
    const NAME: &'static str = "nuget";
    const FORMAT: Format = Format::new("nuget");
    const AUDIENCE: Audience = Audience::Packages;
    const FIRST_REPOSITORY: &'static str = "packages";
    const BROWSING: Browsing = browsing::BROWSING;
    const PROGRAMS: &'static [&'static str] = &["dotnet", "paket"];
    const FEED: &'static str = "/v3/index.json";
    const SPACE_HOST: Option<&'static str> = Some("nuget.pkg.");
    const KEY_HEADER: Option<HeaderName> = Some(HeaderName::from_static("x-nuget-apikey"));

    type Policy = Policy;
    type Bad = Bad;
    type Open = Open;
    type Browse = Browse;
    type Probe = On<Look>;
    type Read = On<Fetch>;
    type Publish = On<Push>;
    type Delete = On<Remove>;

    fn route(&self, head: &Head<'_>) -> Routed<Self> {
        route::route(head)
    }

    async fn open(&self, op: Open, _cx: &Cx<'_>) -> ReplyResult<Self> {
        match op {}
    }

    async fn browse(&self, op: Browse, _shelves: Shelves<'_>, _cx: &Cx<'_>) -> ReplyResult<Self> {
        match op {}
    }

    async fn probe(&self, op: On<Look>, shelf: Shelf<'_, Probe>, _cx: &Cx<'_>) -> ReplyResult<Self> {
        match op.act {
            Look::Index => Ok(ops::index(&op.feed)),
            Look::Resource(resource) => ops::look(op.feed, resource, &shelf).await,
        }
    }

    async fn read(&self, op: On<Fetch>, shelf: Shelf<'_, Read>, _cx: &Cx<'_>) -> ReplyResult<Self> {
        match op.act {
            Fetch::Resource(resource) => ops::fetch(op.feed, resource, &shelf).await,
            Fetch::Search(query) => Box::pin(ops::search::packages(&op.feed, &query, &shelf)).await,
            Fetch::Ids(query) => Box::pin(ops::search::ids(&op.feed, &query, &shelf)).await,
            Fetch::Versions { id, filter } => {
                Box::pin(ops::search::versions(&op.feed, &id, &filter, &shelf)).await
            }
        }
    }

    async fn publish(
        &self,
        op: On<Push>,
        may: Granted<Publish>,
        body: &mut Body,
        cx: &WriteCx<'_>,
    ) -> ReplyResult<Self> {
        match op.act.what {
            Pushed::Package => ops::push::push(op.act.form, &self.examining, may, body, cx).await,
            Pushed::Symbols => ops::symbols::push(op.act.form, &self.examining, may, body, cx).await,
        }
    }

    async fn delete(&self, op: On<Remove>, may: Granted<Delete>, cx: &WriteCx<'_>) -> ReplyResult<Self> {
        match op.act {
            Remove::Delete(of) => ops::remove::delete(&of, may, cx).await,
            Remove::Relist(of) => ops::remove::relist(&of, may, cx).await,
        }
    }

    fn render(&self, error: &Error<Bad>, _asked: &Asked<'_>) -> Response {
        error::render(error)
    }

    fn handed_out(op: &On<Fetch>) -> Option<HandedOut> {
        match &op.act {
            Fetch::Resource(Resource::File { of, file: File::Package, .. }) => {
                ops::key(of).ok().map(HandedOut::version)
            }
            _ => None,
        }
    }

    async fn details(shelf: &Shelf<'_, Read>, item: &Item) -> Result<Details, ContentError> {
        details::details(shelf, item).await
    }

    fn examples() -> Vec<Example> {
        examples::all()
    }

    fn first_steps(login: &FirstLogin<'_>, repository: &str) -> String {
        steps::first(login, repository)
    }

    fn clients(connecting: &Connecting<'_>) -> Vec<ClientLines> {
        steps::clients(connecting)
    }
}

#[cfg(test)]
mod tests;
