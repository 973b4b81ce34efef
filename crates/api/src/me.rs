//! `/me`: who the credentials belong to.

use auth::Presented;
use domain::{Limit, NodeName, Permissions, PrincipalKind, Who, Whose};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::endpoint::{Ask, Cx, Done, Endpoint, LoggedIn, Meta, Method, Nothing};
use crate::problem::{Code, Fault};
use crate::words::Rights;

/// `GET /me`
pub enum ShowMe {}

/// Who asks.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Me {
    /// `member:alice`; `null` for an application, which is known by the client ID it gave.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// What people call them; `null` for an application.
    pub title: Option<String>,
    /// Addresses, each of which is a log-in name too.
    pub emails: Vec<String>,
    /// Whether their password is good for nothing but setting another one: an administrator set it.
    pub must_change_password: bool,
    /// What kind of principal it is.
    #[schemars(extend("x-open-enum" = true))]
    pub kind: String,
    /// What was presented: `token`, `password`, `bearer` or `session`.
    #[schemars(extend("x-open-enum" = true))]
    pub with: String,
    /// The public id of the permanent token, presented itself or behind a bearer.
    pub token: Option<String>,
    /// What one may do on the organisation with what was presented.
    #[serde(default)]
    pub rights_on_organisation: Rights,
}

impl Endpoint for ShowMe {
    const META: Meta = Meta {
        id: "me_show",
        method: Method::Get,
        path: "/me",
        summary: "Shows who the credentials belong to.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("me"),
    };
    const BEFORE_PASSWORD: bool = true;
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
            Presented::Password | Presented::PasswordToChange => "password",
            Presented::Bearer => "bearer",
            Presented::Session => "session",
            Presented::Nothing | Presented::AnonymousBearer => "nothing",
        };
        let own = match cx.gate.own() {
            Ok(own) => Some(cx.directory.own_person(&own).await?),
            Err(_) => None,
        };
        let inquiry = cx.gate.inquiry(NodeName::Organisation)?;
        let found = inquiry.rights(Whose::Presented, (None, Limit::capped(1)), false).await?;
        let held = found.and_then(|rows| rows.first().map(|(_, explanation)| explanation.held));
        let emails = own.iter().flat_map(|own| &own.emails).map(ToString::to_string);
        Ok(Done::read(Me {
            reference: own.as_ref().map(|own| format!("{}:{}", own.kind.as_str(), own.name)),
            title: own.as_ref().map(|own| own.title.to_string()),
            emails: emails.collect(),
            must_change_password: own.as_ref().is_some_and(|own| own.must_change),
            kind: kind.as_str().to_owned(),
            with: with.to_owned(),
            token: caller.token().map(auth::id_text),
            rights_on_organisation: Rights(held.unwrap_or(Permissions::NONE)),
        }))
    }
}
