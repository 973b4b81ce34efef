//! Statements about what versions need. Whoever asks what needs a package walks from one package that does to the next, by an index, however
//! many versions each of them has.

use domain::{EntryKey, EntryKind, Format, Need, RepositoryId, RepositoryPath};
use serde_json::json;

use super::among::{from_numbers, in_numbers, numbers};
use super::row::{joined, row, select};
use super::{Dialect, Tx, Value, maybe, rows};
use crate::error::Error;
use crate::model::Dependent;

/// A version of which it was not read yet.
pub(crate) struct Unread {
    pub(crate) id: i64,
    pub(crate) repository: RepositoryId,
    pub(crate) format: Format,
    pub(crate) key: EntryKey,
    pub(crate) attributes: Box<str>,
}

row! {
    Unread {
        id: "e.id",
        repository: "e.repository",
        format: "r.format",
        key: EntryKey::COLUMNS,
        attributes: "e.attributes",
    }
}

row! {
    Dependent {
        repository: "n.repository",
        path: RepositoryPath::COLUMNS,
        format: "r.format",
        package_key: "n.package_key",
        package: "e.package",
        version: "e.name",
        range: "n.range_said",
        scope: "n.scope",
        group: "n.place",
        optional: "n.optional",
    }
}

/// Notes what the version of this name needs, in place of what was noted before. Where `anew` is false only if nothing was.
pub(crate) fn put_of(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    (key, anew): (&EntryKey, bool),
    needs: &[Need],
) -> Result<(), Error> {
    let sql =
        "SELECT id FROM entry WHERE repository = $1 AND kind = $2 AND package_key = $3 AND name_key = $4";
    let (kind, package, name) = (key.kind.as_str(), key.package.key(), key.name.key());
    let values = [repository.get().into(), kind.into(), package.into(), name.into()];
    match maybe(tx, sql, &values, |row| row.int(0))? {
        Some(id) => put(tx, (id, anew), needs).map(drop),
        None => Ok(()),
    }
}

/// The same by the row of the version; false if something was noted before, and not `anew`, or it has no name any more.
pub(crate) fn put(tx: &mut dyn Tx, (entry, anew): (i64, bool), needs: &[Need]) -> Result<bool, Error> {
    let sql = "UPDATE entry SET needs_read = 1 WHERE id = $1 AND kind = $2 AND (needs_read = 0 OR CAST($3 AS BIGINT) = 1)";
    let values = [entry.into(), EntryKind::Version.as_str().into(), i64::from(anew).into()];
    if tx.execute(sql, &values)? == 0 {
        return Ok(false);
    }
    forget(tx, entry)?;
    if needs.is_empty() {
        return Ok(true);
    }
    let mut named: Vec<&str> = Vec::new();
    let said = needs.iter().map(|need| {
        let ordinal = named.iter().filter(|package| **package == &*need.package).count();
        named.push(&need.package);
        let Need { package, version, range, scope, group, optional } = need;
        json!({
            "target": package, "wanted": version, "ordinal": ordinal, "range_said": range, "scope": scope, "place": group,
            "optional": i64::from(*optional),
        })
    });
    let said = serde_json::Value::Array(said.collect()).to_string();
    // All at once: one statement for each would hold the writer for as many turns.
    let sql = match tx.dialect() {
        Dialect::Sqlite => {
            "INSERT INTO needed (entry, target, wanted, ordinal, repository, package_key, sort_key, range_said, scope, place, \
             optional) SELECT e.id, said.value ->> 'target', said.value ->> 'wanted', said.value ->> 'ordinal', e.repository, \
             e.package_key, e.sort_key, said.value ->> 'range_said', said.value ->> 'scope', said.value ->> 'place', \
             said.value ->> 'optional' FROM json_each($1) said CROSS JOIN entry e WHERE e.id = $2"
        }
        Dialect::Postgres => {
            "INSERT INTO needed (entry, target, wanted, ordinal, repository, package_key, sort_key, range_said, scope, place, \
             optional) SELECT e.id, said.target, said.wanted, said.ordinal, e.repository, e.package_key, e.sort_key, \
             said.range_said, said.scope, said.place, said.optional FROM jsonb_to_recordset($1::text::jsonb) AS said \
             (target text, wanted text, ordinal bigint, range_said text, scope text, place text, optional bigint) \
             CROSS JOIN entry e WHERE e.id = $2"
        }
    };
    tx.execute(sql, &[said.as_str().into(), entry.into()])?;
    Ok(true)
}

/// Forgets what a version needs.
pub(crate) fn forget(tx: &mut dyn Tx, entry: i64) -> Result<(), Error> {
    tx.execute("DELETE FROM needed WHERE entry = $1", &[entry.into()]).map(drop)
}

/// Versions of which it was not read, after one of them.
pub(crate) fn unread(tx: &mut dyn Tx, after: i64, limit: u32) -> Result<Vec<Unread>, Error> {
    let sql = select!(
        Unread,
        "FROM entry e JOIN repository r ON r.node = e.repository \
         WHERE e.kind = 'version' AND e.needs_read = 0 AND e.id > $1 ORDER BY e.id LIMIT $2"
    );
    rows(tx, sql, &[after.into(), limit.into()], Ok)
}

/// What is asked about what needs a package: its key, and the sort key of the version that is asked for, if any.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'w> {
    pub(crate) package: &'w str,
    pub(crate) version: Option<&'w str>,
}

/// Those of the repositories with anything that meets a condition on `n`: one look into an index each.
macro_rules! among {
    ($asked:ident, $condition:literal) => {
        joined!(
            "SELECT asked.value FROM ",
            $asked,
            " WHERE EXISTS (SELECT 1 FROM needed n WHERE n.repository = asked.value AND n.target = $2 AND n.",
            $condition,
            ")"
        )
    };
}

/// The next packages with anything that meets a condition, each with the last of its versions that does. The walk names the conditions of
/// the index and reads nothing else. It joins nothing: planners would turn it round.
macro_rules! walk {
    ($condition:literal, $after:literal, $limit:literal) => {
        concat!(
            "WITH RECURSIVE found (package) AS (SELECT min(n.package_key) FROM needed n \
             WHERE n.repository = $1 AND n.target = $2 AND n.",
            $condition,
            " AND n.package_key > ",
            $after,
            " UNION ALL SELECT (SELECT min(m.package_key) FROM needed m \
             WHERE m.repository = $1 AND m.target = $2 AND m.",
            $condition,
            " AND m.package_key > found.package) FROM found WHERE found.package IS NOT NULL) \
             SELECT (SELECT l.entry FROM needed l WHERE l.repository = $1 AND l.target = $2 AND l.",
            $condition,
            " AND l.package_key = found.package ORDER BY l.sort_key DESC, l.entry DESC LIMIT 1) AS entry \
             FROM found WHERE found.package IS NOT NULL LIMIT ",
            $limit
        )
    };
}

/// What versions say of the package, by their rows.
macro_rules! said {
    ($in_ids:ident, $condition:literal) => {
        select!(
            Dependent,
            "FROM needed n JOIN entry e ON e.id = n.entry JOIN repository r ON r.node = n.repository \
             JOIN project p ON p.node = r.project WHERE n.entry ",
            $in_ids,
            " AND n.target = $2 AND n.",
            $condition,
            " ORDER BY n.package_key"
        )
    };
}

/// Those of the repositories in which anything needs the package, in no order.
pub(crate) fn among(
    tx: &mut dyn Tx,
    repositories: &[RepositoryId],
    wanted: Wanted<'_>,
) -> Result<Vec<RepositoryId>, Error> {
    let sql = from_numbers!(tx, "$1", ASKED => match wanted.version {
        None => among!(ASKED, "ordinal = 0"),
        Some(_) => among!(ASKED, "wanted = $3"),
    });
    let ids = numbers(repositories.iter().map(|id| id.get().into()));
    let mut values: Vec<Value<'_>> = vec![ids.as_str().into(), wanted.package.into()];
    values.extend(wanted.version.map(Value::from));
    rows(tx, sql, &values, |row| Ok(RepositoryId::new(row.id(0)?)))
}

/// Packages of a repository that need the package, by key, after one of them.
pub(crate) fn page(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    wanted: Wanted<'_>,
    (after, limit): (&str, u32),
) -> Result<Vec<Dependent>, Error> {
    let sql = match wanted.version {
        None => walk!("ordinal = 0", "$3", "$4"),
        Some(_) => walk!("wanted = $3", "$4", "$5"),
    };
    let mut values: Vec<Value<'_>> = vec![repository.get().into(), wanted.package.into()];
    values.extend(wanted.version.map(Value::from));
    values.extend([Value::from(after), limit.into()]);
    let ids: Vec<i64> = rows(tx, sql, &values, |row| row.int(0))?;
    let sql = in_numbers!(tx, "$1", IN_IDS => match wanted.version {
        None => said!(IN_IDS, "ordinal = 0"),
        Some(_) => said!(IN_IDS, "wanted = $3"),
    });
    let ids = numbers(ids.into_iter());
    let mut values: Vec<Value<'_>> = vec![ids.as_str().into(), wanted.package.into()];
    values.extend(wanted.version.map(Value::from));
    rows(tx, sql, &values, Ok)
}
