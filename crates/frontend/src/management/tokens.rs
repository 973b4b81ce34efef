use ::http::StatusCode;
use auth::{NewSecret, TokenKind};
use domain::{CallerGate, DirectoryManage, Granted, Limit, Organisation, Own, TokenId};
use serde_json::{Value, json};
use storage::{Directory, NewToken, TokenRow};

use super::error::{Bad, Failure};
use super::route::{Whose, page, token_id};
use super::wire::{self, LimitBody, NewTokenBody, StateBody};
use super::{Document, Tries, in_force, reply};
use crate::head::Head;
use crate::reply::Reply;
use crate::time;

/// The proof for what is one's own, or for somebody else's.
enum Proof<'a> {
    Own(Own),
    Of(Granted<DirectoryManage, Organisation>, &'a str),
}

fn proof<'a>(gate: &CallerGate, whose: &'a Whose) -> Result<Proof<'a>, Failure> {
    match whose {
        Whose::Own => Ok(Proof::Own(gate.own()?)),
        Whose::Of(name) => Ok(Proof::Of(gate.check(Organisation)?, name)),
    }
}

pub(super) async fn list(
    directory: &Directory,
    gate: &CallerGate,
    whose: &Whose,
    head: &Head<'_>,
) -> Result<Reply, Failure> {
    let may = proof(gate, whose)?;
    let (after, limit) = page(head)?;
    let after = match after {
        Some(text) => Some(token_id(&text).ok_or(Bad::Query("after must be what `next` said"))?),
        None => None,
    };
    let rows = match &may {
        Proof::Own(own) => directory.tokens(own, after, limit).await?,
        Proof::Of(may, name) => directory.tokens_of(may, name, after, limit).await?,
    };
    let full = rows.len() as u64 >= u64::from(limit.rows());
    let next = rows.last().filter(|_| full).map(|row| auth::id_text(row.id));
    let tokens: Vec<Value> = rows.iter().map(shown).collect();
    Ok(reply(StatusCode::OK, &json!({ "tokens": tokens, "next": next })))
}

pub(super) async fn create(
    directory: &Directory,
    gate: &CallerGate,
    whose: &Whose,
    body: Document<'_>,
) -> Result<Reply, Failure> {
    proof(gate, whose)?;
    let wanted: NewTokenBody = body.read().await?;
    let secret = auth::generate(kind_for(whose));
    let new = new_token(&wanted, &secret)?;
    let mut tries = Tries::new();
    let (row, force) = loop {
        let done = match proof(gate, whose)? {
            Proof::Own(own) => directory.create_token(&own, new.clone()).await,
            Proof::Of(may, name) => directory.create_token_for(&may, name, new.clone()).await,
        };
        if let Some(settled) = tries.settled(done).await {
            break settled?;
        }
    };
    let mut made = shown(&row);
    if let Some(fields) = made.as_object_mut() {
        fields.insert("secret".to_owned(), json!(secret.text.expose()));
        fields.insert("policy_version".to_owned(), json!(force.version.get()));
    }
    Ok(reply(StatusCode::CREATED, &made))
}

pub(super) async fn set_state(
    directory: &Directory,
    gate: &CallerGate,
    whose: &Whose,
    id: TokenId,
    body: Document<'_>,
) -> Result<Reply, Failure> {
    proof(gate, whose)?;
    let wanted: StateBody = body.read().await?;
    let state = wanted.parse()?;
    let mut tries = Tries::new();
    let force = loop {
        let done = match proof(gate, whose)? {
            Proof::Own(own) => directory.set_token_state(&own, id, state).await,
            Proof::Of(may, name) => {
                belongs(directory, &may, name, id).await?;
                directory.set_token_state_of(&may, id, state).await
            }
        };
        if let Some(settled) = tries.settled(done).await {
            break settled?;
        }
    };
    Ok(in_force(&force))
}

/// The path names an owner, so the token of another is not there.
async fn belongs(
    directory: &Directory,
    may: &Granted<DirectoryManage, Organisation>,
    owner: &str,
    id: TokenId,
) -> Result<(), Failure> {
    let before = id.get().checked_sub(1).map(TokenId::new);
    let next = directory.tokens_of(may, owner, before, Limit::capped(1)).await?;
    let found = next.first().is_some_and(|row| row.id == id);
    if found { Ok(()) } else { Err(storage::DirectoryError::Absent.into()) }
}

/// Own tokens are those of a person: an application's belong to who manages it.
fn kind_for(whose: &Whose) -> TokenKind {
    match whose {
        Whose::Of(name) if name.starts_with("application:") => TokenKind::Application,
        Whose::Of(_) | Whose::Own => TokenKind::Person,
    }
}

fn new_token(wanted: &NewTokenBody, secret: &NewSecret) -> Result<NewToken, Failure> {
    let limits = match &wanted.limits {
        None => None,
        Some(limits) => Some(limits.iter().map(limit).collect::<Result<Vec<_>, Bad>>()?),
    };
    Ok(NewToken {
        id: secret.id,
        sha256: secret.sha256,
        name: wanted.name.as_str().into(),
        limits,
        expires: wire::expires(wanted.expires.as_deref())?,
    })
}

fn limit(wanted: &LimitBody) -> Result<(Box<str>, domain::Permissions), Bad> {
    Ok((wanted.on.as_str().into(), wire::permissions(&wanted.permissions)?))
}

/// A token without its secret, which nobody has any more.
fn shown(row: &TokenRow) -> Value {
    let limits = row.limits.as_ref().map(|limits| {
        let shown = |(on, some): &(Box<str>, _)| json!({ "on": on, "permissions": wire::words(*some) });
        limits.iter().map(shown).collect::<Vec<_>>()
    });
    json!({
        "id": auth::id_text(row.id),
        "name": row.name,
        "state": wire::state(row.state),
        "limits": limits,
        "expires": row.expires.map(time::show),
        "created": time::show(row.created_at),
        "last_used": row.last_used_at.map(time::show),
    })
}
