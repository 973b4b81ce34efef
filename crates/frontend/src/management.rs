//! The management, below `/api`: the way between HTTP and the crate `api`, which has the endpoints and everything that is said
//! of them. It is a room of its own and no protocol, because it asks for rights on projects and on the organisation.
//!
//! `/api/openapi.json` describes it to programs, and `/api/problems/CODE` its failures, to anybody; the console has pages of both for people. What does not exist and what the caller may not touch answer with the same
//! bytes. What takes something away is in force even when the disk has no room for it: that is a 202 with `stored: false`.

use std::sync::{Arc, OnceLock};

use ::http::header::{
    ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, IF_MATCH, IF_NONE_MATCH, LOCATION,
    RETRY_AFTER, SET_COOKIE, VARY, WWW_AUTHENTICATE,
};
use ::http::{HeaderValue, Method, StatusCode};
use api::details::FormatReaders;
use api::exchange::{ExchangeToken, ExchangeWanted, Exchanged};
use api::{
    Answered, Api, Ask, Code, Cx, Endpoint as _, Fault, Found, Hooks, IdempotencyKey, Identities, Need,
    Nothing, OnlyIf, PolicySchema, Rates, Turn,
};
use auth::{Authenticator, Presented};
use bytes::Bytes;
use domain::{CallerGate, Formats, PolicyVersion, RequestId, Timestamp, WrittenNode};
use serde::Serialize;
use shelf::House;
use storage::{ContentError, Directory, DirectoryError, InForce};

use crate::challenge;
use crate::head::Head;
use crate::log;
use crate::protocols::FormatDescriptor;
use crate::record::Record;
use crate::reply::{Reply, Response};
use crate::sessions;
use edge::Body;
use edge::http::accept;

mod fault;

pub(crate) use fault::misdirected;

/// Largest body of a request that belongs to no endpoint, in bytes.
const BODY_BYTES_MAX: u64 = 64 << 10;
/// What strangers learn at the root.
const VERSION: &[u8] = br#"{"api":"v1","docs":"/api/docs"}"#;
/// Where the description is, below `/api`.
const DESCRIPTION: &str = "/openapi.json";
/// Where the `type` of a problem leads, below `/api`.
const PROBLEMS: &str = "/problems/";
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const CSV: HeaderValue = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Of what is seen in a session, no browser keeps a copy.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");
/// The version of all access changes that a change is part of.
const POLICY_VERSION: HeaderName = HeaderName::from_static("wharfinger-policy-version");
/// What is done at most once, however often it is asked (docs/api.md 1).
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Whether a change changed anything.
const CHANGED: HeaderName = HeaderName::from_static("wharfinger-changed");

/// The room.
pub struct Management {
    /// Made when it is first asked: its schemas take memory that a gateway at rest does without.
    api: OnceLock<Arc<Api>>,
    directory: Directory,
    authenticator: Arc<Authenticator>,
    house: House,
    descriptors: Vec<FormatDescriptor>,
    formats: Formats,
    readers: FormatReaders,
    hooks: Hooks,
    identities: Identities,
    rates: Arc<Rates>,
    /// Made when it is first asked for.
    description: OnceLock<Bytes>,
}

impl Management {
    /// The API over a directory, and what repositories can hold here.
    #[must_use]
    pub fn new(
        directory: Directory,
        authenticator: Arc<Authenticator>,
        house: House,
        descriptors: Vec<FormatDescriptor>,
        (hooks, identities, rates): (Hooks, Identities, Arc<Rates>),
    ) -> Self {
        let formats = Formats::new(descriptors.iter().map(|of| of.known));
        let readers = FormatReaders::new(descriptors.iter().map(|of| of.reader));
        let (api, description) = (OnceLock::new(), OnceLock::new());
        Self {
            api,
            directory,
            authenticator,
            house,
            descriptors,
            formats,
            readers,
            hooks,
            identities,
            rates,
            description,
        }
    }

    /// The list, for these formats.
    fn api(&self) -> &Arc<Api> {
        let schema =
            |of: &FormatDescriptor| PolicySchema { format: of.known.format, schema: (of.policy_schema)() };
        self.api.get_or_init(|| Arc::new(Api::with(&self.descriptors.iter().map(schema).collect::<Vec<_>>())))
    }

    /// Changes that are in force and wait to be stored.
    pub(crate) fn unstored(&self) -> usize {
        self.directory.unstored()
    }

    /// What anybody may see, if it is that which is asked for.
    pub(crate) fn open(&self, head: &Head<'_>) -> Option<Response> {
        if !matches!(*head.method, Method::GET | Method::HEAD) {
            return None;
        }
        if head.path == DESCRIPTION {
            return Some(Reply::new(StatusCode::OK).bytes(JSON, self.described()).into());
        }
        // Whoever says nothing of themselves learns that there is such an API here.
        let says_nothing =
            || head.header(&AUTHORIZATION).is_none() && matches!(sessions::shown(head), Ok(None));
        if head.path == "/v1" && says_nothing() {
            return Some(Reply::new(StatusCode::OK).bytes(JSON, Bytes::from_static(VERSION)).into());
        }
        let word = head.path.strip_prefix(PROBLEMS)?;
        let code = Code::ALL.iter().find(|code| code.as_str() == word)?;
        let line = format!("{} ({}, {word})\n", code.title(), code.status());
        let reply = Reply::new(StatusCode::OK).header(VARY, HeaderValue::from_static("accept"));
        Some(reply.bytes(TEXT, line.into()).into())
    }

    /// The description, as programs read it.
    fn described(&self) -> Bytes {
        self.description.get_or_init(|| self.api().document().into()).clone()
    }

    /// Waits until what the caller was told of by another node is in force here: before anybody looks at the credentials, which may be
    /// part of it.
    ///
    /// # Errors
    /// `Malformed` if it is no version, `Behind` if that is not so within a second.
    pub(crate) async fn reach(&self, head: &Head<'_>) -> Result<(), Fault> {
        let Some(asked) = condition(head, &POLICY_VERSION)? else { return Ok(()) };
        let plain = asked.bytes().all(|byte| byte.is_ascii_digit());
        let Some(version) = asked.parse().ok().filter(|_| plain) else {
            let detail = format!("`{POLICY_VERSION}` is a whole number");
            return Err(Fault::Told(Code::Malformed, detail.into()));
        };
        api::reach(&self.directory, PolicyVersion::new(version)).await
    }

    /// Answers a request below `/api` whose credentials were looked at already.
    pub(crate) async fn serve(
        &self,
        head: Head<'_>,
        body: &mut Body,
        caller: Result<(CallerGate, Presented), Fault>,
        record: &mut Record,
    ) -> Response {
        let gate = caller.as_ref().ok().map(|(gate, _)| gate.clone());
        let in_session = matches!(&caller, Ok((_, Presented::Session)));
        let mut response = match self.answer(&head, body, caller).await {
            Ok(told) => answered(told, &head).into(),
            Err(fault) => {
                let found = self.api().find(head.method.as_str(), head.path).ok();
                let node = found.as_ref().and_then(Found::node);
                let operation = found.as_ref().map(|found| found.meta().id);
                record.fault(&fault, gate.as_ref(), (operation, node.as_ref().map(WrittenNode::name)));
                failed_before(&head, &fault, record.origin.request)
            }
        };
        if in_session {
            response.headers_mut().insert(CACHE_CONTROL, NO_STORE);
        }
        response
    }

    /// What endpoints work with.
    fn cx(&self, gate: CallerGate, presented: Presented) -> Cx {
        Cx {
            gate,
            presented,
            directory: self.directory.clone(),
            authenticator: Arc::clone(&self.authenticator),
            house: self.house.clone(),
            formats: self.formats.clone(),
            readers: self.readers.clone(),
            hooks: self.hooks.clone(),
            identities: self.identities.clone(),
            rates: Arc::clone(&self.rates),
        }
    }

    /// The operations and what they work with, for who asks in process; one turn of what they may ask.
    ///
    /// # Errors
    /// `TooOften`.
    pub(crate) fn operations(
        &self,
        gate: CallerGate,
        presented: Presented,
        turn: Turn,
    ) -> Result<(&Arc<Api>, Cx), Fault> {
        self.rates.take(gate.client(), turn)?;
        Ok((self.api(), self.cx(gate, presented)))
    }

    /// What a machine gets that shows its token in the words of others.
    pub(crate) async fn exchange(
        &self,
        gate: CallerGate,
        wanted: ExchangeWanted,
    ) -> Result<Exchanged, Fault> {
        self.rates.take(gate.client(), Turn::Change)?;
        let mut cx = self.cx(gate, Presented::Nothing);
        cx.directory = cx.directory.asked_by(ExchangeToken::META.id);
        let ask = Ask::<ExchangeToken>::new((), Nothing {}, wanted);
        Ok(api::answer(&cx, &ask).await?.answer)
    }

    /// The time by which tokens end.
    pub(crate) fn now(&self) -> Timestamp {
        self.identities.clock.now()
    }

    async fn answer(
        &self,
        head: &Head<'_>,
        body: &mut Body,
        caller: Result<(CallerGate, Presented), Fault>,
    ) -> Result<Answered, Fault> {
        head.public_url.believed().map_err(misdirected)?;
        let (gate, presented) = caller?;
        let changes = api::Method::parse(head.method.as_str()).is_some_and(api::Method::changes);
        self.rates.take(gate.client(), if changes { Turn::Change } else { Turn::Read })?;
        let found = self.api().find(head.method.as_str(), head.path);
        // Who is nobody learns of no path but those that are for anybody.
        let is_for_anybody = match &found {
            Ok(found) => found.is_open(),
            Err(fault) => matches!(fault, Fault::Method { is_open: true, .. }),
        };
        if !gate.caller().is_authenticated() && !is_for_anybody {
            return Err(Need::LogIn.nowhere(&gate).into());
        }
        let admitted = found?.admit(self.cx(gate, presented))?;
        let admitted = if accept::prefers(head.headers, "text/csv", "application/json") {
            admitted.as_csv()
        } else {
            admitted
        };
        let only_if = OnlyIf::parse(condition(head, &IF_MATCH)?, condition(head, &IF_NONE_MATCH)?)?;
        let key = IdempotencyKey::parse(condition(head, &IDEMPOTENCY_KEY)?)?;
        let bytes = match admitted.body() {
            Some(kind) => document_of((kind, admitted.body_bytes_max()), head, body).await?,
            None => Bytes::new(),
        };
        admitted.answer(head.query, &bytes, only_if, key).await
    }
}

/// A header that a change is made conditional on. One that cannot be read must not be passed over: the change would be made
/// unconditionally.
///
/// # Errors
/// `Malformed` if it is there twice, or is not plain text.
fn condition<'a>(head: &Head<'a>, name: &HeaderName) -> Result<Option<&'a str>, Fault> {
    let mut values = head.headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    match (value.to_str(), values.next()) {
        (Ok(value), None) => Ok(Some(value)),
        (Err(_), _) | (Ok(_), Some(_)) => {
            let detail = format!("`{name}` is given once, in visible ASCII");
            Err(Fault::Told(Code::Malformed, detail.into()))
        }
    }
}

/// The body of a request, which must say that it is JSON.
///
/// # Errors
/// As [`document_of`].
pub(crate) async fn document(head: &Head<'_>, body: &mut Body) -> Result<Bytes, Fault> {
    document_of(("application/json", BODY_BYTES_MAX), head, body).await
}

/// The body of a request. Only one that says it is JSON of the kind asked for is read: a form on a stranger's page can send any other type with the
/// credentials that the browser keeps for us, but not this one.
///
/// # Errors
/// `NotJson`, too long, too slow, ended before its time, or too much at once.
pub(crate) async fn document_of(
    (kind, bytes_max): (&str, u64),
    head: &Head<'_>,
    body: &mut Body,
) -> Result<Bytes, Fault> {
    let mut said = head.headers.get_all(CONTENT_TYPE).iter().map(|said| said.to_str().unwrap_or_default());
    let is_it = said.next().is_some_and(|said| says(said, kind)) && said.next().is_none();
    if !is_it {
        let detail = format!("send the body with `Content-Type: {kind}`, in UTF-8");
        return Err(Fault::Told(Code::NotJson, detail.into()));
    }
    body.whole(bytes_max).await.map_err(fault::body)
}

/// Whether a type is of this kind and of no other characters than ours: it would be another document to whoever reads them.
fn says(said: &str, kind: &str) -> bool {
    let mut parts = said.split(';').map(str::trim);
    let is_kind = parts.next().is_some_and(|said| said.eq_ignore_ascii_case(kind));
    let named = parts.filter_map(|part| part.split_once('='));
    is_kind
        && named
            .filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
            .all(|(_, value)| value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8"))
}

fn answered(told: Answered, head: &Head<'_>) -> Reply {
    let status = StatusCode::from_u16(told.status).unwrap_or(StatusCode::OK);
    let kind = if told.is_csv { CSV } else { JSON };
    let mut reply = Reply::new(status).bytes(kind, told.body.into());
    if told.has_csv {
        reply = reply.header(VARY, HeaderValue::from_static("accept"));
    }
    reply = located(reply, told.location);
    if let Some(etag) = told.etag {
        reply = reply.header(ETAG, etag);
    }
    if let Some(cookie) = told.cookie.as_ref().and_then(|cookie| sessions::set(&head.public_url, cookie)) {
        reply = reply.header(SET_COOKIE, cookie).header(CACHE_CONTROL, NO_STORE);
    }
    match told.change {
        Some(change) => changed(reply, &change),
        None => reply,
    }
}

/// What every answer to a change says of it.
fn changed(reply: Reply, change: &InForce) -> Reply {
    let reply = reply.header(POLICY_VERSION, HeaderValue::from(change.version.get()));
    reply.header(CHANGED, if change.changed { "true" } else { "false" })
}

fn located(reply: Reply, location: Option<String>) -> Reply {
    match location {
        Some(location) => reply.header(LOCATION, location),
        None => reply,
    }
}

/// A JSON answer of a room beside the list.
pub(crate) fn json(status: StatusCode, document: &impl Serialize) -> Reply {
    Reply::new(status).bytes(JSON, serde_json::to_vec(document).unwrap_or_default().into())
}

/// A line in the log about a failure, if it is ours.
pub(crate) fn tell(fault: &Fault, id: RequestId) {
    match fault {
        Fault::Directory(DirectoryError::Fault(fault)) => log::storage_failed(fault, id),
        Fault::Content(ContentError::Fault(fault)) => log::storage_failed(fault, id),
        Fault::Auth(error) => log::authentication_failed(error, id),
        Fault::Directory(_)
        | Fault::Content(_)
        | Fault::Denied(_)
        | Fault::Fields(_)
        | Fault::Method { .. }
        | Fault::Throttled { .. }
        | Fault::TooOften { .. }
        | Fault::MustChange
        | Fault::Told(..)
        | Fault::Plan(..)
        | Fault::Unconfirmed(_)
        | Fault::Behind => {}
    }
}

/// As [`failed`], for who asked like this.
pub(crate) fn failed_before(head: &Head<'_>, fault: &Fault, id: RequestId) -> Response {
    let mut response = failed(fault, id);
    if response.status() == StatusCode::UNAUTHORIZED && sessions::is_script(head) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge::session());
    }
    response
}

/// The answer to a failure, and a line about it if it is ours.
pub(crate) fn failed(fault: &Fault, id: RequestId) -> Response {
    tell(fault, id);
    let problem = fault.problem();
    let status = StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let document = serde_json::to_vec(&problem.document(id)).unwrap_or_default();
    let mut reply = Reply::new(status).bytes(PROBLEM, document.into());
    if status == StatusCode::UNAUTHORIZED {
        reply = reply.header(WWW_AUTHENTICATE, challenge::basic());
    }
    if let Some(secs) = problem.retry_after_secs {
        reply = reply.header(RETRY_AFTER, HeaderValue::from(secs));
    }
    if let Some(allowed) = problem.allowed {
        reply = reply.header(ALLOW, allowed);
    }
    if let Some(api::Unconfirmed { change, location }) = problem.unconfirmed {
        reply = located(changed(reply, &change), location);
    }
    reply.into()
}
