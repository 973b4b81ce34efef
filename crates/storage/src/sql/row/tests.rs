use domain::{RepositoryId, Timestamp};

use super::{returning, row, select};
use crate::error::{Error, Fault};
use crate::sql::tx::Query as _;
use crate::sql::{Columns, Dialect, Tx, Value, maybe, one, rows, rows_while};

#[derive(Debug, PartialEq)]
struct Inner {
    place: RepositoryId,
    at: Option<Timestamp>,
}

row! { Inner { place: "i.repository", at: "i.at" } }

#[derive(Debug, PartialEq)]
struct Outer<'r> {
    name: &'r str,
    inner: Inner,
    bytes: Option<&'r [u8]>,
}

row! { Outer<'r> { name, inner: Inner::COLUMNS, bytes: "max(bytes)" } }

/// Cells of a row; what stands in none of them is null.
struct Cells([Value<'static>; 4]);

/// Hands over the same rows whatever it is asked.
struct Canned(Vec<Cells>);

impl Columns for Cells {
    fn opt_int(&self, column: usize) -> Result<Option<i64>, Error> {
        match self.0[column] {
            Value::Int(value) => Ok(Some(value)),
            Value::Null => Ok(None),
            other => panic!("{other:?} is no integer"),
        }
    }

    fn opt_text(&self, column: usize) -> Result<Option<&str>, Error> {
        match self.0[column] {
            Value::Text(value) => Ok(Some(value)),
            Value::Null => Ok(None),
            other => panic!("{other:?} is no text"),
        }
    }

    fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>, Error> {
        match self.0[column] {
            Value::Bytes(value) => Ok(Some(value)),
            Value::Null => Ok(None),
            other => panic!("{other:?} is no bytes"),
        }
    }
}

impl Tx for Canned {
    fn execute(&mut self, _: &'static str, _: &[Value<'_>]) -> Result<u64, Error> {
        Ok(0)
    }

    fn each(
        &mut self,
        _: &'static str,
        _: &[Value<'_>],
        row: &mut dyn FnMut(&dyn Columns) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.0.iter().try_for_each(|cells| row(cells))
    }

    fn script(&mut self, _: &str) -> Result<(), Error> {
        Ok(())
    }

    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }
}

fn cells(name: &'static str, place: i64) -> Cells {
    Cells([name.into(), place.into(), Value::Null, b"abc".as_slice().into()])
}

fn canned() -> Canned {
    Canned(vec![cells("one", 1), cells("two", 2), cells("three", 3)])
}

#[test]
fn a_statement_selects_what_is_read() {
    let sql = select!(Outer<'_>, "FROM some ", "WHERE id = $1");
    assert_eq!(sql.text(), "SELECT name, i.repository, i.at, max(bytes) FROM some WHERE id = $1");
    let sql = returning!(Inner, "UPDATE some SET at = $1");
    assert_eq!(sql.text(), "UPDATE some SET at = $1 RETURNING i.repository, i.at");
}

#[test]
fn each_field_gets_the_column_it_names() {
    let read = one(&mut canned(), select!(Outer<'_>, "FROM some"), &[], |row| {
        let inner = Inner { place: RepositoryId::new(1), at: None };
        assert_eq!(row, Outer { name: "one", inner, bytes: Some(b"abc") });
        Ok(row.inner.place)
    });
    assert_eq!(read.expect("reads"), RepositoryId::new(1));
}

#[test]
fn null_is_read_where_it_may_be_and_nowhere_else() {
    let mut nameless = Canned(vec![Cells([Value::Null, 1_i64.into(), Value::Null, Value::Null])]);
    let read = maybe(&mut nameless, select!(Outer<'_>, "FROM some"), &[], |row| Ok(row.inner));
    assert!(matches!(read, Err(Error::Fault(Fault::Corrupt(_)))), "{read:?}");
}

#[test]
fn what_is_enough_says_whether_there_is_more() {
    let sql = select!(Outer<'_>, "FROM some");
    let until_place = |last: u32| {
        let mut seen = Vec::new();
        let more = rows_while(&mut canned(), sql, &[], |row| {
            seen.push(row.inner.place.get());
            Ok(row.inner.place.get() < last)
        });
        (seen, more.expect("reads"))
    };
    assert_eq!(until_place(2), (vec![1, 2], true));
    assert_eq!(until_place(3), (vec![1, 2, 3], false));
    assert_eq!(until_place(4), (vec![1, 2, 3], false));
    let all = rows(&mut canned(), sql, &[], |row| Ok(row.name.len())).expect("reads");
    assert_eq!(all, [3, 3, 5]);
}
