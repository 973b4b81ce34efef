//! A body into an upload.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use edge::Body;
use storage::{Receiving, Upload};
use tokio::time::timeout;

use crate::error::Error;

/// How long a client is silent before its upload gives up what it holds.
const SILENT: Duration = Duration::from_secs(2);

/// The next bytes for an upload, which rests while none come: a silent client holds nothing but its stream, and is told soon that
/// its right was withdrawn.
pub(crate) async fn next<B>(
    body: &mut Body,
    upload: &mut Upload<Receiving>,
) -> Result<Option<Bytes>, Error<B>> {
    let ended = {
        let mut chunk = pin!(body.chunk());
        loop {
            match timeout(SILENT, chunk.as_mut()).await {
                Ok(chunk) => return Ok(chunk?),
                Err(_) => {
                    if let Err(ended) = upload.rest().await {
                        break ended;
                    }
                }
            }
        }
    };
    body.give_up();
    Err(ended.into())
}

/// Streams the body into an upload that nobody goes on with, at most so many bytes; as [`or_gone`] if it breaks off.
pub(crate) async fn whole<B>(
    mut upload: Upload<Receiving>,
    body: &mut Body,
    bytes_max: u64,
) -> Result<Upload<Receiving>, Error<B>> {
    body.cap(bytes_max);
    let taken = all(&mut upload, body).await;
    or_gone(upload, taken).await
}

/// The upload, if everything that belongs to it arrived; else what did is removed at once: nobody knows its id, so nobody would
/// go on with it.
pub(crate) async fn or_gone<B>(
    upload: Upload<Receiving>,
    taken: Result<(), Error<B>>,
) -> Result<Upload<Receiving>, Error<B>> {
    if let Err(why) = taken {
        // The client is told why its body failed; should clearing up fail as well, the sweep finds it.
        let _ = upload.cancel().await;
        return Err(why);
    }
    Ok(upload)
}

async fn all<B>(upload: &mut Upload<Receiving>, body: &mut Body) -> Result<(), Error<B>> {
    while let Some(chunk) = next(body, upload).await? {
        upload.append(chunk).await?;
    }
    Ok(())
}
