//! `/-/me/…`: one's tokens and sessions.

use std::borrow::Cow;

use api::sessions::{EndOtherSessions, EndSession, ListSessions, Session};
use api::tokens::{CreateToken, ListTokens, RotateToken, SetTokenState, Token, TokenLimit};
use api::{Code, Fault, Moment};
use domain::{Permission, Timestamp};
use serde_json::{Value, json};

use crate::caller::Terms;
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::Frame;
use crate::pages::Page;
use crate::parts::filters;
use crate::visit::Visit;

/// Rows of a page.
const ROWS: &str = "50";
/// Rights that a token can be limited to by the form: those of packages and repositories.
const OFFERED: [Permission; 7] = [
    Permission::Read,
    Permission::Publish,
    Permission::Overwrite,
    Permission::DeletePackage,
    Permission::RepositoryCreate,
    Permission::RepositorySettings,
    Permission::RepositoryDelete,
];

/// `/-/me/tokens`
pub(super) enum Tokens {}

/// `/-/me/tokens/new`
pub(super) enum NewToken {}

/// `/-/me/sessions`
pub(super) enum Sessions {}

#[derive(askama::Template)]
#[template(path = "tokens.html")]
struct TokensPage<'a> {
    f: &'a Frame,
    tokens: Vec<Token>,
    wrong: Wrong,
    next: Option<String>,
    first: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "token_new.html")]
struct NewTokenPage<'a> {
    f: &'a Frame,
    name: &'a str,
    days: &'a str,
    only: bool,
    places: &'a str,
    networks: &'a str,
    offered: Vec<(&'static str, bool)>,
    once: String,
    wrong: Wrong,
}

#[derive(askama::Template)]
#[template(path = "token_shown.html")]
struct ShownPage<'a> {
    f: &'a Frame,
    token: &'a Token,
    secret: &'a str,
}

#[derive(askama::Template)]
#[template(path = "sessions.html")]
struct SessionsPage<'a> {
    f: &'a Frame,
    sessions: Vec<Session>,
}

impl Tokens {
    async fn list(visit: &Visit<'_>, wrong: Wrong) -> Result<Answer, Fault> {
        let mut query: Vec<(&str, Cow<'_, str>)> = vec![("limit", ROWS.into())];
        query.extend(visit.given("after").map(|after| ("after", after.into())));
        let found = visit.read::<ListTokens>(&[], &query).await?;
        let status = if wrong.any() { 400 } else { 200 };
        let page = TokensPage {
            f: &Frame::of(visit),
            tokens: found.items,
            wrong,
            next: found.next.map(|next| visit.here_with("after", &next)),
            first: visit.given("after").map(|_| visit.here_without("after")),
        };
        Ok(Answer::page(status, rendered(&page)))
    }
}

impl Page for Tokens {
    const PATH: &'static str = "/-/me/tokens";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::list(visit, Wrong::default()).await;
        }
        let form = visit.form()?;
        let done = match (form.given("revoke"), form.given("rotate")) {
            (Some(id), _) => {
                let document = json!({ "state": "revoked" });
                visit.change::<SetTokenState>(&[id], &document, Terms::default()).await.map(|_| None)
            }
            (None, Some(id)) => {
                let once = form.given("once");
                let terms = Terms { once, ..Terms::default() };
                visit.change::<RotateToken>(&[id], &json!({}), terms).await.map(|told| Some(told.answer))
            }
            (None, None) => Err(Fault::Told(Code::Malformed, "nothing was asked".into())),
        };
        match done {
            Ok(None) => Ok(Answer::see("/-/me/tokens?done=revoked")),
            Ok(Some(token)) => Ok(shown(visit, &token)),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::list(visit, wrong).await
            }
        }
    }
}

/// The page that has the secret, which no other has.
fn shown(visit: &Visit<'_>, token: &Token) -> Answer {
    let secret = token.secret.as_deref().unwrap_or_default();
    Answer::page(200, rendered(&ShownPage { f: &Frame::of(visit), token, secret }))
}

impl NewToken {
    fn form(visit: &Visit<'_>, form: Option<&Form<'_>>, wrong: Wrong) -> Answer {
        let text = |name: &'static str| match form {
            Some(form) => form.text(name),
            None => visit.given(name).unwrap_or_default(),
        };
        let ticked = |permission: &Permission| match form {
            Some(form) => form.all("right").any(|right| right == permission.as_str()),
            None => matches!(permission, Permission::Read | Permission::Publish),
        };
        let days = text("days");
        let page = NewTokenPage {
            f: &Frame::of(visit),
            name: text("name"),
            days: if days.is_empty() { "90" } else { days },
            only: text("what") == "only" || !text("places").is_empty(),
            places: text("places"),
            networks: text("networks"),
            offered: OFFERED.iter().map(|right| (right.as_str(), ticked(right))).collect(),
            once: auth::generate(auth::TokenKind::Session).text.expose().clone(),
            wrong,
        };
        let status = if page.wrong.any() { 400 } else { 200 };
        Answer::page(status, rendered(&page))
    }
}

impl Page for NewToken {
    const PATH: &'static str = "/-/me/tokens/new";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            visit.insist_on_somebody()?;
            return Ok(Self::form(visit, None, Wrong::default()));
        }
        let form = visit.form()?;
        let terms = Terms { once: form.given("once"), ..Terms::default() };
        match visit.change::<CreateToken>(&[], &wanted(visit, &form), terms).await {
            Ok(made) => Ok(shown(visit, &made.answer)),
            Err(fault) if fault.code() == Code::AlreadyMade => {
                let wrong = Wrong::told(visit.t.tokens.already);
                Ok(Self::form(visit, Some(&form), wrong))
            }
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Ok(Self::form(visit, Some(&form), wrong))
            }
        }
    }
}

/// The document that a form means.
fn wanted(visit: &Visit<'_>, form: &Form<'_>) -> Value {
    let days: Option<i64> = form.given("days").and_then(|days| days.parse().ok());
    let end = days.map(|days| {
        Timestamp::from_millis(visit.now().millis().saturating_add(days.saturating_mul(86_400_000)))
    });
    let rights: Vec<&str> = form.all("right").collect();
    let lines = |name| form.text(name).split(['\n', ',']).map(str::trim).filter(|line| !line.is_empty());
    let limits: Option<Vec<Value>> = (form.text("what") == "only")
        .then(|| lines("places").map(|on| json!({ "on": on, "permissions": rights })).collect());
    json!({
        "name": form.text("name").trim(),
        "expires": end.map(Moment),
        "limits": limits,
        "cidrs": lines("networks").collect::<Vec<_>>(),
    })
}

impl Sessions {
    async fn list(visit: &Visit<'_>) -> Result<Answer, Fault> {
        let found = visit.read::<ListSessions>(&[], &[]).await?;
        let page = SessionsPage { f: &Frame::of(visit), sessions: found.items };
        Ok(Answer::page(200, rendered(&page)))
    }
}

impl Page for Sessions {
    const PATH: &'static str = "/-/me/sessions";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::list(visit).await;
        }
        let form = visit.form()?;
        match form.given("end") {
            Some(id) => visit.change::<EndSession>(&[id], &Value::Null, Terms::default()).await.map(drop)?,
            None => visit.change::<EndOtherSessions>(&[], &Value::Null, Terms::default()).await.map(drop)?,
        }
        Ok(Answer::see("/-/me/sessions?done=ended"))
    }
}

/// What a token is limited to, in a line each.
fn in_words(limits: &[TokenLimit]) -> Vec<String> {
    let line = |limit: &TokenLimit| {
        let rights: Vec<&str> = limit.permissions.0.iter().map(Permission::as_str).collect();
        format!("{}: {}", limit.on.as_str(), rights.join(", "))
    };
    limits.iter().map(line).collect()
}
