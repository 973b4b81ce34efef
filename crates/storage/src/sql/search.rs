//! Statements about what packages are found by: an FTS5 table on SQLite, a `tsvector` on PostgreSQL, both with terms that are
//! split already.

use domain::RepositoryId;

use super::among::{from_numbers, in_numbers, numbers};
use super::parts::Parts;
use super::row::{joined, row, select};
use super::{Dialect, Tx, Value, maybe, one, rows};
use crate::error::Error;
use crate::search::{Hit, Level, Plan, Syntax};

mod refresh;

pub(crate) use refresh::{refresh, refresh_all};

/// Live versions that are to be found; the index on them names the same conditions.
macro_rules! found {
    ($before:literal, $after:literal) => {
        concat!($before, " FROM entry WHERE kind = 'version' AND state = 'live' AND facets <> '' ", $after)
    };
}

row! { Hit { id: "f.id", key: "f.package_key" } }

/// Versions of one package with the same facets.
pub(crate) struct Kind {
    pub(crate) facets: Box<str>,
    /// The sort key of the latest of them.
    pub(crate) latest: Box<str>,
}

/// What kinds of versions a package has, at most so many: from one to the next by the index, however many versions are of each.
pub(crate) fn kinds(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    package_key: &str,
    most: u32,
) -> Result<Vec<Kind>, Error> {
    let mut kinds: Vec<Kind> = Vec::new();
    let mut after: Box<str> = "".into();
    while kinds.len() < most as usize {
        let next = found!(
            "SELECT facets",
            "AND repository = $1 AND package_key = $2 AND facets > $3 ORDER BY facets LIMIT 1"
        );
        let values = [repository.get().into(), package_key.into(), (&*after).into()];
        let Some(facets) = maybe(tx, next, &values, |row| Ok(Box::<str>::from(row.text(0)?)))? else { break };
        let latest =
            found!("SELECT max(sort_key)", "AND repository = $1 AND package_key = $2 AND facets = $3");
        let values = [repository.get().into(), package_key.into(), (&*facets).into()];
        let latest = one(tx, latest, &values, |row| Ok(row.text(0)?.into()))?;
        after.clone_from(&facets);
        kinds.push(Kind { facets, latest });
    }
    Ok(kinds)
}

/// How the latest version of a kind writes the name of its package, and what it is found by.
pub(crate) fn speaker(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    package_key: &str,
    kind: &Kind,
) -> Result<Option<(String, String)>, Error> {
    maybe(
        tx,
        found!(
            "SELECT package, words",
            "AND repository = $1 AND package_key = $2 AND facets = $3 AND sort_key = $4 ORDER BY id LIMIT 1"
        ),
        &[repository.get().into(), package_key.into(), (&*kind.facets).into(), (&*kind.latest).into()],
        |row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned())),
    )
}

/// Packages with versions that are to be found, after one of them.
pub(crate) fn packages(
    tx: &mut dyn Tx,
    after: (u32, &str),
    limit: u32,
) -> Result<Vec<(RepositoryId, Box<str>)>, Error> {
    rows(
        tx,
        found!(
            "SELECT DISTINCT repository, package_key",
            "AND (repository, package_key) > ($1, $2) ORDER BY repository, package_key LIMIT $3"
        ),
        &[after.0.into(), after.1.into(), limit.into()],
        |row| Ok((RepositoryId::new(row.id(0)?), row.text(1)?.into())),
    )
}

/// Those of the repositories that have packages to be found, in their order, at most so many.
pub(crate) fn repositories(
    tx: &mut dyn Tx,
    among: &[RepositoryId],
    most: u32,
) -> Result<Vec<RepositoryId>, Error> {
    let sql = from_numbers!(tx, "$1", ASKED => joined!(
        "SELECT asked.value AS id FROM ",
        ASKED,
        " WHERE EXISTS (SELECT 1 FROM findable f WHERE f.repository = asked.value) ORDER BY id LIMIT $2"
    ));
    let among = numbers(among.iter().map(|id| id.get().into()));
    rows(tx, sql, &[among.as_str().into(), most.into()], |row| Ok(RepositoryId::new(row.id(0)?)))
}

/// The texts of the last of the versions of a package that are to be found.
pub(crate) fn texts(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    package_key: &str,
) -> Result<Option<String>, Error> {
    let sql = found!(
        "SELECT words",
        "AND repository = $1 AND package_key = $2 ORDER BY sort_key DESC, name_key DESC LIMIT 1"
    );
    maybe(tx, sql, &[repository.get().into(), package_key.into()], |row| Ok(row.text(0)?.to_owned()))
}

/// Keys of the packages whose versions are among these parts.
pub(crate) fn packages_of_parts(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    parts: Parts<'_>,
) -> Result<Vec<Box<str>>, Error> {
    rows(
        tx,
        "SELECT DISTINCT e.package_key FROM edge g JOIN entry e ON e.id = g.entry WHERE g.repository = $1 \
         AND g.kind = 'part' AND g.target = $2 AND g.entry <= $3 AND e.kind = 'version' AND e.facets <> ''",
        &[repository.get().into(), parts.target.into(), parts.upto.into()],
        |row| Ok(row.text(0)?.into()),
    )
}

/// What the terms of a package are told apart by.
pub(crate) fn digest(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    package_key: &str,
) -> Result<Option<Vec<u8>>, Error> {
    let sql = "SELECT digest FROM findable WHERE repository = $1 AND package_key = $2";
    maybe(tx, sql, &[repository.get().into(), package_key.into()], |row| Ok(row.bytes(0)?.to_vec()))
}

/// Makes the row of a package, or puts other terms into it.
pub(crate) fn put(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    package_key: &str,
    (facets, digest, terms): (&str, &[u8], &str),
) -> Result<(), Error> {
    let id = one(
        tx,
        "INSERT INTO findable (repository, package_key, facets, digest) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (repository, package_key) DO UPDATE SET facets = excluded.facets, digest = excluded.digest \
         RETURNING id",
        &[repository.get().into(), package_key.into(), facets.into(), digest.into()],
        |row| row.int(0),
    )?;
    let (sql, values): (_, [Value<'_>; 2]) = match tx.dialect() {
        Dialect::Sqlite => (
            "INSERT OR REPLACE INTO findable_terms (rowid, terms) VALUES ($1, $2)",
            [id.into(), terms.into()],
        ),
        Dialect::Postgres => {
            ("UPDATE findable SET terms = $1::text::tsvector WHERE id = $2", [terms.into(), id.into()])
        }
    };
    tx.execute(sql, &values).map(drop)
}

/// Takes the row of a package away; on SQLite its terms go with it.
pub(crate) fn delete(tx: &mut dyn Tx, repository: RepositoryId, package_key: &str) -> Result<(), Error> {
    let sql = "DELETE FROM findable WHERE repository = $1 AND package_key = $2";
    tx.execute(sql, &[repository.get().into(), package_key.into()]).map(drop)
}

/// The packages that answer, whatever how well: the oldest of them.
pub(crate) fn ids(tx: &mut dyn Tx, plan: &Plan, most: u32) -> Result<Vec<i64>, Error> {
    let sql = match tx.dialect() {
        Dialect::Sqlite => {
            "SELECT rowid FROM findable_terms WHERE findable_terms MATCH $1 ORDER BY rowid LIMIT $2"
        }
        // The index is asked first; otherwise it might be left alone for the sake of the order.
        Dialect::Postgres => {
            "SELECT id FROM (SELECT id FROM findable WHERE terms @@ $1::text::tsquery OFFSET 0) answering \
             ORDER BY id LIMIT $2"
        }
    };
    let asked = plan.asked(syntax(tx.dialect()), None);
    rows(tx, sql, &[asked.as_str().into(), most.into()], |row| row.int(0))
}

/// The packages that answer at this level or a better one, in the order of keys.
pub(crate) fn hits(tx: &mut dyn Tx, plan: &Plan, level: Level, most: u32) -> Result<Vec<Hit>, Error> {
    let sql = match tx.dialect() {
        Dialect::Sqlite => select!(
            Hit,
            "FROM (SELECT rowid AS id FROM findable_terms WHERE findable_terms MATCH $1 \
             ORDER BY rowid LIMIT $2) answering CROSS JOIN findable f ON f.id = answering.id ORDER BY f.package_key"
        ),
        Dialect::Postgres => select!(
            Hit,
            "FROM (SELECT id, package_key FROM (SELECT id, package_key FROM findable \
             WHERE terms @@ $1::text::tsquery OFFSET 0) answering ORDER BY id LIMIT $2) f ORDER BY f.package_key"
        ),
    };
    let asked = plan.asked(syntax(tx.dialect()), Some(level));
    rows(tx, sql, &[asked.as_str().into(), most.into()], Ok)
}

/// These packages, in the order of keys.
pub(crate) fn named(tx: &mut dyn Tx, ids: &[i64]) -> Result<Vec<Hit>, Error> {
    let sql = in_numbers!(tx, "$1", IN_IDS => select!(
        Hit,
        "FROM findable f WHERE f.id ",
        IN_IDS,
        " ORDER BY f.package_key"
    ));
    rows(tx, sql, &[numbers(ids.iter().copied()).as_str().into()], Ok)
}

/// The packages whose key begins like this and that meet the facet of the search.
pub(crate) fn beginning(tx: &mut dyn Tx, plan: &Plan, key: &str, most: u32) -> Result<Vec<Hit>, Error> {
    // No text goes on with anything behind the last character.
    let end = format!("{key}\u{10ffff}");
    rows(
        tx,
        select!(
            Hit,
            "FROM findable f WHERE f.repository = $1 AND f.package_key >= $2 AND f.package_key < $3 \
             AND f.facets LIKE $4 ESCAPE '!' ORDER BY f.package_key LIMIT $5"
        ),
        &[
            plan.repository.get().into(),
            key.into(),
            end.as_str().into(),
            plan.facets_like.as_str().into(),
            most.into(),
        ],
        Ok,
    )
}

fn syntax(dialect: Dialect) -> &'static Syntax {
    match dialect {
        Dialect::Sqlite => &Syntax { and: " AND ", or: " OR ", quote: '"' },
        Dialect::Postgres => &Syntax { and: " & ", or: " | ", quote: '\'' },
    }
}
