//! Files, as they are put.

use std::sync::Arc;

use domain::{Granted, Overwrite, Publish};
use edge::Body;
use http::StatusCode;
use http::header::ETAG;
use storage::{Batch, ContentError, EntryOutcome, NewEntry, Rule, Upload, Verified};

use super::Failure;
use crate::error::Error;
use crate::file_tree::answer::with_checksums;
use crate::file_tree::checksum::{COMPUTED_ALSO, compare};
use crate::file_tree::media_type::media_type;
use crate::file_tree::replace;
use crate::files::Files;
use crate::files::error::Bad;
use crate::files::op::Push;
use crate::protocol::{ReplyResult, WriteCx};
use crate::reply::Reply;
use crate::upload_body;

/// Stores a file. Everything that can be decided without its bytes is, before the client sends them.
pub(crate) async fn push(
    op: &Push,
    may: Granted<Publish>,
    body: &mut Body,
    cx: &WriteCx<'_>,
) -> ReplyResult<Files> {
    // Asked softly: the same bytes need no right to overwrite, other bytes meet the repository's rule first (docs/design.md 7).
    let overwrite = cx.gate.also::<Overwrite>(&may);
    if op.only_new {
        absent(op, &may, cx).await?;
    }
    let new = replace::Other { key: &op.path.key, rule: rule(op), bytes: body.declared_bytes() };
    replace::refuse_other(&new, overwrite.is_some(), &may, cx).await?;
    let upload = cx.storage.begin_upload(&may).await?.hashed_also(&COMPUTED_ALSO);
    let upload = upload_body::whole(upload, body, cx.limits.blob_bytes_max).await?.verify_any().await?;
    for expected in &op.declared {
        compare(*expected, upload.digests())?;
    }
    let (tag, digests) = (format!("\"{}\"", upload.digest().hex()), upload.digests().to_vec());
    let status = match cx.storage.commit(may, overwrite, batch(op, upload)).await {
        Ok(committed) if committed.entries.first() == Some(&EntryOutcome::Created) => StatusCode::CREATED,
        // What was to be new came from somebody else in the meantime, as it is or as something else.
        Ok(_) | Err(ContentError::Conflict | ContentError::Pinned { .. }) if op.only_new => {
            return Err(Error::Bad(Bad::Precondition));
        }
        Ok(_) => StatusCode::OK,
        Err(other) => return Err(other.into()),
    };
    Ok(with_checksums(Reply::new(status).header(ETAG, tag), &digests).length(0))
}

/// Whether there is no such file yet.
async fn absent(op: &Push, may: &Granted<Publish>, cx: &WriteCx<'_>) -> Result<(), Failure> {
    match cx.storage.entry(may, &op.path.key).await {
        Ok(_) => Err(Error::Bad(Bad::Precondition)),
        Err(ContentError::Absent) => Ok(()),
        Err(other) => Err(other.into()),
    }
}

/// What is to be new replaces nothing, whatever the repository allows.
const fn rule(op: &Push) -> Rule {
    if op.only_new { Rule::Immutable } else { Rule::ByPolicy }
}

fn batch(op: &Push, upload: Upload<Verified>) -> Batch {
    let key = &op.path.key;
    let entry = NewEntry {
        key: key.clone(),
        content: Some(*upload.digest()),
        rule: rule(op),
        media_type: media_type(key.name.key()).into(),
        attributes: Arc::from("{}"),
        words: Arc::from(""),
        edges: Vec::new(),
    };
    Batch { uploads: vec![upload], entries: vec![entry], ..Batch::default() }
}
