//! What a feed says of the versions of its packages besides giving them: its registrations, one package after the other.

use std::collections::HashMap;

use serde_json::Value;
use url::Url;

use super::super::web::{Wanted, Web};
use super::documents::{DOCUMENT_BYTES_MAX, JSON, items, joined, parsed, text_of};
use super::remarks::Remarks;
use crate::cli::failure::Failure;

/// Most pages of one package.
const PAGES_MAX: usize = 10_000;

/// The registrations of a feed; what they say of one package is kept until another is asked about.
pub(super) struct Registrations<'w> {
    web: &'w Web,
    /// Below which address they are, if the feed has any.
    base: Option<&'w Url>,
    known: Option<(String, HashMap<String, Remarks>)>,
}

impl<'w> Registrations<'w> {
    pub(super) const fn new(web: &'w Web, base: Option<&'w Url>) -> Self {
        Self { web, base, known: None }
    }

    /// What is said of a version; nothing where the feed knows nothing of it.
    ///
    /// # Errors
    /// The feed cannot be read.
    pub(super) async fn remarks(&mut self, id_key: &str, version_key: &str) -> Result<Remarks, Failure> {
        let Some(base) = self.base else { return Ok(Remarks::default()) };
        if self.known.as_ref().is_none_or(|(known, _)| known != id_key) {
            self.known = Some((id_key.to_owned(), self.read(base, id_key).await?));
        }
        let said = self.known.as_ref().and_then(|(_, said)| said.get(version_key));
        Ok(said.cloned().unwrap_or_default())
    }

    /// What is said of the versions of a package, of those of which something is said.
    async fn read(&self, base: &Url, id_key: &str) -> Result<HashMap<String, Remarks>, Failure> {
        let mut said = HashMap::new();
        let at = joined(base, &format!("{id_key}/index.json"))?;
        let index = self.web.document_if_there(Wanted::at(&at, JSON), DOCUMENT_BYTES_MAX).await?;
        let Some(index) = index else { return Ok(said) };
        for page in items(&parsed(&index, &at)?).into_iter().take(PAGES_MAX) {
            let leaves = if page.get("items").is_some_and(Value::is_array) {
                items(&page)
            } else {
                let named = text_of(&page, "@id");
                let at = at.join(&named).map_err(|_| Failure::Other(format!("{at} names `{named}`")))?;
                items(&parsed(&self.web.document(Wanted::at(&at, JSON), DOCUMENT_BYTES_MAX).await?, &at)?)
            };
            for leaf in leaves {
                // Some feeds say it of the entry, and some beside it.
                let entry = leaf.get("catalogEntry").cloned().unwrap_or_default();
                let remarks = Remarks::read(&entry).and(Remarks::read(&leaf));
                let version = frontend::version_key(&text_of(&entry, "version"));
                if let (Some(version), false) = (version, remarks.is_nothing()) {
                    said.insert(version, remarks);
                }
            }
        }
        Ok(said)
    }
}
