//! Who vouches for machines.

use domain::{Granted, Limit, NodeId, Organisation, OrganisationManage};

use super::change::{Author, Change};
use super::event::{Document, Event, ObjectKind, Turn};
use super::listing::judged;
use super::{Directory, InForce, OnlyIf};
use crate::error::{DirectoryError, DirectoryRule, Error};
use crate::model::IssuerRow;
use crate::sql::Tx;
use crate::sql::issuers::{self, IssuerInsert};

/// Most issuers there are.
const ISSUERS_MAX: u64 = 64;

/// What an issuer is to be.
#[derive(Debug, Clone)]
pub struct IssuerWanted {
    /// What its tokens say that it is.
    pub url: Box<str>,
    /// Which claims its tokens have.
    pub kind: Box<str>,
    /// Whom its tokens may be for besides this server itself; no ends of lines.
    pub audiences: Vec<Box<str>>,
    /// Whether its host may have an address that is not public.
    pub private: bool,
    /// Keys that are not fetched: a document.
    pub jwks: Option<Box<str>>,
}

impl Directory {
    /// Issuers by name, after `after`.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn issuers(
        &self,
        _may: &Granted<OrganisationManage, Organisation>,
        after: Option<Box<str>>,
        limit: Limit,
    ) -> Result<Vec<IssuerRow>, DirectoryError> {
        let read =
            move |tx: &mut dyn Tx| issuers::after(tx, after.as_deref().unwrap_or_default(), limit.rows());
        Ok(self.database.read(read).await?)
    }

    /// An issuer by its name.
    ///
    /// # Errors
    /// `Absent` if there is none.
    pub async fn issuer(
        &self,
        _may: &Granted<OrganisationManage, Organisation>,
        name: &str,
    ) -> Result<IssuerRow, DirectoryError> {
        let name = name.to_owned();
        Ok(self.database.read(move |tx| found(tx, &name)).await?)
    }

    /// The issuer whose tokens say this, whoever asks: they show a token.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn issuer_of(&self, url: &str) -> Result<Option<IssuerRow>, DirectoryError> {
        let url = url.to_owned();
        Ok(self.database.read(move |tx: &mut dyn Tx| issuers::of_url(tx, &url)).await?)
    }

    /// Makes an issuer or sets what one is; tells whether it was made.
    ///
    /// # Errors
    /// `Precondition`, `Refused` for an address that another one has and for too many, `Forbidden` for another address or kind
    /// while rules name it.
    pub async fn put_issuer(
        &self,
        may: &Granted<OrganisationManage, Organisation>,
        name: &str,
        wanted: IssuerWanted,
        only_if: OnlyIf<IssuerRow>,
    ) -> Result<(IssuerRow, bool, InForce), DirectoryError> {
        let name: Box<str> = name.into();
        let put = move |change: &mut Change<'_>| {
            let present = issuers::named(change.tx, &name)?;
            judged(&only_if, present.as_ref())?;
            put(change, &name, &wanted)?;
            Ok((found(change.tx, &name)?, present.is_none()))
        };
        let ((row, made), force) = self.change(Author::of(may), put).await?;
        Ok((row, made, force))
    }

    /// Takes an issuer away.
    ///
    /// # Errors
    /// `Absent`, `Precondition`, `Forbidden` while rules name it.
    pub async fn remove_issuer(
        &self,
        may: &Granted<OrganisationManage, Organisation>,
        name: &str,
        only_if: OnlyIf<IssuerRow>,
    ) -> Result<InForce, DirectoryError> {
        let name: Box<str> = name.into();
        let remove = move |change: &mut Change<'_>| {
            let row = found(change.tx, &name)?;
            judged(&only_if, Some(&row))?;
            remove(change, &row)
        };
        Ok(self.change(Author::of(may), remove).await?.1)
    }
}

fn found(tx: &mut dyn Tx, name: &str) -> Result<IssuerRow, Error> {
    issuers::named(tx, name)?.ok_or(Error::Absent)
}

/// Makes an issuer or sets what one is; nothing if it is so.
pub(super) fn put(change: &mut Change<'_>, name: &str, wanted: &IssuerWanted) -> Result<(), Error> {
    let same_url = issuers::of_url(change.tx, &wanted.url)?;
    if same_url.is_some_and(|other| *other.name != *name) {
        return Err(Error::refused("another issuer has this address"));
    }
    match issuers::named(change.tx, name)? {
        Some(present) => set(change, &present, wanted),
        None => make(change, name, wanted),
    }
}

/// Takes an issuer away that no rule names.
pub(super) fn remove(change: &mut Change<'_>, row: &IssuerRow) -> Result<(), Error> {
    if row.rules > 0 {
        let why = format!("{} publishers name it; delete those first", row.rules);
        return Err(Error::forbidden(DirectoryRule::InUse, why));
    }
    issuers::delete(change.tx, row.id)?;
    happened(change, "issuer.delete", row, Turn::Gone(described(row)))
}

fn make(change: &mut Change<'_>, name: &str, wanted: &IssuerWanted) -> Result<(), Error> {
    if issuers::counted(change.tx)? >= ISSUERS_MAX {
        return Err(Error::refused("there are 64 issuers already"));
    }
    let audiences = wanted.audiences.join("\n");
    let insert = insert(change, name, wanted, &audiences);
    if !issuers::insert(change.tx, &insert)? {
        return Err(Error::Exists);
    }
    let row = found(change.tx, name)?;
    happened(change, "issuer.put", &row, Turn::Made(described(&row)))
}

fn set(change: &mut Change<'_>, present: &IssuerRow, wanted: &IssuerWanted) -> Result<(), Error> {
    let audiences = wanted.audiences.join("\n");
    let is_other = present.url != wanted.url || *present.kind != *wanted.kind;
    let same = !is_other
        && *present.audiences == *audiences
        && present.private == wanted.private
        && present.jwks == wanted.jwks;
    if same {
        return Ok(());
    }
    if is_other && present.rules > 0 {
        let why = "publishers name it, so its address and its kind stay; make another issuer";
        return Err(Error::forbidden(DirectoryRule::InUse, why));
    }
    let insert = insert(change, &present.name, wanted, &audiences);
    issuers::set(change.tx, present.id, &insert)?;
    let row = found(change.tx, &present.name)?;
    let turn = Turn::Changed { before: described(present), after: described(&row) };
    happened(change, "issuer.put", &row, turn)
}

fn insert<'a>(
    change: &Change<'_>,
    name: &'a str,
    wanted: &'a IssuerWanted,
    audiences: &'a str,
) -> IssuerInsert<'a> {
    IssuerInsert {
        name,
        url: &wanted.url,
        kind: &wanted.kind,
        audiences,
        private: wanted.private,
        jwks: wanted.jwks.as_deref(),
        by: change.author().id(),
        now: change.now,
    }
}

fn happened(change: &mut Change<'_>, action: &str, row: &IssuerRow, turn: Turn) -> Result<(), Error> {
    let (node, kind) = (NodeId::ORGANISATION, ObjectKind::Issuer);
    change.happened(&Event { action, node, kind, object: row.id, name: &row.name, of: None, turn })
}

/// For the audit: everything that can be set; keys are public.
fn described(row: &IssuerRow) -> Document {
    let document = Document::default().with("url", &*row.url).with("kind", &*row.kind);
    let document = document.with("audiences", row.audiences()).with("private", row.private);
    document.with("jwks", row.jwks.as_deref())
}
