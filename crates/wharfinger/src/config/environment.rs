//! The environment and the files it points to: read here and nowhere else.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::Path;

/// Largest file that is read as one value, such as a secret, in bytes.
const VALUE_FILE_BYTES_MAX: u64 = 64 * 1024;
/// Largest certificate chain or key, in bytes.
const CERTIFICATE_BYTES_MAX: u64 = 1024 * 1024;
/// Largest configuration or bootstrap file, in bytes.
const DOCUMENT_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// The variables the process was started with, taken once. Shows names only, because values may be secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The process's own. Variables that are not UTF-8 are left out.
    #[must_use]
    pub fn of_the_process() -> Self {
        let all = std::env::vars_os();
        Self(
            all.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        )
    }

    /// The same with one variable more; for tests.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_owned(), value.to_owned());
        self
    }

    /// A variable that is set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The names of all variables, for suggestions.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Names and values of all variables whose name starts with `prefix`, by name.
    pub(crate) fn starting_with<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .iter()
            .filter(move |(name, _)| name.starts_with(prefix))
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The one value a small file holds: its text without the line end. The message says what is wrong, for people.
pub(crate) fn read_value(path: &Path) -> Result<String, String> {
    let text = read(path, VALUE_FILE_BYTES_MAX)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// The text of a TOML file.
pub(crate) fn read_document(path: &Path) -> Result<String, String> {
    read(path, DOCUMENT_BYTES_MAX)
}

/// The bytes of a small file, such as a certificate.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, String> {
    bytes(path, CERTIFICATE_BYTES_MAX)
}

fn read(path: &Path, bytes_max: u64) -> Result<String, String> {
    String::from_utf8(bytes(path, bytes_max)?).map_err(|_| "is not UTF-8".to_owned())
}

fn bytes(path: &Path, bytes_max: u64) -> Result<Vec<u8>, String> {
    let file = std::fs::File::open(path).map_err(|error| format!("cannot be read: {error}"))?;
    let mut bytes = Vec::new();
    file.take(bytes_max.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| format!("cannot be read: {error}"))?;
    if u64::try_from(bytes.len()).is_ok_and(|read| read > bytes_max) {
        return Err(format!("is longer than {bytes_max} bytes"));
    }
    Ok(bytes)
}
