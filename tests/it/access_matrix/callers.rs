//! The columns of the table.

use domain::Format;
use serde_json::json;

use crate::support::client::basic;
use crate::support::{Ask, Server, token};

use super::wrong;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    None,
    AnonymousBearer,
    Wrong,
    WithoutRight,
    Reader,
    Publisher,
    PublishOnly,
    Limited,
    Revoked,
    BearerOfRevoked,
    Suspended,
    Manager,
    /// The project administrator, by a bearer of the token endpoint.
    Bearer,
    Administrator,
}

/// Somebody, and how they sign.
pub(super) struct Caller {
    pub(super) kind: Kind,
    authorization: Option<String>,
}

impl Kind {
    pub(super) const ALL: [Self; 14] = [
        Self::None,
        Self::AnonymousBearer,
        Self::Wrong,
        Self::WithoutRight,
        Self::Reader,
        Self::Publisher,
        Self::PublishOnly,
        Self::Limited,
        Self::Revoked,
        Self::BearerOfRevoked,
        Self::Suspended,
        Self::Manager,
        Self::Bearer,
        Self::Administrator,
    ];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::AnonymousBearer => "anonymous-bearer",
            Self::Wrong => "wrong",
            Self::WithoutRight => "without-right",
            Self::Reader => "reader",
            Self::Publisher => "publisher",
            Self::PublishOnly => "publish-only",
            Self::Limited => "limited",
            Self::Revoked => "revoked",
            Self::BearerOfRevoked => "revoked-bearer",
            Self::Suspended => "suspended",
            Self::Manager => "project-admin",
            Self::Bearer => "its-bearer",
            Self::Administrator => "org-admin",
        }
    }

    /// Whether nobody in particular asks.
    pub(super) const fn is_nobody(self) -> bool {
        matches!(self, Self::None | Self::AnonymousBearer)
    }

    /// Whether what they present is good for repositories of a format, or they present nothing: bearers of the token
    /// endpoint are for images alone.
    pub(super) fn is_valid_for(self, format: Format) -> bool {
        self.is_valid()
            && (format == Format::new("oci") || !matches!(self, Self::AnonymousBearer | Self::Bearer))
    }

    /// Whether what they present is good somewhere, or they present nothing.
    pub(super) const fn is_valid(self) -> bool {
        !matches!(self, Self::Wrong | Self::Revoked | Self::BearerOfRevoked | Self::Suspended)
    }
}

impl Caller {
    /// One of each kind, some made useless first.
    pub(super) async fn all(hub: &Server) -> Vec<Self> {
        let bearer = hub.actor("manager/behind").bearer().await;
        let (valid, anonymous) = (hub.actor("manager").bearer().await, hub.stranger().bearer().await);
        let manager = hub.actor("manager");
        for revoked in ["manager/revoked", "manager/behind"] {
            let id = token::id(&hub.login(revoked).secret).to_owned();
            let put = Ask::put(format!("/api/v1/tokens/{id}/state")).json(&json!({ "state": "revoked" }));
            manager.send(put).await.is(200);
        }
        let put =
            Ask::put("/api/v1/principals/member:suspended/suspended").json(&json!({ "suspended": true }));
        hub.admin().send(put).await.is(200);
        let authorization = |kind| match kind {
            Kind::None => None,
            Kind::AnonymousBearer => Some(format!("Bearer {anonymous}")),
            Kind::Wrong => Some(basic(&wrong())),
            Kind::WithoutRight => Some(basic(&hub.login("nobody"))),
            Kind::Reader => Some(basic(&hub.login("reader"))),
            Kind::Publisher => Some(basic(&hub.login("publisher"))),
            Kind::PublishOnly => Some(basic(&hub.login("publisher/publish-only"))),
            Kind::Limited => Some(basic(&hub.login("manager/limited"))),
            Kind::Revoked => Some(basic(&hub.login("manager/revoked"))),
            Kind::BearerOfRevoked => Some(format!("Bearer {bearer}")),
            Kind::Suspended => Some(basic(&hub.login("suspended"))),
            Kind::Bearer => Some(format!("Bearer {valid}")),
            Kind::Manager => Some(basic(&hub.login("manager"))),
            Kind::Administrator => Some(basic(&hub.login("root"))),
        };
        Kind::ALL.into_iter().map(|kind| Self { kind, authorization: authorization(kind) }).collect()
    }

    pub(super) fn sign(&self, ask: Ask) -> Ask {
        match &self.authorization {
            Some(value) => ask.authorization(value),
            None => ask,
        }
    }
}
