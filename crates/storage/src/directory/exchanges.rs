//! What machines get for their identity tokens: short-lived tokens of an application, within what a rule gives.

use domain::{NodeId, Origin, Permissions, PrincipalId, ProjectKey, System, Timestamp, TokenId};

use super::change::{Author, Change, origin_of};
use super::event::{Document, Event, ObjectKind, Turn};
use super::rule::{self, MadeByRule};
use super::{Directory, InForce, removal};
use crate::audit::{AuditClass, AuditDetail, AuditEvent, AuditObject, AuditOrigin, AuditOutcome, AuditToken};
use crate::error::{DirectoryError, DirectoryRule, Error};
use crate::model::PublisherRow;
use crate::sql::publishers::{self as rows, PublisherRecord};
use crate::sql::{Tx, audit, audited, directory, nodes, records};

/// Most exchanges by one rule in a minute.
const IN_A_MINUTE_MAX: u64 = 20;
const MINUTE_SECS: i64 = 60;
/// Most short-lived tokens of an application that live at one time.
const LIVING_MAX: u64 = 1000;
/// How long a short-lived token is known once it is over, in seconds, and how many go in one change.
const KEPT_SECS: i64 = 24 * 3600;
const FORGOTTEN_MAX: u32 = 256;

/// An identity token that was verified and that a rule takes.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The rule, as it stood when it took the token.
    pub rule: PublisherRow,
    /// What the identity token is told apart by.
    pub token: [u8; 32],
    /// Until when it could be shown again.
    pub kept_until: Timestamp,
    /// The ids it names, where the rule pins them: a document.
    pub pins: Option<Box<str>>,
    /// Public id of what is made for it, and SHA-256 of its text.
    pub made: (TokenId, [u8; 32]),
    /// Whom it is for.
    pub subject: Box<str>,
    /// What else the audit keeps of it.
    pub facts: Vec<(&'static str, Box<str>)>,
}

/// What was made for an identity token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchanged {
    /// What its owner logs in with.
    pub username: Box<str>,
    /// Refused from this moment on.
    pub expires: Timestamp,
    /// Where it is good, as people write it.
    pub on: Vec<Box<str>>,
    /// What for.
    pub permissions: Permissions,
}

/// An identity token that is genuine, and for which nothing is made.
#[derive(Debug, Clone)]
pub struct RefusedExchange {
    /// Who vouches for it.
    pub issuer: Box<str>,
    /// The rule that it was held against, if that is one: project and name.
    pub rule: Option<(ProjectKey, Box<str>)>,
    /// Whom it is for.
    pub subject: Box<str>,
    /// Why, in a few words.
    pub reason: Box<str>,
    /// What the rule wants of the claim that does not fit, and what that is.
    pub wanted: Option<(Box<str>, Box<str>)>,
    /// What it is instead.
    pub found: Option<Box<str>>,
}

impl Directory {
    /// Makes a short-lived token for an identity token, once.
    ///
    /// # Errors
    /// `Stale` if the rule is another by now, `Forbidden` for what was exchanged before and for too many in a minute, `Refused` for
    /// too many that live, and where no place of the rule is left.
    pub async fn exchange(
        &self,
        exchange: Exchange,
        origin: &Origin,
    ) -> Result<(Exchanged, InForce), DirectoryError> {
        let application = self.application_of(exchange.rule.id).await?;
        let make = move |change: &mut Change<'_>| {
            let record = unchanged(change, &exchange.rule, application)?;
            exchange.make(change, &record)
        };
        Ok(self.change(Author::shown(application, origin), make).await?)
    }

    /// Keeps the ids that the first identity token names which a rule takes as it is.
    ///
    /// # Errors
    /// `Stale` if the rule is another by now, or has pinned others.
    pub async fn pin_publisher(
        &self,
        rule: PublisherRow,
        ids: Box<str>,
        origin: &Origin,
    ) -> Result<(), DirectoryError> {
        let application = self.application_of(rule.id).await?;
        let pin = move |change: &mut Change<'_>| {
            let record = unchanged(change, &rule, application)?;
            pin(change, &record, &ids)
        };
        self.change(Author::shown(application, origin), pin).await?;
        Ok(())
    }

    async fn application_of(&self, rule: i64) -> Result<PrincipalId, DirectoryError> {
        let record = self.database.point(move |tx| rows::by_id(tx, rule)).await?;
        Ok(record.ok_or(Error::Stale)?.application)
    }

    /// Keeps for the administrators of a project why nothing was made for a genuine identity token.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn note_refused_exchange(
        &self,
        refused: RefusedExchange,
        origin: &Origin,
    ) -> Result<(), DirectoryError> {
        if self.rehearsing {
            return Ok(());
        }
        let origin = AuditOrigin { operation: self.operation.map(Into::into), ..origin_of(origin) };
        let now = self.clock.now();
        let note = move |tx: &mut dyn Tx| {
            let event = refused.told(tx, origin, now)?;
            audit::insert(tx, &event, None)
        };
        Ok(self.database.write(note).await?)
    }

    /// Forgets some short-lived tokens that are over for a day. Gives how many.
    ///
    /// # Errors
    /// Failures of the database; what was not forgotten is found again.
    pub async fn forget_short_lived(&self, system: &System) -> Result<u64, DirectoryError> {
        let before = self.clock.now().plus_secs(KEPT_SECS.saturating_neg());
        if self.database.point(move |tx| rows::over(tx, before, 1)).await?.is_empty() {
            return Ok(0);
        }
        let forget = move |change: &mut Change<'_>| {
            let over = rows::over(change.tx, before, FORGOTTEN_MAX)?;
            for token in &over {
                rows::delete_token(change.tx, *token)?;
            }
            removal::mark_tokens(change, &over)?;
            Ok(over.len() as u64)
        };
        Ok(self.change(Author::system(system), forget).await?.0)
    }
}

impl Exchange {
    fn make(&self, change: &mut Change<'_>, record: &PublisherRecord) -> Result<Exchanged, Error> {
        let since = change.now.plus_secs(-MINUTE_SECS);
        if rows::exchanges_since(change.tx, record.id, since)? >= IN_A_MINUTE_MAX {
            let why = "the publisher was used 20 times in a minute, which is all it may";
            return Err(Error::forbidden(DirectoryRule::TooOften, why));
        }
        if !rows::exchanged(change.tx, &self.token, record.id, (change.now, self.kept_until))? {
            return Err(Error::forbidden(DirectoryRule::Exchanged, "the token was exchanged before"));
        }
        if rows::living(change.tx, record.application, change.now)? >= LIVING_MAX {
            return Err(Error::refused("1,000 short-lived tokens of the application live already"));
        }
        if let Some(ids) = &self.pins {
            pin(change, record, ids)?;
        }
        let places = rows::nodes_of(change.tx, record.id)?;
        if places.is_empty() {
            return Err(Error::refused("no repository is left that the publisher names"));
        }
        let limits: Vec<_> = places.iter().map(|(node, _)| (*node, record.permissions)).collect();
        let expires = change.now.plus_secs(i64::from(record.minutes).saturating_mul(MINUTE_SECS));
        let made = MadeByRule {
            token: self.made,
            owner: record.application,
            rule: (record.id, format!("{}/{}", record.project_key, record.name)),
            subject: &self.subject,
            limits: &limits,
            expires: Some(expires),
        };
        made.store(change)?;
        rows::touch(change.tx, record.id, change.now)?;
        let on = places.into_iter().map(|(_, name)| name).collect();
        let username = directory::logins(change.tx, record.application)?.into_iter().next();
        let username = username.ok_or_else(|| Error::corrupt("an application has no client ID"))?;
        let exchanged =
            Exchanged { username: username.as_str().into(), expires, on, permissions: record.permissions };
        self.happened(change, record, &exchanged)?;
        Ok(exchanged)
    }

    fn happened(
        &self,
        change: &mut Change<'_>,
        record: &PublisherRecord,
        made: &Exchanged,
    ) -> Result<(), Error> {
        let on: Vec<&str> = made.on.iter().map(|on| &**on).collect();
        let document = Document::default()
            .with("token", self.made.0.to_string())
            .with("issuer", &*record.issuer_name)
            .with("sub", &*self.subject)
            .with("on", on)
            .permissions("permissions", Some(made.permissions))
            .moment("expires", Some(made.expires));
        let document = self.facts.iter().fold(document, |all, (name, value)| all.with(name, &**value));
        let (node, kind) = (record.project.into(), ObjectKind::Publisher);
        let turn = Turn::Made(document);
        let action = "exchange.done";
        change.came_in(&Event { action, node, kind, object: record.id, name: &record.name, of: None, turn })
    }
}

/// The first success says which ids the names mean.
fn pin(change: &mut Change<'_>, record: &PublisherRecord, ids: &str) -> Result<(), Error> {
    match &record.pins {
        Some(present) if **present == *ids => Ok(()),
        Some(_) => Err(Error::Stale),
        None if record.has_lapsed(change.now) => Err(Error::Stale),
        None => {
            rows::pin(change.tx, record.id, ids)?;
            let turn = Turn::Changed {
                before: Document::default().with("pins", None::<&str>),
                after: Document::default().with("pins", ids),
            };
            rule::happened(change, "publisher.pin", record, turn)
        }
    }
}

/// The rule as it is, if it still is what it was when it took a token.
fn unchanged(
    change: &mut Change<'_>,
    rule: &PublisherRow,
    application: PrincipalId,
) -> Result<PublisherRecord, Error> {
    let record = rows::by_id(change.tx, rule.id)?.ok_or(Error::Stale)?;
    let same = record.revision == rule.revision && record.application == application;
    if same { Ok(record) } else { Err(Error::Stale) }
}

impl RefusedExchange {
    fn told(&self, tx: &mut dyn Tx, origin: AuditOrigin, now: Timestamp) -> Result<AuditEvent, Error> {
        let (mut place, mut object) = (audited::place(tx, NodeId::ORGANISATION)?, None);
        if let Some((key, rule)) = &self.rule
            && let Some(project) = nodes::project(tx, key)?
        {
            place = audited::place(tx, project.id.into())?;
            object = rows::named(tx, project.id, rule)?.map(|record| record.id);
        }
        let found = self.found.as_deref();
        let mut document = Document::default().with("issuer", &*self.issuer).with("sub", &*self.subject);
        if let Some((claim, wanted)) = &self.wanted {
            document = document.with("claim", &**claim).with("wanted", &**wanted).with("found", found);
        }
        let name = self.rule.as_ref().map_or("", |(_, rule)| rule);
        Ok(AuditEvent {
            id: 0,
            sequence: None,
            at: now,
            class: AuditClass::Access,
            action: "exchange.refused".into(),
            outcome: AuditOutcome::Refused,
            actor: audited::anyone(),
            token: AuditToken::default(),
            origin,
            place,
            object: AuditObject {
                kind: ObjectKind::Publisher.as_str().into(),
                id: object,
                name: name.into(),
                of: None,
            },
            content: AuditDetail { after: Some(document.text()), ..AuditDetail::default() },
            reason: Some(self.reason.clone()),
            policy_version: records::point(tx)?.version,
            times: None,
            chain: None,
        })
    }
}
