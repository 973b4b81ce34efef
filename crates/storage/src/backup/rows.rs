//! Rows as lines: a list of JSON a row, bytes in Base64.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use super::document::{BackupDocument, TableDocument};
use super::files::{Lines, Reading, make_folder};
use super::{BackupError, into_job};
use crate::error::Error;
use crate::sql::whole::{Kept, Kind, Table, tables};
use crate::sql::{Columns, Tx, Value, migrate};

/// Where the rows of a backup are.
const FOLDER: &str = "rows";

/// Writes all rows, as they are at this moment.
pub(super) fn write(tx: &mut dyn Tx, backup: &Path) -> Result<Vec<TableDocument>, Error> {
    let folder = backup.join(FOLDER);
    make_folder(&folder).map_err(into_job)?;
    tables(tx)?.iter().map(|table| write_table(tx, table, &folder)).collect()
}

fn write_table(tx: &mut dyn Tx, table: &Table, folder: &Path) -> Result<TableDocument, Error> {
    let mut lines = Lines::create(&folder.join(file_name(table.plain_name()))).map_err(into_job)?;
    table.each(tx, &mut |row| {
        let line = serde_json::to_vec(&listed(table, row)?)
            .map_err(|error| Error::corrupt(format!("a row cannot be written down: {error}")))?;
        lines.put(&line).map_err(into_job)
    })?;
    let (rows, sha256) = lines.finish().map_err(into_job)?;
    Ok(TableDocument {
        name: table.plain_name().to_owned(),
        columns: table
            .columns
            .iter()
            .map(|(name, kind)| (name.to_string(), kind.as_str().to_owned()))
            .collect(),
        rows,
        sha256,
        last_id: table.last_id(tx)?,
    })
}

fn listed(table: &Table, row: &dyn Columns) -> Result<Vec<Json>, Error> {
    let kinds = table.columns.iter().map(|(_, kind)| *kind).enumerate();
    kinds
        .map(|(column, kind)| {
            Ok(match kind.of(row, column)? {
                Value::Null => Json::Null,
                Value::Int(int) => int.into(),
                Value::Text(text) => text.into(),
                Value::Bytes(bytes) => STANDARD.encode(bytes).into(),
            })
        })
        .collect()
}

/// Brings the rows of a backup into a schema of the same number, which has none or those that migrations make.
pub(super) fn read(tx: &mut dyn Tx, backup: &Path, document: &BackupDocument) -> Result<(), Error> {
    let folder = backup.join(FOLDER);
    let there = tables(tx)?;
    for table in there.iter().rev() {
        table.clear(tx)?;
    }
    for told in &document.tables {
        let path = folder.join(file_name(&told.name));
        let table =
            table_of(told).ok_or_else(|| into_job(BackupError::damaged(&path, "what it has is unknown")))?;
        read_table(tx, &table, (told, &path))?;
        if let Some(last) = told.last_id {
            table.go_on_behind(tx, last)?;
        }
    }
    Ok(())
}

/// The table that a backup tells of; `None` if no program ever had one.
fn table_of(told: &TableDocument) -> Option<Table> {
    let name = migrate::tables().into_iter().find(|name| name.trim_matches('"') == told.name)?;
    let is_name = |name: &str| {
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let column = |(name, kind): &(String, String)| {
        Some((Box::from(name.as_str()), Kind::parse(kind)?)).filter(|_| is_name(name))
    };
    Some(Table::new(name, told.columns.iter().map(column).collect::<Option<_>>()?))
}

fn read_table(tx: &mut dyn Tx, table: &Table, (told, path): (&TableDocument, &Path)) -> Result<(), Error> {
    let mut lines = Reading::open(path).map_err(into_job)?;
    let mut waiting = Vec::with_capacity(table.rows_max());
    while let Some(line) = lines.next().map_err(into_job)? {
        let row = row_of(table, line);
        waiting.push(row.ok_or_else(|| into_job(lines.wrong("it is no row of the table")))?);
        if waiting.len() >= table.rows_max() {
            table.insert(tx, &waiting)?;
            waiting.clear();
        }
    }
    for row in waiting.chunks(1) {
        table.insert(tx, row)?;
    }
    lines.finish(told.rows, &told.sha256).map_err(into_job)?;
    match table.count(tx)? {
        rows if rows == told.rows => Ok(()),
        rows => {
            let what = format!("the database has {rows} rows of it in place of {}", told.rows);
            Err(into_job(BackupError::damaged(path, what)))
        }
    }
}

fn row_of(table: &Table, line: &[u8]) -> Option<Vec<Kept>> {
    let values: Vec<Json> = serde_json::from_slice(line).ok()?;
    if values.len() != table.columns.len() {
        return None;
    }
    let kept = |(value, kind): (Json, Kind)| match (kind, value) {
        (_, Json::Null) => Some(Kept::Null),
        (Kind::Int, Json::Number(int)) => int.as_i64().map(Kept::Int),
        (Kind::Text, Json::String(text)) => Some(Kept::Text(text)),
        (Kind::Bytes, Json::String(text)) => STANDARD.decode(text).ok().map(Kept::Bytes),
        _ => None,
    };
    values.into_iter().zip(table.columns.iter().map(|(_, kind)| *kind)).map(kept).collect()
}

fn file_name(table: &str) -> String {
    format!("{table}.jsonl")
}
