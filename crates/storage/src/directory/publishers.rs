//! Rules by which machines get tokens: who asks for them, and who puts them.

use domain::{AccessManage, Granted, Limit, Project, ProjectKey};

use super::change::{Author, Change};
use super::giving::Giver;
use super::listing::judged;
use super::rule::{Place, PublisherWanted, remove, row_of};
use super::{Directory, InForce, OnlyIf, names};
use crate::error::{DirectoryError, Error};
use crate::model::PublisherRow;
use crate::sql::{Tx, issuers, nodes, publishers};

/// Rules that one identity token is held against.
const CANDIDATES_MAX: u32 = 64;

impl Directory {
    /// The kind of an issuer, for who makes rules.
    ///
    /// # Errors
    /// `Unknown` if there is none of that name.
    pub async fn issuer_kind(
        &self,
        _may: &Granted<AccessManage, Project>,
        name: &str,
    ) -> Result<Box<str>, DirectoryError> {
        let name = name.to_owned();
        let read = move |tx: &mut dyn Tx| {
            issuers::named(tx, &name)?.map(|row| row.kind).ok_or_else(|| names::unknown(&name))
        };
        Ok(self.database.read(read).await?)
    }

    /// The rules of the project of the proof by name, after `after`.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn publishers(
        &self,
        may: &Granted<AccessManage, Project>,
        after: Option<Box<str>>,
        limit: Limit,
    ) -> Result<Vec<PublisherRow>, DirectoryError> {
        let project = may.node().id();
        let read = move |tx: &mut dyn Tx| {
            let after = after.as_deref().unwrap_or_default();
            let records = publishers::after(tx, project, after, limit.rows())?;
            records.into_iter().map(|record| row_of(tx, record)).collect()
        };
        Ok(self.database.read(read).await?)
    }

    /// A rule of the project of the proof.
    ///
    /// # Errors
    /// `Absent` if there is none of that name.
    pub async fn publisher(
        &self,
        may: &Granted<AccessManage, Project>,
        name: &str,
    ) -> Result<PublisherRow, DirectoryError> {
        let (project, name) = (may.node().id(), name.to_owned());
        let read = move |tx: &mut dyn Tx| {
            let record = publishers::named(tx, project, &name)?.ok_or(Error::Absent)?;
            row_of(tx, record)
        };
        Ok(self.database.read(read).await?)
    }

    /// The rules of an issuer that are found by this claim, whoever asks: they show a token that says so.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn publishers_for(
        &self,
        issuer: i64,
        lookup: &str,
    ) -> Result<Vec<PublisherRow>, DirectoryError> {
        let lookup = lookup.to_owned();
        let read = move |tx: &mut dyn Tx| {
            let records = publishers::looked_up(tx, issuer, &lookup, CANDIDATES_MAX)?;
            records.into_iter().map(|record| row_of(tx, record)).collect()
        };
        Ok(self.database.read(read).await?)
    }

    /// The rule that is called so, whoever asks.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn publisher_called(
        &self,
        project: &ProjectKey,
        name: &str,
    ) -> Result<Option<PublisherRow>, DirectoryError> {
        let (key, name) = (project.clone(), name.to_owned());
        let read = move |tx: &mut dyn Tx| {
            let Some(project) = nodes::project(tx, &key)? else { return Ok(None) };
            let record = publishers::named(tx, project.id, &name)?;
            record.map(|record| row_of(tx, record)).transpose()
        };
        Ok(self.database.read(read).await?)
    }

    /// Makes a rule or sets what one is; tells whether it was made. What it made before ends, unless only the time of its tokens is
    /// another.
    ///
    /// # Errors
    /// `Precondition`, `Unknown` for an issuer, place or application that is not there, `BeyondOwn` for what the caller does not hold,
    /// `Refused` for what no machine gets, and for too many.
    pub async fn put_publisher(
        &self,
        may: &Granted<AccessManage, Project>,
        name: &str,
        wanted: PublisherWanted,
        only_if: OnlyIf<PublisherRow>,
    ) -> Result<(PublisherRow, bool, InForce), DirectoryError> {
        let place = Place { project: may.node().id(), key: may.node().key().clone(), name: name.into() };
        let lasting = may.lasting(None).await;
        let giver = Giver { held: may.held(), lasting: lasting.permissions };
        let put = move |change: &mut Change<'_>| {
            let present = publishers::named(change.tx, place.project, &place.name)?;
            let shown = present.clone().map(|record| row_of(change.tx, record)).transpose()?;
            judged(&only_if, shown.as_ref())?;
            let made = present.is_none();
            place.put(change, Some(&giver), &wanted, present.zip(shown))?;
            let record = publishers::named(change.tx, place.project, &place.name)?.ok_or(Error::Absent)?;
            Ok((row_of(change.tx, record)?, made))
        };
        let ((row, made), force) = self.change(Author::of(may).trusting(lasting.version), put).await?;
        Ok((row, made, force))
    }

    /// Takes a rule away, with its own application; what it made ends.
    ///
    /// # Errors
    /// `Absent`, `Precondition`.
    pub async fn remove_publisher(
        &self,
        may: &Granted<AccessManage, Project>,
        name: &str,
        only_if: OnlyIf<PublisherRow>,
    ) -> Result<InForce, DirectoryError> {
        let (project, name) = (may.node().id(), name.to_owned());
        let remove = move |change: &mut Change<'_>| {
            let record = publishers::named(change.tx, project, &name)?.ok_or(Error::Absent)?;
            let row = row_of(change.tx, record.clone())?;
            judged(&only_if, Some(&row))?;
            remove(change, &record, &row)
        };
        Ok(self.narrow(Author::of(may), remove).await?)
    }
}
