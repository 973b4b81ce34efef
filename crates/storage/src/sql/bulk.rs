//! Statements about many rows at a time: what a large batch asks and writes costs one statement for every hundred rows, because
//! the one writer of SQLite, and a row of the repository on PostgreSQL, are held meanwhile.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use domain::{Digest, EntryKind, RepositoryId, Timestamp};

use super::{Tx, Value};
use crate::error::Error;
use crate::model::NewEdge;

/// Rows of one statement, and of one for what is left over. The last one of these is filled up with its last row, so that there
/// are two texts and not hundreds.
const MANY: usize = 128;
const FEW: usize = 8;
/// From so many left over on, it is cheaper to fill up a large one.
const LEFT_OVER_MAX: usize = 32;

/// The two texts of a statement.
pub(super) type Texts = LazyLock<[String; 2]>;

static NAMES: Texts = LazyLock::new(|| {
    texts(|rows| {
        let keys = places(4, rows, |place| format!("${place}"));
        format!(
            "SELECT name_key FROM entry WHERE repository = $1 AND kind = $2 AND package_key = $3 \
             AND name_key IN ({keys}) AND state IN ('live', 'unlisted')"
        )
    })
});

static LINKED: Texts = LazyLock::new(|| linked("NOT IN"));
static DAMAGED: Texts = LazyLock::new(|| linked("IN"));

/// Links whose contents are, or are not, among the damaged ones.
fn linked(among: &str) -> [String; 2] {
    texts(|rows| {
        let values = places(3, rows, |place| format!("${place}"));
        format!(
            "SELECT d.value, l.touched_at FROM blob_digest d JOIN link l ON l.blob = d.blob AND l.repository = $1 \
             WHERE d.algorithm = $2 AND d.value IN ({values}) AND d.algorithm IN ('sha256', 'sha512') \
             AND d.blob {among} (SELECT id FROM blob WHERE damaged_at IS NOT NULL)"
        )
    })
}

static RENEW: Texts = LazyLock::new(|| {
    texts(|rows| {
        let values = places(5, rows, |place| format!("${place}"));
        format!(
            "UPDATE link SET touched_at = $1 WHERE repository = $2 AND touched_at < $3 AND blob IN \
             (SELECT d.blob FROM blob_digest d WHERE d.algorithm = $4 AND d.value IN ({values}) \
             AND d.algorithm IN ('sha256', 'sha512'))"
        )
    })
});

static EDGES: Texts = LazyLock::new(|| {
    texts(|rows| {
        let edges = places(4, rows, |place| format!("($1, $2, $3, ${place})"));
        format!("INSERT INTO edge (entry, kind, repository, target) VALUES {edges} ON CONFLICT DO NOTHING")
    })
});

/// Which of these names of one kind and package are live or unlisted.
pub(crate) fn present_names(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    (kind, package_key): (EntryKind, &str),
    keys: &[&str],
) -> Result<HashSet<Box<str>>, Error> {
    let mut present = HashSet::with_capacity(keys.len());
    let fixed = [repository.get().into(), kind.as_str().into(), package_key.into()];
    chunked(&NAMES, &fixed, keys.iter().map(|key| (*key).into()), |text, values| {
        tx.each(text, values, &mut |row| {
            present.insert(row.text(0)?.into());
            Ok(())
        })
    })?;
    Ok(present)
}

/// Which of these digests the repository links, damaged ones left out, and since when their leases are.
pub(crate) fn present_links(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    digests: &[Digest],
) -> Result<HashMap<Digest, Timestamp>, Error> {
    links(tx, &LINKED, repository, digests)
}

/// Whether the repository links one of these digests, and its bytes are known to be damaged.
pub(crate) fn is_one_damaged(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    digests: &[Digest],
) -> Result<bool, Error> {
    Ok(!links(tx, &DAMAGED, repository, digests)?.is_empty())
}

fn links(
    tx: &mut dyn Tx,
    texts: &'static Texts,
    repository: RepositoryId,
    digests: &[Digest],
) -> Result<HashMap<Digest, Timestamp>, Error> {
    let mut present = HashMap::with_capacity(digests.len());
    for group in digests.chunk_by(|a, b| a.algorithm() == b.algorithm()) {
        let Some(algorithm) = group.first().map(Digest::algorithm) else { continue };
        let values = group.iter().map(|digest| Value::from(digest.as_bytes()));
        let fixed = [repository.get().into(), algorithm.as_str().into()];
        chunked(texts, &fixed, values, |text, values| {
            tx.each(text, values, &mut |row| {
                let touched_at = Timestamp::from_millis(row.int(1)?);
                present.insert(Digest::new(algorithm, row.bytes(0)?)?, touched_at);
                Ok(())
            })
        })?;
    }
    Ok(present)
}

/// Renews those leases of the repository on these digests that are older than `stale`.
pub(crate) fn renew_links(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    digests: &[Digest],
    (now, stale): (Timestamp, Timestamp),
) -> Result<(), Error> {
    for group in digests.chunk_by(|a, b| a.algorithm() == b.algorithm()) {
        let Some(algorithm) = group.first().map(|digest| digest.algorithm().as_str()) else { continue };
        let values = group.iter().map(|digest| Value::from(digest.as_bytes()));
        let fixed = [now.millis().into(), repository.get().into(), stale.millis().into(), algorithm.into()];
        chunked(&RENEW, &fixed, values, |text, values| tx.execute(text, values).map(drop))?;
    }
    Ok(())
}

/// Stores what an entry points at.
pub(crate) fn insert_edges(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    entry: i64,
    edges: &[NewEdge],
) -> Result<(), Error> {
    for group in edges.chunk_by(|a, b| a.kind == b.kind) {
        let Some(kind) = group.first().map(|edge| edge.kind.as_str()) else { continue };
        let fixed = [entry.into(), kind.into(), repository.get().into()];
        chunked(&EDGES, &fixed, group.iter().map(|edge| (&*edge.target).into()), |text, values| {
            tx.execute(text, values).map(drop)
        })?;
    }
    Ok(())
}

/// Runs a statement for every chunk of these values behind the fixed ones.
pub(super) fn chunked<'v>(
    [many, few]: &'static [String; 2],
    fixed: &[Value<'v>],
    mut values: impl ExactSizeIterator<Item = Value<'v>>,
    mut run: impl FnMut(&'static str, &[Value<'v>]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut chunk = Vec::new();
    while values.len() > 0 {
        let (text, rows) = if values.len() > LEFT_OVER_MAX { (many, MANY) } else { (few, FEW) };
        chunk.clear();
        chunk.extend_from_slice(fixed);
        chunk.extend(values.by_ref().take(rows));
        if let Some(last) = chunk.last().copied() {
            chunk.resize(fixed.len().saturating_add(rows), last);
        }
        run(text, &chunk)?;
    }
    Ok(())
}

pub(super) fn texts(text: impl Fn(usize) -> String) -> [String; 2] {
    [MANY, FEW].map(text)
}

/// So many places of a statement, from the `first` on.
pub(super) fn places(first: usize, rows: usize, place: impl Fn(usize) -> String) -> String {
    (first..first.saturating_add(rows)).map(place).collect::<Vec<_>>().join(", ")
}
