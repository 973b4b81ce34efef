//! A whole body into an upload that nobody goes on with.

use storage::{Receiving, Upload};

use crate::body::Body;
use crate::error::Error;

/// Streams the body, at most so many bytes; as [`or_gone`] if it breaks off.
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
    while let Some(chunk) = body.chunk().await? {
        upload.append(chunk).await?;
    }
    Ok(())
}
