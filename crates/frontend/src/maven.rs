//! Maven 2 repositories, as Maven, Gradle, sbt, coursier and Bazel use them.
//!
//! | request below `/maven/p/PROJECT/REPOSITORY` | asks for | does |
//! |---|---|---|
//! | `HEAD F`, `HEAD F.H`, `HEAD M`, `HEAD M.H`, `OPTIONS` | Probe | what is there |
//! | `GET M`, `GET M.H` | Probe | metadata derived from rows, and hashes of exactly those bytes |
//! | `GET F`, `GET F.H` | Read | content, with ranges and conditions; hashes of what is served |
//! | `GET`, `HEAD` of `archetype-catalog.xml` | Read | the archetypes of the repository, as their POMs say |
//! | `GET D/`, `HEAD D/` | Read | what is in a directory, page by page, as HTML or as JSON |
//! | `PUT F`, `PUT F.H` | Publish | a file; a hash, which is compared, and waits for its file if that is to come |
//! | `PUT M`, `PUT M.H` | Publish | taken, and mined for plug-ins |
//! | `DELETE F`, `DELETE` of a version or an artifact | Delete | all that follows from them goes along |
//!
//! `F` is `group/…/artifact/version/artifact-version[-classifier].extension`, `M` is `…/maven-metadata.xml`, `H` one of `md5`,
//! `sha1`, `sha256`, `sha512`, or one of these behind another, for the hash of a hash. Project and repository are found in any case.

mod browsing;
mod catalog;
mod characters;
mod details;
pub(crate) mod error;
mod examples;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod hash;
pub(crate) mod layout;
mod metadata;
pub(crate) mod op;
mod ops;
mod policy;
mod pom;
mod project;
mod route;
mod steps;
mod text;
mod version;
mod wire;
mod xml;
mod xml_writer;

use api::details::Details;
use auth::Audience;
use domain::{Browsing, ClientLines, Connecting, Delete, Format, Granted, Probe, Publish, Read};
use edge::Body;
use shelf::{Item, Shelf, Shelves};
use storage::{ContentError, FetchedVersion};

use self::error::Bad;
use self::layout::FilePath;
use self::metadata::METADATA_BYTES_MAX;
use self::op::{Browse, Get, Look, Open, Push, Remove};
use self::policy::Policy;
use crate::error::Error;
use crate::head::{Asked, Head};
use crate::protocol::{Cx, Example, FirstLogin, HandedOut, Protocol, ReplyResult, Routed, WriteCx};
use crate::reply::Response;

/// The protocol of Java's repositories.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Maven;

impl Protocol for Maven {
    const NAME: &'static str = "maven";
    const FORMAT: Format = Format::new("maven");
    const SPACE_HOST: Option<&'static str> = Some("maven.pkg.");
    const AUDIENCE: Audience = Audience::Packages;
    const FIRST_REPOSITORY: &'static str = "jars";
    const BROWSING: Browsing = browsing::BROWSING;
    const PROGRAMS: &'static [&'static str] = &["mvn", "gradle", "sbt"];

    type Policy = Policy;
    type Bad = Bad;
    type Open = Open;
    type Browse = Browse;
    type Probe = Look;
    type Read = Get;
    type Publish = Push;
    type Delete = Remove;

    fn route(&self, head: &Head<'_>) -> Routed<Self> {
        route::route(head)
    }

    async fn open(&self, op: Open, _cx: &Cx<'_>) -> ReplyResult<Self> {
        match op {}
    }

    async fn browse(&self, op: Browse, _shelves: Shelves<'_>, _cx: &Cx<'_>) -> ReplyResult<Self> {
        match op {}
    }

    async fn probe(&self, op: Look, shelf: Shelf<'_, Probe>, _cx: &Cx<'_>) -> ReplyResult<Self> {
        match op {
            Look::File(fetch) => ops::files::look(&fetch, &shelf).await,
            Look::Metadata { at, hash, conditions } => {
                ops::metadata::look(&at, hash, &conditions, &shelf).await
            }
            Look::Options { allow } => ops::options(allow),
        }
    }

    async fn read(&self, op: Get, shelf: Shelf<'_, Read>, _cx: &Cx<'_>) -> ReplyResult<Self> {
        match op {
            Get::File(fetch) => ops::files::fetch(&fetch, &shelf).await,
            Get::Catalog { hash, conditions } => {
                Box::pin(ops::catalog::read(hash, &conditions, &shelf)).await
            }
            Get::Listing(list) => Box::pin(ops::listing::list(&list, &shelf)).await,
        }
    }

    async fn publish(
        &self,
        op: Push,
        may: Granted<Publish>,
        body: &mut Body,
        cx: &WriteCx<'_>,
    ) -> ReplyResult<Self> {
        match op {
            Push::File { file, declared } => ops::push::file(&file, &declared, may, body, cx).await,
            Push::Hash { of, hash } => ops::push::hash(&of, hash, may, body, cx).await,
            Push::Metadata(at) => ops::plugins::push(&at, may, body, cx).await,
            Push::MetadataHash => ops::push::ignored(body, METADATA_BYTES_MAX).await,
        }
    }

    async fn delete(&self, op: Remove, may: Granted<Delete>, cx: &WriteCx<'_>) -> ReplyResult<Self> {
        ops::remove::remove(&op, may, cx).await
    }

    fn render(&self, error: &Error<Bad>, asked: &Asked<'_>) -> Response {
        error::render(error, asked)
    }

    fn handed_out(op: &Get) -> Option<HandedOut> {
        match op {
            Get::File(fetch) if fetch.hash.is_none() => {
                let version = match &fetch.file.path {
                    FilePath::File(file) => file.gav.entry().ok(),
                    FilePath::Raw(_) => None,
                };
                let version = version.as_ref().map(FetchedVersion::of);
                Some(HandedOut { name: fetch.file.key.clone(), version })
            }
            Get::File(_) | Get::Listing(_) | Get::Catalog { .. } => None,
        }
    }

    async fn details(shelf: &Shelf<'_, Read>, item: &Item) -> Result<Details, ContentError> {
        details::details(shelf, item).await
    }

    async fn folder(
        shelf: &Shelf<'_, Read>,
        (path, after): (&str, &str),
    ) -> Result<Option<Vec<String>>, ContentError> {
        ops::listing::folder(path, after, shelf).await.map(Some).map_err(Error::of_content)
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
