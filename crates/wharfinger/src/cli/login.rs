//! `wharfinger login` and `logout`: a token of this machine's own, which the other verbs take.

use api::me::{Me, ShowMe};
use api::tokens::{CreateToken, SetTokenState, StateWanted, Token, TokenWanted, WantedState};
use api::{Ask, Moment, Nothing, Text128, TokenAt};
use clap::Args;
use domain::time::DAY_MILLIS;
use domain::{Clock as _, Timestamp};
use rustix::system::uname;

use super::client::{Client, Trust, not_in_clear};
use super::failure::Failure;
use super::flags::At;
use super::session::file::{Credentials, Entry};
use super::session::{self, helper};
use super::{output, terminal};
use crate::clock::SystemClock;
use crate::config::{Environment, ServerUrl};

/// For how long the token holds that `login` makes.
const TOKEN_DAYS: i64 = 90;

#[derive(Debug, Args)]
pub(super) struct Login {
    /// The gateway, such as https://registry.example.org
    #[arg(value_name = "SERVER", value_parser = super::server_url)]
    named: Option<ServerUrl>,
    /// Read a token from standard input, instead of asking for a name and a password and making one
    #[arg(long)]
    token_stdin: bool,
    /// Keep the token with docker's credential helper of this name, such as secretservice or pass, and not in a file
    #[arg(long, value_name = "NAME", value_parser = helper_name)]
    helper: Option<String>,
    #[command(flatten)]
    at: At,
}

#[derive(Debug, Args)]
pub(super) struct Logout {
    /// The gateway
    #[arg(value_name = "SERVER", value_parser = super::server_url)]
    named: Option<ServerUrl>,
    #[command(flatten)]
    at: At,
}

pub(super) async fn login(flags: Login, environment: &Environment) -> Result<(), Failure> {
    let at = At { server: flags.named.or(flags.at.server), ..flags.at };
    let server = session::server(&at, environment)?;
    not_in_clear(&server, "what you log in with")?;
    let mut credentials = credentials(environment)?;
    let before = credentials.entry(&server);
    let trust = Trust::from(at.ca_file.as_deref());
    let (secret, me, made) = if flags.token_stdin {
        let secret = terminal::secret_from_input()?;
        let me = who(&Client::new(server.clone(), Some(&secret), trust)?).await?;
        (secret, me, false)
    } else {
        asked(&server, trust).await?
    };
    let client = Client::new(server.clone(), Some(&secret), trust)?;
    let kept = keep(&mut credentials, &server, (&secret, &me, made), flags.helper);
    if let Err(failure) = kept {
        if made {
            revoke(&client, me.token.as_deref()).await?;
        }
        return Err(failure);
    }
    if let Some(old) = before.filter(|old| old.made && old.id != me.token) {
        revoke(&client, old.id.as_deref()).await?;
    }
    let name = me.reference.unwrap_or(me.kind);
    output::say(&format!("logged in to {server} as {name}"));
    Ok(())
}

pub(super) async fn logout(flags: Logout, environment: &Environment) -> Result<(), Failure> {
    let at = At { server: flags.named.or(flags.at.server), ..flags.at };
    let server = session::server(&at, environment)?;
    let mut credentials = credentials(environment)?;
    let Some(entry) = credentials.entry(&server) else {
        return Err(Failure::Absent(format!("nobody is logged in to {server}")));
    };
    if entry.made {
        let secret = session::secret_of(&entry, &server)?;
        let client = Client::new(server.clone(), Some(&secret), at.ca_file.as_deref().into())?;
        match revoke(&client, entry.id.as_deref()).await {
            // What is not accepted any more needs no revoking.
            Ok(()) | Err(Failure::Unauthenticated(_)) => {}
            Err(failure) => return Err(failure),
        }
    }
    if let Some(helper) = &entry.helper {
        helper::erase(helper, &helper::key(&server))?;
    }
    credentials.forget(&server);
    credentials.write()?;
    let what = if entry.made { "; its token is revoked" } else { "; its token was given, and stays" };
    output::say(&format!("logged out of {server}{what}"));
    Ok(())
}

fn credentials(environment: &Environment) -> Result<Credentials, Failure> {
    let path = session::credentials_path(environment);
    let nowhere = || Failure::Usage("neither XDG_CONFIG_HOME nor HOME says where to keep it".to_owned());
    Credentials::read(&path.ok_or_else(nowhere)?)
}

/// Makes a token with what is typed: a name and a password, or a token, which is taken as it is.
async fn asked(server: &ServerUrl, trust: Trust<'_>) -> Result<(String, Me, bool), Failure> {
    if !terminal::is_there() {
        return Err(Failure::Usage("there is no terminal to ask at: use --token-stdin".to_owned()));
    }
    let name = terminal::ask(&format!("User name at {server}: "))?;
    let password = terminal::ask_hidden("Password or token: ")?;
    if auth::parse(&password).is_some() {
        let me = who(&Client::new(server.clone(), Some(&password), trust)?).await?;
        return Ok((password, me, false));
    }
    let client = Client::by_password(server.clone(), (&name, &password), trust)?;
    let secret = make(&client).await?.secret;
    let secret = secret.ok_or_else(|| Failure::Other("the server told no secret".to_owned()))?;
    let me = who(&Client::new(server.clone(), Some(&secret), trust)?).await?;
    Ok((secret, me, true))
}

async fn who(client: &Client) -> Result<Me, Failure> {
    Ok(client.call(&Ask::<ShowMe>::new((), Nothing {}, Nothing {})).await?.answer)
}

/// `cli@HOST`; where a token is called that already, the moment is said too.
async fn make(client: &Client) -> Result<Token, Failure> {
    let now = SystemClock.now();
    let ends = Timestamp::from_millis(now.millis().saturating_add(TOKEN_DAYS.saturating_mul(DAY_MILLIS)));
    let host = uname().nodename().to_string_lossy().into_owned();
    let wanted = |name: String| {
        let name =
            Text128::try_from(name).map_err(|why| Failure::Usage(format!("this host's name: {why}")))?;
        let expires = Some(Moment(ends));
        Ok::<_, Failure>(TokenWanted { name, limits: None, not_before: None, expires, cidrs: Vec::new() })
    };
    let body = wanted(format!("cli@{host}"))?;
    match client.call(&Ask::<CreateToken>::new((), Nothing {}, body)).await {
        Err(Failure::Conflict(_)) => {
            let body = wanted(format!("cli@{host} {}", domain::time::show(now)))?;
            Ok(client.call(&Ask::<CreateToken>::new((), Nothing {}, body)).await?.answer)
        }
        made => Ok(made?.answer),
    }
}

fn keep(
    credentials: &mut Credentials,
    server: &ServerUrl,
    (secret, me, made): (&str, &Me, bool),
    helper: Option<String>,
) -> Result<(), Failure> {
    if let Some(helper) = &helper {
        helper::store(helper, &helper::key(server), helper::USER, secret)?;
    }
    let token = helper.is_none().then(|| secret.to_owned());
    credentials.keep(server, Entry { id: me.token.clone(), token, helper, made });
    credentials.write()
}

/// Revokes a token of the caller's; one that is gone already is revoked.
///
/// # Errors
/// As the server says.
pub(super) async fn revoke(client: &Client, id: Option<&str>) -> Result<(), Failure> {
    let Some(at) = id.and_then(TokenAt::new) else { return Ok(()) };
    let body = StateWanted { state: WantedState::Revoked };
    match client.call(&Ask::<SetTokenState>::new(at, Nothing {}, body)).await {
        Ok(_) | Err(Failure::Absent(_)) => Ok(()),
        Err(failure) => Err(failure),
    }
}

fn helper_name(text: &str) -> Result<String, &'static str> {
    let known = helper::is_name(text).then(|| text.to_owned());
    known.ok_or("it must be the NAME of a program docker-credential-NAME")
}
