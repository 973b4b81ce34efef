//! From an address to a page.

use std::borrow::Cow;

use api::{Code, Fault};
use percent_encoding::percent_decode_str;

use crate::assets;
use crate::door::{Answer, Asked, Content};
use crate::fault;
use crate::pages::{self, Mounted};
use crate::visit::Visit;

/// The console, ready to be asked.
pub struct Console {
    pages: Vec<Mounted>,
    paths: matchit::Router<usize>,
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
        Self { pages, paths }
    }

    /// Whether an address is the console's: there is a page, or a person is told that there is none.
    #[must_use]
    pub fn has(path: &str) -> bool {
        let below =
            |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        path == "/" || below("/p") || below("/-")
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
        let mut visit = Visit::new(asked, names).await?;
        let answered = if asked.form.is_some() && !page.sends {
            Err(Fault::Method { allowed: "GET, HEAD".to_owned() })
        } else {
            (page.serve)(&mut visit).await
        };
        Ok(match answered {
            Ok(answer) => answer,
            Err(fault) => fault::page(&visit, &fault),
        })
    }

    async fn nowhere(&self, asked: &Asked<'_>) -> Result<Answer, Fault> {
        let visit = Visit::new(asked, Vec::new()).await?;
        Ok(fault::page(&visit, &Fault::Told(Code::Absent, "there is no such page".into())))
    }
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
