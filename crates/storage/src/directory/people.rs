use domain::{
    DirectoryManage, DirectoryView, Granted, Implies, Limit, Login, Organisation, Own, PrincipalId,
    PrincipalKind, SubjectId, TeamId, Timestamp,
};

use super::change::{Author, Change};
use super::listing::{Words, filled, judged};
use super::principals::{self, NewPrincipal};
use super::tokens::DAY_SECS;
use super::{Directory, InForce, OnlyIf, names, nodes as making};
use crate::error::{DirectoryError, Error};
use crate::sql::directory::{self as rows, PrincipalRow};
use crate::sql::subjects::{self, Listed, ListedRow};
use crate::sql::{Tx, removal};

/// Most addresses of one person.
const EMAILS_MAX: usize = 8;

/// A member, collaborator or guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Never used again.
    pub id: PrincipalId,
    /// Member, collaborator or guest.
    pub kind: PrincipalKind,
    /// User name.
    pub name: Box<str>,
    /// What people call them.
    pub title: Box<str>,
    /// Addresses, each of which is a log-in name too; in order.
    pub emails: Vec<Box<str>>,
    /// Known, and refused.
    pub suspended: bool,
    /// When they were made.
    pub created_at: Timestamp,
    /// Whether they can log in with a password.
    pub has_password: bool,
    /// Whether it is good for nothing but setting another one.
    pub must_change: bool,
    /// When any token, session or password of theirs was last used, to the minute and some minutes late.
    pub last_seen: Option<Timestamp>,
    /// Tokens that are not revoked.
    pub tokens: u64,
    /// The teams they are in directly: `team:releasers`.
    pub teams: Vec<String>,
}

/// What a person is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonWanted {
    /// What people call them; `None` for the user name.
    pub title: Option<Box<str>>,
    /// Addresses, which are log-in names too; at most 8.
    pub emails: Vec<Box<str>>,
    /// Known, and refused.
    pub suspended: bool,
}

/// Which people.
#[derive(Debug, Clone, Default)]
pub struct PersonFilter {
    /// Those of this kind only.
    pub kind: Option<PrincipalKind>,
    /// Those who are, or those who are not.
    pub suspended: Option<bool>,
    /// Words in name, title or address.
    pub query: Option<Box<str>>,
    /// Those who were not seen for so many days; who never was counts from when they were made.
    pub unused_days: Option<u32>,
}

impl PersonFilter {
    fn listed(&self, now: Timestamp) -> Listed {
        let since = |days: u32| now.plus_secs(i64::from(days).saturating_mul(DAY_SECS).saturating_neg());
        Listed { suspended: self.suspended, unseen_since: self.unused_days.map(since) }
    }
}

impl Directory {
    /// People by kind and name, after `after`: one of these rows.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn people(
        &self,
        _may: &Granted<DirectoryView, Organisation>,
        filter: PersonFilter,
        after: Option<(PrincipalKind, Box<str>)>,
        limit: Limit,
    ) -> Result<Vec<PersonRow>, DirectoryError> {
        let now = self.clock.now();
        let read = move |tx: &mut dyn Tx| {
            let first = after.map(|(kind, name)| (kind, name.to_lowercase().into_boxed_str()));
            let (which, words) = (filter.listed(now), Words::of(filter.query.as_deref()));
            let next = |last: Option<&ListedRow>, limit| {
                let last = last.map(|last| (last.kind, &*last.key));
                let first = first.as_ref().map(|(kind, key)| (*kind, &**key));
                let after = last.or(first).map_or(("", ""), |(kind, key)| (kind.as_str(), key));
                subjects::people_after(tx, which, after, limit, |texts| words.are_in(texts))
            };
            let is_meant = |row: &ListedRow| row.is_found && filter.kind.is_none_or(|kind| kind == row.kind);
            let found = filled(limit, next, is_meant)?;
            let shown = found.into_iter().map(|found| {
                let row = rows::principal(tx, found.id)?.ok_or(Error::Stale)?;
                row_of(tx, row)
            });
            shown.collect()
        };
        Ok(self.database.read(read).await?)
    }

    /// A person.
    ///
    /// # Errors
    /// `Absent` if there is none of that name.
    pub async fn person<R: Implies<DirectoryView>>(
        &self,
        _may: &Granted<R, Organisation>,
        kind: PrincipalKind,
        name: &str,
    ) -> Result<PersonRow, DirectoryError> {
        let name = name.to_owned();
        let read = move |tx: &mut dyn Tx| {
            let row = rows::principal_named(tx, kind, &name)?.ok_or(Error::Absent)?;
            row_of(tx, row)
        };
        Ok(self.database.read(read).await?)
    }

    /// Oneself.
    ///
    /// # Errors
    /// `Absent` if one is gone.
    pub async fn own_person(&self, own: &Own) -> Result<PersonRow, DirectoryError> {
        let principal = own.principal();
        let read = move |tx: &mut dyn Tx| {
            let row = rows::principal(tx, principal)?.ok_or(Error::Absent)?;
            row_of(tx, row)
        };
        Ok(self.database.read(read).await?)
    }

    /// Makes a person or sets what can be set about one; tells whether they were made.
    ///
    /// # Errors
    /// `Precondition`, `Refused` for a log-in name of somebody else, `Forbidden` for suspending the last administrator, `Invalid`
    /// for a user name nobody can have.
    pub async fn put_person(
        &self,
        may: &Granted<DirectoryManage, Organisation>,
        (kind, name): (PrincipalKind, &str),
        wanted: PersonWanted,
        only_if: OnlyIf<PersonRow>,
    ) -> Result<(PersonRow, bool, InForce), DirectoryError> {
        let name: Box<str> = name.into();
        let put = move |change: &mut Change<'_>| {
            let found = rows::principal_named(change.tx, kind, &name)?;
            let shown = found.clone().map(|row| row_of(change.tx, row)).transpose()?;
            judged(&only_if, shown.as_ref())?;
            let made = found.is_none();
            let row = match found {
                Some(row) => row,
                None => make(change, kind, &name)?,
            };
            set(change, &row, &wanted)?;
            let row = rows::principal(change.tx, row.id)?.ok_or(Error::Absent)?;
            Ok((row_of(change.tx, row)?, made))
        };
        let ((row, made), force) = self.change(Author::of(may), put).await?;
        Ok((row, made, force))
    }

    /// Takes a person away with their tokens, log-in names, memberships and grants.
    ///
    /// # Errors
    /// `Absent`, `Precondition`, `Forbidden` for the last administrator.
    pub async fn remove_person(
        &self,
        may: &Granted<DirectoryManage, Organisation>,
        (kind, name): (PrincipalKind, &str),
        only_if: OnlyIf<PersonRow>,
    ) -> Result<InForce, DirectoryError> {
        let name: Box<str> = name.into();
        let remove = move |change: &mut Change<'_>| {
            let row = rows::principal_named(change.tx, kind, &name)?.ok_or(Error::Absent)?;
            let shown = row_of(change.tx, row.clone())?;
            judged(&only_if, Some(&shown))?;
            principals::remove(change, &row)
        };
        Ok(self.change(Author::of(may), remove).await?.1)
    }
}

/// Makes a person who can be named at log-in, without a password.
pub(super) fn make(change: &mut Change<'_>, kind: PrincipalKind, name: &str) -> Result<PrincipalRow, Error> {
    let new = NewPrincipal {
        kind,
        name,
        email: None,
        logins: vec![Login::parse(name)?],
        suspended: false,
        password_hash: None,
        requested: None,
    };
    let id = principals::create(change, &new)?;
    rows::principal(change.tx, id)?.ok_or(Error::Absent)
}

fn set(change: &mut Change<'_>, row: &PrincipalRow, wanted: &PersonWanted) -> Result<(), Error> {
    let title = wanted.title.as_deref().unwrap_or(&row.name);
    making::described(title, "")?;
    principals::set_title(change, row, title)?;
    set_emails(change, row, &wanted.emails)?;
    principals::set_suspended(change, row, wanted.suspended)
}

/// The first address is the one mail would go to; each that is not the user name itself is a log-in name.
fn set_emails(change: &mut Change<'_>, row: &PrincipalRow, emails: &[Box<str>]) -> Result<(), Error> {
    if emails.len() > EMAILS_MAX {
        return Err(Error::refused("nobody has more than 8 addresses"));
    }
    let own = rows::logins(change.tx, row.id)?.into_iter().next();
    let mut aliases = Vec::new();
    for email in emails {
        let login = Login::parse(email)?;
        if own.as_ref() != Some(&login) && !aliases.contains(&login) {
            aliases.push(login);
        }
    }
    principals::set_email(change, row, emails.first().map(AsRef::as_ref), &aliases)
}

fn row_of(tx: &mut dyn Tx, row: PrincipalRow) -> Result<PersonRow, Error> {
    let seen_at = subjects::seen_at(tx, row.id)?;
    shown(tx, row, seen_at)
}

fn shown(tx: &mut dyn Tx, row: PrincipalRow, last_seen: Option<Timestamp>) -> Result<PersonRow, Error> {
    let mut emails: Vec<Box<str>> = row.email.iter().cloned().collect();
    for alias in rows::logins(tx, row.id)?.iter().skip(1) {
        if !emails.iter().any(|email| email.eq_ignore_ascii_case(alias.as_str())) {
            emails.push(alias.as_str().into());
        }
    }
    let mut teams = Vec::new();
    for team in removal::teams_with(tx, SubjectId::from(row.id))? {
        teams.push(names::subject_text(tx, SubjectId::from(TeamId::new(team.get())))?);
    }
    teams.sort_unstable();
    Ok(PersonRow {
        id: row.id,
        kind: row.kind,
        tokens: subjects::tokens_counted(tx, row.id)?,
        name: row.name,
        title: row.title,
        emails,
        suspended: row.suspended,
        created_at: row.created_at,
        has_password: row.password_hash.is_some(),
        must_change: row.must_change,
        last_seen,
        teams,
    })
}
