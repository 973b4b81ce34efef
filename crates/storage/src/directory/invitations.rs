//! Codes by which somebody sets a password of their own: the first one, or another where the old is forgotten.

use domain::{
    DirectoryManage, Granted, Organisation, Origin, PrincipalId, PrincipalKind, Timestamp, TokenId,
};

use super::change::{Author, Change};
use super::event::{Document, Turn};
use super::passwords::{PasswordRules, rules};
use super::{Directory, InForce, names, principals};
use crate::error::{DirectoryError, Error};
use crate::sql::Tx;
use crate::sql::directory::{self as rows, PrincipalRow};
use crate::sql::invitations::{self, InvitationRecord};

/// Longest time that one may be good, in seconds.
const SECS_MAX: i64 = 604_800;

/// What an invitation is for: the words of lists and of the audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A first password.
    Invite,
    /// Another one.
    Reset,
}

/// An invitation to make. Its code never comes here, only the hash.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Public id, part of the code.
    pub id: TokenId,
    /// SHA-256 of the whole code.
    pub sha256: [u8; 32],
    /// What it is for.
    pub purpose: Purpose,
    /// How long it is good, in seconds; at most a week.
    pub secs: u32,
}

/// An invitation as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRow {
    /// Public id.
    pub id: TokenId,
    /// What it is for.
    pub purpose: Purpose,
    /// Refused from this moment on.
    pub expires: Timestamp,
    /// Who made it: `member:alice`; `None` if they are gone.
    pub created_by: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Somebody who showed a code that is good.
#[derive(Debug, Clone)]
pub struct Invited {
    id: TokenId,
    sha256: [u8; 32],
    principal: PrincipalId,
    /// What the password must be.
    pub rules: PasswordRules,
}

impl Purpose {
    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Reset => "reset",
        }
    }
}

impl Directory {
    /// Makes a code for somebody. The one before ends.
    ///
    /// # Errors
    /// `Absent` if there is nobody of that name, `Exists` if its id is taken, `Refused` for one that would last too long.
    pub async fn invite(
        &self,
        may: &Granted<DirectoryManage, Organisation>,
        (kind, name): (PrincipalKind, &str),
        new: NewInvitation,
    ) -> Result<(InvitationRow, InForce), DirectoryError> {
        let name = name.to_owned();
        let invite = move |change: &mut Change<'_>| {
            let secs = i64::from(new.secs);
            if secs > SECS_MAX {
                return Err(Error::refused("an invitation is good for a week at most"));
            }
            let row = rows::principal_named(change.tx, kind, &name)?.ok_or(Error::Absent)?;
            invitations::delete_of(change.tx, row.id)?;
            let record = InvitationRecord {
                id: new.id,
                sha256: new.sha256.to_vec(),
                principal: row.id,
                purpose: new.purpose.as_str().into(),
                expires: change.now.plus_secs(secs),
                created_by: change.author().id(),
                created_at: change.now,
            };
            if !invitations::insert(change.tx, &record)? {
                return Err(Error::Exists);
            }
            principals::happened(change, "invitation.create", &row, Turn::Made(document(&record)))?;
            row_of(change.tx, &record)
        };
        Ok(self.change(Author::of(may), invite).await?)
    }

    /// The codes of somebody that were not redeemed, those that are over too.
    ///
    /// # Errors
    /// `Absent` if there is nobody of that name.
    pub async fn invitations(
        &self,
        _may: &Granted<DirectoryManage, Organisation>,
        (kind, name): (PrincipalKind, &str),
    ) -> Result<Vec<InvitationRow>, DirectoryError> {
        let name = name.to_owned();
        let read = move |tx: &mut dyn Tx| {
            let row = rows::principal_named(tx, kind, &name)?.ok_or(Error::Absent)?;
            let records = invitations::of_principal(tx, row.id)?;
            records.iter().map(|record| row_of(tx, record)).collect()
        };
        Ok(self.database.read(read).await?)
    }

    /// Withdraws a code of somebody.
    ///
    /// # Errors
    /// `Absent` if there is nobody of that name, or no such code of theirs.
    pub async fn withdraw_invitation(
        &self,
        may: &Granted<DirectoryManage, Organisation>,
        (kind, name): (PrincipalKind, &str),
        id: TokenId,
    ) -> Result<InForce, DirectoryError> {
        let name = name.to_owned();
        let withdraw = move |change: &mut Change<'_>| {
            let row = rows::principal_named(change.tx, kind, &name)?.ok_or(Error::Absent)?;
            let record = invitations::invitation(change.tx, id)?;
            let record = record.filter(|record| record.principal == row.id).ok_or(Error::Absent)?;
            invitations::delete(change.tx, id)?;
            principals::happened(change, "invitation.withdraw", &row, Turn::Gone(document(&record)))
        };
        Ok(self.change(Author::of(may), withdraw).await?.1)
    }

    /// Whose code this is, if it is good: knowing it is the proof.
    ///
    /// # Errors
    /// `Absent` for a code that is unknown, used, withdrawn or over, and for one of somebody who is suspended.
    pub async fn invited(&self, id: TokenId, sha256: [u8; 32]) -> Result<Invited, DirectoryError> {
        let now = self.clock.now();
        let read = move |tx: &mut dyn Tx| {
            let (row, _) = good(tx, id, &sha256, now)?;
            Ok(Invited { id, sha256, principal: row.id, rules: rules(tx, &row)? })
        };
        Ok(self.database.read(read).await?)
    }

    /// Sets the password that a code is for, and ends the code. Of several at once, one does.
    ///
    /// # Errors
    /// `Absent` if it is no longer good.
    pub async fn redeem(
        &self,
        invited: Invited,
        hash: String,
        origin: &Origin,
    ) -> Result<(String, InForce), DirectoryError> {
        let Invited { id, sha256, principal, .. } = invited;
        let redeem = move |change: &mut Change<'_>| {
            let (row, record) = good(change.tx, id, &sha256, change.now)?;
            if !invitations::delete(change.tx, id)? {
                return Err(Error::Absent);
            }
            principals::set_password(change, &row, (&hash, false))?;
            principals::happened(change, "invitation.redeem", &row, Turn::Gone(document(&record)))?;
            names::subject_text(change.tx, row.id.into())
        };
        Ok(self.change(Author::shown(principal, origin), redeem).await?)
    }
}

/// A code that is good now, and whose it is.
fn good(
    tx: &mut dyn Tx,
    id: TokenId,
    sha256: &[u8; 32],
    now: Timestamp,
) -> Result<(PrincipalRow, InvitationRecord), Error> {
    let record = invitations::invitation(tx, id)?;
    let record = record.filter(|record| record.sha256 == sha256 && now < record.expires);
    let record = record.ok_or(Error::Absent)?;
    let owner = rows::principal(tx, record.principal)?.filter(|owner| !owner.suspended);
    Ok((owner.ok_or(Error::Absent)?, record))
}

/// What the audit says of a code.
fn document(record: &InvitationRecord) -> Document {
    let what = Document::default().with("id", record.id.get()).with("purpose", &*record.purpose);
    what.moment("expires", Some(record.expires))
}

fn row_of(tx: &mut dyn Tx, record: &InvitationRecord) -> Result<InvitationRow, Error> {
    let maker = rows::principal(tx, PrincipalId::new(record.created_by))?;
    Ok(InvitationRow {
        id: record.id,
        purpose: if &*record.purpose == Purpose::Reset.as_str() { Purpose::Reset } else { Purpose::Invite },
        expires: record.expires,
        created_by: maker.map(|maker| format!("{}:{}", maker.kind.as_str(), maker.name)),
        created_at: record.created_at,
    })
}
