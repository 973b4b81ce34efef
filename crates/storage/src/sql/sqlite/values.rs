//! Parameters and columns, as SQLite has them.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};

use crate::error::Error;
use crate::sql::{Columns, Value};

impl Columns for rusqlite::Row<'_> {
    fn opt_int(&self, column: usize) -> Result<Option<i64>, Error> {
        self.get_ref(column).map_err(mistyped)?.as_i64_or_null().map_err(mistyped)
    }

    fn opt_text(&self, column: usize) -> Result<Option<&str>, Error> {
        self.get_ref(column).map_err(mistyped)?.as_str_or_null().map_err(mistyped)
    }

    fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>, Error> {
        self.get_ref(column).map_err(mistyped)?.as_blob_or_null().map_err(mistyped)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

fn mistyped(error: impl std::fmt::Display) -> Error {
    Error::corrupt(format!("a column has another type: {error}"))
}
