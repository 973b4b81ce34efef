//! A copy of the database beside it, as it was before a migration: what to go back to if the newer program has to be given up.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::statvfs;

use super::{connect, unavailable};
use crate::error::{Error, Fault};

/// Copies that are kept, of the latest schemas.
const KEPT: usize = 2;
/// What has to be free besides the copy, in bytes: the migration itself needs room too.
const SPARE_BYTES: u64 = 64 << 20;
/// What is being done, when it fails.
const DOING: &str = "copying the database aside before a migration";

/// Copies a database, which nobody writes meanwhile, and removes what was copied long before. When this returns the copy is
/// durable.
///
/// # Errors
/// `NoSpace` if there is no room for it, `Unavailable` if it cannot be written.
pub(super) fn copy(database: &Path, schema: i64) -> Result<(), Error> {
    let failed = |error| Error::unavailable(DOING, error);
    let folder = database.parent().unwrap_or_else(|| Path::new("."));
    let disk = statvfs(folder).map_err(|error| failed(error.into()))?;
    has_room(fs::metadata(database).map_err(failed)?.len(), disk.f_bavail.saturating_mul(disk.f_frsize))?;
    let (part, whole) = (beside(database, "schema.part"), beside(database, &format!("schema-{schema}")));
    // Left by an attempt that was interrupted; SQLite writes to an empty file only, which gets the mode that the database has.
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part).map_err(failed)?;
    let into = part.to_str().ok_or_else(|| failed(io::ErrorKind::InvalidFilename.into()))?;
    connect(database)?.execute("VACUUM INTO ?1", [into]).map_err(|error| unavailable(DOING, error))?;
    File::open(&part).and_then(|file| file.sync_all()).map_err(failed)?;
    fs::rename(&part, &whole).map_err(failed)?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    tracing::info!(copy = %whole.display(), schema, "the database was copied aside before its schema changes");
    remove_old(database, folder).map_err(failed)
}

fn has_room(database_bytes: u64, free_bytes: u64) -> Result<(), Error> {
    let needed = database_bytes.saturating_add(SPARE_BYTES);
    if free_bytes >= needed {
        return Ok(());
    }
    let source = format!("{needed} bytes are needed beside the database, {free_bytes} are free").into();
    Err(Fault::NoSpace { doing: DOING, source }.into())
}

fn remove_old(database: &Path, folder: &Path) -> io::Result<()> {
    let prefix = beside(database, "schema-");
    let mut copies: Vec<(i64, PathBuf)> = Vec::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        let number = path.to_str().zip(prefix.to_str()).and_then(|(path, prefix)| path.strip_prefix(prefix));
        copies.extend(number.and_then(|number| number.parse().ok()).map(|number| (number, path.clone())));
    }
    copies.sort_unstable_by(|a, b| b.cmp(a));
    copies.iter().skip(KEPT).try_for_each(|(_, path)| fs::remove_file(path))
}

/// A file whose name is the database's and an ending.
fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_room_nothing_is_copied() {
        has_room(1000, SPARE_BYTES + 1000).unwrap();
        let refused = has_room(1000, SPARE_BYTES + 999).unwrap_err();
        assert!(matches!(refused, Error::Fault(Fault::NoSpace { .. })), "{refused:?}");
    }

    #[test]
    fn the_copies_of_the_latest_schemas_are_kept() {
        let folder = crate::testing::fresh_directory();
        let database = folder.join("rows.db");
        for name in
            ["rows.db", "rows.db.schema-2", "rows.db.schema-13", "rows.db.schema-9", "rows.db.schema-x"]
        {
            fs::write(folder.join(name), "").unwrap();
        }
        remove_old(&database, &folder).unwrap();
        let mut left: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort_unstable();
        assert_eq!(left, ["rows.db", "rows.db.schema-13", "rows.db.schema-9", "rows.db.schema-x"]);
        fs::remove_dir_all(&folder).unwrap();
    }
}
