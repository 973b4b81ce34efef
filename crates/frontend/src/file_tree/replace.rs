//! What is refused before a client sends it.

use domain::{EntryKey, Granted, Publish};
use storage::{ContentError, Rule};

use crate::protocol::WriteCx;

/// What a client is about to send.
pub(crate) struct Other<'a> {
    /// Its name.
    pub(crate) key: &'a EntryKey,
    /// Who decides whether it may replace something.
    pub(crate) rule: Rule,
    /// How long it is, if the client says so.
    pub(crate) bytes: Option<u64>,
}

/// Refuses bytes that cannot be those that are here and may not take their place, by their length alone. What has the same
/// length is read; the commit has the last word in any case.
///
/// # Errors
/// `Pinned`, `Conflict`, `MissingOverwrite`, and failures of the database.
pub(crate) async fn refuse_other(
    new: &Other<'_>,
    overwrite: bool,
    may: &Granted<Publish>,
    cx: &WriteCx<'_>,
) -> Result<(), ContentError> {
    let Some(declared_bytes) = new.bytes else { return Ok(()) };
    match cx.storage.entry(may, new.key).await {
        Err(ContentError::Absent) => return Ok(()),
        Err(other) => return Err(other),
        Ok(entry) if entry.size_bytes == declared_bytes => return Ok(()),
        Ok(_) => {}
    }
    cx.storage.refuse_pinned(may, new.key).await?;
    match new.rule {
        Rule::Immutable => Err(ContentError::Conflict),
        Rule::ByPolicy if !cx.storage.rules(may).await?.may_replace(new.key) => Err(ContentError::Conflict),
        Rule::ByPolicy if !overwrite => Err(ContentError::MissingOverwrite),
        Rule::ByPolicy | Rule::Mutable | Rule::Overwritable | Rule::Derived => Ok(()),
    }
}
