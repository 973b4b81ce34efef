//! From an address to a page.

use std::borrow::Cow;
use std::sync::OnceLock;

use api::{Code, Fault};
use percent_encoding::percent_decode_str;

use crate::assets;
use crate::door::{Answer, Asked, Content};
use crate::fault;
use crate::guide;
use crate::pages::{self, Mounted};
use crate::reference::{self, Reference};
use crate::visit::Visit;

/// From so many bytes of HTML on a page is too long.
const HTML_BYTES_MAX: usize = 60_000;

/// The console, ready to be asked.
pub struct Console {
    pages: Vec<Mounted>,
    paths: matchit::Router<usize>,
    /// Made when somebody first reads of the API.
    reference: OnceLock<Reference>,
}

impl Default for Console {
    fn default() -> Self {
        Self::new()
    }
}

impl Console {
    /// Every page of the list.
    #[must_use]
    pub fn new() -> Self {
        let pages = pages::all();
        let mut paths = matchit::Router::new();
        for (index, page) in pages.iter().enumerate() {
            let inserted = paths.insert(page.path, index);
            debug_assert!(inserted.is_ok(), "{}: {inserted:?}", page.path);
        }
        Self { pages, paths, reference: OnceLock::new() }
    }

    /// Whether an address is the console's: there is a page, or a person is told that there is none.
    #[must_use]
    pub fn has(path: &str) -> bool {
        let below =
            |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        matches!(path, "/" | "/robots.txt")
            || below("/p")
            || below("/-")
            || below(guide::ROOT)
            || below(reference::ROOT)
    }

    /// What a browser is shown. Failures are pages too.
    ///
    /// # Errors
    /// Only what cannot be told in a page: the operations behind every page failed.
    pub async fn answer(&self, asked: &Asked<'_>) -> Result<Answer, Fault> {
        if let Some(asset) = assets::at(asked.path) {
            let content = Content::Asset(asset);
            return Ok(Answer {
                status: 200,
                content,
                location: None,
                cookies: Vec::new(),
                retry_after_secs: None,
            });
        }
        let Ok(matched) = self.paths.at(asked.path) else {
            return self.nowhere(asked).await;
        };
        let names = matched.params.iter().map(|(_, name)| decoded(name)).collect::<Option<Vec<_>>>();
        let (Some(names), Some(page)) = (names, self.pages.get(*matched.value)) else {
            return self.nowhere(asked).await;
        };
        let mut visit = Visit::new(asked, &self.reference, names).await?;
        let mut answered = if asked.form.is_some() && !page.sends {
            Err(Fault::Method { allowed: "GET, HEAD".to_owned(), is_open: true })
        } else {
            (page.serve)(&mut visit).await
        };
        // Names and texts of others may be as long as they like: there are fewer of them in a page then. What was sent is done once.
        while asked.form.is_none() && answered.as_ref().is_ok_and(is_long) && visit.shorten() {
            answered = (page.serve)(&mut visit).await;
        }
        Ok(match answered {
            Ok(answer) => answer,
            Err(fault) => fault::page(&visit, &fault),
        })
    }

    async fn nowhere(&self, asked: &Asked<'_>) -> Result<Answer, Fault> {
        let visit = Visit::new(asked, &self.reference, Vec::new()).await?;
        Ok(fault::page(&visit, &Fault::Told(Code::Absent, "there is no such page".into())))
    }
}

/// Whether it is a page of more HTML than a page has.
const fn is_long(answer: &Answer) -> bool {
    matches!(&answer.content, Content::Html(html) if html.len() >= HTML_BYTES_MAX)
}

/// The addresses of all pages with names in braces, and whether they have a form.
#[must_use]
pub fn addresses() -> Vec<(&'static str, bool)> {
    pages::all().iter().map(|page| (page.path, page.sends)).collect()
}

/// A name of a path, decoded after the path was split; `None` if it is no text or holds a control character.
fn decoded(name: &str) -> Option<Cow<'_, str>> {
    let decoded = percent_decode_str(name).decode_utf8().ok()?;
    (!decoded.chars().any(char::is_control)).then_some(decoded)
}
