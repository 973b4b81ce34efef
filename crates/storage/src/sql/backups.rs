//! Statements of backups that are about more than whole tables.

use domain::TokenState;

use super::row::{row, select};
use super::{Tx, rows_while};
use crate::error::Error;

/// A content, and where its bytes are.
pub(crate) struct ContentRow<'r> {
    pub(crate) object_key: &'r str,
    pub(crate) size_bytes: u64,
    pub(crate) sha256: &'r [u8],
}

row! { ContentRow<'r> { object_key: "b.object_key", size_bytes: "b.size_bytes", sha256: "d.value" } }

/// Hands over each content, in the order in which they were stored.
pub(crate) fn each_content(
    tx: &mut dyn Tx,
    content: &mut dyn FnMut(ContentRow<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let sql = select!(
        ContentRow<'static>,
        "FROM blob b LEFT JOIN blob_digest d ON d.blob = b.id AND d.algorithm = 'sha256' ORDER BY b.id"
    );
    rows_while(tx, sql, &[], |row| content(row).map(|()| true)).map(drop)
}

/// Disables all tokens that are active; gives how many.
pub(crate) fn disable_tokens(tx: &mut dyn Tx) -> Result<u64, Error> {
    let (down, from) = (TokenState::Disabled as i64, TokenState::Active as i64);
    tx.execute("UPDATE token SET state = $1 WHERE state = $2", &[down.into(), from.into()])
}
