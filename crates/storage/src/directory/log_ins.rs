//! People whom a provider of log-ins vouches for: who is linked to whom there, and what follows from that (docs/guide/people.md).

use std::collections::HashSet;

use domain::{Login, NodeId, Origin, Own, PrincipalId, PrincipalKind, TeamId, Timestamp};

use super::change::{Author, Change, origin_of};
use super::event::{Document, ObjectKind};
use super::login_providers::{self, link};
use super::people;
use super::principals;
use super::sessions::{self, Begun, NewSession, SessionRow};
use super::{Directory, InForce, nodes as making};
use crate::audit::{AuditClass, AuditDetail, AuditEvent, AuditObject, AuditOutcome, AuditToken};
use crate::error::{DirectoryError, DirectoryRule, Error};
use crate::model::{LinkedIdentityRow, LoginProviderRow, Makes};
use crate::sql::directory::{self as rows, PrincipalRow};
use crate::sql::{
    self, Tx, audit, audited, linked_identities, login_providers as providers, records, subjects,
};

/// Names that are tried for a new person: the one that was said, then with a number.
const NAMES_MAX: u32 = 100;

/// Somebody whom a provider vouches for, as its token said.
#[derive(Debug, Clone)]
pub struct Vouched {
    /// The provider, as it stood when the token was looked at.
    pub provider: LoginProviderRow,
    /// Whom it knows them as.
    pub subject: Box<str>,
    /// What a new person could be named; made valid by whoever read it.
    pub name: Box<str>,
    /// What people could call them.
    pub title: Option<Box<str>>,
    /// Their groups.
    pub groups: Vec<Box<str>>,
    /// When they proved it there; long ago, if that is not known.
    pub fresh_at: Timestamp,
    /// What this one log-in is told apart by, so that none counts twice, and until when it could be shown again.
    pub once: ([u8; 32], Timestamp),
}

/// A session to begin for somebody who is vouched for.
#[derive(Debug, Clone)]
pub struct VouchedSession {
    /// Public id, part of the secret.
    pub id: domain::TokenId,
    /// SHA-256 of the whole secret.
    pub sha256: [u8; 32],
    /// The one that the same browser had before: it ends.
    pub replaces: Option<domain::SessionId>,
}

/// What came of a log-in by a provider.
#[derive(Debug)]
pub enum LoggedIn {
    /// A session has begun.
    Session(SessionRow, InForce),
    /// Nobody is linked, and nobody is made.
    NotLinked,
}

impl Directory {
    /// Begins a session for whoever is linked to whom a provider vouches for; makes them, if it makes people. Their teams by its groups
    /// are those of now.
    ///
    /// # Errors
    /// `Stale` if the provider is another by now, or they are suspended; `Forbidden` for what came in before.
    pub async fn log_in_by_provider(
        &self,
        vouched: Vouched,
        new: VouchedSession,
        origin: &Origin,
    ) -> Result<LoggedIn, DirectoryError> {
        let principal = match self.linked_to(&vouched).await? {
            Some(principal) => principal,
            None if vouched.provider.provider.make == Makes::Never => return Ok(LoggedIn::NotLinked),
            None => {
                let vouched = vouched.clone();
                let make = move |change: &mut Change<'_>| made(change, &vouched);
                self.change(Author::stranger(origin), make).await?.0
            }
        };
        let from = origin_of(origin);
        let begin = move |change: &mut Change<'_>| {
            unchanged(change.tx, &vouched.provider)?;
            once(change, &vouched)?;
            let row = rows::principal(change.tx, principal)?.ok_or(Error::Stale)?;
            let provider = &vouched.provider.provider;
            if linked_identities::principal_of(change.tx, provider.id, vouched.whom())? != Some(row.id) {
                return Err(Error::Stale);
            }
            linked_identities::used(change.tx, provider.id, row.id, change.now)?;
            join_teams(change, &row, &vouched)?;
            let generation = sql::sessions::generation(change.tx, row.id)?;
            let VouchedSession { id, sha256, replaces } = new;
            let new = NewSession { id, sha256, principal: row.id, generation, replaces };
            let provider = Some(provider.name.clone());
            let fresh_at = vouched.fresh_at.min(change.now);
            sessions::begin(change, Begun { new, from, provider, fresh_at })
        };
        let (session, force) = self.change(Author::shown(principal, origin), begin).await?;
        Ok(LoggedIn::Session(session, force))
    }

    async fn linked_to(&self, vouched: &Vouched) -> Result<Option<PrincipalId>, DirectoryError> {
        let vouched = vouched.clone();
        let id = vouched.provider.provider.id;
        let read = move |tx: &mut dyn Tx| linked_identities::principal_of(tx, id, vouched.whom());
        Ok(self.database.read(read).await?)
    }

    /// Links oneself to whom a provider vouches for.
    ///
    /// # Errors
    /// `Stale` if the provider is another by now, `Refused` if one is linked there already, or somebody else is linked to them.
    pub async fn link_identity(&self, own: &Own, vouched: Vouched) -> Result<InForce, DirectoryError> {
        let principal = own.principal();
        let link_them = move |change: &mut Change<'_>| {
            unchanged(change.tx, &vouched.provider)?;
            once(change, &vouched)?;
            if link(change, &vouched.provider, (principal, &vouched.subject))? {
                return Ok(());
            }
            Err(Error::refused("you, or somebody else, are linked there already"))
        };
        Ok(self.change(Author::owner(own), link_them).await?.1)
    }

    /// Whom one is at providers of log-ins, by their names.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn own_identities(&self, own: &Own) -> Result<Vec<LinkedIdentityRow>, DirectoryError> {
        let principal = own.principal();
        let read = move |tx: &mut dyn Tx| linked_identities::of_principal(tx, principal);
        Ok(self.database.read(read).await?)
    }

    /// Unlinks oneself from a provider, with the sessions that it began and the memberships that its groups gave.
    ///
    /// # Errors
    /// `Absent` if one is not linked there, `Forbidden` for who could not come in any more, or came in by it, and has no password.
    pub async fn unlink_identity(&self, own: &Own, provider: &str) -> Result<InForce, DirectoryError> {
        let (principal, provider) = (own.principal(), provider.to_owned());
        let unlink = move |change: &mut Change<'_>| {
            let all = linked_identities::of_principal(change.tx, principal)?;
            let meant = all.iter().find(|row| *row.provider == *provider).ok_or(Error::Absent)?;
            login_providers::keep_own_way(change, &provider)?;
            if all.len() == 1 && !login_providers::has_password(change)? {
                let why = "you have no password, and no other way to come in: set one before";
                return Err(Error::forbidden(DirectoryRule::InUse, why));
            }
            let found = providers::named(change.tx, &provider)?.ok_or(Error::Absent)?;
            for team in providers::teams_by(change.tx, found.id, principal.into())? {
                let team = rows::team(change.tx, team)?.ok_or(Error::Absent)?;
                if !principals::leave(change, &team, principal, found.id)? {
                    let why = "you are the last administrator, by a group of it";
                    return Err(Error::forbidden(DirectoryRule::LastAdministrator, why));
                }
            }
            linked_identities::delete(change.tx, found.id, principal)?;
            sessions::end_by_provider(change, &provider, Some(principal))?;
            let row = LoginProviderRow { provider: found, groups: Vec::new() };
            login_providers::linked(change, &row, (principal, &meant.subject), false)
        };
        Ok(self.change(Author::owner(own), unlink).await?.1)
    }

    /// Keeps for those who administer why somebody whom a provider vouches for was not let in.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn note_refused_log_in(
        &self,
        provider: &LoginProviderRow,
        (subject, reason): (&str, &str),
        origin: &Origin,
    ) -> Result<(), DirectoryError> {
        let (id, name) = (provider.provider.id, provider.provider.name.clone());
        let document = Document::default().with("subject", subject);
        let (reason, now) = (Some(reason.into()), self.clock.now());
        let origin = origin_of(origin);
        let note = move |tx: &mut dyn Tx| {
            let event = AuditEvent {
                id: 0,
                sequence: None,
                at: now,
                class: AuditClass::Access,
                action: "session.refused".into(),
                outcome: AuditOutcome::Refused,
                actor: audited::anyone(),
                token: AuditToken::default(),
                origin,
                place: audited::place(tx, NodeId::ORGANISATION)?,
                object: AuditObject {
                    kind: ObjectKind::LoginProvider.as_str().into(),
                    id: Some(id),
                    name,
                    of: None,
                },
                content: AuditDetail { after: Some(document.text()), ..AuditDetail::default() },
                reason,
                policy_version: records::point(tx)?.version,
                times: None,
                chain: None,
            };
            audit::insert(tx, &event, None)
        };
        Ok(self.database.write(note).await?)
    }
}

impl Vouched {
    /// Whom they are there: never by an address, which others may come to have.
    fn whom(&self) -> (&str, &str) {
        (&self.provider.provider.issuer, &self.subject)
    }
}

/// Refuses what was looked at by a provider that is another by now.
fn unchanged(tx: &mut dyn Tx, row: &LoginProviderRow) -> Result<(), Error> {
    let (then, now) = (&row.provider, providers::named(tx, &row.provider.name)?);
    let same = now.is_some_and(|now| {
        (now.id, &now.issuer, &now.client_id, now.make) == (then.id, &then.issuer, &then.client_id, then.make)
    });
    if same { Ok(()) } else { Err(Error::Stale) }
}

/// Refuses what came in before.
fn once(change: &mut Change<'_>, vouched: &Vouched) -> Result<(), Error> {
    let (token, until) = &vouched.once;
    if sql::publishers::exchanged(change.tx, token, 0, (change.now, *until))? {
        return Ok(());
    }
    Err(Error::forbidden(DirectoryRule::Exchanged, "it was shown before"))
}

/// Makes a person of somebody nobody is linked to, under the first name that is free.
fn made(change: &mut Change<'_>, vouched: &Vouched) -> Result<PrincipalId, Error> {
    unchanged(change.tx, &vouched.provider)?;
    let kind = match vouched.provider.provider.make {
        Makes::Never => return Err(Error::Stale),
        Makes::Member => PrincipalKind::Member,
        Makes::Guest => PrincipalKind::Guest,
    };
    // Somebody else may have been faster, in another window.
    let id = vouched.provider.provider.id;
    if let Some(present) = linked_identities::principal_of(change.tx, id, vouched.whom())? {
        return Ok(present);
    }
    let name = free_name(change.tx, kind, &vouched.name)?;
    let row = people::make(change, kind, &name)?;
    if let Some(title) = &vouched.title
        && making::described(title, "").is_ok()
    {
        principals::set_title(change, &row, title)?;
    }
    if !link(change, &vouched.provider, (row.id, &vouched.subject))? {
        return Err(Error::Stale);
    }
    Ok(row.id)
}

/// The name, or the first with a number behind it, that nobody is called by and nobody logs in with.
fn free_name(tx: &mut dyn Tx, kind: PrincipalKind, name: &str) -> Result<String, Error> {
    for number in 1..=NAMES_MAX {
        let name = if number == 1 { name.to_owned() } else { format!("{name}-{number}") };
        let taken = rows::principal_named(tx, kind, &name)?.is_some()
            || rows::principal_by_login(tx, &Login::parse(&name)?)?.is_some();
        if !taken {
            return Ok(name);
        }
    }
    Err(Error::refused("a hundred people are called so already"))
}

/// Puts somebody into the teams that their groups say, and takes them out of those that the provider put them into before; who was
/// put into a team by hand stays in it. Externals join no team.
fn join_teams(change: &mut Change<'_>, row: &PrincipalRow, vouched: &Vouched) -> Result<(), Error> {
    let source = vouched.provider.provider.id;
    let mut wanted: Vec<TeamId> = Vec::new();
    if row.kind == PrincipalKind::Member {
        let said: HashSet<&str> = vouched.groups.iter().map(AsRef::as_ref).collect();
        let groups = providers::teams_of_groups(change.tx, source)?;
        wanted.extend(groups.iter().filter(|(value, _)| said.contains(&**value)).map(|(_, team)| *team));
        wanted.dedup();
    }
    // Into `org-admins` only those come whose group names it: a team may have been put into it since.
    let inside = subjects::inside(change.tx, TeamId::ORG_ADMINS)?;
    wanted.retain(|team| !inside.contains(&(*team).into()));
    for id in providers::teams_by(change.tx, source, row.id.into())? {
        if wanted.contains(&id) {
            continue;
        }
        let team = rows::team(change.tx, id)?.ok_or(Error::Absent)?;
        if !principals::leave(change, &team, row.id, source)? {
            tracing::warn!(
                team = &*team.name,
                "the last active administrator stays, whatever the provider says"
            );
        }
    }
    let present = sql::removal::teams_with(change.tx, row.id.into())?;
    for id in wanted.into_iter().filter(|id| !present.contains(id)) {
        let team = rows::team(change.tx, id)?.ok_or(Error::Absent)?;
        if rows::members(change.tx, id)?.len() >= principals::MEMBERS_MAX {
            tracing::warn!(
                team = &*team.name,
                "a team has 10,000 members already: a provider puts nobody into it"
            );
            continue;
        }
        principals::join(change, &team, row.id, source)?;
    }
    Ok(())
}
