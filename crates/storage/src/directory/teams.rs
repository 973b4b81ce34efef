use domain::{
    AccessManage, DirectoryManage, DirectoryView, Granted, Implies, Limit, NodeId, Organisation, Project,
    SubjectId, TeamId, Timestamp,
};

use super::change::{Author, Change};
use super::event::{Document, Event, Turn};
use super::listing::{Words, filled, judged};
use super::names::{self, Subject};
use super::{Directory, InForce, OnlyIf, nodes as making, principals, removal};
use crate::error::{DirectoryError, DirectoryRule, Error};
use crate::sql::directory::{self as rows, TeamRow as Stored};
use crate::sql::records::ChangedKind;
use crate::sql::{self, Tx, subjects};

/// Longest name of a team, in bytes.
const NAME_BYTES_MAX: usize = 128;

/// A team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamRow {
    /// Never used again.
    pub id: TeamId,
    /// Its name.
    pub name: Box<str>,
    /// What people call it.
    pub title: Box<str>,
    /// Whether every installation, or every project, has it.
    pub builtin: bool,
    /// Whether its members are computed and not set.
    pub computed: bool,
    /// Who is in it directly, by text; empty if that is computed.
    pub members: Vec<Box<str>>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a team is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamWanted {
    /// What people call it; `None` for its name.
    pub title: Option<Box<str>>,
    /// Who is in it directly, all of them: `member:alice`, `team:others`; at most 10,000.
    pub members: Vec<Box<str>>,
}

impl Directory {
    /// Teams by name, after `after`.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn teams(
        &self,
        _may: &Granted<DirectoryView, Organisation>,
        query: Option<Box<str>>,
        after: Option<Box<str>>,
        limit: Limit,
    ) -> Result<Vec<TeamRow>, DirectoryError> {
        let read = move |tx: &mut dyn Tx| {
            let first = after.map(|name| name.to_lowercase()).unwrap_or_default();
            let next = |last: Option<&Stored>, limit| {
                let after = last.map_or_else(|| first.clone(), |last| last.name.to_lowercase());
                subjects::teams_after(tx, &after, limit)
            };
            let words = Words::of(query.as_deref());
            let found = filled(limit, next, |row| words.are_in(&[&row.name, &row.title]))?;
            found.into_iter().map(|row| row_of(tx, row)).collect()
        };
        Ok(self.database.read(read).await?)
    }

    /// A team.
    ///
    /// # Errors
    /// `Absent` if there is none of that name.
    pub async fn team<R: Implies<DirectoryView>>(
        &self,
        _may: &Granted<R, Organisation>,
        name: &str,
    ) -> Result<TeamRow, DirectoryError> {
        let name = name.to_owned();
        let read = move |tx: &mut dyn Tx| {
            let row = known(tx, &name)?;
            row_of(tx, row)
        };
        Ok(self.database.read(read).await?)
    }

    /// Everybody in a team, at whatever depth or directly, teams too: by id, after `after`. What is computed is as it is now; nobody is
    /// told of `anyone`, who are all there can be.
    ///
    /// # Errors
    /// `Absent` if there is none of that name.
    pub async fn everybody_in_team(
        &self,
        _may: &Granted<DirectoryView, Organisation>,
        (name, indirect): (&str, bool),
        after: Option<SubjectId>,
        limit: Limit,
    ) -> Result<Vec<(SubjectId, Box<str>)>, DirectoryError> {
        let (name, now) = (name.to_owned(), self.clock.now());
        let read = move |tx: &mut dyn Tx| {
            let team = known(tx, &name)?;
            belonging(tx, (team.id, indirect), now, after, limit)
        };
        Ok(self.database.read(read).await?)
    }

    /// The computed team of a project, to who administers it.
    ///
    /// # Errors
    /// `Absent` if the project is no more.
    pub async fn team_of_project(
        &self,
        may: &Granted<AccessManage, Project>,
    ) -> Result<TeamRow, DirectoryError> {
        let project = may.node().id();
        let read = move |tx: &mut dyn Tx| {
            let row = rows::team_of_project(tx, project)?.ok_or(Error::Absent)?;
            row_of(tx, row)
        };
        Ok(self.database.read(read).await?)
    }

    /// Everybody in the computed team of a project, as [`Self::everybody_in_team`] says it.
    ///
    /// # Errors
    /// `Absent` if the project is no more.
    pub async fn everybody_in_team_of_project(
        &self,
        may: &Granted<AccessManage, Project>,
        indirect: bool,
        after: Option<SubjectId>,
        limit: Limit,
    ) -> Result<Vec<(SubjectId, Box<str>)>, DirectoryError> {
        let (project, now) = (may.node().id(), self.clock.now());
        let read = move |tx: &mut dyn Tx| {
            let team = rows::team_of_project(tx, project)?.ok_or(Error::Absent)?;
            belonging(tx, (team.id, indirect), now, after, limit)
        };
        Ok(self.database.read(read).await?)
    }

    /// Makes a team or sets what can be set about one; tells whether it was made.
    ///
    /// # Errors
    /// `Precondition`, `Unknown` for members there are not, `Refused` for externals, `Forbidden` for computed teams, for a team in
    /// itself and where the last administrator would go.
    pub async fn put_team(
        &self,
        may: &Granted<DirectoryManage, Organisation>,
        name: &str,
        wanted: TeamWanted,
        only_if: OnlyIf<TeamRow>,
    ) -> Result<(TeamRow, bool, InForce), DirectoryError> {
        let name: Box<str> = name.into();
        let put = move |change: &mut Change<'_>| {
            let found = rows::team_named(change.tx, &name)?;
            let shown = found.clone().map(|row| row_of(change.tx, row)).transpose()?;
            judged(&only_if, shown.as_ref())?;
            let made = found.is_none();
            let row = match found {
                Some(row) => row,
                None => make(change, &name)?,
            };
            set(change, &row, &wanted)?;
            let row = known(change.tx, &name)?;
            Ok((row_of(change.tx, row)?, made))
        };
        let ((row, made), force) = self.change(Author::of(may), put).await?;
        Ok((row, made, force))
    }

    /// Puts one more into a team, or takes one out of it.
    ///
    /// # Errors
    /// `Absent` if there is no such team, or nobody of that name in it to take out; as [`Self::put_team`].
    pub async fn set_team_member(
        &self,
        may: &Granted<DirectoryManage, Organisation>,
        (team, member): (&str, &str),
        is_in: bool,
    ) -> Result<InForce, DirectoryError> {
        let (team, member): (Box<str>, Box<str>) = (team.into(), member.into());
        let set = move |change: &mut Change<'_>| {
            let team = known(change.tx, &team)?;
            let member = names::subject(change.tx, &member)?;
            set_member(change, &team, &member, is_in)
        };
        Ok(self.change(Author::of(may), set).await?.1)
    }

    /// Takes a team away with its memberships and every grant to it.
    ///
    /// # Errors
    /// `Absent`, `Precondition`, `Forbidden` for those that every installation or project has, and where the last administrator
    /// would go with it.
    pub async fn remove_team(
        &self,
        may: &Granted<DirectoryManage, Organisation>,
        name: &str,
        only_if: OnlyIf<TeamRow>,
    ) -> Result<InForce, DirectoryError> {
        let name: Box<str> = name.into();
        let remove = move |change: &mut Change<'_>| {
            let row = known(change.tx, &name)?;
            let shown = row_of(change.tx, row.clone())?;
            judged(&only_if, Some(&shown))?;
            remove(change, &name)
        };
        Ok(self.change(Author::of(may), remove).await?.1)
    }
}

/// Takes a team away, but neither a built-in one nor the last administrator with it.
pub(super) fn remove(change: &mut Change<'_>, name: &str) -> Result<(), Error> {
    let row = known(change.tx, name)?;
    if row.builtin {
        let why = format!("team:{} cannot be removed", row.name);
        return Err(Error::forbidden(DirectoryRule::Builtin, why));
    }
    let before = rows::active_administrators(change.tx)?;
    let shown = row_of(change.tx, row.clone())?;
    let was = Document::default().with("title", &*shown.title).with("members", texts(&shown.members));
    removal::clear_subject(change, row.id.into())?;
    sql::removal::delete_team(change.tx, row.id)?;
    principals::keep_an_administrator(change, before)?;
    happened(change, "team.delete", &row, Turn::Gone(was))
}

/// Who is in a team, with how each is written.
fn belonging(
    tx: &mut dyn Tx,
    team: (TeamId, bool),
    now: Timestamp,
    after: Option<SubjectId>,
    limit: Limit,
) -> Result<Vec<(SubjectId, Box<str>)>, Error> {
    let found = subjects::belonging(tx, team, now, (after.map_or(0, SubjectId::get), limit.rows()))?;
    found.into_iter().map(|id| Ok((id, names::subject_text(tx, id)?.into()))).collect()
}

fn known(tx: &mut dyn Tx, name: &str) -> Result<Stored, Error> {
    rows::team_named(tx, name)?.ok_or(Error::Absent)
}

fn make(change: &mut Change<'_>, name: &str) -> Result<Stored, Error> {
    let odd = |letter: char| letter.is_control() || letter == ':';
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(odd) {
        return Err(Error::refused("a team has a name of at most 128 bytes, without colon"));
    }
    rows::insert_team(change.tx, name, None, change.now)?;
    let row = known(change.tx, name)?;
    made(change, &row)?;
    Ok(row)
}

fn set(change: &mut Change<'_>, row: &Stored, wanted: &TeamWanted) -> Result<(), Error> {
    let default = if row.builtin { &row.title } else { &row.name };
    let title = wanted.title.as_deref().unwrap_or(default);
    entitle(change, row, title)?;
    let members = wanted
        .members
        .iter()
        .map(|member| names::subject(change.tx, member))
        .collect::<Result<Vec<_>, _>>()?;
    if is_computed(row) && members.is_empty() {
        return Ok(());
    }
    principals::set_members(change, row, &members)
}

/// Sets what people call a team.
pub(super) fn entitle(change: &mut Change<'_>, row: &Stored, title: &str) -> Result<(), Error> {
    making::described(title, "")?;
    if title == &*row.title {
        return Ok(());
    }
    if row.builtin {
        let why = format!("team:{} keeps its title", row.name);
        return Err(Error::forbidden(DirectoryRule::Builtin, why));
    }
    subjects::set_team_title(change.tx, row.id, title)?;
    let titled = |title: &str| Document::default().with("title", title);
    let turn = Turn::Changed { before: titled(&row.title), after: titled(title) };
    happened(change, "team.update", row, turn)
}

/// Puts one more into a team, or takes one out of it.
pub(super) fn set_member(
    change: &mut Change<'_>,
    team: &Stored,
    member: &Subject,
    is_in: bool,
) -> Result<(), Error> {
    let mut wanted = rows::members(change.tx, team.id)?;
    match (wanted.binary_search(&member.id()), is_in) {
        (Ok(_), true) => {}
        (Ok(place), false) => drop(wanted.remove(place)),
        (Err(place), true) => wanted.insert(place, member.id()),
        (Err(_), false) if is_computed(team) => {}
        (Err(_), false) => return Err(Error::Absent),
    }
    let new = if is_in { std::slice::from_ref(member) } else { &[] };
    principals::replace(change, team, new, &wanted)
}

/// Notes that a team was made, without members.
pub(super) fn made(change: &mut Change<'_>, row: &Stored) -> Result<(), Error> {
    happened(change, "team.create", row, Turn::Made(Document::default().with("title", &*row.title)))
}

fn happened(change: &mut Change<'_>, action: &str, row: &Stored, turn: Turn) -> Result<(), Error> {
    let (kind, object, node) = (ChangedKind::Team.into(), row.id.get().into(), NodeId::ORGANISATION);
    change.happened(&Event { action, node, kind, object, name: &row.name, of: None, turn })
}

fn texts(members: &[Box<str>]) -> Vec<&str> {
    members.iter().map(|member| &**member).collect()
}

/// Those of the organisation but `org-admins`, and those of projects.
fn is_computed(row: &Stored) -> bool {
    row.builtin && row.id != TeamId::ORG_ADMINS
}

fn row_of(tx: &mut dyn Tx, row: Stored) -> Result<TeamRow, Error> {
    let mut members = rows::member_texts(tx, row.id)?;
    members.sort_unstable();
    let computed = is_computed(&row);
    let Stored { id, name, builtin, title, created_at } = row;
    Ok(TeamRow { id, name, title, builtin, computed, members, created_at })
}
