use domain::{
    AccessManage, DirectoryManage, DirectoryView, Granted, Implies, Limit, Login, NodeId, Organisation,
    Permission, Permissions, PrincipalId, PrincipalKind, Project, ProjectId, ProjectKey, Timestamp,
};

use super::change::{Author, Change};
use super::event::{Document, Event, Turn};
use super::giving::{self, Gift, Giver};
use super::listing::{Words, filled, judged};
use super::principals::{self, NewPrincipal};
use super::{Directory, InForce, OnlyIf, names, nodes as making};
use crate::error::{DirectoryError, Error};
use crate::sql::directory::{self as rows, PrincipalRow};
use crate::sql::records::ChangedKind;
use crate::sql::{Tx, nodes, removal, subjects};

/// An application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationRow {
    /// Never used again.
    pub id: PrincipalId,
    /// Its name.
    pub name: Box<str>,
    /// What people call it.
    pub title: Box<str>,
    /// What it logs in with.
    pub client_id: Box<str>,
    /// The rights it requests; `None` for one that has what it is granted.
    pub requested: Option<Permissions>,
    /// The projects where those were authorised, by key; none for one that requests nothing.
    pub authorised: Vec<Box<str>>,
    /// Known, and refused.
    pub suspended: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Tokens that are not revoked.
    pub tokens: u64,
}

/// What an application is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationWanted {
    /// What people call it; `None` for its name.
    pub title: Option<Box<str>>,
    /// What it logs in with; `None` for what it has, or a new one.
    pub client_id: Option<Login>,
    /// What a new one that names none logs in with.
    pub client_id_if_new: Option<Login>,
    /// The rights it requests; `None` for one that has what it is granted.
    pub requested: Option<Permissions>,
    /// The projects where those are authorised, all of them.
    pub authorised: Vec<ProjectKey>,
    /// Known, and refused.
    pub suspended: bool,
}

impl Directory {
    /// Applications by name, after `after`.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn applications(
        &self,
        _may: &Granted<DirectoryView, Organisation>,
        query: Option<Box<str>>,
        after: Option<Box<str>>,
        limit: Limit,
    ) -> Result<Vec<ApplicationRow>, DirectoryError> {
        let read = move |tx: &mut dyn Tx| {
            let first = after.map(|name| name.to_lowercase()).unwrap_or_default();
            let next = |last: Option<&PrincipalRow>, limit| {
                let after = last.map_or_else(|| first.clone(), |last| last.name.to_lowercase());
                subjects::applications_after(tx, &after, limit)
            };
            let words = Words::of(query.as_deref());
            let found = filled(limit, next, |row| words.are_in(&[&row.name, &row.title]))?;
            found.into_iter().map(|row| row_of(tx, row)).collect()
        };
        Ok(self.database.read(read).await?)
    }

    /// An application by its name.
    ///
    /// # Errors
    /// `Absent` if there is none.
    pub async fn application<R: Implies<DirectoryView>>(
        &self,
        _may: &Granted<R, Organisation>,
        name: &str,
    ) -> Result<ApplicationRow, DirectoryError> {
        let name = name.to_owned();
        let read = move |tx: &mut dyn Tx| {
            let row = known(tx, &name)?;
            row_of(tx, row)
        };
        Ok(self.database.read(read).await?)
    }

    /// Makes an application or sets what can be set about one; tells whether it was made.
    ///
    /// # Errors
    /// `Precondition`, `Unknown` for projects there are not, `BeyondOwn` for requested rights that the caller does not hold,
    /// `Refused` for another client ID, `Forbidden` for suspending the last administrator.
    pub async fn put_application(
        &self,
        may: &Granted<DirectoryManage, Organisation>,
        name: &str,
        wanted: ApplicationWanted,
        only_if: OnlyIf<ApplicationRow>,
    ) -> Result<(ApplicationRow, bool, InForce), DirectoryError> {
        let (name, held): (Box<str>, _) = (name.into(), may.held());
        let put = move |change: &mut Change<'_>| {
            let found = rows::principal_named(change.tx, PrincipalKind::Application, &name)?;
            let shown = found.clone().map(|row| row_of(change.tx, row)).transpose()?;
            judged(&only_if, shown.as_ref())?;
            let made = found.is_none();
            let row = match found {
                Some(row) => row,
                None => make(change, &name, &wanted)?,
            };
            set(change, &row, &wanted, held)?;
            let row = known(change.tx, &name)?;
            Ok((row_of(change.tx, row)?, made))
        };
        let ((row, made), force) = self.change(Author::of(may), put).await?;
        Ok((row, made, force))
    }

    /// Takes an application away with its tokens, memberships and grants.
    ///
    /// # Errors
    /// `Absent`, `Precondition`, `Forbidden` for the last administrator.
    pub async fn remove_application(
        &self,
        may: &Granted<DirectoryManage, Organisation>,
        name: &str,
        only_if: OnlyIf<ApplicationRow>,
    ) -> Result<InForce, DirectoryError> {
        let name: Box<str> = name.into();
        let remove = move |change: &mut Change<'_>| {
            let row = known(change.tx, &name)?;
            let shown = row_of(change.tx, row.clone())?;
            judged(&only_if, Some(&shown))?;
            principals::remove(change, &row)
        };
        Ok(self.change(Author::of(may), remove).await?.1)
    }

    /// The applications whose requested rights are authorised in the project of the proof, by id, after `after`.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn applications_in(
        &self,
        may: &Granted<AccessManage, Project>,
        after: Option<PrincipalId>,
        limit: Limit,
    ) -> Result<Vec<ApplicationRow>, DirectoryError> {
        let project = may.node().id();
        let read = move |tx: &mut dyn Tx| {
            let from = after.map_or(0, PrincipalId::get);
            let found = removal::authorised_at(tx, project.into(), from, limit.rows())?;
            let mut listed = Vec::with_capacity(found.len());
            for id in found {
                let row = rows::principal(tx, id)?.ok_or(Error::Absent)?;
                listed.push(row_of(tx, row)?);
            }
            Ok(listed)
        };
        Ok(self.database.read(read).await?)
    }

    /// Authorises what an application requests in the project of the proof.
    ///
    /// # Errors
    /// `Absent` if there is no such application, `Refused` for one that requests nothing, `BeyondOwn` for rights that the caller
    /// does not hold there.
    pub async fn authorise(
        &self,
        may: &Granted<AccessManage, Project>,
        application: &str,
    ) -> Result<InForce, DirectoryError> {
        let (project, name): (_, Box<str>) = (may.node().id(), application.into());
        let lasting = may.lasting(None).await;
        let giver = Giver { held: may.held(), lasting: lasting.permissions };
        let authorise = move |change: &mut Change<'_>| {
            let row = known(change.tx, &name)?;
            let requested = row.requested.ok_or_else(|| {
                Error::refused("it requests nothing that could be authorised; grant it a role instead")
            })?;
            let gift = Gift {
                what: "what it requests",
                node: project.into(),
                permissions: requested.closed(),
                expires: None,
            };
            giving::may_give(change, &giver, &gift)?;
            if subjects::authorise(change.tx, row.id, project, requested)? {
                let turn = authorised(false, true, requested);
                happened(change, "application.authorise", &row, project, turn)?;
            }
            Ok(())
        };
        Ok(self.change(Author::of(may).trusting(lasting.version), authorise).await?.1)
    }

    /// Takes an authorisation in the project of the proof back.
    ///
    /// # Errors
    /// `Absent` if there is none.
    pub async fn withdraw(
        &self,
        may: &Granted<AccessManage, Project>,
        application: &str,
    ) -> Result<InForce, DirectoryError> {
        let (project, name): (_, Box<str>) = (may.node().id(), application.into());
        let withdraw = move |change: &mut Change<'_>| {
            let row = known(change.tx, &name)?;
            if !subjects::withdraw(change.tx, row.id, project)? {
                return Err(Error::Absent);
            }
            let turn = authorised(true, false, row.requested.unwrap_or_default());
            happened(change, "application.withdraw", &row, project, turn)
        };
        Ok(self.change(Author::of(may), withdraw).await?.1)
    }
}

fn known(tx: &mut dyn Tx, name: &str) -> Result<PrincipalRow, Error> {
    rows::principal_named(tx, PrincipalKind::Application, name)?.ok_or(Error::Absent)
}

/// Makes an application that is not there yet; its client ID is what it was told, or a new one.
fn make(change: &mut Change<'_>, name: &str, wanted: &ApplicationWanted) -> Result<PrincipalRow, Error> {
    let client_id = wanted.client_id.as_ref().or(wanted.client_id_if_new.as_ref());
    let client_id = client_id.ok_or_else(|| Error::refused("an application needs a client ID"))?;
    principals::named_as_an_application(name)?;
    let new = NewPrincipal {
        kind: PrincipalKind::Application,
        name,
        email: None,
        logins: vec![client_id.clone()],
        suspended: false,
        password_hash: None,
        requested: None,
    };
    let id = principals::create(change, &new)?;
    rows::principal(change.tx, id)?.ok_or(Error::Absent)
}

fn set(
    change: &mut Change<'_>,
    row: &PrincipalRow,
    wanted: &ApplicationWanted,
    held: Permissions,
) -> Result<(), Error> {
    let logins = rows::logins(change.tx, row.id)?;
    if wanted.client_id.as_ref().is_some_and(|client_id| logins.first() != Some(client_id)) {
        return Err(Error::refused("a client ID cannot be changed"));
    }
    let title = wanted.title.as_deref().unwrap_or(&row.name);
    making::described(title, "")?;
    principals::set_title(change, row, title)?;
    set_requested(change, row, wanted, held)?;
    principals::set_suspended(change, row, wanted.suspended)
}

/// Whoever sets what is requested and where that is authorised gives it, and holds it.
fn set_requested(
    change: &mut Change<'_>,
    row: &PrincipalRow,
    wanted: &ApplicationWanted,
    held: Permissions,
) -> Result<(), Error> {
    let requested = wanted.requested.unwrap_or_default();
    if requested.iter().any(Permission::organisation_only) {
        return Err(Error::refused(
            "what is requested holds in projects; one of the rights means nothing there",
        ));
    }
    if wanted.requested.is_none() && !wanted.authorised.is_empty() {
        return Err(Error::refused("nothing can be authorised for an application that requests nothing"));
    }
    let mut projects = Vec::with_capacity(wanted.authorised.len());
    for key in &wanted.authorised {
        projects.push(nodes::project(change.tx, key)?.ok_or_else(|| names::unknown(key.as_str()))?.id);
    }
    let before = rows::authorised(change.tx, row.id)?;
    let anew = projects.iter().any(|project| !before.contains(project));
    let old = if anew { Permissions::NONE } else { row.requested.unwrap_or_default() };
    let gained = if projects.is_empty() { Permissions::NONE } else { requested.difference(old).closed() };
    if !gained.is_empty() {
        let gift =
            Gift { what: "what it requests", node: NodeId::ORGANISATION, permissions: gained, expires: None };
        giving::may_give(change, &Giver { held, lasting: held }, &gift)?;
    }
    let told = projects.clone();
    principals::set_requested(change, row, wanted.requested, projects)?;
    if row.requested != wanted.requested {
        for project in told {
            let asks = |requested| Document::default().permissions("requested", requested);
            let turn = Turn::Changed { before: asks(row.requested), after: asks(wanted.requested) };
            happened(change, "application.update", row, project, turn)?;
        }
    }
    Ok(())
}

/// Something about an application is other than it was, in a project.
fn happened(
    change: &mut Change<'_>,
    action: &str,
    row: &PrincipalRow,
    project: ProjectId,
    turn: Turn,
) -> Result<(), Error> {
    let (kind, object, node) = (ChangedKind::Principal.into(), row.id.get().into(), project.into());
    let of = Some(row.kind.as_str());
    change.happened(&Event { action, node, kind, object, name: &row.name, of, turn })
}

/// What an application requests comes or goes in one project.
fn authorised(was: bool, is: bool, requested: Permissions) -> Turn {
    let shown = |authorised: bool| {
        let document = Document::default().with("authorised", authorised);
        document.permissions("requested", authorised.then_some(requested))
    };
    Turn::Changed { before: shown(was), after: shown(is) }
}

fn row_of(tx: &mut dyn Tx, row: PrincipalRow) -> Result<ApplicationRow, Error> {
    let client_id = rows::logins(tx, row.id)?.into_iter().next();
    let client_id = client_id.ok_or_else(|| Error::corrupt("an application has no client ID"))?;
    let mut authorised = Vec::new();
    if row.requested.is_some() {
        for project in rows::authorised(tx, row.id)? {
            authorised.extend(nodes::node_name(tx, project.into())?);
        }
    }
    authorised.sort_unstable();
    Ok(ApplicationRow {
        id: row.id,
        tokens: subjects::tokens_counted(tx, row.id)?,
        name: row.name,
        title: row.title,
        client_id: client_id.as_str().into(),
        requested: row.requested,
        authorised,
        suspended: row.suspended,
        created_at: row.created_at,
    })
}
