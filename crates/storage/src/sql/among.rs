//! Statements about rows whose numbers are known: one parameter holds all of them, so that it is one statement however many they are.

/// The statement in the words of the database, in which a constant is `IN` the numbers of a parameter.
macro_rules! in_numbers {
    ($tx:ident, $parameter:literal, $in:ident => $sql:expr) => {
        match $tx.dialect() {
            $crate::sql::Dialect::Sqlite => {
                const $in: &str = concat!("IN (SELECT value FROM json_each('[' || ", $parameter, " || ']'))");
                $sql
            }
            $crate::sql::Dialect::Postgres => {
                const $in: &str = concat!("= ANY (string_to_array(", $parameter, ", ',')::bigint[])");
                $sql
            }
        }
    };
}

/// The statement in the words of the database, in which a constant is the table `asked` of the numbers of a parameter, its column `value`.
macro_rules! from_numbers {
    ($tx:ident, $parameter:literal, $asked:ident => $sql:expr) => {
        match $tx.dialect() {
            $crate::sql::Dialect::Sqlite => {
                const $asked: &str = concat!("json_each('[' || ", $parameter, " || ']') asked");
                $sql
            }
            $crate::sql::Dialect::Postgres => {
                const $asked: &str =
                    concat!("unnest(string_to_array(", $parameter, ", ',')::bigint[]) AS asked (value)");
                $sql
            }
        }
    };
}

pub(super) use {from_numbers, in_numbers};

/// The numbers as the parameter says them.
pub(super) fn numbers(numbers: impl Iterator<Item = i64>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(",")
}
