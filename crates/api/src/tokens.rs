//! `/tokens` and `/principals/{principal}/tokens`: permanent tokens, one's own and those of others.

use auth::{NewSecret, TokenKind};
use domain::{DirectoryManage, DirectoryView, Granted, Limit, Organisation, Own, TokenId, TokenState};
use storage::{InForce, TokenFilter, TokenRow};

use crate::at::{PrincipalAt, PrincipalTokenAt, TokenAt, absent};
use crate::change::Change;
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::page::{Page, Paged as _};
use crate::problem::{Code, Fault};

mod by_name;
mod documents;

pub use by_name::{PutToken, PutTokenOf, TokenDeclared};
pub use documents::{
    KindAsked, KnownState, LastUsed, RotationWanted, StateWanted, Token, TokenLimit, TokenWanted,
    TokensAsked, WantedState,
};

/// The proof to look at what is one's own, or at somebody else's.
#[derive(Clone, Copy)]
enum Whose<'a> {
    Own(&'a Own),
    Of(&'a Granted<DirectoryView, Organisation>, &'a PrincipalAt),
}

/// What a change to a token may answer.
const FAULTS: &[Code] = &[Code::Absent, Code::Rule, Code::Stale, Code::NotYetInForce];
/// What making one may answer.
const MAKING: &[Code] = &[
    Code::Absent,
    Code::BeyondOwn,
    Code::WiderThanToken,
    Code::NotFresh,
    Code::NameTaken,
    Code::Rule,
    Code::Stale,
    Code::NotYetInForce,
];
/// What making one for somebody else may answer.
const MAKING_FOR: &[Code] = &[
    Code::Absent,
    Code::BeyondOwn,
    Code::WiderThanToken,
    Code::NotFresh,
    Code::OwnTokens,
    Code::NameTaken,
    Code::Rule,
    Code::Stale,
    Code::NotYetInForce,
];

const fn listing(id: &'static str, path: &'static str) -> Meta {
    Meta {
        id,
        method: Method::Get,
        path,
        summary: "Lists tokens, those that are not revoked if nothing else is asked for, and never their secrets.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent, Code::BadCursor],
        cli: Some("token list"),
    }
}

const fn making(id: &'static str, path: &'static str, faults: &'static [Code]) -> Meta {
    Meta {
        id,
        method: Method::Post,
        path,
        summary: "Makes a token and tells its secret, once.",
        since: "0.1",
        audit: &["token.create"],
        faults,
        cli: Some("token create"),
    }
}

const fn showing(id: &'static str, path: &'static str) -> Meta {
    Meta {
        id,
        method: Method::Get,
        path,
        summary: "Shows a token, not its secret.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("token show"),
    }
}

const fn lowering(id: &'static str, path: &'static str) -> Meta {
    Meta {
        id,
        method: Method::Put,
        path,
        summary: "Disables or revokes a token; nothing is made active again.",
        since: "0.1",
        audit: &["token.disable", "token.revoke"],
        faults: FAULTS,
        cli: Some("token revoke"),
    }
}

/// What rotating one may answer.
const ROTATING: &[Code] =
    &[Code::Absent, Code::WiderThanToken, Code::NotFresh, Code::Rule, Code::Stale, Code::NotYetInForce];
/// What rotating somebody else's may answer.
const ROTATING_FOR: &[Code] = &[
    Code::Absent,
    Code::WiderThanToken,
    Code::NotFresh,
    Code::OwnTokens,
    Code::Rule,
    Code::Stale,
    Code::NotYetInForce,
];

const fn rotating(id: &'static str, path: &'static str, faults: &'static [Code]) -> Meta {
    Meta {
        id,
        method: Method::Post,
        path,
        summary: "Makes a token with the name and limits of another, and tells its secret, once; the other one goes on for a time.",
        since: "0.1",
        audit: &["token.create", "token.rotate"],
        faults,
        cli: Some("token rotate"),
    }
}

/// `GET /tokens`
pub enum ListTokens {}

impl Endpoint for ListTokens {
    const META: Meta = listing("token_list", "/tokens");
    type At = ();
    type Query = TokensAsked;
    type Body = Nothing;
    type Answer = Page<Token>;
    type May = Own;

    async fn call(cx: &Cx, may: Own, ask: &Ask<Self>) -> Result<Done<Page<Token>>, Fault> {
        list(cx, Whose::Own(&may), &ask.query).await
    }
}

/// `GET /principals/{principal}/tokens`
pub enum ListTokensOf {}

impl Endpoint for ListTokensOf {
    const META: Meta = listing("principal_token_list", "/principals/{principal}/tokens");
    type At = PrincipalAt;
    type Query = TokensAsked;
    type Body = Nothing;
    type Answer = Page<Token>;
    type May = Granted<DirectoryView, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<Token>>, Fault> {
        list(cx, Whose::Of(&may, &ask.at), &ask.query).await
    }
}

/// `POST /tokens`
pub enum CreateToken {}

impl Endpoint for CreateToken {
    const META: Meta = making("token_create", "/tokens", MAKING);
    type At = ();
    type Query = Nothing;
    type Body = TokenWanted;
    type Answer = Token;
    type May = Own;

    async fn call(cx: &Cx, may: Own, ask: &Ask<Self>) -> Result<Done<Token>, Fault> {
        cx.fresh_if(ask.body.limits.is_none())?;
        let secret = auth::generate(TokenKind::Person);
        let new = ask.body.new_token(secret.id, secret.sha256);
        let (row, force) = cx.directory.create_token(&may, new).await?;
        Ok(made(&row, force, "/tokens", &secret))
    }
}

/// `POST /principals/{principal}/tokens`
pub enum CreateTokenOf {}

impl Endpoint for CreateTokenOf {
    const META: Meta = making("principal_token_create", "/principals/{principal}/tokens", MAKING_FOR);
    type At = PrincipalAt;
    type Query = Nothing;
    type Body = TokenWanted;
    type Answer = Token;
    type May = Granted<DirectoryManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Token>, Fault> {
        cx.fresh_if(ask.body.limits.is_none())?;
        let secret = auth::generate(kind_of(&ask.at));
        let new = ask.body.new_token(secret.id, secret.sha256);
        let stored = cx.directory.create_token_for(&may, ask.at.as_str(), new).await;
        let (row, force) = ask.at.found(stored)?;
        Ok(made(&row, force, &format!("/principals/{}/tokens", ask.at.encoded()), &secret))
    }
}

/// `GET /tokens/{token}`
pub enum ShowToken {}

impl Endpoint for ShowToken {
    const META: Meta = showing("token_show", "/tokens/{token}");
    type At = TokenAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Token;
    type May = Own;

    async fn call(cx: &Cx, may: Own, ask: &Ask<Self>) -> Result<Done<Token>, Fault> {
        Ok(Done::read(Token::of(&one(cx, Whose::Own(&may), ask.at.token()?).await?)))
    }
}

/// `GET /principals/{principal}/tokens/{token}`
pub enum ShowTokenOf {}

impl Endpoint for ShowTokenOf {
    const META: Meta = showing("principal_token_show", "/principals/{principal}/tokens/{token}");
    type At = PrincipalTokenAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Token;
    type May = Granted<DirectoryView, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Token>, Fault> {
        let whose = Whose::Of(&may, &ask.at.owner);
        Ok(Done::read(Token::of(&one(cx, whose, ask.at.token()?).await?)))
    }
}

/// `PUT /tokens/{token}/state`
pub enum SetTokenState {}

impl Endpoint for SetTokenState {
    const META: Meta = lowering("token_state", "/tokens/{token}/state");
    type At = TokenAt;
    type Query = Nothing;
    type Body = StateWanted;
    type Answer = Change;
    type May = Own;

    async fn call(cx: &Cx, may: Own, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        let state = TokenState::from(ask.body.state);
        Ok(Done::told(cx.directory.set_token_state(&may, ask.at.token()?, state).await?))
    }
}

/// `PUT /principals/{principal}/tokens/{token}/state`
pub enum SetTokenStateOf {}

impl Endpoint for SetTokenStateOf {
    const META: Meta = lowering("principal_token_state", "/principals/{principal}/tokens/{token}/state");
    type At = PrincipalTokenAt;
    type Query = Nothing;
    type Body = StateWanted;
    type Answer = Change;
    type May = Granted<DirectoryManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        let (id, state) = (ask.at.token()?, TokenState::from(ask.body.state));
        let done = cx.directory.set_token_state_of(&may, ask.at.owner.as_str(), id, state).await;
        Ok(Done::told(ask.at.owner.found(done)?))
    }
}

/// `POST /tokens/{token}/rotate`
pub enum RotateToken {}

impl Endpoint for RotateToken {
    const META: Meta = rotating("token_rotate", "/tokens/{token}/rotate", ROTATING);
    type At = TokenAt;
    type Query = Nothing;
    type Body = RotationWanted;
    type Answer = Token;
    type May = Own;

    async fn call(cx: &Cx, may: Own, ask: &Ask<Self>) -> Result<Done<Token>, Fault> {
        cx.fresh_if(true)?;
        let secret = auth::generate(TokenKind::Person);
        let rotation = ask.body.rotation(secret.id, secret.sha256);
        let (row, force) = cx.directory.rotate_token(&may, ask.at.token()?, rotation).await?;
        Ok(made(&row, force, "/tokens", &secret))
    }
}

/// `POST /principals/{principal}/tokens/{token}/rotate`
pub enum RotateTokenOf {}

impl Endpoint for RotateTokenOf {
    const META: Meta =
        rotating("principal_token_rotate", "/principals/{principal}/tokens/{token}/rotate", ROTATING_FOR);
    type At = PrincipalTokenAt;
    type Query = Nothing;
    type Body = RotationWanted;
    type Answer = Token;
    type May = Granted<DirectoryManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Token>, Fault> {
        cx.fresh_if(true)?;
        let (id, owner) = (ask.at.token()?, &ask.at.owner);
        let secret = auth::generate(kind_of(owner));
        let rotation = ask.body.rotation(secret.id, secret.sha256);
        let stored = cx.directory.rotate_token_of(&may, owner.as_str(), id, rotation).await;
        let (row, force) = owner.found(stored)?;
        Ok(made(&row, force, &format!("/principals/{}/tokens", owner.encoded()), &secret))
    }
}

/// What the text of a token begins with says whose it is.
fn kind_of(owner: &PrincipalAt) -> TokenKind {
    let application = owner.as_str().starts_with("application:");
    if application { TokenKind::Application } else { TokenKind::Person }
}

async fn rows(
    cx: &Cx,
    whose: Whose<'_>,
    filter: TokenFilter,
    (after, limit): (Option<TokenId>, Limit),
) -> Result<Vec<TokenRow>, Fault> {
    match whose {
        Whose::Own(own) => Ok(cx.directory.tokens(own, filter, after, limit).await?),
        Whose::Of(may, owner) => {
            let found = cx.directory.tokens_of(may, owner.as_str(), filter, (after, limit)).await;
            owner.found(found)
        }
    }
}

async fn list(cx: &Cx, whose: Whose<'_>, asked: &TokensAsked) -> Result<Done<Page<Token>>, Fault> {
    let paging = asked.paging();
    let page = (paging.after(auth::parse_id)?, paging.limit());
    let rows = rows(cx, whose, asked.filter(), page).await?;
    Ok(Done::read(paging.page(&rows, |row| auth::id_text(row.id), Token::of)))
}

/// The one of this id, looked for as the first after the id before it.
async fn one(cx: &Cx, whose: Whose<'_>, id: TokenId) -> Result<TokenRow, Fault> {
    let before = id.get().checked_sub(1).map(TokenId::new);
    for short_lived in [false, true] {
        let filter = TokenFilter { short_lived, ..TokenFilter::default() };
        let found = rows(cx, whose, filter, (before, Limit::capped(1))).await?;
        if let Some(row) = found.into_iter().find(|row| row.id == id) {
            return Ok(row);
        }
    }
    Err(absent())
}

/// What was made, with its secret, which is told only here.
fn made(row: &TokenRow, force: InForce, below: &str, secret: &NewSecret) -> Done<Token> {
    let at = format!("{below}/{}", auth::id_text(row.id));
    // Of one that was only tried there is nothing to tell.
    let secret = (!force.rehearsed).then(|| secret.text.expose().to_owned());
    Done::made(Token { secret, ..Token::of(row) }, force, at)
}
