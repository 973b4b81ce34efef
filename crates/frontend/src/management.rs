//! The management API, below `/api/v1`: JSON in, JSON or `application/problem+json` out, Basic challenge, unknown fields
//! refused. It is a room of its own and no protocol, because it asks for rights on projects and on the organisation; each
//! operation goes through the gate and every change is in force before its answer leaves.
//!
//! | method and path | right | body | answer |
//! |---|---|---|---|
//! | `GET /me` | any log-in | | who the credentials belong to |
//! | `GET /tokens?after=&limit=` | own | | `{tokens, next}` |
//! | `POST /tokens` | own | `{name, limits?: [{on, permissions}], expires?}` | 201 `{id, name, secret, …}`, the secret only here |
//! | `PUT /tokens/{id}/state` | own | `{state: "disabled" or "revoked"}` | `{policy_version, changed}` |
//! | `… /principals/{kind:name}/tokens…` | `directory-manage` on `/` | as above | as above, for somebody else |
//! | `PUT /principals/{kind:name}/suspended` | `directory-manage` on `/` | `{suspended}` | `{policy_version, changed}` |
//! | `GET /organisation/grants?after=&limit=` | `access-manage` there | | `{grants, next}`, those of this node only |
//! | `PUT /organisation/grants` | `access-manage` there | `{to, role or permissions, expires?}` | `{policy_version, changed}` |
//! | `DELETE /organisation/grants?to=&role=` | `access-manage` there | | `{policy_version, changed}` |
//! | `… /projects/{key}/grants` | | | the same on a project |
//! | `… /repositories/{key}/{name}/grants` | | | the same on a repository |
//! | `PUT /repositories/{key}/{name}/visibility` | `repository-settings` there | `{visibility: "public" or "private"}` | `{policy_version, changed}` |
//! | `POST /setup` | the one-time code | see [`crate::setup`] | |
//!
//! What does not exist and what the caller may not touch answer with the same bytes. Times are RFC 3339.
//!
//! What takes something away (a token disabled or revoked, a principal suspended, a grant deleted, a repository made private) is
//! in force even when the disk has no room for it. The answer is then 202 with `in_force: true`, `stored: false` and words: it is
//! written as soon as there is room, and only a restart before that would undo it.

use ::http::StatusCode;
use ::http::header::CONTENT_TYPE;
use auth::{AuthError, Presented};
use bytes::Bytes;
use domain::{CallerGate, Denied, Permission, RequestId, RightKind, Who};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use storage::{Directory, DirectoryError};
use tokio::time::{Duration, sleep};

use crate::body::Body;
use crate::head::{Asked, Head};
use crate::log;
use crate::reply::{Reply, Response};

pub(crate) mod error;
mod grants;
mod principals;
mod route;
mod tokens;
pub(crate) mod wire;

use error::{Bad, Failure, render};
use route::{Op, route};

/// Largest body of a request, in bytes.
const BODY_BYTES_MAX: u64 = 64 << 10;
/// How often a change is tried: administrators who work at the same time make each other's proofs old.
const TRIES_MAX: u32 = 16;
/// What is told of a change that is in force without its rows.
const UNSTORED: &str = "it is in force here, but the disk is full: it is stored as soon as there is room, and a restart before \
                        that would undo it";
/// Longest wait between two tries.
const WAIT_MAX: Duration = Duration::from_millis(64);

/// The room.
pub struct Management {
    directory: Directory,
}

impl Management {
    /// The API over a directory.
    #[must_use]
    pub const fn new(directory: Directory) -> Self {
        Self { directory }
    }

    /// Changes that are in force and wait to be stored.
    pub(crate) fn unstored(&self) -> usize {
        self.directory.unstored()
    }

    /// Answers a request below `/api` whose credentials were looked at already.
    pub(crate) async fn serve(
        &self,
        head: Head<'_>,
        body: &mut Body,
        caller: Result<(CallerGate, Presented), AuthError>,
        id: RequestId,
    ) -> Response {
        match self.answer(&head, body, caller).await {
            Ok(reply) => reply.into(),
            Err(failure) => {
                log::failed(&failure, &Asked { head, id, presented: None });
                render(&failure)
            }
        }
    }

    async fn answer(
        &self,
        head: &Head<'_>,
        body: &mut Body,
        caller: Result<(CallerGate, Presented), AuthError>,
    ) -> Result<Reply, Failure> {
        head.public_url.believed()?;
        let (gate, presented) = caller?;
        if !gate.caller().is_authenticated() {
            let right = RightKind::Permission(Permission::DirectoryView);
            return Err(Denied { authenticated: false, may_know: false, right }.into());
        }
        let directory = &self.directory;
        let op = route(head)?;
        let body = Document::new(head, body);
        match op {
            Op::Me => self.me(&gate, presented).await,
            Op::Tokens(whose) => tokens::list(directory, &gate, &whose, head).await,
            Op::CreateToken(whose) => tokens::create(directory, &gate, &whose, body).await,
            Op::TokenState(whose, id) => tokens::set_state(directory, &gate, &whose, id, body).await,
            Op::Suspended(principal) => principals::set_suspended(directory, &gate, &principal, body).await,
            Op::Grants(place) => grants::list(directory, &gate, &place, head).await,
            Op::PutGrant(place) => grants::put(directory, &gate, &place, body).await,
            Op::DeleteGrant(place) => grants::delete(directory, &gate, &place, head).await,
            Op::Visibility(path) => grants::set_visibility(directory, &gate, path.as_ref(), body).await,
        }
    }

    async fn me(&self, gate: &CallerGate, presented: Presented) -> Result<Reply, Failure> {
        let caller = gate.caller();
        let kind = match caller.who() {
            Who::Principal(_, kind) => kind.as_str(),
            Who::Anonymous => "anonymous",
        };
        let with = match presented {
            Presented::Token => "token",
            Presented::Password => "password",
            Presented::Bearer => "bearer",
            Presented::Nothing | Presented::AnonymousBearer => "nothing",
        };
        // An application is known by the client ID it just gave.
        let name = match gate.own() {
            Ok(own) => Some(self.directory.own_name(&own).await?),
            Err(_) => None,
        };
        Ok(reply(
            StatusCode::OK,
            &json!({ "kind": kind, "name": name, "with": with, "token": caller.token().map(auth::id_text) }),
        ))
    }
}

/// Attempts at a change whose proof may be overtaken: access changed between the gate and the transaction, so the gate
/// is asked again.
struct Tries(u32);

impl Tries {
    const fn new() -> Self {
        Self(TRIES_MAX)
    }

    /// The outcome, or `None` if the gate should be asked again, after a moment in which the other change comes into force.
    async fn settled<T>(&mut self, outcome: Result<T, DirectoryError>) -> Option<Result<T, Failure>> {
        match outcome {
            Err(DirectoryError::Stale) if self.0 > 0 => {
                let tried = TRIES_MAX.saturating_sub(self.0);
                self.0 = self.0.saturating_sub(1);
                sleep(WAIT_MAX.min(Duration::from_millis(1 << tried))).await;
                None
            }
            settled => Some(settled.map_err(Failure::from)),
        }
    }
}

/// A JSON answer.
pub(crate) fn reply(status: StatusCode, body: &Value) -> Reply {
    Reply::new(status).bytes(wire::JSON, Bytes::from(body.to_string()))
}

/// The answer to a change that is in force.
fn in_force(force: &storage::InForce) -> Reply {
    let mut body = json!({ "policy_version": force.version.get(), "changed": force.changed });
    if force.stored {
        return reply(StatusCode::OK, &body);
    }
    if let Some(fields) = body.as_object_mut() {
        fields.insert("in_force".to_owned(), json!(true));
        fields.insert("stored".to_owned(), json!(false));
        fields.insert("detail".to_owned(), json!(UNSTORED));
    }
    reply(StatusCode::ACCEPTED, &body)
}

/// The body of a request, to be read as JSON. Asked for after the gate, so that nobody learns what a body should look
/// like before.
pub(crate) struct Document<'a> {
    body: &'a mut Body,
    is_json: bool,
}

impl<'a> Document<'a> {
    /// Only a body that says it is JSON is read: a form on a stranger's page can send any other type with the
    /// credentials that the browser keeps for us, but not this one.
    pub(crate) fn new(head: &Head<'_>, body: &'a mut Body) -> Self {
        let kind = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        Self { body, is_json: kind.eq_ignore_ascii_case("application/json") }
    }

    /// # Errors
    /// If it is no JSON, another document, too long or too slow.
    pub(crate) async fn read<T: DeserializeOwned>(self) -> Result<T, Failure> {
        if !self.is_json {
            return Err(Bad::NoJson.into());
        }
        Ok(wire::read(&self.body.whole(BODY_BYTES_MAX).await?)?)
    }
}

/// A name that nothing can have answers as something that is not there.
fn denied_nowhere(gate: &CallerGate, right: RightKind) -> Failure {
    let authenticated = gate.caller().is_authenticated();
    Denied { authenticated, may_know: false, right }.into()
}
