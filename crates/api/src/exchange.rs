//! `/exchange`: a machine shows who it is, by the token of an issuer, and gets a short-lived one of ours: once for each, which is what
//! is looked at last.

use auth::{AuthError, Secret, ShownFor, TokenKind};
use domain::ProjectKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{DirectoryError, DirectoryRule, PublisherRow};

use crate::endpoint::{Anybody, Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::problem::{Code, Fault};
use crate::proving::{self, Found, Refused};
use crate::words::{Moment, NodeRef, Rights, RuleRef, Text128};

/// After how many seconds a rule that was used too often may be used again.
const TOO_OFTEN_SECS: u64 = 60;

/// `POST /exchange`
pub enum ExchangeToken {}

/// A token of an issuer, for which one of ours is wanted. No `Debug`: it holds it.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExchangeWanted {
    /// The issuer's token.
    #[schemars(length(min = 1, max = 8192))]
    pub token: String,
    /// Which publisher is meant, `PROJECT/PUBLISHER`; `null` if the token fits one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<RuleRef>,
    /// Which application is meant, if several publishers fit; `null` for whichever it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<Text128>,
}

/// A token of ours. No `Debug`: it holds one.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Exchanged {
    /// The whole text; absent if the exchange was only tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Its 8 characters behind `whfs_`.
    pub token_id: String,
    /// The user name that goes with it, where one is asked for.
    pub username: String,
    /// Refused from this moment on.
    pub expires_at: Moment,
    /// Where it is good.
    pub on: Vec<NodeRef>,
    /// What for, as far as the application may itself.
    pub permissions: Rights,
}

impl Endpoint for ExchangeToken {
    const META: Meta = Meta {
        id: "exchange",
        method: Method::Post,
        path: "/exchange",
        summary: "Makes a short-lived token for a machine that shows the token of an issuer. No other credential is looked at.",
        since: "0.1",
        audit: &["exchange.done", "exchange.refused", "publisher.pin"],
        faults: &[Code::NoRule, Code::AmbiguousRule, Code::Rule, Code::Stale, Code::NotYetInForce],
        cli: Some("exchange"),
    };
    type At = ();
    type Query = Nothing;
    type Body = ExchangeWanted;
    type Answer = Exchanged;
    type May = Anybody;

    async fn call(cx: &Cx, _may: Anybody, ask: &Ask<Self>) -> Result<Done<Exchanged>, Fault> {
        let found = match proving::proved(&cx.directory, &cx.identities, &ask.body.token).await? {
            Ok(found) => found,
            Err(why) => return Err(unproved(cx, format!("the token cannot be believed: {why}"))),
        };
        let named = named(&ask.body);
        if let Err(fault) = found.check(&cx.identities, ShownFor::Exchange) {
            let why = format!("the token is not taken: {fault}").into();
            return Err(refused(cx, &found, named.as_ref(), Refused { why, unfit: None }).await);
        }
        let rule = match rule(cx, &found, &ask.body).await? {
            Ok(rule) => rule,
            Err(no) => return Err(refused(cx, &found, named.as_ref(), no).await),
        };
        exchanged(cx, &found, rule).await
    }
}

/// Counted as a log-in that failed; nothing is kept of what anybody can make up.
fn unproved(cx: &Cx, why: String) -> Fault {
    throttled(cx).unwrap_or_else(|| Fault::Told(Code::BadCredentials, why.into()))
}

fn throttled(cx: &Cx) -> Option<Fault> {
    match cx.authenticator.code_failed(cx.gate.origin().address, None) {
        AuthError::Throttled { retry_after_secs } => Some(Fault::Throttled { retry_after_secs }),
        _ => None,
    }
}

/// The rule that is named.
fn named(body: &ExchangeWanted) -> Option<(ProjectKey, Box<str>)> {
    let (project, rule) = body.publisher.as_ref()?.as_str().split_once('/')?;
    Some((ProjectKey::parse_folded(project).ok()?, rule.to_ascii_lowercase().into()))
}

/// The rule that takes it: the one that is named, or the only one that fits.
async fn rule(cx: &Cx, found: &Found, body: &ExchangeWanted) -> Result<Result<PublisherRow, Refused>, Fault> {
    let is_meant = |row: &PublisherRow| {
        body.application.as_ref().is_none_or(|name| name.as_str().eq_ignore_ascii_case(&row.application))
    };
    if let Some((project, name)) = named(body) {
        let rule = cx.directory.publisher_called(&project, &name).await?;
        return Ok(match rule.filter(|row| is_meant(row)) {
            Some(rule) => proving::takes(&cx.identities, &rule, found).map(|()| rule),
            None => Err(Refused { why: "no publisher takes the token".into(), unfit: None }),
        });
    }
    let candidates = match found.kind.lookup(found.token.claims()) {
        Some(lookup) => cx.directory.publishers_for(found.issuer.id, &lookup).await?,
        None => Vec::new(),
    };
    let fits = |row: &PublisherRow| is_meant(row) && proving::takes(&cx.identities, row, found).is_ok();
    let mut fitting = candidates.into_iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(rule), None) => Ok(Ok(rule)),
        (None, _) => {
            let why = "no publisher takes the token; name one, as PROJECT/PUBLISHER, to learn which claim does not fit";
            Ok(Err(Refused { why: why.into(), unfit: None }))
        }
        (Some(_), Some(_)) => {
            let why = "several publishers take the token: name one, as PROJECT/PUBLISHER";
            Err(Fault::Told(Code::AmbiguousRule, why.into()))
        }
    }
}

async fn exchanged(cx: &Cx, found: &Found, rule: PublisherRow) -> Result<Done<Exchanged>, Fault> {
    let secret = auth::generate(TokenKind::ShortLived);
    let claims = found.token.claims();
    let pins = found.kind.ids(claims).ok().flatten();
    let exchange = storage::Exchange {
        token: found.token.identity(),
        kept_until: found.token.remembered_until().map_err(|fault| unproved(cx, fault.to_string()))?,
        pins: pins.map(Into::into),
        made: (secret.id, secret.sha256),
        subject: found.subject(),
        facts: found.kind.facts(&found.issuer.url, claims),
        rule,
    };
    let named = ProjectKey::parse(&exchange.rule.project).ok().map(|key| (key, exchange.rule.name.clone()));
    let (made, force) = match cx.directory.exchange(exchange, cx.gate.origin()).await {
        Ok(made) => made,
        Err(DirectoryError::Forbidden(DirectoryRule::Exchanged, why)) => {
            return Err(refused(cx, found, named.as_ref(), Refused { why, unfit: None }).await);
        }
        Err(DirectoryError::Forbidden(DirectoryRule::TooOften, _)) => {
            return Err(Fault::Throttled { retry_after_secs: TOO_OFTEN_SECS });
        }
        Err(error) => return Err(error.into()),
    };
    let on = made.on.iter().filter_map(|on| NodeRef::try_from(on.to_string()).ok()).collect();
    let answer = Exchanged {
        // Of one that was only tried there is nothing to tell.
        token: (!force.rehearsed).then(|| text(&secret.text)),
        token_id: auth::id_text(secret.id),
        username: made.username.to_string(),
        expires_at: Moment(made.expires),
        on,
        permissions: Rights(made.permissions),
    };
    Ok(Done::changed(answer, force))
}

fn text(secret: &Secret<String>) -> String {
    secret.expose().clone()
}

/// It is genuine, and nothing is made for it: that is kept, with what those who show it are not told.
async fn refused(cx: &Cx, found: &Found, rule: Option<&(ProjectKey, Box<str>)>, refused: Refused) -> Fault {
    if let Some(throttled) = throttled(cx) {
        return throttled;
    }
    let why = refused.why.clone();
    match cx.directory.note_refused_exchange(found.refused(rule.cloned(), refused), cx.gate.origin()).await {
        Ok(()) => Fault::Told(Code::NoRule, why),
        Err(error) => error.into(),
    }
}
