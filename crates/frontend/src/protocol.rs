//! What a protocol is: a translator between HTTP and the verbs of shelf and storage (`crates/README.md`), and what it brings for
//! its repositories, so that nothing else has to know it.

use std::any::Any;
use std::sync::Arc;

use api::details::{Details, Outline};
use auth::Audience;
use domain::{
    Browsing, CallerGate, ClientLines, Connecting, Delete, EntryKey, Format, Granted, Probe, Publish, Read,
    RepositoryPath, Right, RightKind,
};
use edge::Body;
use http::{HeaderName, Method};
use shelf::{Item, Shelf, Shelves};
use storage::{ContentError, Fault, FetchedVersion, Leases, Storage};

use crate::config::Limits;
use crate::error::Error;
use crate::head::{Asked, Head};
use crate::policy::Policy;
use crate::reply::{Reply, Response};

/// What every operation of a protocol answers with.
pub type ReplyResult<P> = Result<Reply, Error<<P as Protocol>::Bad>>;

/// A package protocol. The pipeline calls `route`, establishes the caller, asks the gate for the right that the variant
/// of [`Routed`] names, and only then calls the operation or shows a `Bad`. Implementations write plain `async fn`.
pub trait Protocol: Sized + Send + Sync + 'static {
    /// Short name for logs and metrics, such as `oci`.
    const NAME: &'static str;
    /// Which repositories speak it. A readable repository of another format answers as [`Error::OtherFormat`].
    const FORMAT: Format;
    /// How hosts of Space's form for this protocol begin, such as `maven.pkg.`, if they have paths of their own (docs/design.md 3).
    const SPACE_HOST: Option<&'static str>;
    /// Whether bearers of the token endpoint are credentials here.
    const AUDIENCE: Audience;
    /// What the first-run set-up calls the repository that it makes for it.
    const FIRST_REPOSITORY: &'static str;
    /// Client programs that the command line gives access, by the names it knows them by.
    const PROGRAMS: &'static [&'static str] = &[];
    /// What stands behind the path of a repository in the address that these programs are given.
    const FEED: &'static str = "";
    /// The header in which its clients send a token alone, if they do not use `Authorization`. It is then read at every address
    /// (docs/design.md 4).
    const KEY_HEADER: Option<HeaderName> = None;

    /// How its names are packages, versions and files.
    const BROWSING: Browsing;

    /// What its repositories let happen to their names, as administrators write it.
    type Policy: Policy;
    /// What the protocol itself finds wrong: no such route, method, bad syntax, bad documents.
    type Bad: Send;
    /// Version check and the like: no repository, no right asked; the operation sees the caller in [`Cx::gate`].
    type Open: Send;
    /// Search and catalogue: over all repositories the caller may read.
    type Browse: Send;
    /// HEAD, derived metadata, service index: for readers and publishers.
    type Probe: Send;
    /// Fetch content, list.
    type Read: Send;
    /// New names; upload status and cancel too.
    type Publish: Send;
    /// Delete, unlist, relist.
    type Delete: Send;

    /// Reads method, path, query and headers. Pure: no I/O, no clock, no storage; must not panic on anything.
    fn route(&self, head: &Head<'_>) -> Routed<Self>;

    /// Answers an operation without a repository.
    fn open(&self, op: Self::Open, cx: &Cx<'_>) -> impl Future<Output = ReplyResult<Self>> + Send;

    /// Answers an operation over everything readable.
    fn browse(
        &self,
        op: Self::Browse,
        shelves: Shelves<'_>,
        cx: &Cx<'_>,
    ) -> impl Future<Output = ReplyResult<Self>> + Send;

    /// Answers a question about what exists.
    fn probe(
        &self,
        op: Self::Probe,
        shelf: Shelf<'_, Probe>,
        cx: &Cx<'_>,
    ) -> impl Future<Output = ReplyResult<Self>> + Send;

    /// Answers with content.
    fn read(
        &self,
        op: Self::Read,
        shelf: Shelf<'_, Read>,
        cx: &Cx<'_>,
    ) -> impl Future<Output = ReplyResult<Self>> + Send;

    /// Takes something in. What it leaves unread of `body` is drained within bounds by the pipeline, so that a refused
    /// client gets to read the reason. An expected `100 Continue` is sent when the body is first asked for a chunk.
    fn publish(
        &self,
        op: Self::Publish,
        may: Granted<Publish>,
        body: &mut Body,
        cx: &WriteCx<'_>,
    ) -> impl Future<Output = ReplyResult<Self>> + Send;

    /// Takes something away.
    fn delete(
        &self,
        op: Self::Delete,
        may: Granted<Delete>,
        cx: &WriteCx<'_>,
    ) -> impl Future<Output = ReplyResult<Self>> + Send;

    /// Says a failure in the ecosystem's language: the only place with its wire errors, one exhaustive match.
    /// Status and challenge of `Auth` and `Denied` come from [`crate::challenge`], the wording is the protocol's.
    fn render(&self, error: &Error<Self::Bad>, asked: &Asked<'_>) -> Response;

    /// The name whose own content a read hands out, for the audit, and the version that it is of, which is counted; `None` for lists,
    /// what is derived, and parts without a name.
    fn handed_out(_op: &Self::Read) -> Option<HandedOut> {
        None
    }

    /// What the content of a version tells of it. What cannot be read in it is left out: an error is a failure of storage alone.
    fn details(
        _shelf: &Shelf<'_, Read>,
        item: &Item,
    ) -> impl Future<Output = Result<Details, ContentError>> + Send {
        let mut details = Details::of_kind("file");
        details.fact("media-type", &item.entry.media_type);
        std::future::ready(Ok(details))
    }

    /// The short form of the same, for lists; `None` where there is nothing to say.
    fn outline(
        _shelf: &Shelf<'_, Read>,
        _item: &Item,
    ) -> impl Future<Output = Result<Option<Outline>, ContentError>> + Send {
        std::future::ready(Ok(None))
    }

    /// The names in a folder, empty for the root, behind one of them; those of folders end in a slash. `None` where there are no folders.
    fn folder(
        _shelf: &Shelf<'_, Read>,
        (_path, _after): (&str, &str),
    ) -> impl Future<Output = Result<Option<Vec<String>>, ContentError>> + Send {
        std::future::ready(Ok(None))
    }

    /// One request per route, for the access matrix.
    fn examples() -> Vec<Example>;

    /// Lines to paste for the first administrator: something into a repository and out of it again.
    fn first_steps(login: &FirstLogin<'_>, repository: &str) -> String;

    /// What each of its clients is told, to paste.
    fn clients(connecting: &Connecting<'_>) -> Vec<ClientLines>;
}

/// What a read hands out.
#[derive(Debug)]
pub struct HandedOut {
    /// Its name.
    pub name: EntryKey,
    /// The version that it is, or is a file of; `None` for what is of none.
    pub version: Option<FetchedVersion>,
}

impl HandedOut {
    /// A version by its own name.
    pub(crate) fn version(name: EntryKey) -> Self {
        Self { version: Some(FetchedVersion::of(&name)), name }
    }
}

/// Where a request leads: the variant is the right that it needs.
pub enum Routed<P: Protocol> {
    /// No repository.
    Open(Result<P::Open, P::Bad>),
    /// A set of repositories.
    Browse(Result<P::Browse, P::Bad>),
    /// `read` or `publish` on one repository.
    Probe(At<P::Probe, P::Bad>),
    /// `read` on one repository.
    Read(At<P::Read, P::Bad>),
    /// `publish` on one repository.
    Publish(At<P::Publish, P::Bad>),
    /// `delete-package` on one repository.
    Delete(At<P::Delete, P::Bad>),
}

/// An operation at a repository. What is wrong with it is shown only to who may do it there.
pub struct At<O, B> {
    /// The repository as asked for; `None` is a name that none can have, which answers as an absent one.
    pub repository: Option<RepositoryPath>,
    /// The operation, or what is wrong with it.
    pub op: Result<O, B>,
}

/// What an answer is made with besides its shelf, which is the only way to a name:
///
/// ```compile_fail,E0609
/// fn around_the_shelf<'a>(cx: &frontend::Cx<'a>) -> &'a storage::Storage {
///     cx.storage
/// }
/// ```
#[derive(Clone, Copy)]
pub struct Cx<'a> {
    /// The caller's way to the gate.
    pub gate: &'a CallerGate,
    /// Links that are looked at by who relies on them.
    pub leases: Leases<'a>,
    /// Bounds of sizes and pages.
    pub limits: &'a Limits,
}

/// What a change is made with besides its proof and its body.
#[derive(Clone, Copy)]
pub struct WriteCx<'a> {
    /// Bytes and names of the repository that the proof is about.
    pub storage: &'a Storage,
    /// The caller's way to the gate, for a second question such as Overwrite or Read on a mount's source.
    pub gate: &'a CallerGate,
    /// Bounds of sizes and pages.
    pub limits: &'a Limits,
}

impl WriteCx<'_> {
    /// The policy of the repository that the proof is about, in the protocol's own type.
    ///
    /// # Errors
    /// `Absent` if it is gone.
    pub(crate) async fn policy<P: Policy>(&self, may: &Granted<impl Right>) -> Result<Arc<P>, ContentError> {
        let rules: Arc<dyn Any + Send + Sync> = self.storage.rules(may).await?;
        let other = |_| Fault::Corrupt("a policy was read as another format's".into()).into();
        rules.downcast().map_err(other)
    }
}

/// Who lines to paste are for, and where they lead.
#[derive(Debug, Clone, Copy)]
pub struct FirstLogin<'a> {
    /// `https://HOST`, without a slash behind it.
    pub origin: &'a str,
    /// User name.
    pub username: &'a str,
    /// The first token.
    pub token: &'a str,
}

/// One request of one route, with everything that is needed to send it to a repository of the protocol.
#[derive(Debug, Clone)]
pub struct Example {
    /// Name of the route, unique in its protocol.
    pub name: &'static str,
    /// Method.
    pub method: Method,
    /// Whole path with query; `{repository}` stands for `PROJECT/REPOSITORY`.
    pub path: &'static str,
    /// What the route asks for.
    pub needs: Needs,
    /// Headers besides the credentials.
    pub headers: &'static [(&'static str, &'static str)],
    /// Body; empty for none.
    pub body: &'static [u8],
}

/// What a route asks of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing of the gate.
    Open,
    /// The set of readable repositories.
    Browse,
    /// This right on the repository.
    Right(RightKind),
}

impl FirstLogin<'_> {
    /// Host and port as docker wants them.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.origin.split_once("://").map_or(self.origin, |(_, authority)| authority)
    }

    /// Whether nobody on the way reads along; many clients insist on it.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.origin.starts_with("https:")
    }
}

impl<O, B> At<O, B> {
    /// An operation, or what is wrong with it, at a repository that may or may not exist.
    pub const fn new(repository: Option<RepositoryPath>, op: Result<O, B>) -> Self {
        Self { repository, op }
    }
}
