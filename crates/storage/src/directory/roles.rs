use domain::{
    AccessManage, BuiltinRole, Granted, Limit, Node, NodeId, Organisation, Permission, Permissions, Project,
    ProjectId, RoleId,
};

use super::change::{Author, Change};
use super::event::{Document, Event, Turn};
use super::giving::{self, Gift, Giver};
use super::listing::judged;
use super::names::words;
use super::{Directory, InForce, OnlyIf, removal};
use crate::error::{DirectoryError, DirectoryRule, Error};
use crate::sql::nodes::{self, RoleRow as Stored};
use crate::sql::records::ChangedKind;
use crate::sql::{Tx, subjects};

/// Most roles of a project, and of the organisation.
const ROLES_MAX: u32 = 1000;

/// A role of a project or of the organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRow {
    /// Never used again.
    pub id: RoleId,
    /// Its name.
    pub name: Box<str>,
    /// Whether it is one of the predefined ones.
    pub builtin: bool,
    /// What it holds, not closed.
    pub permissions: Permissions,
    /// What it can be given at most; what it holds if it is fixed.
    pub may_hold: Permissions,
    /// What a reset makes of it; `None` for a custom one, and for one that is fixed.
    pub template: Option<Permissions>,
    /// Grants of it.
    pub holders: u64,
}

/// A node that has roles of its own.
pub trait HasRoles: Node {
    /// The project; `None` for the organisation, whose roles are also the templates of new projects.
    fn project(&self) -> Option<ProjectId>;
}

impl HasRoles for Organisation {
    fn project(&self) -> Option<ProjectId> {
        None
    }
}

impl HasRoles for Project {
    fn project(&self) -> Option<ProjectId> {
        Some(self.id())
    }
}

impl Directory {
    /// The roles of the node of the proof, by name, after `after`.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn roles<N: HasRoles>(
        &self,
        may: &Granted<AccessManage, N>,
        after: Option<Box<str>>,
        limit: Limit,
    ) -> Result<Vec<RoleRow>, DirectoryError> {
        let project = may.node().project();
        let read = move |tx: &mut dyn Tx| {
            let found = nodes::roles_after(tx, project, after.as_deref().unwrap_or_default(), limit.rows())?;
            found.into_iter().map(|role| row_of(tx, project, role)).collect()
        };
        Ok(self.database.read(read).await?)
    }

    /// A role of the node of the proof.
    ///
    /// # Errors
    /// `Absent` if there is none of that name.
    pub async fn role<N: HasRoles>(
        &self,
        may: &Granted<AccessManage, N>,
        name: &str,
    ) -> Result<RoleRow, DirectoryError> {
        let (project, name): (_, Box<str>) = (may.node().project(), name.into());
        let read = move |tx: &mut dyn Tx| {
            let role = nodes::role_named(tx, project, &name)?.ok_or(Error::Absent)?;
            row_of(tx, project, role)
        };
        Ok(self.database.read(read).await?)
    }

    /// Makes a custom role or sets what a role holds; tells whether it was made. Every holder holds it from then on.
    ///
    /// # Errors
    /// `Precondition`, `BeyondOwn` for what the caller adds without holding it, `Forbidden` for a predefined role beyond what it
    /// can hold, `Refused` for permissions that mean nothing there.
    pub async fn put_role<N: HasRoles>(
        &self,
        may: &Granted<AccessManage, N>,
        name: &str,
        permissions: Permissions,
        only_if: OnlyIf<RoleRow>,
    ) -> Result<(RoleRow, bool, InForce), DirectoryError> {
        let (place, name): (_, Box<str>) = (Place::of(may), name.into());
        let lasting = may.lasting(None).await;
        let giver = Giver { held: may.held(), lasting: lasting.permissions };
        let put = move |change: &mut Change<'_>| {
            let found = nodes::role_named(change.tx, place.project, &name)?;
            let shown = found.clone().map(|role| row_of(change.tx, place.project, role)).transpose()?;
            judged(&only_if, shown.as_ref())?;
            let role = place.put(change, &name, found.as_ref(), permissions, &giver)?;
            Ok((row_of(change.tx, place.project, role)?, found.is_none()))
        };
        let ((row, made), force) = self.change(Author::of(may).trusting(lasting.version), put).await?;
        Ok((row, made, force))
    }

    /// Makes a predefined role what its template says: that of the organisation, and there what is predefined.
    ///
    /// # Errors
    /// As [`Self::put_role`]; `Absent` if there is none, `Forbidden` for one without template.
    pub async fn reset_role<N: HasRoles>(
        &self,
        may: &Granted<AccessManage, N>,
        name: &str,
    ) -> Result<(RoleRow, InForce), DirectoryError> {
        let (place, name): (_, Box<str>) = (Place::of(may), name.into());
        let lasting = may.lasting(None).await;
        let giver = Giver { held: may.held(), lasting: lasting.permissions };
        let reset = move |change: &mut Change<'_>| {
            let found = nodes::role_named(change.tx, place.project, &name)?.ok_or(Error::Absent)?;
            let template = row_of(change.tx, place.project, found.clone())?.template;
            let template = template.ok_or_else(|| {
                Error::forbidden(DirectoryRule::Builtin, format!("role {name} has nothing to be reset to"))
            })?;
            let role = place.put(change, &name, Some(&found), template, &giver)?;
            row_of(change.tx, place.project, role)
        };
        Ok(self.change(Author::of(may).trusting(lasting.version), reset).await?)
    }

    /// Takes a custom role away, with the grants of it if they may go too; gives how many those were.
    ///
    /// # Errors
    /// `Absent`, `Precondition`, `Forbidden` for predefined roles, and for one that somebody holds.
    pub async fn remove_role<N: HasRoles>(
        &self,
        may: &Granted<AccessManage, N>,
        name: &str,
        with_grants: bool,
        only_if: OnlyIf<RoleRow>,
    ) -> Result<(u64, InForce), DirectoryError> {
        let (place, name): (_, Box<str>) = (Place::of(may), name.into());
        let remove = move |change: &mut Change<'_>| {
            let role = nodes::role_named(change.tx, place.project, &name)?.ok_or(Error::Absent)?;
            let row = row_of(change.tx, place.project, role)?;
            judged(&only_if, Some(&row))?;
            if row.builtin {
                return Err(Error::forbidden(
                    DirectoryRule::Builtin,
                    format!("role {name} cannot be removed"),
                ));
            }
            if row.holders > 0 && !with_grants {
                let why = format!("{} grants are of role {name}", row.holders);
                return Err(Error::forbidden(DirectoryRule::InUse, why));
            }
            let ended = removal::role(change, row.id)?;
            place.happened(change, "role.delete", row.id, &name, Turn::Gone(holds(row.permissions)))?;
            Ok(ended)
        };
        Ok(self.change(Author::of(may), remove).await?)
    }
}

/// Takes a custom role of a node away with its grants, for plans.
pub(super) fn remove(change: &mut Change<'_>, node: NodeId, name: &str) -> Result<(), Error> {
    let place = Place { node, project: nodes::project_of(change.tx, node)? };
    let role = nodes::role_named(change.tx, place.project, name)?.ok_or(Error::Absent)?;
    removal::role(change, role.id)?;
    place.happened(change, "role.delete", role.id, name, Turn::Gone(holds(role.permissions)))
}

/// Where a role is.
struct Place {
    node: NodeId,
    project: Option<ProjectId>,
}

impl Place {
    fn of<N: HasRoles>(may: &Granted<AccessManage, N>) -> Self {
        Self { node: may.node().node_id(), project: may.node().project() }
    }

    fn put(
        &self,
        change: &mut Change<'_>,
        name: &str,
        present: Option<&Stored>,
        permissions: Permissions,
        giver: &Giver,
    ) -> Result<Stored, Error> {
        self.allow(name, present, permissions)?;
        let had = present.map_or(Permissions::NONE, |role| role.permissions);
        if let Some(present) = present.filter(|_| had == permissions) {
            return Ok(present.clone());
        }
        let added = permissions.difference(had).closed();
        if !added.is_empty() {
            let what = format!("role {name}");
            let gift = Gift { what: &what, node: self.node, permissions: added, expires: None };
            giving::may_give(change, giver, &gift)?;
        }
        let id = match present {
            Some(role) => {
                nodes::set_role(change.tx, role.id, permissions)?;
                role.id
            }
            None => self.make(change, name, permissions)?,
        };
        let (action, turn) = match present {
            None => ("role.create", Turn::Made(holds(permissions))),
            Some(_) => ("role.update", Turn::Changed { before: holds(had), after: holds(permissions) }),
        };
        self.happened(change, action, id, name, turn)?;
        nodes::role(change.tx, id)?.ok_or(Error::Absent)
    }

    fn make(&self, change: &mut Change<'_>, name: &str, permissions: Permissions) -> Result<RoleId, Error> {
        if BuiltinRole::parse(name).is_some() {
            let why = format!("{name} is a predefined role; give yours another name");
            return Err(Error::forbidden(DirectoryRule::Builtin, why));
        }
        let present = nodes::roles_after(change.tx, self.project, "", ROLES_MAX)?.len() as u64;
        if present >= u64::from(ROLES_MAX) {
            return Err(Error::refused("there are 1,000 roles already"));
        }
        nodes::insert_role(change.tx, self.project, name, false, permissions, change.now)
    }

    /// The rules of docs/design.md 2 about what a role can hold.
    fn allow(&self, name: &str, present: Option<&Stored>, permissions: Permissions) -> Result<(), Error> {
        if permissions.contains(Permission::DirectoryManage) && name != "organisation-admin" {
            return Err(Error::refused("directory-manage is held through org-admins only"));
        }
        if self.project.is_some() && permissions.iter().any(Permission::organisation_only) {
            return Err(Error::refused("one of the permissions means something on the organisation only"));
        }
        let Some(builtin) = present.and_then(builtin) else { return Ok(()) };
        let fixed = |why: String| Err(Error::forbidden(DirectoryRule::Builtin, why));
        match builtin.editable_up_to() {
            _ if builtin == BuiltinRole::OrganisationMember => fixed(
                "what members may read in a project is its `access`, and for new ones the preset".to_owned(),
            ),
            None => fixed(format!("role {name} cannot be edited")),
            Some(most) if !most.contains_all(permissions) => {
                fixed(format!("role {name} can be given {} at most", words(most)))
            }
            Some(_) => Ok(()),
        }
    }

    fn happened(
        &self,
        change: &mut Change<'_>,
        action: &str,
        id: RoleId,
        name: &str,
        turn: Turn,
    ) -> Result<(), Error> {
        let (kind, object, node) = (ChangedKind::Role.into(), id.get().into(), self.node);
        change.happened(&Event { action, node, kind, object, name, of: None, turn })
    }
}

/// What a role holds, for the audit.
pub(super) fn holds(permissions: Permissions) -> Document {
    Document::default().permissions("permissions", Some(permissions))
}

fn builtin(role: &Stored) -> Option<BuiltinRole> {
    if role.builtin { BuiltinRole::parse(&role.name) } else { None }
}

fn row_of(tx: &mut dyn Tx, project: Option<ProjectId>, role: Stored) -> Result<RoleRow, Error> {
    let builtin = builtin(&role);
    let editable = builtin.filter(|builtin| *builtin != BuiltinRole::OrganisationMember);
    let may_hold = match builtin {
        Some(_) => editable.and_then(BuiltinRole::editable_up_to).unwrap_or(role.permissions),
        None => custom_may_hold(project),
    };
    let template = match (editable.filter(|builtin| builtin.editable_up_to().is_some()), project) {
        (None, _) => None,
        (Some(builtin), None) => Some(builtin.template()),
        (Some(_), Some(_)) => nodes::role_named(tx, None, &role.name)?.map(|template| template.permissions),
    };
    Ok(RoleRow {
        id: role.id,
        holders: subjects::holders_counted(tx, role.id)?,
        name: role.name,
        builtin: role.builtin,
        permissions: role.permissions,
        may_hold,
        template,
    })
}

/// Everything that means something there, but what is held through `org-admins` only.
fn custom_may_hold(project: Option<ProjectId>) -> Permissions {
    let fits = |permission: &Permission| {
        *permission != Permission::DirectoryManage && (project.is_none() || !permission.organisation_only())
    };
    Permission::ALL.into_iter().filter(fits).collect()
}
