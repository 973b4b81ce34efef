//! What the policies of repositories let happen, read once for each text: documents are looked for by what they say, so that
//! nothing here is ever out of date, whoever changed the row.

use std::sync::Arc;

use domain::{Format, FormatPolicy, Formats, Rules};
use quick_cache::Equivalent;
use quick_cache::sync::Cache;
use serde_json::Value;

use crate::error::Error;

/// Documents that are kept. Most repositories of an organisation have one of a few.
const DOCUMENTS_MAX: usize = 256;

/// The formats of this program, and the policies that were read lately.
pub(crate) struct PolicyCache {
    formats: Formats,
    read: Cache<Key, FormatPolicy>,
}

/// Word of the format and text of the document.
#[derive(PartialEq, Eq, Hash)]
struct Key(Box<str>, Box<str>);

#[derive(Hash)]
struct Asked<'a>(&'a str, &'a str);

impl Equivalent<Key> for Asked<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.0 == &*key.0 && self.1 == &*key.1
    }
}

impl PolicyCache {
    pub(crate) fn new(formats: Formats) -> Self {
        Self { formats, read: Cache::new(DOCUMENTS_MAX) }
    }

    /// The formats of this program.
    pub(crate) const fn formats(&self) -> &Formats {
        &self.formats
    }

    /// What a repository of this format with this document lets happen.
    ///
    /// # Errors
    /// `Corrupt` if this program has no such format, or the document is none of it.
    pub(crate) fn rules(&self, format: &str, document: &str) -> Result<Arc<dyn Rules>, Error> {
        Ok(Arc::clone(self.policy(format, document)?.rules()))
    }

    /// As [`Self::rules`], with what it says.
    pub(crate) fn policy(&self, format: &str, document: &str) -> Result<FormatPolicy, Error> {
        if let Some(policy) = self.read.get(&Asked(format, document)) {
            return Ok(policy);
        }
        let damaged = |why: &dyn ToString| Error::corrupt(why.to_string());
        let known = self.formats.find(format).map_err(|unknown| damaged(&unknown))?;
        let policy = (known.read_policy)(document).map_err(|invalid| damaged(&invalid))?;
        self.read.insert(Key(format.into(), document.into()), policy.clone());
        Ok(policy)
    }

    /// The document of a policy with every field; of a format that this program does not know, as it is stored.
    pub(crate) fn shown(&self, format: &str, document: &str) -> Arc<str> {
        self.policy(format, document).map_or_else(|_| document.into(), |policy| policy.document().into())
    }

    /// The policy that somebody asks for.
    ///
    /// # Errors
    /// `Refused` if there is no such format, or the document is none of it.
    pub(crate) fn asked(&self, format: Format, document: &str) -> Result<FormatPolicy, Error> {
        let known = self.formats.find(format.as_str());
        let known = known.map_err(|unknown| Error::refused(unknown.to_string()))?;
        (known.read_policy)(document).map_err(|invalid| Error::refused(invalid.to_string()))
    }

    /// Refuses what a policy says that nothing keeps to yet, unless it says the same already.
    pub(crate) fn enforceable(&self, wanted: &FormatPolicy, present: &str) -> Result<(), Error> {
        let known = self.formats.find(wanted.format().as_str());
        let known = known.map_err(|unknown| Error::refused(unknown.to_string()))?;
        let new = self.new_policy(wanted.format())?;
        let fields = |document: &str| serde_json::from_str::<Value>(document).unwrap_or_default();
        let [wanted, present, new] = [wanted.document(), present, new.document()].map(fields);
        let idle = |field: &&&str| {
            let said = wanted.get(**field);
            said != present.get(**field) && said != new.get(**field)
        };
        match known.not_enforced.iter().find(idle) {
            Some(field) => {
                Err(Error::refused(format!("nothing keeps to `{field}` yet, so it cannot be set")))
            }
            None => Ok(()),
        }
    }

    /// The policy of a new repository of this format.
    ///
    /// # Errors
    /// `Refused` if there is no such format.
    pub(crate) fn new_policy(&self, format: Format) -> Result<FormatPolicy, Error> {
        let known = self.formats.find(format.as_str());
        let known = known.map_err(|unknown| Error::refused(unknown.to_string()))?;
        known.new_policy().map_err(|invalid| Error::corrupt(invalid.to_string()))
    }
}

#[cfg(test)]
mod tests;
