//! Rows as they are read. A row is a struct, and which column each of its fields is stands once: the columns that a statement
//! selects are made of that, and so is what reads them, so that nobody counts columns and no statement is read as another's row.

use std::marker::PhantomData;

use super::tx::{Columns, Query};
use crate::error::Error;

mod column;
#[cfg(test)]
mod tests;

pub(crate) use column::Column;

/// What statements select; see [`row!`].
pub(crate) trait Row {
    /// The columns, in the order in which they are read.
    const COLUMNS: &'static str;

    /// The row, which may borrow from what the database handed over.
    type Of<'r>: Read<'r>;
}

/// What is read from the next column of a row, or from the next few.
pub(crate) trait Read<'r>: Sized {
    fn read(columns: &mut Reader<'r>) -> Result<Self, Error>;
}

/// The columns of one row, one after another.
pub(crate) struct Reader<'r> {
    row: &'r dyn Columns,
    next: usize,
}

/// A statement that selects a row's columns; made by [`select!`] and [`returning!`] alone.
pub(crate) struct Select<R> {
    text: &'static str,
    row: PhantomData<fn() -> R>,
}

impl<'r> Reader<'r> {
    pub(crate) fn read<T: Read<'r>>(&mut self) -> Result<T, Error> {
        T::read(self)
    }
}

impl<'r, C: Column<'r>> Read<'r> for C {
    fn read(columns: &mut Reader<'r>) -> Result<Self, Error> {
        columns.read::<Option<C>>()?.ok_or_else(|| Error::corrupt("a column is null"))
    }
}

impl<'r, C: Column<'r>> Read<'r> for Option<C> {
    fn read(columns: &mut Reader<'r>) -> Result<Self, Error> {
        let column = columns.next;
        columns.next = column.saturating_add(1);
        C::of(columns.row, column)
    }
}

impl<R> Select<R> {
    pub(crate) const fn new(text: &'static str) -> Self {
        Self { text, row: PhantomData }
    }
}

impl<R> Clone for Select<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Select<R> {}

impl<R: Row> Query for Select<R> {
    type Row<'r> = R::Of<'r>;

    fn text(self) -> &'static str {
        self.text
    }

    fn read<'r>(row: &'r dyn Columns) -> Result<R::Of<'r>, Error> {
        Reader { row, next: 0 }.read()
    }
}

/// Says which column each field of a struct is: the one of its name, or another expression of SQL. A field that is a [`Row`]
/// itself has its `COLUMNS`.
macro_rules! row {
    ($row:ident { $($fields:tt)+ }) => {
        impl $crate::sql::row::Row for $row {
            const COLUMNS: &'static str = $crate::sql::row::columns_of!($($fields)+);
            type Of<'r> = Self;
        }

        impl<'r> $crate::sql::row::Read<'r> for $row {
            $crate::sql::row::read_of!('r $($fields)+);
        }
    };
    ($row:ident<$life:lifetime> { $($fields:tt)+ }) => {
        impl $crate::sql::row::Row for $row<'static> {
            const COLUMNS: &'static str = $crate::sql::row::columns_of!($($fields)+);
            type Of<$life> = $row<$life>;
        }

        impl<$life> $crate::sql::row::Read<$life> for $row<$life> {
            $crate::sql::row::read_of!($life $($fields)+);
        }
    };
}

macro_rules! columns_of {
    ($field:ident $(: $column:expr)? $(, $fields:ident $(: $columns:expr)?)* $(,)?) => {
        $crate::sql::row::joined!(
            $crate::sql::row::column_of!($field $($column)?)
            $(, ", ", $crate::sql::row::column_of!($fields $($columns)?))*
        )
    };
}

macro_rules! column_of {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $column:expr) => {
        $column
    };
}

macro_rules! read_of {
    ($life:lifetime $($field:ident $(: $column:expr)?),+ $(,)?) => {
        // Fields of a struct are made in the order in which they are written.
        fn read(columns: &mut $crate::sql::row::Reader<$life>) -> Result<Self, $crate::error::Error> {
            Ok(Self { $($field: columns.read()?),+ })
        }
    };
}

/// A statement that selects the columns of a row from what follows.
macro_rules! select {
    ($row:ty, $($rest:expr),+) => {
        $crate::sql::row::Select::<$row>::new($crate::sql::row::joined!(
            "SELECT ", <$row as $crate::sql::row::Row>::COLUMNS, " ", $($rest),+
        ))
    };
}

/// A statement that changes something and gives the columns of a row of it.
macro_rules! returning {
    ($row:ty, $change:expr) => {
        $crate::sql::row::Select::<$row>::new($crate::sql::row::joined!(
            $change,
            " RETURNING ",
            <$row as $crate::sql::row::Row>::COLUMNS
        ))
    };
}

/// Texts one after another, put together while compiling.
macro_rules! joined {
    ($($part:expr),+) => {{
        const PARTS: &[&str] = &[$($part),+];
        const TEXT: [u8; $crate::sql::row::length(PARTS)] = $crate::sql::row::join(PARTS);
        const { $crate::sql::row::text(&TEXT) }
    }};
}

pub(super) use {column_of, columns_of, joined, read_of, returning, row, select};

pub(super) const fn length(mut parts: &[&str]) -> usize {
    let mut length = 0_usize;
    while let [part, rest @ ..] = parts {
        length = length.saturating_add(part.len());
        parts = rest;
    }
    length
}

pub(super) const fn join<const LENGTH: usize>(mut parts: &[&str]) -> [u8; LENGTH] {
    let mut text = [0; LENGTH];
    let mut free = text.as_mut_slice();
    while let [part, rest @ ..] = parts {
        let (taken, behind) = free.split_at_mut(part.len());
        taken.copy_from_slice(part.as_bytes());
        free = behind;
        parts = rest;
    }
    text
}

pub(super) const fn text(bytes: &'static [u8]) -> &'static str {
    match str::from_utf8(bytes) {
        Ok(text) => text,
        // Texts one after another are a text; an empty statement is refused by either database.
        Err(_) => "",
    }
}
