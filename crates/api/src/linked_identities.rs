//! `/me/identities`: whom one is at providers of log-ins. One links oneself in a browser alone, by coming back from there.

use domain::Own;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::LinkedIdentityRow;

use crate::at::LoginProviderAt;
use crate::change::Change;
use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing};
use crate::page::Page;
use crate::problem::{Code, Fault};
use crate::sessions::unlimited;
use crate::words::Moment;

/// `GET /me/identities`
pub enum ListOwnIdentities {}

/// `DELETE /me/identities/{provider}`
pub enum UnlinkIdentity {}

/// Whom one is at a provider.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct LinkedIdentity {
    /// Name of the provider.
    pub provider: String,
    /// What people call it.
    pub title: String,
    /// Whom it knows one as.
    pub subject: String,
    /// Since when.
    pub linked_at: Moment,
    /// When one last came in by it; `null` if one never did.
    pub used_at: Option<Moment>,
}

impl Endpoint for ListOwnIdentities {
    const META: Meta = Meta {
        id: "me_identities_list",
        method: Method::Get,
        path: "/me/identities",
        summary: "Lists whom one is at providers of log-ins.",
        since: "0.1",
        audit: &[],
        faults: &[Code::WiderThanToken],
        cli: Some("me identities"),
    };
    type At = ();
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Page<LinkedIdentity>;
    type May = Own;

    async fn call(cx: &Cx, may: Own, _ask: &Ask<Self>) -> Result<Done<Page<LinkedIdentity>>, Fault> {
        unlimited(&may)?;
        let rows = cx.directory.own_identities(&may).await?;
        Ok(Done::read(Page { items: rows.into_iter().map(shown).collect(), next: None }))
    }
}

impl Endpoint for UnlinkIdentity {
    const META: Meta = Meta {
        id: "me_identity_unlink",
        method: Method::Delete,
        path: "/me/identities/{provider}",
        summary: "Unlinks oneself from a provider of log-ins; not the way one came in by, nor the last, without a password.",
        since: "0.1",
        audit: &["identity.unlink"],
        faults: &[
            Code::Absent,
            Code::InUse,
            Code::LastAdmin,
            Code::WiderThanToken,
            Code::Stale,
            Code::NotYetInForce,
        ],
        cli: Some("me unlink"),
    };
    type At = LoginProviderAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Change;
    type May = Own;

    async fn call(cx: &Cx, may: Own, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        unlimited(&may)?;
        Ok(Done::told(cx.directory.unlink_identity(&may, &ask.at.provider).await?))
    }
}

fn shown(row: LinkedIdentityRow) -> LinkedIdentity {
    LinkedIdentity {
        provider: row.provider.into(),
        title: row.title.into(),
        subject: row.subject.into(),
        linked_at: Moment(row.linked_at),
        used_at: row.used_at.map(Moment),
    }
}
