use domain::{
    AccessManage, BuiltinRole, Ceilings, GrantId, Granted, Limit, Node, NodeId, Permission, Permissions,
    PrincipalKind, ProjectId, RoleId, SubjectId, TeamId, Timestamp,
};

use super::change::{Author, Change};
use super::event::{Document, Event, Turn};
use super::giving::{self, Gift, Giver};
use super::names::{self, Level, NodeFound, Subject};
use super::{Directory, InForce};
use crate::error::{DirectoryError, DirectoryRule, Error};
use crate::sql::Tx;
use crate::sql::nodes::{self, GrantInsert, GrantRecord, RoleRow};
use crate::sql::records::ChangedKind;

/// What a grant is to give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantedSpec {
    /// What the role of this name holds, as it stands at the time of asking: the project's own, else the organisation's.
    Role(Box<str>),
    /// Exactly these, plus the closure.
    Permissions(Permissions),
}

/// A grant as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRow {
    /// Its id.
    pub id: GrantId,
    /// Who has it: `member:alice`, `team:releasers`.
    pub to: Box<str>,
    /// What it gives.
    pub what: GrantedSpec,
    /// From this moment on it no longer holds.
    pub expires: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A grant, checked: it may be stored.
pub(super) struct Allowed {
    role: Option<RoleRow>,
    permissions: Option<Permissions>,
}

impl Allowed {
    /// What it gives, not closed.
    pub(super) fn gives(&self) -> Permissions {
        self.role.as_ref().map_or_else(|| self.permissions.unwrap_or_default(), |role| role.permissions)
    }

    /// Refuses what its giver does not hold, or not for so long.
    fn given(
        &self,
        change: &mut Change<'_>,
        giver: &Giver,
        node: NodeFound,
        expires: Option<Timestamp>,
    ) -> Result<(), Error> {
        let what = self.role.as_ref().map_or_else(|| "this".into(), |role| format!("role {}", role.name));
        let permissions = self.gives().closed();
        giving::may_give(change, giver, &Gift { what: &what, node: node.id, permissions, expires })
    }

    /// Its role, if it is of one.
    pub(super) fn role_id(&self) -> Option<RoleId> {
        self.role.as_ref().map(|role| role.id)
    }
}

impl Directory {
    /// Makes a grant on the node of the proof, or changes the one of the same name, whoever made it: what is there
    /// afterwards is what the giver holds, for as long.
    ///
    /// # Errors
    /// `BeyondOwn` for what the giver does not hold there, or not for so long; `Refused` for what the rules of docs/design.md 2
    /// exclude, `Unknown` for unknown names.
    pub async fn put_grant<N: Node>(
        &self,
        may: &Granted<AccessManage, N>,
        to: &str,
        what: GrantedSpec,
        expires: Option<Timestamp>,
    ) -> Result<InForce, DirectoryError> {
        let (node, to) = (may.node().node_id(), to.to_owned());
        let lasting = may.lasting(expires).await;
        let giver = Giver { held: may.held(), lasting: lasting.permissions };
        let put = move |change: &mut Change<'_>| {
            let node = found(change.tx, node)?;
            let subject = names::subject(change.tx, &to)?;
            let allowed = allow(change.tx, &subject, node, &what)?;
            allowed.given(change, &giver, node, expires)?;
            put(change, &subject, node, &allowed, expires)
        };
        Ok(self.change(Author::of(may).trusting(lasting.version), put).await?.1)
    }

    /// Takes a grant away: the one of this role, or the one of permissions. Taking away what made an external part of a
    /// project takes everything they had there.
    ///
    /// # Errors
    /// `Absent` if there is none, `Unknown` for unknown names, `Forbidden` for grants the organisation cannot be without.
    pub async fn delete_grant<N: Node>(
        &self,
        may: &Granted<AccessManage, N>,
        to: &str,
        role: Option<&str>,
    ) -> Result<InForce, DirectoryError> {
        let (node, to, role) = (may.node().node_id(), to.to_owned(), role.map(str::to_owned));
        let delete = move |change: &mut Change<'_>| {
            let node = found(change.tx, node)?;
            let subject = names::subject(change.tx, &to)?;
            delete(change, &subject, node, role.as_deref())
        };
        Ok(self.narrow(Author::of(may), delete).await?)
    }

    /// The grants on the node of the proof itself, by id, after `after`.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn grants<N: Node>(
        &self,
        may: &Granted<AccessManage, N>,
        after: Option<GrantId>,
        limit: Limit,
    ) -> Result<Vec<GrantRow>, DirectoryError> {
        let node = may.node().node_id();
        let read = move |tx: &mut dyn Tx| {
            let records = nodes::grants_on(tx, node, after, limit.rows())?;
            records.into_iter().map(|record| row_of(tx, &record)).collect()
        };
        Ok(self.database.read(read).await?)
    }
}

/// Stores a grant named by text, for plans; where nobody is to be asked what they hold, without a giver.
pub(super) fn put_named(
    change: &mut Change<'_>,
    (to, on): (&str, &str),
    what: &GrantedSpec,
    expires: Option<Timestamp>,
    giver: Option<&Giver>,
) -> Result<(), Error> {
    let node = names::node(change.tx, on)?;
    let subject = names::subject(change.tx, to)?;
    let allowed = allow(change.tx, &subject, node, what)?;
    if let Some(giver) = giver {
        allowed.given(change, giver, node, expires)?;
    }
    put(change, &subject, node, &allowed, expires)
}

/// The grant of this name, of a role or of permissions.
pub(super) fn find(
    tx: &mut dyn Tx,
    subject: &Subject,
    node: NodeFound,
    role: Option<&str>,
) -> Result<Option<GrantRecord>, Error> {
    let role = role.map(|name| role_for(tx, node, name)).transpose()?;
    nodes::grant_named(tx, subject.id(), node.id, role.map(|role| role.id))
}

/// Stores a grant the gateway makes by itself: of a new project, of a public repository.
pub(super) fn put_plain(
    change: &mut Change<'_>,
    action: &str,
    (subject, node): (SubjectId, NodeId),
    what: Result<RoleId, Permissions>,
) -> Result<(), Error> {
    let (role, permissions) = match what {
        Ok(role) => (Some(role), None),
        Err(permissions) => (None, Some(permissions)),
    };
    let (created_by, now) = (change.author().id(), change.now);
    let insert = GrantInsert { subject, node, role, permissions, expires: None, created_by, now };
    let id = nodes::insert_grant(change.tx, &insert)?;
    made(change, action, id)
}

/// Sets what a grant of permissions without an end gives, and ends one that gives nothing.
pub(super) fn set_plain(
    change: &mut Change<'_>,
    (subject, node): (SubjectId, NodeId),
    present: Option<GrantRecord>,
    permissions: Permissions,
) -> Result<(), Error> {
    match present {
        Some(present) if permissions.is_empty() => delete_all(change, vec![present]),
        Some(present) => {
            nodes::update_grant(change.tx, present.id, Some(permissions), None)?;
            let after = GrantRecord { permissions: Some(permissions), ..present.clone() };
            changed(change, "grant.put", &present, &after)
        }
        None if permissions.is_empty() => Ok(()),
        None => put_plain(change, "grant.put", (subject, node), Err(permissions)),
    }
}

pub(super) fn put(
    change: &mut Change<'_>,
    subject: &Subject,
    node: NodeFound,
    allowed: &Allowed,
    expires: Option<Timestamp>,
) -> Result<(), Error> {
    let role = allowed.role.as_ref().map(|role| role.id);
    if expires.is_some() && allowed.role.as_ref().is_some_and(is_of_the_organisation) {
        return Err(Error::forbidden(
            DirectoryRule::Builtin,
            "this grant belongs to the organisation and does not expire",
        ));
    }
    let (subject, node, permissions) = (subject.id(), node.id, allowed.permissions);
    match nodes::grant_named(change.tx, subject, node, role)? {
        Some(present) if present.permissions == permissions && present.expires == expires => Ok(()),
        Some(present) => {
            nodes::update_grant(change.tx, present.id, permissions, expires)?;
            changed(change, "grant.put", &present, &GrantRecord { permissions, expires, ..present.clone() })
        }
        None => {
            let (created_by, now) = (change.author().id(), change.now);
            let insert = GrantInsert { subject, node, role, permissions, expires, created_by, now };
            let id = nodes::insert_grant(change.tx, &insert)?;
            made(change, "grant.put", id)
        }
    }
}

pub(super) fn delete(
    change: &mut Change<'_>,
    subject: &Subject,
    node: NodeFound,
    role: Option<&str>,
) -> Result<(), Error> {
    if subject.id() == TeamId::ANYONE.into() {
        return Err(Error::forbidden(DirectoryRule::Builtin, EVERYBODYS));
    }
    let role = role.map(|name| role_for(change.tx, node, name)).transpose()?;
    if role.as_ref().is_some_and(is_of_the_organisation) {
        return Err(Error::forbidden(DirectoryRule::Builtin, OF_THE_ORGANISATION));
    }
    let record = nodes::grant_named(change.tx, subject.id(), node.id, role.as_ref().map(|role| role.id))?;
    let mut gone = vec![record.ok_or(Error::Absent)?];
    if matches!(role.as_ref().and_then(builtin), Some(BuiltinRole::Collaborator | BuiltinRole::Guest)) {
        gone = nodes::grants_within(change.tx, subject.id(), ProjectId::new(node.id.get()))?;
    }
    delete_all(change, gone)
}

const EVERYBODYS: &str = "what everybody may read is changed by making the repository private";
const OF_THE_ORGANISATION: &str = "this grant belongs to the organisation and stays";

/// Refuses to take away what no project or organisation is without.
pub(super) fn may_go(tx: &mut dyn Tx, record: &GrantRecord) -> Result<(), Error> {
    if record.subject == TeamId::ANYONE.into() {
        return Err(Error::forbidden(DirectoryRule::Builtin, EVERYBODYS));
    }
    let role = record.role.map(|role| nodes::role(tx, role)).transpose()?.flatten();
    if role.as_ref().is_some_and(is_of_the_organisation) {
        return Err(Error::forbidden(DirectoryRule::Builtin, OF_THE_ORGANISATION));
    }
    Ok(())
}

pub(super) fn delete_all(change: &mut Change<'_>, gone: Vec<GrantRecord>) -> Result<(), Error> {
    for record in gone {
        nodes::delete_grant(change.tx, record.id)?;
        gone_away(change, "grant.delete", &record)?;
    }
    Ok(())
}

fn builtin(role: &RoleRow) -> Option<BuiltinRole> {
    if role.builtin { BuiltinRole::parse(&role.name) } else { None }
}

/// Whether the organisation cannot be without its grant.
fn is_of_the_organisation(role: &RoleRow) -> bool {
    matches!(builtin(role), Some(BuiltinRole::OrganisationAdmin | BuiltinRole::OrganisationMember))
}

/// The rules of docs/design.md 2 about who can be given what, where.
pub(super) fn allow(
    tx: &mut dyn Tx,
    subject: &Subject,
    node: NodeFound,
    what: &GrantedSpec,
) -> Result<Allowed, Error> {
    if matches!(subject, Subject::Principal(principal) if principal.kind == PrincipalKind::Anonymous) {
        return Err(Error::refused("nothing is granted to anonymous; make the repository public"));
    }
    if subject.id() == TeamId::ANYONE.into() {
        return Err(Error::refused(
            "nothing is granted to team:anyone; make the repository public or private",
        ));
    }
    match what {
        GrantedSpec::Role(name) => {
            let role = role_for(tx, node, name)?;
            allow_role(subject, node, &role)?;
            Ok(Allowed { role: Some(role), permissions: None })
        }
        GrantedSpec::Permissions(some) => {
            allow_permissions(tx, subject, node, *some)?;
            Ok(Allowed { role: None, permissions: Some(*some) })
        }
    }
}

fn allow_role(subject: &Subject, node: NodeFound, role: &RoleRow) -> Result<(), Error> {
    let builtin = builtin(role);
    let external = subject.external();
    let own_kind = match builtin {
        Some(BuiltinRole::Collaborator) => Some(PrincipalKind::Collaborator),
        Some(BuiltinRole::Guest) => Some(PrincipalKind::Guest),
        _ => None,
    };
    if builtin == Some(BuiltinRole::OrganisationAdmin) {
        let bound = subject.id() == TeamId::ORG_ADMINS.into() && node.level == Level::Organisation;
        return if bound {
            Ok(())
        } else {
            Err(Error::refused("organisation-admin is held through org-admins only"))
        };
    }
    if builtin == Some(BuiltinRole::OrganisationMember) {
        return Err(Error::refused("organisation-member is held by org-members, without assignment"));
    }
    match (external, own_kind) {
        (Some(kind), own) if own != Some(kind) => Err(Error::refused(
            "an external gets the role of their kind and individual permissions, nothing else",
        )),
        (None, Some(_)) => Err(Error::refused("the roles of externals are for externals of that kind")),
        (Some(_), Some(_)) if node.level != Level::Project => {
            Err(Error::refused("an external is added to a project"))
        }
        _ => Ok(()),
    }
}

fn allow_permissions(
    tx: &mut dyn Tx,
    subject: &Subject,
    node: NodeFound,
    some: Permissions,
) -> Result<(), Error> {
    if some.is_empty() {
        return Err(Error::refused("a grant needs at least one permission"));
    }
    if some.contains(Permission::DirectoryManage) {
        return Err(Error::refused("directory-manage is held through org-admins only"));
    }
    if node.level != Level::Organisation && some.iter().any(Permission::organisation_only) {
        return Err(Error::refused("one of the permissions means something on the organisation only"));
    }
    if node.level == Level::Repository && some.contains(Permission::RepositoryCreate) {
        return Err(Error::refused("repository-create is granted on a project or on the organisation"));
    }
    let Some(kind) = subject.external() else { return Ok(()) };
    if !Ceilings::of(kind).contains_all(some) {
        return Err(Error::refused("an external of this kind cannot have one of the permissions"));
    }
    let Some(project) = nodes::project_of(tx, node.id)? else {
        return Err(Error::refused("an external has permissions in projects only"));
    };
    let role = nodes::role_named(tx, Some(project), kind.as_str())?;
    let added = match role {
        Some(role) => nodes::grant_named(tx, subject.id(), project.into(), Some(role.id))?.is_some(),
        None => false,
    };
    if added { Ok(()) } else { Err(Error::refused("the external was not added to the project")) }
}

/// The role of this name that counts on a node: the project's own, else the organisation's. The organisation's templates of
/// the projects' roles are no roles of their own.
fn role_for(tx: &mut dyn Tx, node: NodeFound, name: &str) -> Result<RoleRow, Error> {
    let project = nodes::project_of(tx, node.id)?;
    if let Some(project) = project
        && let Some(role) = nodes::role_named(tx, Some(project), name)?
    {
        return Ok(role);
    }
    let role = nodes::role_named(tx, None, name)?.ok_or_else(|| names::unknown(name))?;
    let template = role.builtin && BuiltinRole::parse(name).is_some_and(BuiltinRole::copied_to_projects);
    if template { Err(Error::refused(format!("{name} is a role of projects"))) } else { Ok(role) }
}

fn found(tx: &mut dyn Tx, id: NodeId) -> Result<NodeFound, Error> {
    if id == NodeId::ORGANISATION {
        return Ok(NodeFound { id, level: Level::Organisation });
    }
    match nodes::project_of(tx, id)? {
        Some(project) if NodeId::from(project) == id => Ok(NodeFound { id, level: Level::Project }),
        Some(_) => Ok(NodeFound { id, level: Level::Repository }),
        None => Err(Error::Absent),
    }
}

pub(super) fn row_of(tx: &mut dyn Tx, record: &GrantRecord) -> Result<GrantRow, Error> {
    let what = match (record.role, record.permissions) {
        (Some(role), _) => {
            let role = nodes::role(tx, role)?.ok_or_else(|| Error::corrupt("a grant is of no role"))?;
            GrantedSpec::Role(role.name)
        }
        (None, permissions) => GrantedSpec::Permissions(permissions.unwrap_or_default()),
    };
    Ok(GrantRow {
        id: record.id,
        to: names::subject_text(tx, record.subject)?.into(),
        what,
        expires: record.expires,
        created_at: record.created_at,
    })
}

/// What the audit calls a grant.
fn label(tx: &mut dyn Tx, subject: SubjectId, node: NodeId) -> Result<String, Error> {
    let on = nodes::node_name(tx, node)?.unwrap_or_default();
    Ok(format!("{} on {on}", names::subject_text(tx, subject)?))
}

/// Notes that a grant was made.
pub(super) fn made(change: &mut Change<'_>, action: &str, id: GrantId) -> Result<(), Error> {
    let record = nodes::grant(change.tx, id)?.ok_or_else(|| Error::corrupt("a grant is gone"))?;
    let turn = Turn::Made(document(change.tx, &record)?);
    happened(change, action, &record, turn)
}

/// Notes that a grant is another one.
pub(super) fn changed(
    change: &mut Change<'_>,
    action: &str,
    before: &GrantRecord,
    after: &GrantRecord,
) -> Result<(), Error> {
    let turn = Turn::Changed { before: document(change.tx, before)?, after: document(change.tx, after)? };
    happened(change, action, before, turn)
}

/// Notes that a grant went.
pub(super) fn gone_away(change: &mut Change<'_>, action: &str, record: &GrantRecord) -> Result<(), Error> {
    let turn = Turn::Gone(document(change.tx, record)?);
    happened(change, action, record, turn)
}

fn happened(change: &mut Change<'_>, action: &str, record: &GrantRecord, turn: Turn) -> Result<(), Error> {
    let name = label(change.tx, record.subject, record.node)?;
    let role = role_name(change.tx, record)?;
    change.happened(&Event {
        action,
        node: record.node,
        kind: ChangedKind::Grant.into(),
        object: record.id.get().into(),
        name: &name,
        of: role.as_deref(),
        turn,
    })
}

fn role_name(tx: &mut dyn Tx, record: &GrantRecord) -> Result<Option<Box<str>>, Error> {
    let role = record.role.map(|role| nodes::role(tx, role)).transpose()?.flatten();
    Ok(role.map(|role| role.name))
}

fn document(tx: &mut dyn Tx, record: &GrantRecord) -> Result<Document, Error> {
    let what = match role_name(tx, record)? {
        Some(role) => Document::default().with("role", &*role),
        None => Document::default().permissions("permissions", record.permissions),
    };
    Ok(what.moment("expires", record.expires))
}
