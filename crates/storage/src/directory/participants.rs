//! Who takes part in a project, with everything they have in it: several grants at a time, in one transaction.

use domain::{
    AccessManage, Granted, Limit, NodeId, Permissions, PrincipalId, PrincipalKind, Project, ProjectId,
    SubjectId, Timestamp,
};

use super::change::{Author, Change};
use super::giving::{self, Gift, Giver};
use super::grants::{self, GrantRow, GrantedSpec};
use super::listing::Words;
use super::names::{self, Level, NodeFound, Subject};
use super::{Directory, InForce};
use crate::error::{DirectoryError, Error};
use crate::sql::participants::{self as rows, ParticipantRow as Row, ParticipantsAsked};
use crate::sql::{Tx, nodes, subjects};

/// Somebody, or a team, in a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParticipantRow {
    /// Never used again.
    pub id: SubjectId,
    /// Whether it is a team.
    pub is_team: bool,
    /// `member:alice`, `team:releasers`.
    pub reference: Box<str>,
    /// What people call it.
    pub title: Box<str>,
    /// Its grants on the project and its repositories, each with where.
    pub direct: Vec<(Box<str>, GrantRow)>,
    /// The newest use of any token, password or session of theirs, in whatever project; `None` for teams, and for who never was here.
    pub last_seen: Option<Timestamp>,
}

/// Which participants.
#[derive(Debug, Clone, Default)]
pub struct ParticipantFilter {
    /// Those with this role, on the project or a repository of it.
    pub role: Option<Box<str>>,
    /// Those of this kind: that of a principal, or `team`.
    pub kind: Option<Box<str>>,
    /// Those with these words in name or title.
    pub query: Option<Box<str>>,
    /// This one alone, as kind and name.
    pub who: Option<Box<str>>,
}

/// Permissions of somebody's own at a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPermissions {
    /// The project or a repository of it, as people write it.
    pub on: Box<str>,
    /// What is given there.
    pub permissions: Permissions,
    /// From this moment on it no longer holds.
    pub expires: Option<Timestamp>,
}

/// How many have each role, by its name; an empty one stands for permissions of their own.
pub type RoleCounts = Vec<(Box<str>, u64)>;

impl Directory {
    /// Participants by kind and name, after `after`: kind and folded name of one; and how many there are of each role, in all.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn participants(
        &self,
        may: &Granted<AccessManage, Project>,
        filter: ParticipantFilter,
        after: Option<(Box<str>, Box<str>)>,
        limit: Limit,
    ) -> Result<(Vec<ParticipantRow>, RoleCounts), DirectoryError> {
        let project = may.node().id();
        let read = move |tx: &mut dyn Tx| {
            let who = filter.who.as_deref().map(|who| names::subject(tx, who));
            let who = match who.transpose() {
                Err(Error::Unknown(_)) => return Ok((Vec::new(), rows::counted(tx, project)?)),
                who => who?.map(|who| who.id()),
            };
            let asked = ParticipantsAsked {
                project,
                role: filter.role.as_deref().unwrap_or_default(),
                kind: filter.kind.as_deref().unwrap_or_default(),
                who,
                after: after.as_ref().map_or(("", ""), |(kind, key)| (kind, key)),
            };
            let words = Words::of(filter.query.as_deref());
            let most = usize::try_from(limit.rows()).unwrap_or(usize::MAX);
            let is_found = |row: &Row| words.are_in(&[&row.name, &row.title]);
            let is_found = filter.query.is_some().then_some(&is_found as &dyn Fn(&Row) -> bool);
            let found = rows::participants(tx, &asked, most, is_found)?;
            let shown: Result<Vec<ParticipantRow>, Error> =
                found.into_iter().map(|row| row_of(tx, project, row)).collect();
            Ok((shown?, rows::counted(tx, project)?))
        };
        Ok(self.database.read(read).await?)
    }

    /// Makes these the roles somebody has on the project itself; an external has the one of their kind, whatever is said. What they
    /// have on its repositories stays.
    ///
    /// # Errors
    /// As [`Self::put_grant`].
    pub async fn set_participant(
        &self,
        may: &Granted<AccessManage, Project>,
        who: &str,
        roles: Vec<Box<str>>,
        expires: Option<Timestamp>,
    ) -> Result<InForce, DirectoryError> {
        let (project, who) = (may.node().id(), who.to_owned());
        let lasting = may.lasting(expires).await;
        let giver = Giver { held: may.held(), lasting: lasting.permissions };
        let set = move |change: &mut Change<'_>| {
            let subject = names::subject(change.tx, &who)?;
            let node = NodeFound { id: project.into(), level: Level::Project };
            let own = subject.external().map(|kind| vec![kind.as_str().into()]);
            let roles = own.filter(|_| roles.is_empty()).unwrap_or_else(|| roles.clone());
            let mut kept = Vec::new();
            for role in &roles {
                let what = GrantedSpec::Role(role.clone());
                kept.push(give(change, &giver, (&subject, node), &what, expires)?);
            }
            let present = nodes::grants_within(change.tx, subject.id(), project)?;
            let gone = present.into_iter().filter(|record| {
                record.node == node.id && record.role.is_some_and(|role| !kept.contains(&Some(role)))
            });
            take(change, gone.collect())
        };
        Ok(self.change(Author::of(may).trusting(lasting.version), set).await?.1)
    }

    /// Makes these the permissions that somebody has in the project besides roles. People of the organisation have roles; externals
    /// who were added, and applications, have permissions of their own.
    ///
    /// # Errors
    /// As [`Self::put_grant`]; `Unknown` for a node that is not in the project.
    pub async fn set_own_permissions(
        &self,
        may: &Granted<AccessManage, Project>,
        who: &str,
        wanted: Vec<OwnPermissions>,
    ) -> Result<InForce, DirectoryError> {
        let (project, who) = (may.node().id(), who.to_owned());
        let mut author = Author::of(may);
        let mut gifts = Vec::with_capacity(wanted.len());
        for gift in wanted {
            let lasting = may.lasting(gift.expires).await;
            author = author.trusting(lasting.version);
            gifts.push((Giver { held: may.held(), lasting: lasting.permissions }, gift));
        }
        let set = move |change: &mut Change<'_>| {
            let subject = names::subject(change.tx, &who)?;
            if !has_own_permissions(&subject) {
                let why = "permissions of their own are for externals and applications; give others a role";
                return Err(Error::refused(why));
            }
            let mut kept: Vec<NodeId> = Vec::new();
            for (giver, gift) in &gifts {
                let node = within(change.tx, project, &gift.on)?;
                if kept.contains(&node.id) {
                    return Err(Error::refused(format!("{} is named twice", gift.on)));
                }
                kept.push(node.id);
                let what = GrantedSpec::Permissions(gift.permissions);
                give(change, giver, (&subject, node), &what, gift.expires)?;
            }
            let present = nodes::grants_within(change.tx, subject.id(), project)?;
            let gone =
                present.into_iter().filter(|record| record.role.is_none() && !kept.contains(&record.node));
            take(change, gone.collect())
        };
        Ok(self.change(author, set).await?.1)
    }

    /// Takes every grant of somebody away, on the project of the proof and on its repositories; tells who that was, if it is a
    /// principal, and how many there were.
    ///
    /// # Errors
    /// `Absent` if there is none, `Unknown` for unknown names, `Forbidden` for teams that are part of every project.
    pub async fn remove_participant(
        &self,
        may: &Granted<AccessManage, Project>,
        who: &str,
    ) -> Result<InForce, DirectoryError> {
        let (project, who) = (may.node().id(), who.to_owned());
        let remove = move |change: &mut Change<'_>| {
            let subject = names::subject(change.tx, &who)?;
            let gone = nodes::grants_within(change.tx, subject.id(), project)?;
            if gone.is_empty() {
                return Err(Error::Absent);
            }
            take(change, gone)
        };
        Ok(self.narrow(Author::of(may), remove).await?)
    }
}

/// One grant, if the rules and what the giver holds allow it; tells its role.
fn give(
    change: &mut Change<'_>,
    giver: &Giver,
    (subject, node): (&Subject, NodeFound),
    what: &GrantedSpec,
    expires: Option<Timestamp>,
) -> Result<Option<domain::RoleId>, Error> {
    let allowed = grants::allow(change.tx, subject, node, what)?;
    let named = match what {
        GrantedSpec::Role(role) => format!("role {role}"),
        GrantedSpec::Permissions(_) => "this".to_owned(),
    };
    let permissions = allowed.gives().closed();
    giving::may_give(change, giver, &Gift { what: &named, node: node.id, permissions, expires })?;
    grants::put(change, subject, node, &allowed, expires)?;
    Ok(allowed.role_id())
}

fn take(change: &mut Change<'_>, gone: Vec<nodes::GrantRecord>) -> Result<(), Error> {
    gone.iter().try_for_each(|record| grants::may_go(change.tx, record))?;
    grants::delete_all(change, gone)
}

fn has_own_permissions(subject: &Subject) -> bool {
    match subject {
        Subject::Principal(principal) => {
            principal.kind.is_external() || principal.kind == PrincipalKind::Application
        }
        Subject::Team(_) => false,
    }
}

/// The project or a repository of it, by name.
fn within(tx: &mut dyn Tx, project: ProjectId, on: &str) -> Result<NodeFound, Error> {
    let node = names::node(tx, on)?;
    let is_within = nodes::project_of(tx, node.id)? == Some(project);
    if is_within { Ok(node) } else { Err(names::unknown(on)) }
}

fn row_of(tx: &mut dyn Tx, project: ProjectId, row: Row) -> Result<ParticipantRow, Error> {
    let mut direct = Vec::new();
    for record in nodes::grants_within(tx, row.id, project)? {
        let on = nodes::node_name(tx, record.node)?.unwrap_or_default();
        direct.push((on, grants::row_of(tx, &record)?));
    }
    let is_team = &*row.kind == "team";
    let last_seen = if is_team { None } else { subjects::seen_at(tx, PrincipalId::new(row.id.get()))? };
    Ok(ParticipantRow {
        id: row.id,
        is_team,
        reference: format!("{}:{}", row.kind, row.name).into(),
        title: row.title,
        direct,
        last_seen,
    })
}
