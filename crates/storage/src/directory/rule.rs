//! A rule by which machines get tokens, as it is put and taken away: it gives no more than its maker holds, and its tokens belong to an
//! application, which was made with it or takes part in the project already.

use domain::{
    Login, Networks, NodeId, Permission, Permissions, PrincipalId, PrincipalKind, ProjectId, ProjectKey,
    Timestamp, TokenId, TokenState,
};

use super::change::Change;
use super::event::{Document, Event, ObjectKind, Turn};
use super::giving::{self, Gift, Giver};
use super::grants::{self, GrantedSpec};
use super::principals::{self, NewPrincipal};
use super::{names, removal};
use crate::error::Error;
use crate::model::PublisherRow;
use crate::sql::credentials::{self, TokenInsert};
use crate::sql::nodes::GrantRecord;
use crate::sql::publishers::{self, PublisherRecord, PublisherSet};
use crate::sql::{Tx, directory as rows, issuers, nodes};

/// Most rules of a project.
const RULES_MAX: u32 = 64;
/// Most places that a rule names.
const PLACES_MAX: usize = 32;
/// How long a rule waits for the first success, which pins ids, in seconds.
const PIN_SECS: i64 = 7 * 24 * 3600;
/// Longest name of a token, in bytes.
const NAME_BYTES_MAX: usize = 128;
/// What tokens of machines can be for.
const GIVEN: [Permission; 4] =
    [Permission::Read, Permission::Publish, Permission::Overwrite, Permission::DeletePackage];
/// The role that an application of a rule's own has.
const AUTOMATION: &str = "automation";

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
    /// What stands for identity tokens that are shown as they are, if those are taken and nothing stands for them yet.
    pub direct: Option<DirectWanted>,
}

/// A token of ours that stands for those of somebody who vouches for machines. Nobody has its text.
#[derive(Debug, Clone)]
pub struct DirectWanted {
    /// Its public id, and a hash that no text has.
    pub token: (TokenId, [u8; 32]),
    /// Whom it stands for.
    pub subject: Box<str>,
}

/// A token that a rule makes.
pub(super) struct MadeByRule<'a> {
    pub(super) token: (TokenId, [u8; 32]),
    pub(super) owner: PrincipalId,
    /// The rule, as `PROJECT/RULE`, and whom it is for: each use of the token names them in the audit.
    pub(super) rule: (i64, String),
    pub(super) subject: &'a str,
    pub(super) limits: &'a [(NodeId, Permissions)],
    pub(super) expires: Option<Timestamp>,
}

/// Takes the rules of a project away that goes itself.
pub(super) fn remove_all(change: &mut Change<'_>, project: ProjectId) -> Result<(), Error> {
    for record in publishers::after(change.tx, project, "", u32::MAX)? {
        let row = row_of(change.tx, record.clone())?;
        remove(change, &record, &row)?;
    }
    Ok(())
}

pub(super) fn remove(
    change: &mut Change<'_>,
    record: &PublisherRecord,
    row: &PublisherRow,
) -> Result<(), Error> {
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
        publishers::end(change.tx, *token, change.now)?;
    }
    removal::mark_tokens(change, &tokens)
}

impl MadeByRule<'_> {
    pub(super) fn store(&self, change: &mut Change<'_>) -> Result<(), Error> {
        let (rule, called) = &self.rule;
        let name = format!("{called} {}", self.subject);
        let (id, sha256) = self.token;
        let insert = TokenInsert {
            id,
            sha256,
            owner: self.owner,
            name: name.get(..name.floor_char_boundary(NAME_BYTES_MAX)).unwrap_or_default(),
            kind: "s",
            limits: Some(self.limits),
            state: TokenState::Active,
            not_before: None,
            expires: self.expires,
            networks: &Networks::default(),
            created_by: self.owner.get(),
            now: change.now,
        };
        if !credentials::insert_token(change.tx, &insert)? {
            return Err(Error::Exists);
        }
        publishers::made_by(change.tx, id, *rule)?;
        removal::mark_tokens(change, &[id])
    }
}

/// Which rule.
pub(super) struct Place {
    pub(super) project: ProjectId,
    pub(super) key: ProjectKey,
    pub(super) name: Box<str>,
}

impl Place {
    /// As [`Self::put`], whatever there is.
    pub(super) fn put_what_is_there(
        &self,
        change: &mut Change<'_>,
        giver: Option<&Giver>,
        wanted: &PublisherWanted,
    ) -> Result<(), Error> {
        let present = publishers::named(change.tx, self.project, &self.name)?;
        let shown = present.clone().map(|record| row_of(change.tx, record)).transpose()?;
        self.put(change, giver, wanted, present.zip(shown))
    }

    /// Makes the rule or sets what it is. Without a giver nobody is asked what they hold.
    pub(super) fn put(
        &self,
        change: &mut Change<'_>,
        giver: Option<&Giver>,
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
            direct: wanted.direct.as_ref().map(|direct| direct.token.0),
        };
        let direct = wanted.direct.as_ref();
        match &present {
            None => self.make(change, &set, &places, direct),
            Some(present) => self.set(change, set, &places, present, direct),
        }
    }

    fn make(
        &self,
        change: &mut Change<'_>,
        set: &PublisherSet<'_>,
        places: &[NodeId],
        direct: Option<&DirectWanted>,
    ) -> Result<(), Error> {
        let count = publishers::after(change.tx, self.project, "", RULES_MAX)?.len();
        if count >= RULES_MAX as usize {
            return Err(Error::refused("the project has 64 publishers already"));
        }
        let (by, now) = (change.author().id(), change.now);
        let id = publishers::insert(change.tx, (self.project, &self.name), set, (by, now))?;
        publishers::set_nodes(change.tx, id, places)?;
        self.stand(change, (id, set), places, direct)?;
        let record = publishers::by_id(change.tx, id)?.ok_or(Error::Absent)?;
        let row = row_of(change.tx, record.clone())?;
        happened(change, "publisher.put", &record, Turn::Made(described(&row)))
    }

    fn set(
        &self,
        change: &mut Change<'_>,
        mut set: PublisherSet<'_>,
        places: &[NodeId],
        (record, row): &(PublisherRecord, PublisherRow),
        direct: Option<&DirectWanted>,
    ) -> Result<(), Error> {
        let present: Vec<NodeId> =
            publishers::nodes_of(change.tx, record.id)?.into_iter().map(|one| one.0).collect();
        let same_reach = record.issuer == set.issuer
            && record.application == set.application
            && *record.claims == *set.claims
            && record.permissions == set.permissions
            && record.direct.is_some() == direct.is_some()
            && stands(change, record)?
            && present.len() == places.len()
            && present.iter().all(|node| places.contains(node));
        if same_reach && record.minutes == set.minutes && record.pin_until == set.pin_until {
            return Ok(());
        }
        if same_reach {
            set.direct = record.direct;
        } else {
            end_tokens(change, record.id)?;
        }
        publishers::set(change.tx, record.id, &set)?;
        publishers::set_nodes(change.tx, record.id, places)?;
        if !same_reach {
            self.stand(change, (record.id, &set), places, direct)?;
        }
        let after = publishers::by_id(change.tx, record.id)?.ok_or(Error::Absent)?;
        let after = row_of(change.tx, after)?;
        let turn = Turn::Changed { before: described(row), after: described(&after) };
        happened(change, "publisher.put", record, turn)?;
        if record.application == set.application { Ok(()) } else { remove_own(change, record) }
    }

    /// Makes what stands for identity tokens that are shown as they are. It is another one after each change: what was remembered of
    /// the one before is good for nothing then.
    fn stand(
        &self,
        change: &mut Change<'_>,
        (id, set): (i64, &PublisherSet<'_>),
        places: &[NodeId],
        direct: Option<&DirectWanted>,
    ) -> Result<(), Error> {
        let Some(direct) = direct else { return Ok(()) };
        let limits: Vec<_> = places.iter().map(|node| (*node, set.permissions)).collect();
        let made = MadeByRule {
            token: direct.token,
            owner: set.application,
            rule: (id, format!("{}/{}", self.key, self.name)),
            subject: &direct.subject,
            limits: &limits,
            expires: None,
        };
        made.store(change)
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
        giver: Option<&Giver>,
        permissions: Permissions,
    ) -> Result<(), Error> {
        if permissions.is_empty() || permissions.iter().any(|one| !GIVEN.contains(&one)) {
            let why = "a machine is given some of read, publish, overwrite and delete-package";
            return Err(Error::refused(why));
        }
        let Some(giver) = giver else { return Ok(()) };
        let permissions = permissions.closed();
        let gift = Gift { what: "the publisher", node: self.project.into(), permissions, expires: None };
        giving::may_give(change, giver, &gift)
    }

    /// Whose the tokens are, and whether it goes with the rule.
    fn application(
        &self,
        change: &mut Change<'_>,
        giver: Option<&Giver>,
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
        giver: Option<&Giver>,
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
        let (to, role) = (format!("application:{name}"), GrantedSpec::Role(AUTOMATION.into()));
        grants::put_named(change, (&to, self.key.as_str()), &role, None, giver)?;
        Ok(id)
    }
}

/// Whether what stands for identity tokens still does: somebody may have revoked it.
fn stands(change: &mut Change<'_>, record: &PublisherRecord) -> Result<bool, Error> {
    let Some(token) = record.direct else { return Ok(true) };
    let token = credentials::token(change.tx, token)?;
    Ok(token.is_some_and(|token| token.state == TokenState::Active))
}

/// Whether a grant is what the application of a rule's own got with the rule, and goes with it.
pub(super) fn came_with(tx: &mut dyn Tx, grant: &GrantRecord) -> Result<bool, Error> {
    let Some(role) = grant.role.filter(|_| grant.expires.is_none()) else { return Ok(false) };
    if nodes::role(tx, role)?.is_none_or(|role| *role.name != *AUTOMATION) {
        return Ok(false);
    }
    let Some((rule, true)) = publishers::naming(tx, PrincipalId::new(grant.subject.get()))? else {
        return Ok(false);
    };
    let node = nodes::node_name(tx, grant.node)?;
    Ok(node.is_some_and(|node| rule.split_once('/').is_some_and(|(project, _)| *node == *project)))
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
        direct: record.direct,
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
    let (node, kind, of) = (record.project.into(), ObjectKind::Publisher, Some(&*record.project_key));
    change.happened(&Event { action, node, kind, object: record.id, name: &record.name, of, turn })
}

/// For the audit: everything that can be set.
fn described(row: &PublisherRow) -> Document {
    let on: Vec<&str> = row.on.iter().map(|on| &**on).collect();
    let document = Document::default().with("issuer", &*row.issuer).with("application", &*row.application);
    let document = document.with("claims", &*row.claims).with("on", on).with("minutes", row.minutes);
    let document = document.with("direct", row.direct.is_some());
    document.permissions("permissions", Some(row.permissions))
}
