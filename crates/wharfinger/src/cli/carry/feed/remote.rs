//! A feed of another server, by version 3 of NuGet's protocol: its catalogue if it has one, which tells hashes too, else its search.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde_json::Value;
use url::Url;

use super::super::content::Content;
use super::super::run::Finds;
use super::super::web::{Wanted, Web};
use super::{Package, Promised};
use crate::cli::failure::Failure;

/// Longest document, in bytes.
const DOCUMENT_BYTES_MAX: usize = 64 << 20;
/// Most versions of a feed that are kept in mind.
const VERSIONS_MAX: usize = 2_000_000;
/// Packages of one page of a search, and most pages.
const PAGE_PACKAGES: usize = 100;
const PAGES_MAX: usize = 100_000;
const JSON: &str = "application/json";

/// What a feed says it has.
struct Index {
    content: Url,
    catalogue: Option<Url>,
    search: Option<Url>,
}

/// Hands in all packages of the feed whose index is at this address; if ids are `wanted`, only theirs.
///
/// # Errors
/// The feed is none, or cannot be read.
pub(in super::super) async fn find(
    web: &Arc<Web>,
    index: &Url,
    wanted: &[String],
    finds: Finds<Package>,
) -> Result<(), Failure> {
    let index = read_index(web, index).await?;
    let is_wanted = |id: &str| wanted.is_empty() || wanted.iter().any(|one| one.eq_ignore_ascii_case(id));
    if let Some(catalogue) = &index.catalogue {
        for ((id, version), leaf) in catalogued(web, catalogue, is_wanted).await? {
            let promised = Promised::Leaf(Arc::clone(web), leaf);
            if hand_in(web, &index, (&id, &version), promised, &finds).await.is_none() {
                return Ok(());
            }
        }
        return Ok(());
    }
    let ids = if wanted.is_empty() { searched(web, index.search.as_ref()).await? } else { wanted.to_vec() };
    for id in ids {
        let address = joined(&index.content, &format!("{}/index.json", id.to_ascii_lowercase()))?;
        let document = web.document_if_there(Wanted::at(&address, JSON), DOCUMENT_BYTES_MAX).await?;
        let Some(document) = document else {
            return Err(Failure::Absent(format!("{address}: the feed has no package {id}")));
        };
        for version in texts(&parsed(&document, &address)?, "versions") {
            if hand_in(web, &index, (&id, &version), Promised::Nowhere, &finds).await.is_none() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// `None` if nobody takes any more.
async fn hand_in(
    web: &Arc<Web>,
    index: &Index,
    (id, version): (&str, &str),
    promised: Promised,
    finds: &Finds<Package>,
) -> Option<()> {
    // What is no version here may be one there: it is refused when it is pushed, in the gateway's words.
    let version = frontend::version_key(version).unwrap_or_else(|| version.to_ascii_lowercase());
    let id_key = id.to_ascii_lowercase();
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte));
    if !plain(&id_key) || !plain(&version) {
        return Some(());
    }
    let url = joined(&index.content, &format!("{id_key}/{version}/{id_key}.{version}.nupkg")).ok()?;
    let content = Content::of_web(web, url);
    let name = format!("{id} {version}");
    finds.send(Package { name, content, told: Some((id_key, version)), promised }).await.ok()
}

async fn read_index(web: &Web, at: &Url) -> Result<Index, Failure> {
    let document = web.document(Wanted::at(at, JSON), DOCUMENT_BYTES_MAX).await?;
    let document = parsed(&document, at)?;
    let resources = document.get("resources").and_then(Value::as_array).cloned().unwrap_or_default();
    let of = |kind: &str| {
        let is = |one: &&Value| match one.get("@type") {
            Some(Value::String(text)) => text.starts_with(kind),
            Some(Value::Array(all)) => {
                all.iter().any(|text| text.as_str().is_some_and(|text| text.starts_with(kind)))
            }
            _ => false,
        };
        let address = resources.iter().find(is)?.get("@id")?.as_str()?;
        at.join(address).ok()
    };
    let Some(content) = of("PackageBaseAddress") else {
        let why = "it is no index of a feed: `…/v3/index.json` of one that has PackageBaseAddress is needed";
        return Err(Failure::Other(format!("{at}: {why}")));
    };
    let content = if content.path().ends_with('/') { content } else { joined_text(content.as_str(), "/")? };
    Ok(Index { content, catalogue: of("Catalog/"), search: of("SearchQueryService") })
}

/// The last leaf of each version that is there by the end of the catalogue.
async fn catalogued(
    web: &Web,
    catalogue: &Url,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<BTreeMap<(String, String), Url>, Failure> {
    let index = web.document(Wanted::at(catalogue, JSON), DOCUMENT_BYTES_MAX).await?;
    let mut pages = items(&parsed(&index, catalogue)?);
    let moment = |item: &Value| text_of(item, "commitTimeStamp");
    pages.sort_by_key(moment);
    let mut found = BTreeMap::new();
    for page in pages.iter().map(|page| text_of(page, "@id")) {
        let address =
            catalogue.join(&page).map_err(|_| Failure::Other(format!("{catalogue} names `{page}`")))?;
        let document = web.document(Wanted::at(&address, JSON), DOCUMENT_BYTES_MAX).await?;
        let mut changes = items(&parsed(&document, &address)?);
        changes.sort_by_key(moment);
        for change in changes {
            let (id, version) = (text_of(&change, "nuget:id"), text_of(&change, "nuget:version"));
            if !is_wanted(&id) {
                continue;
            }
            let key = (id, version);
            if text_of(&change, "@type").ends_with("PackageDelete") {
                found.remove(&key);
            } else if let Ok(leaf) = address.join(&text_of(&change, "@id")) {
                found.insert(key, leaf);
            }
            if found.len() > VERSIONS_MAX {
                let why = format!("it has more than {VERSIONS_MAX} versions: name some ids with --only");
                return Err(Failure::Other(format!("{catalogue}: {why}")));
            }
        }
    }
    Ok(found)
}

/// All ids that a search for nothing finds.
async fn searched(web: &Web, search: Option<&Url>) -> Result<Vec<String>, Failure> {
    let Some(search) = search else {
        let why = "the feed has neither a catalogue nor a search: name ids with --only";
        return Err(Failure::Other(why.to_owned()));
    };
    let (mut seen, mut ids) = (HashSet::new(), Vec::new());
    for page in 0..PAGES_MAX {
        let mut address = search.clone();
        let skip = page.saturating_mul(PAGE_PACKAGES).to_string();
        address
            .query_pairs_mut()
            .append_pair("q", "")
            .append_pair("skip", &skip)
            .append_pair("take", &PAGE_PACKAGES.to_string())
            .append_pair("prerelease", "true")
            .append_pair("semVerLevel", "2.0.0");
        let document = web.document(Wanted::at(&address, JSON), DOCUMENT_BYTES_MAX).await?;
        let document = parsed(&document, &address)?;
        let data = document.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
        let before = ids.len();
        for id in data.iter().map(|one| text_of(one, "id")).filter(|id| !id.is_empty()) {
            if seen.insert(id.to_ascii_lowercase()) {
                ids.push(id);
            }
        }
        // A feed of files answers every page with all that it has.
        if ids.len() == before {
            return Ok(ids);
        }
    }
    Ok(ids)
}

fn items(document: &Value) -> Vec<Value> {
    document.get("items").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn text_of(item: &Value, name: &str) -> String {
    item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn texts(document: &Value, name: &str) -> Vec<String> {
    let all = document.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    all.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn parsed(document: &[u8], at: &Url) -> Result<Value, Failure> {
    serde_json::from_slice(document).map_err(|error| Failure::Other(format!("{at}: it is no JSON: {error}")))
}

fn joined(base: &Url, path: &str) -> Result<Url, Failure> {
    joined_text(base.as_str(), path)
}

fn joined_text(base: &str, path: &str) -> Result<Url, Failure> {
    let text = format!("{base}{path}");
    Url::parse(&text).map_err(|_| Failure::Other(format!("`{text}` is no address")))
}
