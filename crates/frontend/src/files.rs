//! Generic files: whatever has a path, as curl, wget and browsers send and fetch it (docs/files.md).
//!
//! | request below `/files/p/PROJECT/REPOSITORY` | asks for | does |
//! |---|---|---|
//! | `HEAD F`, `HEAD F.H`, `OPTIONS` | Probe | what is there |
//! | `GET F`, `GET F.H` | Read | content, with ranges and conditions; hashes of what is served |
//! | `GET D/`, `HEAD D/` | Read | what is in a directory, page by page, as HTML or as JSON |
//! | `PUT F` | Publish | a file, compared with the hashes that come along |
//! | `DELETE F` | Delete | one file |
//!
//! `F` is a path of names, `D/` one that ends with a slash, or the repository itself, `H` one of `md5`, `sha1`, `sha256`, `sha512`. A
//! file whose own name ends so goes before the hash of another. Project and repository are found in any case, files in their own.

mod browsing;
mod content_digest;
pub(crate) mod error;
mod examples;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
pub(crate) mod op;
mod ops;
mod path;
mod policy;
mod route;
mod steps;

use auth::Audience;
use domain::{Browsing, ClientLines, Connecting, Delete, Format, Granted, Probe, Publish, Read};
use edge::Body;
use shelf::{Shelf, Shelves};
use storage::ContentError;

use self::error::Bad;
use self::op::{Browse, Get, Look, Open, Push, Remove};
use self::policy::Policy;
use crate::error::Error;
use crate::head::{Asked, Head};
use crate::protocol::{Cx, Example, FirstLogin, HandedOut, Protocol, ReplyResult, Routed, WriteCx};
use crate::reply::Response;

/// Files by their paths, and nothing else known of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Files;

impl Protocol for Files {
    const NAME: &'static str = "files";
    const FORMAT: Format = Format::new("files");
    const SPACE_HOST: Option<&'static str> = Some("files.pkg.");
    const AUDIENCE: Audience = Audience::Packages;
    const FIRST_REPOSITORY: &'static str = "files";
    const BROWSING: Browsing = browsing::BROWSING;

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
            Look::File(fetch) => ops::fetch::look(&fetch, &shelf).await,
            Look::Options { allow } => Ok(ops::options(allow)),
        }
    }

    async fn read(&self, op: Get, shelf: Shelf<'_, Read>, _cx: &Cx<'_>) -> ReplyResult<Self> {
        match op {
            Get::File(fetch) => ops::fetch::fetch(&fetch, &shelf).await,
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
        ops::push::push(&op, may, body, cx).await
    }

    async fn delete(&self, op: Remove, may: Granted<Delete>, cx: &WriteCx<'_>) -> ReplyResult<Self> {
        ops::remove::remove(op, may, cx).await
    }

    fn render(&self, error: &Error<Bad>, _asked: &Asked<'_>) -> Response {
        error::render(error)
    }

    fn handed_out(op: &Get) -> Option<HandedOut> {
        match op {
            Get::File(fetch) if fetch.path.hash_of.is_none() => {
                Some(HandedOut::version(fetch.path.key.clone()))
            }
            Get::File(_) | Get::Listing(_) => None,
        }
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
