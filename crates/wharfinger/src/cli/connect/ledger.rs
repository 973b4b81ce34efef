//! `connections.toml`: what was written where, so that it can be taken back. It holds no secret.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::file::{Found, wrong};
use crate::cli::failure::Failure;

/// What was written into one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) path: PathBuf,
    /// The file as it was before; none if it was not there, or if it is not known any more.
    pub(super) backup: Option<PathBuf>,
    /// What the file as we left it is known by; none if somebody else changed it in between, so that only the entry can be taken out.
    pub(super) fingerprint: Option<String>,
}

/// One client's access to one gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Connection {
    /// The public id of the token.
    pub(super) token: String,
    /// Whose program keeps the secret, if it is in no file.
    pub(super) helper: Option<String>,
    pub(super) files: Vec<Written>,
}

/// The file, held against others who would change it.
pub(super) struct Ledger {
    found: Found,
    table: Table,
    _lock: File,
}

impl Ledger {
    /// Reads it, once nobody else changes it.
    ///
    /// # Errors
    /// It cannot be read, or is no TOML.
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        let wrong = |error: std::io::Error| wrong(folder, &error.to_string());
        fs::create_dir_all(folder).map_err(wrong)?;
        let lock = folder.join("connections.lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(lock);
        let lock = lock.and_then(|lock| lock.lock().map(|()| lock)).map_err(wrong)?;
        let path = folder.join("connections.toml");
        let found = Found::read(&path)?;
        let table = found.text.as_deref().unwrap_or_default().parse();
        let table = table.map_err(|_| super::file::wrong(&path, "is no TOML"))?;
        Ok(Self { found, table, _lock: lock })
    }

    pub(super) fn connection(&self, key: &str) -> Option<Connection> {
        let table = self.table.get(key)?.as_table()?;
        let text = |table: &Table, name: &str| table.get(name).and_then(Value::as_str).map(str::to_owned);
        let files = table.get("written").and_then(Value::as_array).into_iter().flatten();
        let files = files.filter_map(Value::as_table).filter_map(|file| {
            Some(Written {
                path: text(file, "path")?.into(),
                backup: text(file, "backup").map(PathBuf::from),
                fingerprint: text(file, "fingerprint"),
            })
        });
        let token = text(table, "token").unwrap_or_default();
        Some(Connection { token, helper: text(table, "helper"), files: files.collect() })
    }

    /// Remembers this.
    ///
    /// # Errors
    /// What the file system says.
    pub(super) fn keep(&mut self, key: &str, connection: &Connection) -> Result<(), Failure> {
        let table_of = |fields: Vec<(&str, Option<String>)>| -> Table {
            let fields = fields.into_iter();
            fields.filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?)))).collect()
        };
        let shown = |path: &PathBuf| path.to_string_lossy().into_owned();
        let files = connection.files.iter().map(|file| {
            let backup = file.backup.as_ref().map(shown);
            let fields = vec![
                ("path", Some(shown(&file.path))),
                ("backup", backup),
                ("fingerprint", file.fingerprint.clone()),
            ];
            Value::Table(table_of(fields))
        });
        let files = Value::Array(files.collect());
        let fields = vec![("token", Some(connection.token.clone())), ("helper", connection.helper.clone())];
        let mut table = table_of(fields);
        table.insert("written".to_owned(), files);
        self.table.insert(key.to_owned(), table.into());
        self.write()
    }

    /// Forgets this.
    ///
    /// # Errors
    /// What the file system says.
    pub(super) fn forget(&mut self, key: &str) -> Result<(), Failure> {
        self.table.remove(key);
        self.write()
    }

    fn write(&self) -> Result<(), Failure> {
        self.found.replace(&self.table.to_string())
    }
}
