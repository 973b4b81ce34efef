//! The columns that programs before the seventeenth migration keep policies in, with the words of the three formats of that time.
//! They are written as long as such a program may run beside this one; then they go, and this file with them (docs/migrations.md 2).

use domain::RepositoryId;
use serde_json::{Map, Value as Json, json};

use super::row::{row, select};
use super::{Tx, Value, rows};
use crate::error::Error;

/// Repositories looked at together.
const ROWS: u32 = 500;

/// The columns of a repository.
struct ColumnsRow<'r> {
    node: i64,
    format: &'r str,
    immutable_tags: &'r str,
    sparse_indexes: bool,
    delete_by_digest: &'r str,
    accept: &'r str,
    releases: &'r str,
    strict_layout: bool,
    snapshots_keep_newest: Option<u32>,
    snapshots_keep_days: Option<u32>,
    duplicates: &'r str,
    delete_means: &'r str,
}

row! {
    ColumnsRow<'r> {
        node,
        format,
        immutable_tags,
        sparse_indexes,
        delete_by_digest,
        accept,
        releases,
        strict_layout,
        snapshots_keep_newest,
        snapshots_keep_days,
        duplicates,
        delete_means,
    }
}

/// Writes the document of every repository from its columns.
pub(crate) fn adopt(tx: &mut dyn Tx) -> Result<(), Error> {
    let mut after = 0_i64;
    loop {
        let sql = select!(ColumnsRow<'_>, "FROM repository WHERE node > $1 ORDER BY node LIMIT $2");
        let some = rows(tx, sql, &[after.into(), ROWS.into()], |row| Ok((row.node, document(&row))))?;
        let Some((last, _)) = some.last() else { return Ok(()) };
        after = *last;
        for (node, document) in &some {
            let sql = "UPDATE repository SET policy = $1 WHERE node = $2";
            tx.execute(sql, &[document.to_string().as_str().into(), (*node).into()])?;
        }
    }
}

/// What the columns of a repository say, as its format says it now.
fn document(row: &ColumnsRow<'_>) -> Json {
    match row.format {
        "oci" => json!({
            "immutable_tags": row.immutable_tags.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>(),
            "sparse_indexes": row.sparse_indexes,
            "delete_by_digest": row.delete_by_digest,
        }),
        "maven" => {
            let kept = [("keep_newest", row.snapshots_keep_newest), ("keep_days", row.snapshots_keep_days)];
            let kept = kept.into_iter().filter_map(|(name, bound)| Some((name.to_owned(), bound?.into())));
            json!({
                "accept": row.accept,
                "releases": row.releases,
                "layout": if row.strict_layout { "strict" } else { "permissive" },
                "snapshots": kept.collect::<Map<_, _>>(),
            })
        }
        "nuget" => json!({ "duplicates": row.duplicates, "delete": row.delete_means }),
        _ => json!({}),
    }
}

/// Writes the columns from a document; what it does not say is as in a new repository.
pub(crate) fn write(tx: &mut dyn Tx, repository: RepositoryId, document: &str) -> Result<(), Error> {
    let document: Json = serde_json::from_str(document)
        .map_err(|error| Error::corrupt(format!("a policy is no JSON: {error}")))?;
    let word = |field: &str, new: &'static str| match document.get(field) {
        Some(Json::String(word)) => word.clone(),
        _ => new.to_owned(),
    };
    let patterns = document.get("immutable_tags").and_then(Json::as_array).into_iter().flatten();
    let patterns: Vec<&str> = patterns.filter_map(Json::as_str).collect();
    let kept =
        |bound: &str| document.get("snapshots").and_then(|kept| kept.get(bound)).and_then(Json::as_i64);
    tx.execute(
        "UPDATE repository SET immutable_tags = $1, sparse_indexes = $2, delete_by_digest = $3, accept = $4, releases = $5, \
         strict_layout = $6, snapshots_keep_newest = $7, snapshots_keep_days = $8, duplicates = $9, delete_means = $10 \
         WHERE node = $11",
        &[
            Value::Text(&patterns.join("\n")),
            document.get("sparse_indexes").and_then(Json::as_bool).unwrap_or(true).into(),
            Value::Text(&word("delete_by_digest", "all-tags")),
            Value::Text(&word("accept", "mixed")),
            Value::Text(&word("releases", "write-once")),
            (word("layout", "strict") == "strict").into(),
            kept("keep_newest").into(),
            kept("keep_days").into(),
            Value::Text(&word("duplicates", "never")),
            Value::Text(&word("delete", "unlist")),
            repository.get().into(),
        ],
    )
    .map(drop)
}
