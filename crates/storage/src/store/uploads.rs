//! Sessions for bytes to come.

use bytes::Bytes;
use domain::{Digest, Granted, Publish, UploadId};

use super::Storage;
use crate::error::UploadError;
use crate::sql::uploads;
use crate::upload::{Receiving, Upload, Verified};

impl Storage {
    /// Opens a session for bytes to come. Nothing is stored before its first byte or `save`.
    ///
    /// # Errors
    /// `Crowded` or `Full` if no place among those who write becomes free in a while, `NoSpace` if less room is left than has to be.
    pub async fn begin_upload(&self, may: &Granted<Publish>) -> Result<Upload<Receiving>, UploadError> {
        self.shared.space.require(0)?;
        Ok(Upload::begin(&self.shared, may).await?)
    }

    /// Goes on with a saved session of this repository and this principal.
    ///
    /// # Errors
    /// `UnknownUpload` if there is none, `Busy` if it is being written to, `Crowded` or `Full` as for a new one.
    pub async fn resume_upload(
        &self,
        may: &Granted<Publish>,
        id: UploadId,
    ) -> Result<Upload<Receiving>, UploadError> {
        Ok(Upload::resume(&self.shared, may, id).await?)
    }

    /// The durable offset of a session of this repository and this principal, in bytes.
    ///
    /// # Errors
    /// `UnknownUpload` if there is none.
    pub async fn upload_offset(&self, may: &Granted<Publish>, id: UploadId) -> Result<u64, UploadError> {
        let (repository, owner) = (may.node().id(), may.principal());
        let found = self.shared.database.point(move |tx| uploads::find(tx, id, repository, owner)).await?;
        found.map(|row| row.offset_bytes).ok_or(UploadError::UnknownUpload)
    }

    /// Ends a session and removes its bytes.
    ///
    /// # Errors
    /// `UnknownUpload` if there is none, `Busy` if it is being written to.
    pub async fn cancel_upload(&self, may: &Granted<Publish>, id: UploadId) -> Result<(), UploadError> {
        self.resume_upload(may, id).await?.cancel().await
    }

    /// Takes a small body that is in memory already, such as a manifest.
    ///
    /// # Errors
    /// `DigestMismatch` if it does not have the expected digest.
    pub async fn verified_bytes(
        &self,
        may: &Granted<Publish>,
        bytes: Bytes,
        expected: Option<&Digest>,
    ) -> Result<Upload<Verified>, UploadError> {
        let mut upload = self.begin_upload(may).await?;
        upload.append(bytes).await?;
        match expected {
            Some(digest) => upload.verify(digest).await,
            None => upload.verify_any().await,
        }
    }
}
