//! Log-in by a provider (OpenID Connect, code flow with PKCE): how it begins, and what comes of it when the browser comes back. No
//! operations: as for all log-ins the room is the console's, and nothing here asks for a right.
//!
//! What stands between begin and end is kept by the browser, sealed ([`auth::PendingLogIn`]), so any node can finish it and none keeps
//! anything. Whoever comes back without it, or with that of another log-in, began nothing here: nobody is asked, and nothing is told apart.

use auth::{
    AuthError, Claims, ClientSecret, IdentityToken, LogInEndpoints, PendingLogIn, ProvedToken, Redemption,
    TokenKind,
};
use domain::{Own, Timestamp};
use storage::{DirectoryError, LoggedIn, LoginProviderRow, Makes, Vouched, VouchedSession};

use crate::endpoint::{Cx, SessionCookie};
use crate::login_providers::{NO_LOG_IN, source};
use crate::problem::Fault;
use crate::sessions::unlimited;

/// Longest subject and name that are taken, in characters (OpenID Connect Core 1.0 §2: a subject has 255).
const SUBJECT_CHARS_MAX: usize = 255;
const NAME_CHARS_MAX: usize = 48;
const TITLE_CHARS_MAX: usize = 128;
/// Most groups of somebody that are looked at, and longest of them in bytes.
const GROUPS_MAX: usize = 1000;
const GROUP_BYTES_MAX: usize = 800;
/// Longest code and state that are looked at, in bytes.
const CODE_BYTES_MAX: usize = 2048;
/// How often what others changed meanwhile is tried again.
const TRIES: usize = 3;

/// A provider that one can log in by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayIn {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub title: String,
}

/// What is begun.
#[derive(Debug, Clone, Copy)]
pub struct Beginning<'a> {
    /// Name of the provider.
    pub provider: &'a str,
    /// Where to go on afterwards: a path of this server.
    pub to: &'a str,
    /// Whether they are to prove anew who they are, whoever the provider knows them as.
    pub again: bool,
    /// Whether somebody who is logged in links themselves, in place of logging in.
    pub links: bool,
    /// Where the provider sends them back to: an address of this server.
    pub back: &'a str,
}

/// What has begun.
#[derive(Debug)]
pub struct Begun {
    /// What people call the provider.
    pub title: String,
    /// Where the browser goes.
    pub location: String,
    /// What it keeps meanwhile.
    pub pending: String,
}

/// What a browser comes back with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Returned<'a> {
    /// What we handed over, which the provider hands back.
    pub state: Option<&'a str>,
    /// What is exchanged for a token.
    pub code: Option<&'a str>,
    /// Who the provider says that it is (RFC 9207).
    pub issuer: Option<&'a str>,
    /// Why there is no code.
    pub error: Option<&'a str>,
}

/// What came of it.
#[derive(Debug)]
pub enum Returning {
    /// A session begins, and goes on at a path of this server.
    In(SessionCookie, String),
    /// One is linked.
    Linked,
}

/// Why nothing came of it.
#[derive(Debug)]
pub enum NoLogIn {
    /// Nobody here is linked to whom the provider vouches for. Only they learn it.
    NotLinked,
    /// Anything else: the log says what.
    Failed,
    /// There were too many failures from there.
    Throttled {
        /// When it may be tried again, in seconds.
        retry_after_secs: u64,
    },
    /// Something of ours.
    Fault(Fault),
}

impl From<Fault> for NoLogIn {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<DirectoryError> for NoLogIn {
    fn from(error: DirectoryError) -> Self {
        Self::Fault(error.into())
    }
}

/// The providers that one can log in by, by title: for anybody, before they are anybody.
///
/// # Errors
/// Only failures of the database.
pub async fn ways_in(cx: &Cx) -> Result<Vec<WayIn>, Fault> {
    let titles = cx.directory.login_provider_titles().await?;
    let way = |(name, title): (Box<str>, Box<str>)| WayIn { name: name.into(), title: title.into() };
    Ok(titles.into_iter().map(way).collect())
}

/// Begins a log-in, or to link who is logged in: that gives away another way in, so their proof must be fresh.
///
/// # Errors
/// `Failed` if there is no such provider, or it cannot be asked.
pub async fn begin(cx: &Cx, beginning: Beginning<'_>) -> Result<Begun, NoLogIn> {
    let links = if beginning.links { Some(linking(cx)?) } else { None };
    let row = provider(cx, beginning.provider).await?;
    let keys = cx.identities.keys.keys(&source(&row), None).await;
    let keys = keys.map_err(|why| failed(&row.provider.name, &why.to_string()))?;
    let endpoints = keys.log_in().ok_or_else(|| failed(&row.provider.name, NO_LOG_IN))?;
    let known = (row.provider.id, &*row.provider.name);
    let pending = PendingLogIn::begin(known, beginning.to, links, cx.identities.clock.now());
    let location = authorization(endpoints, &row, &pending, beginning);
    Ok(Begun { title: row.provider.title.to_string(), location, pending: pending.seal(&cx.hooks.keys) })
}

/// What comes of it that a browser comes back: with what it kept, and what the provider gave it. `back` is where that is.
///
/// # Errors
/// `NoLogIn` says why nothing does.
pub async fn come_back(
    cx: &Cx,
    kept: Option<&str>,
    returned: Returned<'_>,
    back: &str,
) -> Result<Returning, NoLogIn> {
    let now = cx.identities.clock.now();
    let pending = kept.and_then(|kept| PendingLogIn::open(&cx.hooks.keys, kept, now));
    let pending = pending.ok_or_else(|| failed("-", "the browser began no log-in here, or it is over"))?;
    let name = &*pending.provider.1;
    // Before anything else is looked at: what is not of this browser's log-in is of no account, not even as a failure.
    if !returned.state.is_some_and(|state| pending.state.matches(state)) {
        return Err(failed(name, "the `state` is not that of the log-in that this browser began"));
    }
    let row = provider(cx, name).await?;
    if row.provider.id != pending.provider.0 {
        return Err(failed(name, "the provider is another by now"));
    }
    let token = match token(cx, &row, &pending, (returned, back)).await {
        Ok(token) => token,
        Err(why) => return Err(unproved(cx, name, &why)),
    };
    let vouched = match vouched(row, &token, &pending) {
        Ok(vouched) => vouched,
        Err(why) => return Err(unproved(cx, name, why)),
    };
    match pending.links {
        Some(session) => link(cx, vouched, session).await,
        None => log_in(cx, vouched, pending.to.into()).await,
    }
}

/// The session that links, and that its proof is fresh.
fn linking(cx: &Cx) -> Result<domain::SessionId, NoLogIn> {
    let own = cx.gate.own().map_err(Fault::from)?;
    unlimited(&own)?;
    cx.fresh_if(true)?;
    own.credential().session().ok_or_else(|| failed("-", "nobody links themselves outside of a session"))
}

async fn provider(cx: &Cx, name: &str) -> Result<LoginProviderRow, NoLogIn> {
    let row = cx.directory.login_provider_called(name).await?;
    row.ok_or_else(|| failed("-", "there is no such provider"))
}

/// Where the browser is sent (OpenID Connect Core 1.0 §3.1.2.1, RFC 7636 §4.3).
fn authorization(
    endpoints: &LogInEndpoints,
    row: &LoginProviderRow,
    pending: &PendingLogIn,
    beginning: Beginning<'_>,
) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", &row.provider.client_id)
        .append_pair("redirect_uri", beginning.back)
        .append_pair("scope", &row.provider.scopes)
        .append_pair("state", pending.state.expose())
        .append_pair("nonce", pending.nonce.expose())
        .append_pair("code_challenge", &pending.challenge())
        .append_pair("code_challenge_method", "S256");
    if beginning.again {
        query.append_pair("prompt", "login").append_pair("max_age", "0");
    }
    let joint = if endpoints.authorization.contains('?') { '&' } else { '?' };
    format!("{}{joint}{}", endpoints.authorization, query.finish())
}

/// The provider's token of this log-in, verified; else why not, for the log.
async fn token(
    cx: &Cx,
    row: &LoginProviderRow,
    pending: &PendingLogIn,
    (returned, back): (Returned<'_>, &str),
) -> Result<ProvedToken, String> {
    let (provider, source) = (&row.provider, source(row));
    let keys = cx.identities.keys.keys(&source, None).await.map_err(|why| why.to_string())?;
    let endpoints = keys.log_in().ok_or(NO_LOG_IN)?;
    match returned.issuer {
        Some(issuer) if issuer != &*provider.issuer => {
            return Err("`iss` is that of another provider".to_owned());
        }
        None if endpoints.says_issuer => {
            return Err("the provider says who it is (`iss`), and this did not".to_owned());
        }
        _ => {}
    }
    if let Some(error) = returned.error {
        let word: String = error.chars().filter(char::is_ascii_graphic).take(64).collect();
        return Err(format!("the provider let nobody in: {word}"));
    }
    let code = returned.code.filter(|code| (1..=CODE_BYTES_MAX).contains(&code.len()));
    let code = code.ok_or("there is no `code`, or a very long one")?;
    let secret = ClientSecret::open(&cx.hooks.keys, &provider.secret);
    let secret = secret.ok_or("the client's secret was sealed by a key that is gone: put it again")?;
    if let Some(anew) = ClientSecret::resealed(&cx.hooks.keys, &provider.secret) {
        let resealed = cx.directory.reseal_login_provider(provider, anew).await;
        resealed.map_err(|error| error.to_string())?;
    }
    let client = (&*provider.client_id, &secret);
    let redemption = Redemption { client, code, verifier: &pending.verifier, back };
    let text = cx.identities.codes.redeem(&source, endpoints, redemption).await?;
    let token = IdentityToken::read(text.expose()).map_err(|fault| fault.to_string())?;
    if token.issuer() != Some(&*provider.issuer) {
        return Err("the token is of another issuer (`iss`)".to_owned());
    }
    // It may be signed by a key that is newer than those that are kept.
    let keys = cx.identities.keys.keys(&source, token.key_id()).await.map_err(|why| why.to_string())?;
    let token = token.prove(&keys).map_err(|fault| fault.to_string())?;
    let now = cx.identities.clock.now();
    token.check_log_in(&provider.client_id, &pending.nonce, now).map_err(|fault| fault.to_string())?;
    Ok(token)
}

/// Whom the token is about, and what of it counts.
fn vouched(
    row: LoginProviderRow,
    token: &ProvedToken,
    pending: &PendingLogIn,
) -> Result<Vouched, &'static str> {
    let claims = token.claims();
    let subject = match claims.texts("sub").as_slice() {
        [subject] if is_plain(subject, SUBJECT_CHARS_MAX) => (*subject).into(),
        _ => return Err("the token says nobody's `sub`"),
    };
    let provider = &row.provider;
    let groups = provider.groups_claim.as_deref().map(|claim| claims.texts(claim)).unwrap_or_default();
    let groups = groups.into_iter().filter(|group| group.len() <= GROUP_BYTES_MAX).take(GROUPS_MAX);
    let title = claims.text("name").filter(|title| is_plain(title, TITLE_CHARS_MAX));
    Ok(Vouched {
        subject,
        name: name_of(claims, &provider.name_claim, provider.make),
        title: title.map(|title| title.trim().into()),
        groups: groups.map(Into::into).collect(),
        // Who does not say when it was proved, proved it too long ago for what takes a fresh proof.
        fresh_at: token.proved_at().unwrap_or(Timestamp::from_millis(0)),
        once: (pending.once(), pending.until),
        provider: row,
    })
}

fn is_plain(text: &str, chars_max: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= chars_max && !text.chars().any(char::is_control)
}

/// What a new person could be named: what the provider calls them, without a host, in letters that stand in every address. Whom it gives no
/// such name is named by what they become.
fn name_of(claims: &Claims, claim: &str, make: Makes) -> Box<str> {
    let said = claims.text(claim).unwrap_or_default();
    let said = said.split('@').next().unwrap_or_default().to_lowercase();
    let plain =
        |letter: char| if letter.is_ascii_alphanumeric() || "._-".contains(letter) { letter } else { '-' };
    let name: String = said.chars().take(NAME_CHARS_MAX).map(plain).collect();
    let name = name.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
    if name.is_empty() { make.as_str().into() } else { name.into() }
}

async fn log_in(cx: &Cx, vouched: Vouched, to: String) -> Result<Returning, NoLogIn> {
    let secret = auth::generate(TokenKind::Session);
    let replaces = cx.gate.caller().credential().session();
    let new = VouchedSession { id: secret.id, sha256: secret.sha256, replaces };
    let (mut tries, provider, subject) = (0, vouched.provider.clone(), vouched.subject.clone());
    let logged_in = loop {
        let origin = cx.gate.origin();
        match cx.directory.log_in_by_provider(vouched.clone(), new.clone(), origin).await {
            Err(DirectoryError::Stale | DirectoryError::Exists) if tries < TRIES => {
                tries = tries.saturating_add(1);
            }
            settled => break settled,
        }
    };
    match logged_in {
        Ok(LoggedIn::Session(row, _)) => {
            let secs = row.ends.millis_since(row.created_at) / 1000;
            Ok(Returning::In(SessionCookie::Begun { secret: secret.text, secs }, to))
        }
        Ok(LoggedIn::NotLinked) => {
            refused(cx, &provider, (&subject, "nobody is linked to them")).await?;
            Err(NoLogIn::NotLinked)
        }
        Err(DirectoryError::Stale) => {
            let why = "whoever is linked is suspended, or the provider is another by now";
            refused(cx, &provider, (&subject, why)).await?;
            Err(failed(&provider.provider.name, why))
        }
        Err(DirectoryError::Forbidden(_, why) | DirectoryError::Refused(why)) => {
            refused(cx, &provider, (&subject, &why)).await?;
            Err(failed(&provider.provider.name, &why))
        }
        Err(error) => Err(error.into()),
    }
}

async fn link(cx: &Cx, vouched: Vouched, session: domain::SessionId) -> Result<Returning, NoLogIn> {
    let name = vouched.provider.provider.name.clone();
    let own: Own = cx.gate.own().map_err(|_| failed(&name, "who began to link is not logged in any more"))?;
    if own.credential().session() != Some(session) {
        return Err(failed(&name, "another session began to link"));
    }
    match cx.directory.link_identity(&own, vouched).await {
        Ok(_) => Ok(Returning::Linked),
        Err(error @ DirectoryError::Refused(_)) => Err(NoLogIn::Fault(error.into())),
        Err(DirectoryError::Stale | DirectoryError::Forbidden(..)) => {
            Err(failed(&name, "it was shown before, or the provider is another by now"))
        }
        Err(error) => Err(error.into()),
    }
}

/// It is genuine, and nobody is let in: that is kept for those who administer.
async fn refused(cx: &Cx, provider: &LoginProviderRow, whom: (&str, &str)) -> Result<(), NoLogIn> {
    if let Some(throttled) = throttled(cx) {
        return Err(throttled);
    }
    Ok(cx.directory.note_refused_log_in(provider, whom, cx.gate.origin()).await?)
}

/// Counted as a log-in that failed.
fn unproved(cx: &Cx, provider: &str, why: &str) -> NoLogIn {
    let failure = failed(provider, why);
    throttled(cx).unwrap_or(failure)
}

fn throttled(cx: &Cx) -> Option<NoLogIn> {
    match cx.authenticator.code_failed(cx.gate.origin().address, None) {
        AuthError::Throttled { retry_after_secs } => Some(NoLogIn::Throttled { retry_after_secs }),
        _ => None,
    }
}

/// Whoever comes back is told one thing, whatever it was; the log is told what.
fn failed(provider: &str, why: &str) -> NoLogIn {
    tracing::warn!(provider, why, "a log-in by a provider came to nothing");
    NoLogIn::Failed
}

#[cfg(test)]
mod tests;
