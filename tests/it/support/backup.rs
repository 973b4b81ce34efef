//! The rows of a running gateway, kept aside and put back under it, as an administrator does who restores a backup.

use std::fs;

use super::Server;

/// What is not set back: made from other rows, or known to the engine alone.
const DERIVED: &str = "findable%";

impl Server {
    /// Makes a backup of its rows.
    pub(crate) fn back_up(&self) {
        if let Some(database) = self.database() {
            let script = "CREATE SCHEMA backup; DO $$ DECLARE t text; BEGIN \
                 FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP \
                 EXECUTE format('CREATE TABLE backup.%I AS TABLE public.%I', t, t); END LOOP; END $$";
            return database.change(script);
        }
        let path = self.folder().path("backup.db");
        // A backup that was there before is of another test's moment.
        let _ = fs::remove_file(&path);
        let rows = self.sqlite();
        rows.execute("VACUUM INTO ?1", [path.to_str().expect("a path in UTF-8")]).expect("a backup");
    }

    /// Sets all rows back to the backup and goes on with these statements, while it serves.
    pub(crate) fn set_back(&self, then: &str) {
        if let Some(database) = self.database() {
            return database.change(&format!(
                "BEGIN; SET LOCAL session_replication_role = replica; DO $$ DECLARE t text; BEGIN \
                 FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '{DERIVED}' LOOP \
                 EXECUTE format('DELETE FROM public.%I', t); \
                 EXECUTE format('INSERT INTO public.%I SELECT * FROM backup.%I', t, t); END LOOP; END $$; {then}; COMMIT"
            ));
        }
        let rows = self.sqlite();
        let backup = self.folder().path("backup.db");
        rows.execute("ATTACH ?1 AS backup", [backup.to_str().expect("a path in UTF-8")]).expect("the backup");
        let listed = format!(
            "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE '{DERIVED}' \
             AND (name = 'sqlite_sequence' OR name NOT LIKE 'sqlite_%')"
        );
        let mut tables = rows.prepare(&listed).expect("a statement");
        let tables: Vec<String> = tables
            .query_map([], |row| row.get(0))
            .expect("tables")
            .collect::<Result<_, _>>()
            .expect("their names");
        let each = |table: &String| {
            format!(
                "DELETE FROM main.\"{table}\"; INSERT INTO main.\"{table}\" SELECT * FROM backup.\"{table}\";"
            )
        };
        let all: String = tables.iter().map(each).collect();
        rows.execute_batch(&format!("BEGIN IMMEDIATE; {all} {then}; COMMIT")).expect("the rows are set back");
    }

    fn sqlite(&self) -> rusqlite::Connection {
        let rows =
            rusqlite::Connection::open(self.folder().path("data/wharfinger.db")).expect("the database");
        rows.execute_batch("PRAGMA busy_timeout = 60000; PRAGMA foreign_keys = OFF").expect("its settings");
        rows
    }
}
