//! Permanent tokens, one's own and those of others.

use api::tokens::{
    CreateToken, CreateTokenOf, KindAsked, KnownState, ListTokens, ListTokensOf, RotateToken, RotateTokenOf,
    RotationWanted, SetTokenState, SetTokenStateOf, ShowToken, ShowTokenOf, StateWanted, Token, TokenWanted,
    TokensAsked, WantedState,
};
use api::{Ask, CidrText, Endpoint, Moment, Nothing, PrincipalAt, PrincipalTokenAt, TokenAt};

use super::super::failure::Failure;
use super::super::flags::{Changing, Remote};
use super::super::local;
use super::super::tokens::{Owner, StateWord, TokenCommand, Whence};
use super::shown::{show_fields, show_secret};
use super::{changing, connect, moment, reach, typed};
use crate::config::Environment;

mod kept;

/// Columns of a list.
const TITLES: [&str; 6] = ["id", "name", "state", "expires", "limits", "last_used"];

pub(in super::super) async fn token(command: TokenCommand, environment: &Environment) -> Result<(), Failure> {
    match command {
        // Made here, without a server.
        TokenCommand::Generate { kind, form } => local::generate(kind, form),
        TokenCommand::Create { name, reach, expires, whence, owner, changing } => {
            let (not_before, cidrs) = bounds(whence)?;
            let body = TokenWanted {
                name: typed("the name", name)?,
                limits: reach::limits(&reach)?,
                not_before,
                expires: moment("--expires", expires)?,
                cidrs,
            };
            match principal_at(&owner) {
                None => secret::<CreateToken>((), body, &changing, environment).await,
                Some(at) => secret::<CreateTokenOf>(at, body, &changing, environment).await,
            }
        }
        TokenCommand::Report { url, doing } => kept::report(url, &doing, environment).await,
        TokenCommand::Put { name, secret, reach, expires, whence, disabled, owner, changing } => {
            let body = kept::declared(&secret, (&reach, expires, whence), disabled)?;
            kept::put(&name, body, &owner, &changing, environment).await
        }
        TokenCommand::Rotate { id, overlap, expires, owner, changing } => {
            let body = RotationWanted { overlap_secs: overlap, expires: moment("--expires", expires)? };
            let token = token_at(&id)?;
            match principal_at(&owner) {
                None => secret::<RotateToken>(token, body, &changing, environment).await,
                Some(owner) => {
                    let at = PrincipalTokenAt::new(owner, token);
                    secret::<RotateTokenOf>(at, body, &changing, environment).await
                }
            }
        }
        TokenCommand::List { short_lived, state, unused_days, owner, remote } => {
            let (state, kind) = (state.map(known), short_lived.then_some(KindAsked::ShortLived));
            let query = TokensAsked { state, unused_days, kind, ..TokensAsked::default() };
            match principal_at(&owner) {
                None => changing::list::<_, ListTokens>(((), query), &TITLES, &remote, environment).await,
                Some(at) => {
                    changing::list::<_, ListTokensOf>((at, query), &TITLES, &remote, environment).await
                }
            }
        }
        TokenCommand::Show { id, owner, remote } => show(&id, &owner, &remote, environment).await,
        TokenCommand::Disable { id, owner, changing } => {
            set_state(&id, &owner, &changing, environment, WantedState::Disabled).await
        }
        TokenCommand::Revoke { id, owner, changing } => {
            set_state(&id, &owner, &changing, environment, WantedState::Revoked).await
        }
    }
}

/// Makes a token, and shows its secret.
async fn secret<E>(
    at: E::At,
    body: E::Body,
    changing: &Changing,
    environment: &Environment,
) -> Result<(), Failure>
where
    E: Endpoint<Query = Nothing, Answer = Token>,
{
    let made = changing::call(Ask::<E>::new(at, Nothing {}, body), changing, environment).await?;
    show_secret(&changing.remote, &made);
    Ok(())
}

async fn show(id: &str, owner: &Owner, remote: &Remote, environment: &Environment) -> Result<(), Failure> {
    let client = connect(remote, environment)?;
    let (token, query, body) = (token_at(id)?, Nothing {}, Nothing {});
    let shown = match principal_at(owner) {
        None => client.call(&Ask::<ShowToken>::new(token, query, body)).await?,
        Some(owner) => {
            let at = PrincipalTokenAt::new(owner, token);
            client.call(&Ask::<ShowTokenOf>::new(at, query, body)).await?
        }
    };
    show_fields(remote, &shown.document);
    Ok(())
}

async fn set_state(
    id: &str,
    owner: &Owner,
    changing: &Changing,
    environment: &Environment,
    state: WantedState,
) -> Result<(), Failure> {
    let (token, query, body) = (token_at(id)?, Nothing {}, StateWanted { state });
    let word = match state {
        WantedState::Disabled => "disabled",
        WantedState::Revoked => "revoked",
    };
    let line = format!("token {id} is {word}");
    match principal_at(owner) {
        None => {
            let ask = Ask::<SetTokenState>::new(token, query, body);
            changing::change(ask, changing, &line, environment).await
        }
        Some(owner) => {
            let ask = Ask::<SetTokenStateOf>::new(PrincipalTokenAt::new(owner, token), query, body);
            changing::change(ask, changing, &line, environment).await
        }
    }
}

/// From when and from where a token is to be good, as the flags say.
fn bounds(whence: Whence) -> Result<(Option<Moment>, Vec<CidrText>), Failure> {
    let cidrs = whence.cidrs.into_iter().map(|cidr| typed("--cidr", cidr)).collect::<Result<_, _>>()?;
    Ok((moment("--not-before", whence.not_before)?, cidrs))
}

const fn known(state: StateWord) -> KnownState {
    match state {
        StateWord::Active => KnownState::Active,
        StateWord::Disabled => KnownState::Disabled,
        StateWord::Revoked => KnownState::Revoked,
    }
}

fn principal_at(owner: &Owner) -> Option<PrincipalAt> {
    owner.of.as_deref().map(PrincipalAt::new)
}

fn token_at(id: &str) -> Result<TokenAt, Failure> {
    TokenAt::new(id)
        .ok_or_else(|| Failure::Absent(format!("{id}: no token has such an id, which has 8 characters")))
}
