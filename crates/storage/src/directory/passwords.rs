//! How people get a password of their own, and how everything that one gave out ends.

use domain::{DirectoryManage, Granted, Organisation, Own, PrincipalKind};

use super::change::{Author, Change};
use super::event::{Document, Turn};
use super::{Directory, InForce, names, nodes as making, principals, sessions};
use crate::error::{DirectoryError, Error};
use crate::sql::Tx;
use crate::sql::credentials;
use crate::sql::directory::{self as rows, PrincipalRow};
use crate::sql::organisation;

/// What a new password of somebody must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordRules {
    /// Fewest characters.
    pub chars_min: u32,
    /// What whoever guesses knows: the names of its owner and of the organisation.
    pub names: Vec<Box<str>>,
}

impl Directory {
    /// What a new password of one's own must be.
    ///
    /// # Errors
    /// `Absent` if one is gone.
    pub async fn own_password_rules(&self, own: &Own) -> Result<PasswordRules, DirectoryError> {
        let principal = own.principal();
        let read = move |tx: &mut dyn Tx| {
            let row = rows::principal(tx, principal)?.ok_or(Error::Absent)?;
            rules(tx, &row)
        };
        Ok(self.database.read(read).await?)
    }

    /// What a new password of somebody must be.
    ///
    /// # Errors
    /// `Absent` if there is nobody of that name.
    pub async fn password_rules(
        &self,
        _may: &Granted<DirectoryManage, Organisation>,
        kind: PrincipalKind,
        name: &str,
    ) -> Result<PasswordRules, DirectoryError> {
        let name = name.to_owned();
        let read = move |tx: &mut dyn Tx| {
            let row = rows::principal_named(tx, kind, &name)?.ok_or(Error::Absent)?;
            rules(tx, &row)
        };
        Ok(self.database.read(read).await?)
    }

    /// Sets a password of one's own. What the one before gave out ends.
    ///
    /// # Errors
    /// `Absent` if one is gone.
    pub async fn set_own_password(&self, own: &Own, hash: String) -> Result<InForce, DirectoryError> {
        let principal = own.principal();
        let set = move |change: &mut Change<'_>| {
            let row = rows::principal(change.tx, principal)?.ok_or(Error::Absent)?;
            principals::set_password(change, &row, (&hash, false))
        };
        Ok(self.change(Author::owner(own), set).await?.1)
    }

    /// Sets somebody's password; unless `must_change` is false it is good for nothing but setting another one. What the one before
    /// gave out ends.
    ///
    /// # Errors
    /// `Absent` if there is nobody of that name.
    pub async fn set_password(
        &self,
        may: &Granted<DirectoryManage, Organisation>,
        (kind, name): (PrincipalKind, &str),
        (hash, must_change): (String, bool),
    ) -> Result<InForce, DirectoryError> {
        let name = name.to_owned();
        let set = move |change: &mut Change<'_>| {
            let row = rows::principal_named(change.tx, kind, &name)?.ok_or(Error::Absent)?;
            principals::set_password(change, &row, (&hash, must_change))
        };
        Ok(self.change(Author::of(may), set).await?.1)
    }

    /// Ends everything that the password of somebody gave out: sessions, bearers at other places, and what is remembered of it here.
    ///
    /// # Errors
    /// `Unknown` if there is nobody of that name.
    pub async fn end_sessions(
        &self,
        may: &Granted<DirectoryManage, Organisation>,
        principal: &str,
    ) -> Result<InForce, DirectoryError> {
        let principal = principal.to_owned();
        let end = move |change: &mut Change<'_>| {
            let row = names::principal(change.tx, &principal)?;
            credentials::draw_generation(change.tx, row.id)?;
            sessions::end_all(change, row.id)?;
            let nothing = || Document::default();
            let turn = Turn::Changed { before: nothing(), after: nothing() };
            principals::happened(change, "session.end", &row, turn)
        };
        Ok(self.narrow(Author::of(may), end).await?)
    }

    /// Sets what people call oneself.
    ///
    /// # Errors
    /// `Absent` if one is gone, `Refused` for what none can be called.
    pub async fn set_own_title(&self, own: &Own, title: &str) -> Result<InForce, DirectoryError> {
        let (principal, title) = (own.principal(), title.to_owned());
        let set = move |change: &mut Change<'_>| {
            making::described(&title, "")?;
            let row = rows::principal(change.tx, principal)?.ok_or(Error::Absent)?;
            principals::set_title(change, &row, &title)
        };
        Ok(self.change(Author::owner(own), set).await?.1)
    }
}

/// What a new password of somebody must be.
pub(super) fn rules(tx: &mut dyn Tx, row: &PrincipalRow) -> Result<PasswordRules, Error> {
    let organisation = organisation::organisation(tx)?;
    let mut names = vec![row.name.clone(), row.title.clone(), organisation.name, organisation.title];
    names.extend(rows::logins(tx, row.id)?.iter().map(|login| login.as_str().into()));
    Ok(PasswordRules { chars_min: organisation.password_chars_min, names })
}
