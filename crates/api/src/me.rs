//! `/me`: who the credentials belong to.

use auth::Presented;
use domain::{PrincipalKind, Who};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::endpoint::{Ask, Cx, Done, Endpoint, LoggedIn, Meta, Method, Nothing};
use crate::problem::Fault;

/// `GET /me`
pub enum ShowMe {}

/// Who asks.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Me {
    /// `member:alice`; `null` for an application, which is known by the client ID it gave.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// What kind of principal it is.
    #[schemars(extend("x-open-enum" = true))]
    pub kind: String,
    /// What was presented: `token`, `password`, `bearer` or `session`.
    #[schemars(extend("x-open-enum" = true))]
    pub with: String,
    /// The public id of the permanent token, presented itself or behind a bearer.
    pub token: Option<String>,
}

impl Endpoint for ShowMe {
    const META: Meta = Meta {
        id: "me_show",
        method: Method::Get,
        path: "/me",
        summary: "Shows who the credentials belong to.",
        since: "0.1",
        audit: &[],
        faults: &[],
        cli: Some("me"),
    };
    type At = ();
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Me;
    type May = LoggedIn;

    async fn call(cx: &Cx, _may: LoggedIn, _ask: &Ask<Self>) -> Result<Done<Me>, Fault> {
        let caller = cx.gate.caller();
        let kind = match caller.who() {
            Who::Principal(_, kind) => kind,
            Who::Anonymous => PrincipalKind::Anonymous,
        };
        let with = match cx.presented {
            Presented::Token => "token",
            Presented::IdentityToken => "identity-token",
            Presented::Password => "password",
            Presented::Bearer => "bearer",
            Presented::Session => "session",
            Presented::Nothing | Presented::AnonymousBearer => "nothing",
        };
        let reference = match cx.gate.own() {
            Ok(own) => Some(cx.directory.own_name(&own).await?),
            Err(_) => None,
        };
        Ok(Done::read(Me {
            reference,
            kind: kind.as_str().to_owned(),
            with: with.to_owned(),
            token: caller.token().map(auth::id_text),
        }))
    }
}
