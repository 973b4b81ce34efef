//! Method, path and query to an operation. Pure.

use std::borrow::Cow;

use ::http::Method;
use domain::{ProjectKey, RepositoryName, RepositoryPath, TokenId};

use super::error::Bad;
use crate::head::Head;
use crate::http::{path, query};

/// Everything that can be asked. Names that nothing can have are `None`, and answer as absent ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Op {
    /// Who am I?
    Me,
    /// List tokens.
    Tokens(Whose),
    /// Make a token.
    CreateToken(Whose),
    /// Disable or revoke a token.
    TokenState(Whose, TokenId),
    /// Suspend or resume a principal.
    Suspended(Box<str>),
    /// List the grants on a node.
    Grants(Place),
    /// Make or replace a grant on a node.
    PutGrant(Place),
    /// Delete a grant on a node.
    DeleteGrant(Place),
    /// Make a repository public or private.
    Visibility(Option<RepositoryPath>),
}

/// Whose tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whose {
    /// The caller's own.
    Own,
    /// Those of somebody, such as `application:build-server`.
    Of(Box<str>),
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Organisation,
    Project(Option<ProjectKey>),
    Repository(Option<RepositoryPath>),
}

/// Reads the head. The path begins below `/api`.
pub(super) fn route(head: &Head<'_>) -> Result<Op, Bad> {
    let decoded = path::decode(head.path).map_err(|_| Bad::NoRoute)?;
    let parts: Vec<&str> = decoded.split('/').skip(1).collect();
    let ["v1", rest @ ..] = parts.as_slice() else { return Err(Bad::NoRoute) };
    match rest {
        ["me"] => only(head, &[(&Method::GET, Op::Me)]),
        ["tokens", rest @ ..] => tokens(head, Whose::Own, rest),
        ["principals", name, "suspended"] => only(head, &[(&Method::PUT, Op::Suspended((*name).into()))]),
        ["principals", name, "tokens", rest @ ..] => tokens(head, Whose::Of((*name).into()), rest),
        ["organisation", "grants"] => grants(head, &Place::Organisation),
        ["projects", key, "grants"] => grants(head, &Place::Project(ProjectKey::parse_folded(key).ok())),
        ["repositories", project, name, "grants"] => {
            grants(head, &Place::Repository(repository(project, name)))
        }
        ["repositories", project, name, "visibility"] => {
            only(head, &[(&Method::PUT, Op::Visibility(repository(project, name)))])
        }
        _ => Err(Bad::NoRoute),
    }
}

fn tokens(head: &Head<'_>, whose: Whose, rest: &[&str]) -> Result<Op, Bad> {
    match rest {
        [] => {
            let create = Op::CreateToken(whose.clone());
            only(head, &[(&Method::GET, Op::Tokens(whose)), (&Method::POST, create)])
        }
        [id, "state"] => {
            let id = token_id(id).ok_or(Bad::NoToken)?;
            only(head, &[(&Method::PUT, Op::TokenState(whose, id))])
        }
        _ => Err(Bad::NoRoute),
    }
}

fn grants(head: &Head<'_>, place: &Place) -> Result<Op, Bad> {
    let ops = [
        (&Method::GET, Op::Grants(place.clone())),
        (&Method::PUT, Op::PutGrant(place.clone())),
        (&Method::DELETE, Op::DeleteGrant(place.clone())),
    ];
    only(head, &ops)
}

fn repository(project: &str, name: &str) -> Option<RepositoryPath> {
    let project = ProjectKey::parse_folded(project).ok()?;
    Some(RepositoryPath { project, repository: RepositoryName::parse_folded(name).ok()? })
}

/// The public id of a token as it stands in its text: 8 base62 digits.
pub(super) fn token_id(text: &str) -> Option<TokenId> {
    let digits = text.bytes().map(|byte| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'Z' => Some(byte - b'A' + 10),
        b'a'..=b'z' => Some(byte - b'a' + 36),
        _ => None,
    });
    let number =
        digits.take(9).try_fold(0_u64, |sum, digit| sum.checked_mul(62)?.checked_add(u64::from(digit?)))?;
    let id = TokenId::new(number);
    (auth::id_text(id) == text).then_some(id)
}

/// The operation of the method; HEAD asks as GET does, and the pipeline drops the body.
fn only(head: &Head<'_>, ops: &[(&Method, Op)]) -> Result<Op, Bad> {
    let wanted = if head.is_head() { &Method::GET } else { head.method };
    let found = ops.iter().find(|(method, _)| *method == wanted);
    found.map(|(_, op)| op.clone()).ok_or_else(|| Bad::Method {
        allowed: ops.iter().map(|(method, _)| method.as_str()).collect::<Vec<_>>().join(", "),
    })
}

/// Where a list goes on and how many rows it may have.
pub(super) fn page<'a>(head: &Head<'a>) -> Result<(Option<Cow<'a, str>>, domain::Limit), Bad> {
    let after = query::first(head.query, "after");
    let limit = match query::first(head.query, "limit") {
        None => ROWS_DEFAULT,
        Some(text) => text.parse().map_err(|_| Bad::Query("limit must be a number"))?,
    };
    if limit == 0 {
        return Err(Bad::Query("limit must be at least 1"));
    }
    Ok((after, domain::Limit::capped(limit.min(ROWS_MAX))))
}

/// Rows of a page when the client does not say.
const ROWS_DEFAULT: u64 = 100;
/// Most rows of a page.
const ROWS_MAX: u64 = 1_000;

/// Which grant of the node.
pub(super) fn named_grant<'a>(head: &Head<'a>) -> Result<(Cow<'a, str>, Option<Cow<'a, str>>), Bad> {
    let to = query::first(head.query, "to").ok_or(Bad::Query("`to` is missing, such as to=member:alice"))?;
    Ok((to, query::first(head.query, "role")))
}

#[cfg(test)]
mod tests;
