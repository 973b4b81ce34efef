//! Issuers and publishers of a document.

use storage::{IssuerSpec, PublisherSpec};

use super::convert::{maybe, text, texts};
use super::document::{IssuerDocument, PublisherDocument};
use crate::claims::{IssuerKind, WantedClaims};
use crate::issuers::{self, KeySetDocument};
use crate::publishers::{self, MINUTES, PublisherWanted};
use crate::words::Rights;

impl IssuerDocument {
    /// What storage applies.
    ///
    /// # Errors
    /// What of it nobody can vouch by, in words.
    pub fn spec(&self) -> Result<IssuerSpec, String> {
        let wanted =
            issuers::checked(&self.url, self.kind, &self.audiences, (self.private, self.jwks.as_ref()))?;
        Ok(IssuerSpec { name: self.name.as_str().into(), wanted })
    }

    pub(super) fn of(spec: &IssuerSpec) -> Option<Self> {
        let jwks = spec.wanted.jwks.as_deref().and_then(|text| serde_json::from_str(text).ok());
        Some(Self {
            name: text(&spec.name)?,
            url: text(&spec.wanted.url)?,
            kind: IssuerKind::parse(&spec.wanted.kind),
            audiences: texts(spec.wanted.audiences.iter().map(|one| &**one))?,
            private: spec.wanted.private,
            jwks: jwks.map(KeySetDocument),
        })
    }
}

impl PublisherDocument {
    /// What storage applies to a project; what follows from the kind of the issuer is looked at then.
    ///
    /// # Errors
    /// Only if no random bits are to be had.
    pub fn spec(&self, project: &str) -> Result<PublisherSpec, String> {
        let wanted = PublisherWanted {
            issuer: self.issuer.clone(),
            application: self.application.clone(),
            claims: self.claims.clone(),
            on: self.on.clone(),
            permissions: self.permissions,
            minutes: self.minutes.unwrap_or(MINUTES),
            direct: self.direct,
            about: None,
        };
        let (wanted, stands) = publishers::asked(&wanted, project)?;
        Ok(PublisherSpec { name: self.name.as_str().into(), wanted, stands, of_kind: publishers::of_kind })
    }

    pub(super) fn of(spec: &PublisherSpec, project: &str) -> Option<Self> {
        let wanted = &spec.wanted;
        let everywhere = matches!(&*wanted.on, [one] if **one == *project);
        let on = texts(wanted.on.iter().map(|on| &**on))?;
        Some(Self {
            name: text(&spec.name)?,
            issuer: text(&wanted.issuer)?,
            application: maybe(wanted.application.as_deref())?,
            claims: WantedClaims::parse(&wanted.claims),
            on: Some(on).filter(|_| !everywhere),
            permissions: Rights(wanted.permissions),
            minutes: Some(wanted.minutes).filter(|minutes| *minutes != MINUTES),
            direct: wanted.direct.is_some(),
        })
    }
}
