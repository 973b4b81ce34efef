//! `/-/me/…`: one's tokens and sessions.

use std::borrow::Cow;

use api::sessions::{EndOtherSessions, EndSession, ListSessions, Session};
use api::tokens::{CreateToken, ListTokens, RotateToken, SetTokenState, Token, TokenLimit};
use api::{Code, Fault, Moment};
use domain::{Permission, Timestamp};
use serde_json::{Value, json};

use crate::caller::{Terms, Told};
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::{Crumb, Frame};
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

/// Whose token is made.
pub(super) struct Owner {
    pub(super) crumbs: Vec<Crumb>,
    /// Where the form is sent.
    pub(super) action: String,
    /// Where their tokens are.
    pub(super) back: String,
    pub(super) application: bool,
}

#[derive(askama::Template)]
#[template(path = "tokens.html")]
struct TokensPage<'a> {
    f: &'a Frame,
    tokens: Vec<Token>,
    caption: &'a str,
    action: &'a str,
    prefix: &'a str,
    all_words: &'a str,
    may_rotate: bool,
    may_revoke: bool,
    wrong: Wrong,
    next: Option<String>,
    first: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "token_new.html")]
struct NewTokenPage<'a> {
    f: &'a Frame,
    owner: &'a Owner,
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
    back: &'a str,
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
            caption: visit.t.tokens.caption,
            action: Self::PATH,
            prefix: "whfp_",
            all_words: visit.t.tokens.may_all,
            may_rotate: true,
            may_revoke: true,
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
            Ok(Some(token)) => Ok(shown(visit, &token, Self::PATH)),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::list(visit, wrong).await
            }
        }
    }
}

/// The page that has the secret, which no other has.
pub(super) fn shown(visit: &Visit<'_>, token: &Token, back: &str) -> Answer {
    let secret = token.secret.as_deref().unwrap_or_default();
    Answer::page(200, rendered(&ShownPage { f: &Frame::of(visit), token, secret, back }))
}

impl Owner {
    fn oneself() -> Self {
        Self {
            crumbs: Vec::new(),
            action: NewToken::PATH.to_owned(),
            back: Tokens::PATH.to_owned(),
            application: false,
        }
    }
}

/// The form for a token.
pub(super) fn form(visit: &Visit<'_>, form: Option<&Form<'_>>, wrong: Wrong, owner: &Owner) -> Answer {
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
        owner,
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

impl Page for NewToken {
    const PATH: &'static str = "/-/me/tokens/new";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let owner = Owner::oneself();
        if visit.asked.form.is_none() {
            visit.insist_on_somebody()?;
            return Ok(form(visit, None, Wrong::default(), &owner));
        }
        let sent = visit.form()?;
        let terms = Terms { once: sent.given("once"), ..Terms::default() };
        let made = visit.change::<CreateToken>(&[], &wanted(visit, &sent), terms).await;
        made_or_again(visit, &sent, made, &owner)
    }
}

/// The secret of what was made; else the form once more.
pub(super) fn made_or_again(
    visit: &Visit<'_>,
    sent: &Form<'_>,
    made: Result<Told<Token>, Fault>,
    owner: &Owner,
) -> Result<Answer, Fault> {
    let wrong = match made {
        Ok(made) => return Ok(shown(visit, &made.answer, &owner.back)),
        Err(fault) if fault.code() == Code::AlreadyMade => Wrong::told(visit.t.tokens.already),
        Err(fault) => Wrong::with(visit, fault)?,
    };
    Ok(form(visit, Some(sent), wrong, owner))
}

/// The document that a form means.
pub(super) fn wanted(visit: &Visit<'_>, form: &Form<'_>) -> Value {
    let days: Option<i64> = form.given("days").and_then(|days| days.parse().ok());
    let end = days.map(|days| {
        Timestamp::from_millis(
            visit.now().millis().saturating_add(days.saturating_mul(domain::time::DAY_MILLIS)),
        )
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
pub(super) fn in_words(limits: &[TokenLimit]) -> Vec<String> {
    let line = |limit: &TokenLimit| {
        let rights: Vec<&str> = limit.permissions.0.iter().map(Permission::as_str).collect();
        format!("{}: {}", limit.on.as_str(), rights.join(", "))
    };
    limits.iter().map(line).collect()
}
