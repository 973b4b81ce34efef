//! `/sessions` and `/me/sessions`: people in browsers (docs/api.md 9). The secret of a session is in a cookie and nowhere else: no
//! document has it, and no script reads it.

use auth::{AuthError, Secret, TokenKind};
use domain::{Credential, Own, TokenLimits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{Ending, NewSession, SessionRow};

use crate::at::SessionAt;
use crate::change::Change;
use crate::endpoint::{Anybody, Ask, Cx, Done, Endpoint, Meta, Method, Nothing, SessionCookie};
use crate::page::Page;
use crate::problem::{Code, Fault};
use crate::words::Moment;

/// How long after the password was given somebody in a session may do what would give their account away.
const FRESH_SECS: u64 = 900;

/// `POST /sessions`
pub enum SignIn {}

/// `DELETE /sessions/current`
pub enum SignOut {}

/// `GET /me/sessions`
pub enum ListSessions {}

/// `DELETE /me/sessions`
pub enum EndOtherSessions {}

/// `DELETE /me/sessions/{session}`
pub enum EndSession {}

/// Who signs in. No `Debug`: it holds a secret.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInWanted {
    /// User name or address.
    #[schemars(length(min = 1, max = 256))]
    pub name: String,
    /// The password. A token is none.
    #[schemars(length(min = 1, max = 1024))]
    pub password: String,
}

/// A session that has begun; what it is shown by is in the cookie that comes along.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct SignedIn {
    /// Its public id.
    pub id: String,
    /// Over from this moment on, unless it is used before.
    pub expires_at: Moment,
}

/// A session.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Session {
    /// Its public id.
    pub id: String,
    /// When the password was given for it.
    pub created_at: Moment,
    /// When it was last used, to some minutes.
    pub seen_at: Moment,
    /// Over from this moment on, unless it is used before.
    pub expires_at: Moment,
    /// From where it was begun; `null` if that is not known.
    pub address: Option<String>,
    /// With what program; `null` if it did not say.
    pub agent: Option<String>,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl Endpoint for SignIn {
    const META: Meta = Meta {
        id: "session_create",
        method: Method::Post,
        path: "/sessions",
        summary: "Begins a session in a browser: the answer sets its cookie. Programs use tokens.",
        since: "0.1",
        audit: &["session.create", "session.end"],
        faults: &[Code::Rule, Code::Stale, Code::NotYetInForce],
        cli: None,
    };
    type At = ();
    type Query = Nothing;
    type Body = SignInWanted;
    type Answer = SignedIn;
    type May = Anybody;

    async fn call(cx: &Cx, _may: Anybody, ask: &Ask<Self>) -> Result<Done<SignedIn>, Fault> {
        let (name, password) = (Secret::new(ask.body.name.clone()), Secret::new(ask.body.password.clone()));
        let identity = cx.authenticator.sign_in(name, password, cx.gate.origin().address).await?;
        let Credential::Password(generation) = identity.caller.credential() else {
            return Err(AuthError::Invalid { bearer: false }.into());
        };
        let secret = auth::generate(TokenKind::Session);
        let new = NewSession {
            id: secret.id,
            sha256: secret.sha256,
            principal: identity.caller.principal(),
            generation,
            replaces: cx.gate.caller().credential().session(),
        };
        let (row, force) = cx.directory.begin_session(new, cx.gate.origin()).await?;
        let answer = SignedIn { id: row.id.to_string(), expires_at: Moment(row.expires) };
        let secs = row.ends.millis_since(row.created_at) / 1000;
        let cookie = SessionCookie::Begun { secret: secret.text, secs };
        let done = Done::made(answer, force, format!("/me/sessions/{}", row.id));
        // Of one that was only tried there is nothing to keep.
        Ok(if force.rehearsed { done } else { done.with_cookie(cookie) })
    }
}

impl Endpoint for SignOut {
    const META: Meta = Meta {
        id: "session_end",
        method: Method::Delete,
        path: "/sessions/current",
        summary: "Ends the session that asks, and takes its cookie away.",
        since: "0.1",
        audit: &["session.end"],
        faults: &[Code::Absent, Code::Stale, Code::NotYetInForce],
        cli: None,
    };
    type At = ();
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Change;
    type May = Own;

    async fn call(cx: &Cx, may: Own, _ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        let Some(current) = may.credential().session() else {
            return Err(Fault::Told(Code::Absent, "you ask with a token or password, in no session".into()));
        };
        let force = cx.directory.end_own_sessions(&may, Ending::One(current)).await?;
        let done = Done::told(force);
        Ok(if force.rehearsed { done } else { done.with_cookie(SessionCookie::Ended) })
    }
}

impl Endpoint for ListSessions {
    const META: Meta = Meta {
        id: "me_sessions_list",
        method: Method::Get,
        path: "/me/sessions",
        summary: "Lists one's sessions in browsers, the one used last first.",
        since: "0.1",
        audit: &[],
        faults: &[Code::WiderThanToken],
        cli: Some("me sessions"),
    };
    type At = ();
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Page<Session>;
    type May = Own;

    async fn call(cx: &Cx, may: Own, _ask: &Ask<Self>) -> Result<Done<Page<Session>>, Fault> {
        unlimited(&may)?;
        let current = may.credential().session();
        // Few enough for one page: a new one ends the oldest.
        let rows = cx.directory.own_sessions(&may).await?;
        let items = rows.into_iter().map(|row| Session::of(row, current)).collect();
        Ok(Done::read(Page { items, next: None }))
    }
}

impl Endpoint for EndOtherSessions {
    const META: Meta = Meta {
        id: "me_sessions_end",
        method: Method::Delete,
        path: "/me/sessions",
        summary: "Ends all of one's sessions but the one that asks, from the next request on.",
        since: "0.1",
        audit: &["session.end"],
        faults: &[Code::WiderThanToken, Code::Stale, Code::NotYetInForce],
        cli: Some("me logout-everywhere"),
    };
    type At = ();
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Change;
    type May = Own;

    async fn call(cx: &Cx, may: Own, _ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        unlimited(&may)?;
        let ending = Ending::AllBut(may.credential().session());
        Ok(Done::told(cx.directory.end_own_sessions(&may, ending).await?))
    }
}

impl Endpoint for EndSession {
    const META: Meta = Meta {
        id: "me_session_end",
        method: Method::Delete,
        path: "/me/sessions/{session}",
        summary: "Ends a session of one's own, from the next request on.",
        since: "0.1",
        audit: &["session.end"],
        faults: &[Code::Absent, Code::WiderThanToken, Code::Stale, Code::NotYetInForce],
        cli: Some("me end-session"),
    };
    type At = SessionAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Change;
    type May = Own;

    async fn call(cx: &Cx, may: Own, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        unlimited(&may)?;
        Ok(Done::told(cx.directory.end_own_sessions(&may, Ending::One(ask.at.session()?)).await?))
    }
}

impl Session {
    fn of(row: SessionRow, current: Option<domain::SessionId>) -> Self {
        Self {
            current: current == Some(row.id),
            id: row.id.to_string(),
            created_at: Moment(row.created_at),
            seen_at: Moment(row.seen_at),
            expires_at: Moment(row.expires),
            address: row.address.map(Into::into),
            agent: row.agent.map(Into::into),
        }
    }
}

impl Cx {
    /// Insists that the password was given lately, of somebody in a session, for what gives power away: a browser that was left open, or a
    /// cookie that was carried off, must not. Whoever asks with a token or password has just shown it.
    ///
    /// # Errors
    /// `NotFresh`.
    pub(crate) fn fresh_if(&self, gives_away: bool) -> Result<(), Fault> {
        match self.gate.caller().credential() {
            Credential::Session(_, signed_in)
                if gives_away && self.identities.clock.now().millis_since(signed_in) > FRESH_SECS * 1000 =>
            {
                let detail = "sign in again: for this the password must have been given within 15 minutes";
                Err(Fault::Told(Code::NotFresh, detail.into()))
            }
            _ => Ok(()),
        }
    }
}

/// What is one's own beyond packages is for no token that is limited.
///
/// # Errors
/// `WiderThanToken`.
pub(crate) fn unlimited(own: &Own) -> Result<(), Fault> {
    if *own.limits() == TokenLimits::Full {
        return Ok(());
    }
    let detail = "a token that is limited manages nothing beyond its limits";
    Err(Fault::Told(Code::WiderThanToken, detail.into()))
}
