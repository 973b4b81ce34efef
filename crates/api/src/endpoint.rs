//! What an endpoint is, and the one way to its operation.

use std::sync::Arc;

use auth::{Authenticator, Presented, Secret};
use domain::{
    Acting, CallerGate, Denied, Formats, Granted, KnownProject, Node, Organisation, Own, Project, ProjectKey,
    Repository, Right, RightKind,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shelf::House;
use storage::{Directory, InForce};
use tokio::time::{Duration, sleep};

use crate::at::{At, Names};
use crate::conditions::{OnlyIf, Tag};
use crate::details::FormatReaders;
use crate::hooks::Hooks;
use crate::identities::Identities;
use crate::problem::{Code, Fault};
use crate::rates::Rates;
use crate::wait::Wait;

/// One operation of the management: a file has a few of them, the list in `all.rs` has all. What it needs stands in its types:
/// whoever reads the description, the access matrix or the code reads the same.
pub trait Endpoint: Sized + Send + Sync + 'static {
    /// Name, address and what it may answer.
    const META: Meta;
    /// Whether its answers have an ETag that a change can be made conditional on.
    const CONDITIONAL: bool = false;
    /// Whether what it makes is only begun when it is answered: 202, and where it is seen.
    const BEGINS: bool = false;
    /// Whether a password that has to be changed is good for it: for what it takes to change it, and nothing else.
    const BEFORE_PASSWORD: bool = false;
    /// Largest document sent along, in bytes.
    const BODY_BYTES_MAX: u64 = 64 << 10;
    /// The answer as lines with commas, for who would rather have these; `None` where it is no table.
    const CSV: Option<fn(&Self::Answer) -> String> = None;
    /// What the path names.
    type At: At;
    /// Parameters of the query; [`Nothing`] for none.
    type Query: DeserializeOwned + Serialize + JsonSchema + Send + Sync;
    /// The document sent along; [`Nothing`] for none.
    type Body: DeserializeOwned + Serialize + JsonSchema + Send + Sync;
    /// The document answered. Clients read past fields they do not know.
    type Answer: DeserializeOwned + Serialize + JsonSchema + Send;
    /// The proof, which is the declared right.
    type May: May<Self::At>;

    /// Does it.
    fn call(
        cx: &Cx,
        may: Self::May,
        ask: &Ask<Self>,
    ) -> impl Future<Output = Result<Done<Self::Answer>, Fault>> + Send;
}

/// A proof that can be asked for at an address.
pub trait May<A>: Sized + Send {
    /// The same as a value: for the description, the access matrix, and the refusal at an address that cannot be.
    const NEED: Need;
    /// Whether it is one proof for what is not there yet and another for what is: what came to be in between is asked about anew.
    const MAKES: bool = false;

    /// Asks the gate.
    ///
    /// # Errors
    /// `Denied` as the gate says.
    fn ask(gate: &CallerGate, at: &A) -> Result<Self, Denied>;
}

/// What an endpoint asks of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: what comes along in the body is the proof.
    Open,
    /// To be somebody.
    LogIn,
    /// The same over HTTP. In process nothing: the answer has only what the caller may read, and pages for anybody are made of it.
    Reader,
    /// To be a person, about what is one's own.
    Own,
    /// This right at this node of the path.
    Right(RightKind, On),
    /// To take part in the project of the path, or to read something in it.
    KnownProject,
    /// To have the right, or to be a person, with a credential that is not limited, and ask about oneself: known once asked.
    OrOneself(&'static Self),
    /// To have the right, or, of the computed team of a project, to administer access there.
    OrOfItsProject(&'static Self),
    /// To see the directory, or to administer access at the node that the query names: asked when it was read.
    AboutOthers,
    /// Either of the two: the first where nothing is there yet, the second where something is.
    Either(&'static Self, &'static Self),
    /// Both.
    Both(&'static Self, &'static Self),
}

/// Which node a right is asked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// The organisation.
    Organisation,
    /// The project of the path.
    Project,
    /// The repository of the path.
    Repository,
}

/// A node that rights are asked on.
pub trait GuardedNode: Node {
    /// Which one.
    const ON: On;
}

/// What is said of an endpoint besides its types.
#[derive(Debug, Clone, Copy)]
pub struct Meta {
    /// Unique, such as `token_create`; generated clients name their functions by it.
    pub id: &'static str,
    /// The method.
    pub method: Method,
    /// The path below `/api/v1`, with names in braces.
    pub path: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// The release that brought it.
    pub since: &'static str,
    /// Events it writes to the audit.
    pub audit: &'static [&'static str],
    /// What it may answer besides what every endpoint may.
    pub faults: &'static [Code],
    /// The words of the command line that call it; none for what only programs ask.
    pub cli: Option<&'static str>,
}

/// The methods there are. HEAD asks as GET does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes or replaces what the path names.
    Put,
    /// Changes what is given of what the path names, and leaves the rest (RFC 7396).
    Patch,
    /// Makes a secret, a job or an exchange.
    Post,
    /// Takes away what the path names.
    Delete,
}

/// A request: everything in it is parsed.
#[derive(Debug)]
pub struct Ask<E: Endpoint> {
    /// What the path names.
    pub at: E::At,
    /// Parameters of the query.
    pub query: E::Query,
    /// The document sent along.
    pub body: E::Body,
    /// What must be so of what is there, for it to be changed.
    pub only_if: OnlyIf,
    /// Whether it is to be run to its end and taken back. On the server the directory it works with does that.
    pub dry_run: bool,
    /// Where it is to be in force before it is answered. Seen to behind the endpoint.
    pub wait: Wait,
}

/// What an endpoint works with besides its proof and what was asked.
#[derive(Clone)]
pub struct Cx {
    /// The caller's way to the gate.
    pub gate: CallerGate,
    /// What the caller presented.
    pub presented: Presented,
    /// Administration.
    pub directory: Directory,
    /// Who verifies and hashes passwords.
    pub authenticator: Arc<Authenticator>,
    /// What repositories show.
    pub house: House,
    /// What repositories can hold here.
    pub formats: Formats,
    /// Who looks into content of theirs.
    pub readers: FormatReaders,
    /// What webhooks need besides.
    pub hooks: Hooks,
    /// What machine identities need besides.
    pub identities: Identities,
    /// How often callers ask.
    pub rates: Arc<Rates>,
}

/// What was done.
#[derive(Debug)]
pub struct Done<A> {
    /// The document answered.
    pub answer: A,
    /// The change, if it is one.
    pub change: Option<InForce>,
    /// Where what was made can be found, below `/api/v1`.
    pub made: Option<String>,
    /// What the document answered is told apart by, if it is a resource.
    pub tag: Option<Tag>,
    /// What becomes of the caller's session in a browser.
    pub cookie: Option<SessionCookie>,
}

/// What becomes of a session in a browser.
#[derive(Debug)]
pub enum SessionCookie {
    /// It begins.
    Begun {
        /// What it is shown by.
        secret: Secret<String>,
        /// How long it lasts at most, in seconds.
        secs: u64,
    },
    /// It has ended.
    Ended,
}

/// The proof for what is not there yet, or for what is.
pub enum MakeOrChange<M, C> {
    /// It is to be made.
    Make(M),
    /// It is there.
    Change(C),
}

/// No parameters, no document.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// No proof: what comes along in the body is one.
#[must_use]
pub struct Anybody(());

/// No proof, because the answer has only what whoever asks may read. Over HTTP it takes a log-in all the same, so that strangers learn of no
/// path; pages for anybody are made of it in process.
#[must_use]
pub struct Reader(());

/// Proof that somebody asks, whoever it is.
#[must_use]
pub struct LoggedIn(());

impl Method {
    /// What an endpoint of this method may answer besides what every endpoint may.
    pub(crate) const fn faults(self) -> &'static [Code] {
        match self {
            Self::Post => &[Code::AlreadyMade, Code::KeyReused, Code::NotConfirmed],
            Self::Put | Self::Patch | Self::Delete => &[Code::NotConfirmed],
            Self::Get => &[],
        }
    }

    /// Reads it as HTTP writes it; `None` for what no path here has.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "GET" | "HEAD" => Some(Self::Get),
            "PUT" => Some(Self::Put),
            "PATCH" => Some(Self::Patch),
            "POST" => Some(Self::Post),
            "DELETE" => Some(Self::Delete),
            _ => None,
        }
    }

    /// As HTTP writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }

    /// Whether a document comes along.
    #[must_use]
    pub const fn has_body(self) -> bool {
        matches!(self, Self::Put | Self::Patch | Self::Post)
    }

    /// Whether it changes anything.
    #[must_use]
    pub const fn changes(self) -> bool {
        !matches!(self, Self::Get)
    }

    /// What the document has to say that it is.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        if matches!(self, Self::Patch) { "application/merge-patch+json" } else { "application/json" }
    }
}

impl Need {
    /// The right that a refusal names.
    #[must_use]
    pub const fn right(self) -> RightKind {
        match self {
            Self::Right(right, _) => right,
            Self::Either(first, _)
            | Self::Both(first, _)
            | Self::OrOneself(first)
            | Self::OrOfItsProject(first) => first.right(),
            Self::KnownProject => RightKind::Permission(domain::Permission::Read),
            Self::Open | Self::LogIn | Self::Reader => {
                RightKind::Permission(domain::Permission::DirectoryView)
            }
            Self::Own => RightKind::Permission(domain::Permission::DirectoryManage),
            Self::AboutOthers => RightKind::Permission(domain::Permission::AccessManage),
        }
    }

    /// The refusal of something that is not there.
    #[must_use]
    pub fn nowhere(self, gate: &CallerGate) -> Denied {
        let authenticated = gate.caller().is_authenticated();
        Denied { authenticated, may_know: false, right: self.right() }
    }
}

impl GuardedNode for Organisation {
    const ON: On = On::Organisation;
}

impl GuardedNode for Project {
    const ON: On = On::Project;
}

impl GuardedNode for Repository {
    const ON: On = On::Repository;
}

impl<R: Right, N: GuardedNode, A: Names<N>> May<A> for Granted<R, N> {
    const NEED: Need = Need::Right(R::KIND, N::ON);

    fn ask(gate: &CallerGate, at: &A) -> Result<Self, Denied> {
        gate.check(at.name())
    }
}

impl<A, M: May<A>, C: May<A>> May<A> for MakeOrChange<M, C> {
    const NEED: Need = Need::Either(&M::NEED, &C::NEED);
    const MAKES: bool = true;

    fn ask(gate: &CallerGate, at: &A) -> Result<Self, Denied> {
        match C::ask(gate, at) {
            Ok(may) => Ok(Self::Change(may)),
            Err(refused) if refused.may_know => Err(refused),
            Err(_) => M::ask(gate, at).map(Self::Make),
        }
    }
}

impl<A, L: May<A>, R: May<A>> May<A> for (L, R) {
    const NEED: Need = Need::Both(&L::NEED, &R::NEED);

    fn ask(gate: &CallerGate, at: &A) -> Result<Self, Denied> {
        Ok((L::ask(gate, at)?, R::ask(gate, at)?))
    }
}

impl May<ProjectKey> for KnownProject {
    const NEED: Need = Need::KnownProject;

    fn ask(gate: &CallerGate, at: &ProjectKey) -> Result<Self, Denied> {
        gate.known_project(at)
    }
}

impl<A> May<A> for Own {
    const NEED: Need = Need::Own;

    fn ask(gate: &CallerGate, _at: &A) -> Result<Self, Denied> {
        gate.own()
    }
}

impl<A> May<A> for Acting {
    const NEED: Need = Need::LogIn;

    fn ask(gate: &CallerGate, _at: &A) -> Result<Self, Denied> {
        gate.acting()
    }
}

impl<A> May<A> for Reader {
    const NEED: Need = Need::Reader;

    fn ask(_gate: &CallerGate, _at: &A) -> Result<Self, Denied> {
        Ok(Self(()))
    }
}

impl<A> May<A> for Anybody {
    const NEED: Need = Need::Open;

    fn ask(_gate: &CallerGate, _at: &A) -> Result<Self, Denied> {
        Ok(Self(()))
    }
}

impl<A> May<A> for LoggedIn {
    const NEED: Need = Need::LogIn;

    fn ask(gate: &CallerGate, _at: &A) -> Result<Self, Denied> {
        if gate.caller().is_authenticated() { Ok(Self(())) } else { Err(Need::LogIn.nowhere(gate)) }
    }
}

impl<A> Done<A> {
    /// Something was looked at.
    pub const fn read(answer: A) -> Self {
        Self { answer, change: None, made: None, tag: None, cookie: None }
    }

    /// Something was changed, or is as it was asked to be.
    pub const fn changed(answer: A, change: InForce) -> Self {
        Self { answer, change: Some(change), made: None, tag: None, cookie: None }
    }

    /// Something was made, which is found at a path below `/api/v1`.
    pub fn made(answer: A, change: InForce, at: String) -> Self {
        Self { made: Some(at), ..Self::changed(answer, change) }
    }

    /// With what becomes of the caller's session.
    pub(crate) fn with_cookie(self, cookie: SessionCookie) -> Self {
        Self { cookie: Some(cookie), ..self }
    }
}

impl<A: Serialize> Done<A> {
    /// A resource was looked at.
    pub fn shown(answer: A) -> Self {
        Self { tag: Some(Tag::of(&answer)), ..Self::read(answer) }
    }

    /// A resource was made, which is found at a path below `/api/v1`, or changed.
    pub fn put(answer: A, made: Option<String>, change: InForce) -> Self {
        Self { tag: Some(Tag::of(&answer)), made, ..Self::changed(answer, change) }
    }
}

impl<E: Endpoint> Ask<E> {
    /// A request without conditions.
    pub fn new(at: E::At, query: E::Query, body: E::Body) -> Self {
        Self { at, query, body, only_if: OnlyIf::Whatever, dry_run: false, wait: Wait::Node }
    }
}

/// How often a change is tried: administrators who work at the same time make each other's proofs old.
const TRIES_MAX: u32 = 16;
/// Longest wait between two tries.
const WAIT_MAX: Duration = Duration::from_millis(64);

/// The one caller of [`Endpoint::call`]. A proof that another change overtook is asked for again, after a moment in which that
/// change comes into force.
///
/// # Errors
/// As the endpoint's; `Stale` if others were faster sixteen times.
pub async fn answer<E: Endpoint>(cx: &Cx, ask: &Ask<E>) -> Result<Done<E::Answer>, Fault> {
    let (mut tried, mut made_by_others) = (0, false);
    loop {
        let may = E::May::ask(&cx.gate, &ask.at)?;
        match E::call(cx, may, ask).await {
            Err(Fault::Directory(storage::DirectoryError::Exists)) if E::May::MAKES && !made_by_others => {
                made_by_others = true;
            }
            Err(Fault::Directory(storage::DirectoryError::Stale)) if tried < TRIES_MAX => {
                sleep(WAIT_MAX.min(Duration::from_millis(1 << tried))).await;
                tried = tried.saturating_add(1);
            }
            settled => return settled,
        }
    }
}
