//! `/packages/by-words`: packages by what they say of themselves, in everything that one may read.

use std::collections::HashMap;

use domain::Limit;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{Search, WordsFound};

use crate::endpoint::{Ask, Cx, Done, Endpoint, Meta, Method, Nothing, Reader};
use crate::packages::Package;
use crate::problem::{Code, Fault};
use crate::repositories::Visibility;
use crate::search::{Kept, PlacesAsked, packages_of, places};
use crate::words::{FormatText, KeyText, Text128};

/// Packages that one answer has if it does not say.
const ROWS_DEFAULT: u32 = 20;
/// Longest text that is told of a package, in characters.
const TEXT_CHARS: usize = 300;

/// `GET /packages/by-words`
pub enum FindByWords {}

/// Which packages.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub struct WordsAsked {
    /// Those that have all of these words, of which the first eight count, or words that begin like them, in name, tags, title, authors or
    /// description.
    pub query: Text128,
    /// Those of this format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<FormatText>,
    /// Those of this project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<KeyText>,
    /// Those of repositories that anybody may read, or of the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// Those whose newest listed version is one before a release, or none such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prerelease: Option<bool>,
    /// Most of them; 20 if it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub limit: Option<u32>,
}

/// Packages that were found.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct FoundByWords {
    /// By repository, the best of each first.
    pub items: Vec<PackageSaid>,
}

/// A package with what it says of itself.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct PackageSaid {
    /// The package.
    pub about: Package,
    /// What it says it is called; `null` for nothing.
    pub title: Option<String>,
    /// What it says of itself, cut after 300 characters; `null` for nothing.
    pub description: Option<String>,
}

impl Endpoint for FindByWords {
    const META: Meta = Meta {
        id: "package_by_words",
        method: Method::Get,
        path: "/packages/by-words",
        summary: "Looks for packages by what they say of themselves, in everything you may read; of formats whose packages say \
                  such things in words, which is `nuget`.",
        since: "0.1",
        audit: &[],
        faults: &[Code::UnknownName, Code::Rule],
        cli: Some("package by-words"),
    };
    type At = ();
    type Query = WordsAsked;
    type Body = Nothing;
    type Answer = FoundByWords;
    type May = Reader;

    async fn call(cx: &Cx, _may: Reader, ask: &Ask<Self>) -> Result<Done<FoundByWords>, Fault> {
        let WordsAsked { query, format, project, visibility, prerelease, limit } = &ask.query;
        let (project, format) = (project.as_ref(), format.as_ref());
        let asked = PlacesAsked { project, format, visibility: *visibility, ..PlacesAsked::default() };
        let places = places(cx, &asked).await?;
        let words = query.as_str().split_whitespace().take(Search::WORDS_MAX).map(Into::into).collect();
        let limit = Limit::capped(limit.unwrap_or(ROWS_DEFAULT).into());
        let shelves = cx.house.shelves(cx.gate.readable());
        let of = places.iter().map(packages_of).collect();
        let found = shelves.packages_by_words(of, words, limit).await?;
        let by_id: HashMap<_, _> = places.iter().map(|(row, known)| (row.id, (row, known))).collect();
        let kept = Kept { prerelease: *prerelease, unlisted: None };
        let said = |found: &WordsFound| {
            let (row, known) =
                by_id.get(&found.repository).filter(|(_, known)| kept.of(known, &found.package))?;
            let about = Package::listed(&row.path, known, &found.package);
            Some(PackageSaid { about, title: text(&found.title), description: text(&found.text) })
        };
        Ok(Done::read(FoundByWords { items: found.iter().filter_map(said).collect() }))
    }
}

fn text(said: &str) -> Option<String> {
    Some(said.trim()).filter(|said| !said.is_empty()).map(|said| said.chars().take(TEXT_CHARS).collect())
}
