//! Rules by which machines get tokens. A rule gives no more than its maker holds; its tokens belong to an application, which was made
//! with it or takes part in the project already.

use domain::{
    AccessManage, Granted, Limit, Login, NodeId, Permission, Permissions, PrincipalId, PrincipalKind,
    Project, ProjectId, ProjectKey, Timestamp, TokenState,
};

use super::change::{Author, Change};
use super::event::{Document, Event, ObjectKind, Turn};
use super::giving::{self, Gift, Giver};
use super::grants::{self, GrantedSpec};
use super::listing::judged;
use super::principals::{self, NewPrincipal};
use super::{Directory, InForce, OnlyIf, names, removal};
use crate::error::{DirectoryError, Error};
use crate::model::PublisherRow;
use crate::sql::publishers::{self, PublisherRecord, PublisherSet};
use crate::sql::{Tx, credentials, directory as rows, issuers, nodes};

/// Most rules of a project.
const RULES_MAX: u32 = 64;
/// Most places that a rule names.
const PLACES_MAX: usize = 32;
/// Rules that one identity token is held against.
const CANDIDATES_MAX: u32 = 64;
/// How long a rule waits for the first success, which pins ids, in seconds.
const PIN_SECS: i64 = 7 * 24 * 3600;
/// What tokens of machines can be for.
const GIVEN: [Permission; 4] =
    [Permission::Read, Permission::Publish, Permission::Overwrite, Permission::DeletePackage];

/// What a rule is to be.
#[derive(Debug, Clone)]
pub struct PublisherWanted {
    /// Name of the issuer.
    pub issuer: Box<str>,
    /// Which claims its tokens have, as whoever checked `claims` took it.
    pub kind: Box<str>,
    /// Name of the application that owns the tokens; `None` for one of its own.
    pub application: Option<Box<str>>,
    /// What one of its own logs in with, if it has to be made.
    pub client_id: Login,
    /// What the claims must be: a document.
    pub claims: Box<str>,
    /// The claim that it is found by, folded.
    pub lookup: Box<str>,
    /// Whether the first success pins ids.
    pub pins: bool,
    /// Where its tokens are good: the project, or repositories of it.
    pub on: Vec<Box<str>>,
    /// What for.
    pub permissions: Permissions,
    /// For how long.
    pub minutes: u32,
}

impl Directory {
    /// The kind of an issuer, for who makes rules.
    ///
    /// # Errors
    /// `Unknown` if there is none of that name.
    pub async fn issuer_kind(
        &self,
        _may: &Granted<AccessManage, Project>,
        name: &str,
    ) -> Result<Box<str>, DirectoryError> {
        let name = name.to_owned();
        let read = move |tx: &mut dyn Tx| {
            issuers::named(tx, &name)?.map(|row| row.kind).ok_or_else(|| names::unknown(&name))
        };
        Ok(self.database.read(read).await?)
    }

    /// The rules of the project of the proof by name, after `after`.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn publishers(
        &self,
        may: &Granted<AccessManage, Project>,
        after: Option<Box<str>>,
        limit: Limit,
    ) -> Result<Vec<PublisherRow>, DirectoryError> {
        let project = may.node().id();
        let read = move |tx: &mut dyn Tx| {
            let after = after.as_deref().unwrap_or_default();
            let records = publishers::after(tx, project, after, limit.rows())?;
            records.into_iter().map(|record| row_of(tx, record)).collect()
        };
        Ok(self.database.read(read).await?)
    }

    /// A rule of the project of the proof.
    ///
    /// # Errors
    /// `Absent` if there is none of that name.
    pub async fn publisher(
        &self,
        may: &Granted<AccessManage, Project>,
        name: &str,
    ) -> Result<PublisherRow, DirectoryError> {
        let (project, name) = (may.node().id(), name.to_owned());
        let read = move |tx: &mut dyn Tx| {
            let record = publishers::named(tx, project, &name)?.ok_or(Error::Absent)?;
            row_of(tx, record)
        };
        Ok(self.database.read(read).await?)
    }

    /// The rules of an issuer that are found by this claim, whoever asks: they show a token that says so.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn publishers_for(
        &self,
        issuer: i64,
        lookup: &str,
    ) -> Result<Vec<PublisherRow>, DirectoryError> {
        let lookup = lookup.to_owned();
        let read = move |tx: &mut dyn Tx| {
            let records = publishers::looked_up(tx, issuer, &lookup, CANDIDATES_MAX)?;
            records.into_iter().map(|record| row_of(tx, record)).collect()
        };
        Ok(self.database.read(read).await?)
    }

    /// The rule that is called so, whoever asks.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn publisher_called(
        &self,
        project: &ProjectKey,
        name: &str,
    ) -> Result<Option<PublisherRow>, DirectoryError> {
        let (key, name) = (project.clone(), name.to_owned());
        let read = move |tx: &mut dyn Tx| {
            let Some(project) = nodes::project(tx, &key)? else { return Ok(None) };
            let record = publishers::named(tx, project.id, &name)?;
            record.map(|record| row_of(tx, record)).transpose()
        };
        Ok(self.database.read(read).await?)
    }

    /// Makes a rule or sets what one is; tells whether it was made. What it made before ends, unless only the time of its tokens is
    /// another.
    ///
    /// # Errors
    /// `Precondition`, `Unknown` for an issuer, place or application that is not there, `BeyondOwn` for what the caller does not hold,
    /// `Refused` for what no machine gets, and for too many.
    pub async fn put_publisher(
        &self,
        may: &Granted<AccessManage, Project>,
        name: &str,
        wanted: PublisherWanted,
        only_if: OnlyIf<PublisherRow>,
    ) -> Result<(PublisherRow, bool, InForce), DirectoryError> {
        let place = Place { project: may.node().id(), key: may.node().key().clone(), name: name.into() };
        let lasting = may.lasting(None).await;
        let giver = Giver { held: may.held(), lasting: lasting.permissions };
        let put = move |change: &mut Change<'_>| {
            let present = publishers::named(change.tx, place.project, &place.name)?;
            let shown = present.clone().map(|record| row_of(change.tx, record)).transpose()?;
            judged(&only_if, shown.as_ref())?;
            let made = present.is_none();
            place.put(change, &giver, &wanted, present.zip(shown))?;
            let record = publishers::named(change.tx, place.project, &place.name)?.ok_or(Error::Absent)?;
            Ok((row_of(change.tx, record)?, made))
        };
        let ((row, made), force) = self.change(Author::of(may).trusting(lasting.version), put).await?;
        Ok((row, made, force))
    }

    /// Takes a rule away, with its own application; what it made ends.
    ///
    /// # Errors
    /// `Absent`, `Precondition`.
    pub async fn remove_publisher(
        &self,
        may: &Granted<AccessManage, Project>,
        name: &str,
        only_if: OnlyIf<PublisherRow>,
    ) -> Result<InForce, DirectoryError> {
        let (project, name) = (may.node().id(), name.to_owned());
        let remove = move |change: &mut Change<'_>| {
            let record = publishers::named(change.tx, project, &name)?.ok_or(Error::Absent)?;
            let row = row_of(change.tx, record.clone())?;
            judged(&only_if, Some(&row))?;
            remove(change, &record, &row)
        };
        Ok(self.narrow(Author::of(may), remove).await?)
    }
}

/// Takes the rules of a project away that goes itself.
pub(super) fn remove_all(change: &mut Change<'_>, project: ProjectId) -> Result<(), Error> {
    for record in publishers::after(change.tx, project, "", u32::MAX)? {
        let row = row_of(change.tx, record.clone())?;
        remove(change, &record, &row)?;
    }
    Ok(())
}

fn remove(change: &mut Change<'_>, record: &PublisherRecord, row: &PublisherRow) -> Result<(), Error> {
    end_tokens(change, record.id)?;
    publishers::delete(change.tx, record.id)?;
    happened(change, "publisher.delete", record, Turn::Gone(described(row)))?;
    remove_own(change, record)
}

/// The application that was made with a rule goes with it.
fn remove_own(change: &mut Change<'_>, record: &PublisherRecord) -> Result<(), Error> {
    if !record.own_application {
        return Ok(());
    }
    let application = rows::principal(change.tx, record.application)?.ok_or(Error::Absent)?;
    principals::remove(change, &application)
}

/// Ends what a rule made; no event of each, the one of the rule says it.
fn end_tokens(change: &mut Change<'_>, rule: i64) -> Result<(), Error> {
    let tokens = publishers::tokens_by(change.tx, rule, change.now)?;
    for token in &tokens {
        credentials::lower_token(change.tx, *token, TokenState::Revoked)?;
    }
    removal::mark_tokens(change, &tokens)
}

/// Which rule.
struct Place {
    project: ProjectId,
    key: ProjectKey,
    name: Box<str>,
}

impl Place {
    fn put(
        &self,
        change: &mut Change<'_>,
        giver: &Giver,
        wanted: &PublisherWanted,
        present: Option<(PublisherRecord, PublisherRow)>,
    ) -> Result<(), Error> {
        let issuer = issuers::named(change.tx, &wanted.issuer)?;
        let issuer = issuer.ok_or_else(|| names::unknown(&wanted.issuer))?;
        if issuer.kind != wanted.kind {
            return Err(Error::Stale);
        }
        let places = self.places(change, &wanted.on)?;
        self.may_give(change, giver, wanted.permissions)?;
        let before = present.as_ref().map(|(record, _)| record);
        let (application, own_application) = self.application(change, giver, wanted, before)?;
        let anew = before.is_none_or(|before| {
            before.issuer != issuer.id || before.claims != wanted.claims || before.has_lapsed(change.now)
        });
        let pins = before.filter(|_| !anew).and_then(|before| before.pins.as_deref());
        let until =
            if anew { Some(change.now.plus_secs(PIN_SECS)) } else { before.and_then(|one| one.pin_until) };
        let set = PublisherSet {
            issuer: issuer.id,
            application,
            own_application,
            claims: &wanted.claims,
            lookup: &wanted.lookup,
            permissions: wanted.permissions,
            minutes: wanted.minutes,
            pins,
            pin_until: until.filter(|_| wanted.pins),
        };
        match &present {
            None => self.make(change, &set, &places),
            Some(present) => self.set(change, &set, &places, present),
        }
    }

    fn make(&self, change: &mut Change<'_>, set: &PublisherSet<'_>, places: &[NodeId]) -> Result<(), Error> {
        let count = publishers::after(change.tx, self.project, "", RULES_MAX)?.len();
        if count >= RULES_MAX as usize {
            return Err(Error::refused("the project has 64 publishers already"));
        }
        let (by, now) = (change.author().id(), change.now);
        let id = publishers::insert(change.tx, (self.project, &self.name), set, (by, now))?;
        publishers::set_nodes(change.tx, id, places)?;
        let record = publishers::by_id(change.tx, id)?.ok_or(Error::Absent)?;
        let row = row_of(change.tx, record.clone())?;
        happened(change, "publisher.put", &record, Turn::Made(described(&row)))
    }

    fn set(
        &self,
        change: &mut Change<'_>,
        set: &PublisherSet<'_>,
        places: &[NodeId],
        (record, row): &(PublisherRecord, PublisherRow),
    ) -> Result<(), Error> {
        let present: Vec<NodeId> =
            publishers::nodes_of(change.tx, record.id)?.into_iter().map(|one| one.0).collect();
        let same_reach = record.issuer == set.issuer
            && record.application == set.application
            && *record.claims == *set.claims
            && record.permissions == set.permissions
            && present.len() == places.len()
            && present.iter().all(|node| places.contains(node));
        if same_reach && record.minutes == set.minutes && record.pin_until == set.pin_until {
            return Ok(());
        }
        publishers::set(change.tx, record.id, set)?;
        publishers::set_nodes(change.tx, record.id, places)?;
        if !same_reach {
            end_tokens(change, record.id)?;
        }
        let after = publishers::by_id(change.tx, record.id)?.ok_or(Error::Absent)?;
        let after = row_of(change.tx, after)?;
        let turn = Turn::Changed { before: described(row), after: described(&after) };
        happened(change, "publisher.put", record, turn)?;
        if record.application == set.application { Ok(()) } else { remove_own(change, record) }
    }

    /// The places by their ids, each once.
    fn places(&self, change: &mut Change<'_>, on: &[Box<str>]) -> Result<Vec<NodeId>, Error> {
        let mut places = Vec::with_capacity(on.len());
        for text in on {
            let node = names::node(change.tx, text)?;
            if nodes::project_of(change.tx, node.id)? != Some(self.project) {
                return Err(names::unknown(text));
            }
            if !places.contains(&node.id) {
                places.push(node.id);
            }
        }
        if places.is_empty() || places.len() > PLACES_MAX {
            return Err(Error::refused("a publisher is for its project, or for 1 to 32 repositories of it"));
        }
        Ok(places)
    }

    fn may_give(
        &self,
        change: &mut Change<'_>,
        giver: &Giver,
        permissions: Permissions,
    ) -> Result<(), Error> {
        if permissions.is_empty() || permissions.iter().any(|one| !GIVEN.contains(&one)) {
            let why = "a machine is given some of read, publish, overwrite and delete-package";
            return Err(Error::refused(why));
        }
        let permissions = permissions.closed();
        let gift = Gift { what: "the publisher", node: self.project.into(), permissions, expires: None };
        giving::may_give(change, giver, &gift)
    }

    /// Whose the tokens are, and whether it goes with the rule.
    fn application(
        &self,
        change: &mut Change<'_>,
        giver: &Giver,
        wanted: &PublisherWanted,
        before: Option<&PublisherRecord>,
    ) -> Result<(PrincipalId, bool), Error> {
        let own = before.filter(|before| before.own_application);
        match (&wanted.application, own) {
            (None, Some(own)) => Ok((own.application, true)),
            (Some(name), Some(own)) if *name == own.application_name => Ok((own.application, true)),
            (Some(name), _) => Ok((self.named(change, name)?, false)),
            (None, None) => Ok((self.make_own(change, giver, &wanted.client_id)?, true)),
        }
    }

    /// An application that takes part in the project: of others nothing is told here.
    fn named(&self, change: &mut Change<'_>, name: &str) -> Result<PrincipalId, Error> {
        let found = rows::principal_named(change.tx, PrincipalKind::Application, name)?;
        let found = found.ok_or_else(|| names::unknown(name))?;
        if let Some((rule, true)) = publishers::naming(change.tx, found.id)? {
            return Err(Error::refused(format!("the application belongs to the publisher {rule}")));
        }
        let takes_part = !nodes::grants_within(change.tx, found.id.into(), self.project)?.is_empty()
            || rows::authorised(change.tx, found.id)?.contains(&self.project);
        if takes_part { Ok(found.id) } else { Err(names::unknown(name)) }
    }

    fn make_own(
        &self,
        change: &mut Change<'_>,
        giver: &Giver,
        client_id: &Login,
    ) -> Result<PrincipalId, Error> {
        let name = format!("ci-{}-{}", self.key, self.name);
        let new = NewPrincipal {
            kind: PrincipalKind::Application,
            name: &name,
            email: None,
            logins: vec![client_id.clone()],
            suspended: false,
            password_hash: None,
            requested: None,
        };
        let id = principals::create(change, &new).map_err(|error| match error {
            Error::Exists => Error::refused(format!(
                "there is an application {name} already: call the publisher otherwise, or name the application"
            )),
            other => other,
        })?;
        let (to, role) = (format!("application:{name}"), GrantedSpec::Role("automation".into()));
        grants::put_named(change, (&to, self.key.as_str()), &role, None, Some(giver))?;
        Ok(id)
    }
}

impl PublisherRecord {
    /// Whether nothing succeeded by it while it could.
    pub(super) fn has_lapsed(&self, now: Timestamp) -> bool {
        self.pins.is_none() && self.pin_until.is_some_and(|until| until <= now)
    }
}

pub(super) fn row_of(tx: &mut dyn Tx, record: PublisherRecord) -> Result<PublisherRow, Error> {
    let on = publishers::nodes_of(tx, record.id)?.into_iter().map(|(_, name)| name).collect();
    Ok(PublisherRow {
        id: record.id,
        project: record.project_key,
        name: record.name,
        issuer: record.issuer_name,
        issuer_id: record.issuer,
        kind: record.kind,
        application: record.application_name,
        own_application: record.own_application,
        suspended: record.suspended,
        claims: record.claims,
        on,
        permissions: record.permissions,
        minutes: record.minutes,
        pins: record.pins,
        pin_until: record.pin_until,
        last_used_at: record.last_used_at,
        revision: record.revision,
        created_at: record.created_at,
    })
}

pub(super) fn happened(
    change: &mut Change<'_>,
    action: &str,
    record: &PublisherRecord,
    turn: Turn,
) -> Result<(), Error> {
    let (node, kind) = (record.project.into(), ObjectKind::Publisher);
    change.happened(&Event { action, node, kind, object: record.id, name: &record.name, of: None, turn })
}

/// For the audit: everything that can be set.
fn described(row: &PublisherRow) -> Document {
    let on: Vec<&str> = row.on.iter().map(|on| &**on).collect();
    let document = Document::default().with("issuer", &*row.issuer).with("application", &*row.application);
    let document = document.with("claims", &*row.claims).with("on", on).with("minutes", row.minutes);
    document.permissions("permissions", Some(row.permissions))
}
