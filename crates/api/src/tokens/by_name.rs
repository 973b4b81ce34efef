//! Tokens whose secret stays with who makes it: put by name as often as wanted, with id and hash (docs/api.md 1).

use domain::{DirectoryManage, Granted, Organisation, Own};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{NewToken, TokenPut};

use super::documents::{Token, TokenLimit};
use crate::at::{PrincipalTokenNamedAt, TokenNamedAt};
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::problem::{Code, Fault};
use crate::words::{CidrText, Moment, Sha256Text, TokenIdText};

/// `PUT /tokens/by-name/{name}`
pub enum PutToken {}

/// `PUT /principals/{principal}/tokens/by-name/{name}`
pub enum PutTokenOf {}

/// What a token of a name is to be. Its secret stays where it was made; `wharfinger token generate` makes one.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenDeclared {
    /// The 8 characters behind `whfp_` or `whfa_`. Another one takes the place of the token before, which is revoked.
    pub id: TokenIdText,
    /// SHA-256 of the whole text in hexadecimal digits.
    pub sha256: Sha256Text,
    /// What it may do where; `null` for everything its owner may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub limits: Option<Vec<TokenLimit>>,
    /// Refused until this moment; `null` is good at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Moment>,
    /// Refused from this moment on; `null` never ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Moment>,
    /// Addresses and networks from which it is good, refused from elsewhere; none is good from everywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub cidrs: Vec<CidrText>,
    /// Known, and refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
}

const fn putting(id: &'static str, path: &'static str, faults: &'static [Code]) -> Meta {
    Meta {
        id,
        method: Method::Put,
        path,
        summary: "Makes a token what it is to be, by the id and the hash of a secret that stays where it was made.",
        since: "0.1",
        audit: &["token.create", "token.update", "token.disable", "token.revoke"],
        faults,
        cli: Some("token put"),
    }
}

impl TokenDeclared {
    fn put(&self, name: &str) -> Result<TokenPut, Fault> {
        let id = auth::parse_id(self.id.as_str());
        let id = id.ok_or_else(|| Fault::field("/id", "it must have the 8 characters of a token"))?;
        let limit = |limit: &TokenLimit| (limit.on.as_str().into(), limit.permissions.0);
        let token = NewToken {
            id,
            sha256: self.sha256.bytes(),
            name: name.into(),
            limits: self.limits.as_ref().map(|limits| limits.iter().map(limit).collect()),
            not_before: self.not_before.map(|begins| begins.0),
            expires: self.expires.map(|expires| expires.0),
            networks: CidrText::networks(&self.cidrs),
        };
        Ok(TokenPut { token, disabled: self.disabled })
    }
}

impl Endpoint for PutToken {
    const META: Meta = putting("token_put", "/tokens/by-name/{name}", super::MAKING);
    type At = TokenNamedAt;
    type Query = Nothing;
    type Body = TokenDeclared;
    type Answer = Token;
    type May = Own;

    async fn call(cx: &Cx, may: Own, ask: &Ask<Self>) -> Result<Done<Token>, Fault> {
        cx.fresh_if(ask.body.limits.is_none())?;
        let wanted = ask.body.put(&ask.at.name)?;
        let ((row, made), force) = cx.directory.put_token(&may, wanted).await?;
        let at = made.then(|| format!("/tokens/{}", auth::id_text(row.id)));
        Ok(Done { made: at, ..Done::changed(Token::of(&row), force) })
    }
}

impl Endpoint for PutTokenOf {
    const META: Meta =
        putting("principal_token_put", "/principals/{principal}/tokens/by-name/{name}", super::MAKING_FOR);
    type At = PrincipalTokenNamedAt;
    type Query = Nothing;
    type Body = TokenDeclared;
    type Answer = Token;
    type May = Granted<DirectoryManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Token>, Fault> {
        cx.fresh_if(ask.body.limits.is_none())?;
        let wanted = ask.body.put(&ask.at.token.name)?;
        let stored = cx.directory.put_token_of(&may, ask.at.owner.as_str(), wanted).await;
        let ((row, made), force) = ask.at.owner.found(stored)?;
        let at = made.then(|| format!("{}/{}", ask.at.tokens(), auth::id_text(row.id)));
        Ok(Done { made: at, ..Done::changed(Token::of(&row), force) })
    }
}
