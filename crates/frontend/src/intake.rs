//! A whole body into an upload that nobody goes on with.

use bytes::Bytes;
use domain::{Granted, Publish};
use storage::{Receiving, Storage, Upload};

use crate::body::Body;
use crate::error::Error;

/// Streams the body, at most so many bytes. If it breaks off, what arrived is removed at once: nobody knows the id, so nobody
/// would go on with it.
pub(crate) async fn whole<B>(
    mut upload: Upload<Receiving>,
    body: &mut Body,
    bytes_max: u64,
    may: &Granted<Publish>,
    storage: &Storage,
) -> Result<Upload<Receiving>, Error<B>> {
    body.cap(bytes_max);
    let why: Error<B> = loop {
        match body.chunk().await {
            Ok(Some(chunk)) => match append(&mut upload, chunk).await {
                Ok(()) => {}
                Err(error) => break error,
            },
            Ok(None) => return Ok(upload),
            Err(error) => break error.into(),
        }
    };
    let id = upload.id();
    // The client is told why its body failed; should clearing up fail as well, the sweep finds it.
    let _ = upload.save().await;
    let _ = storage.cancel_upload(may, id).await;
    Err(why)
}

async fn append<B>(upload: &mut Upload<Receiving>, chunk: Bytes) -> Result<(), Error<B>> {
    upload.append(chunk).await.map_err(Error::Storage)
}
