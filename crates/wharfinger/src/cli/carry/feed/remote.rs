//! A feed of another server, by version 3 of NuGet's protocol: its catalogue if it has one, which tells hashes too, else its search.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde_json::Value;
use url::Url;

use super::super::content::Content;
use super::super::run::Finds;
use super::super::web::{Wanted, Web};
use super::documents::{DOCUMENT_BYTES_MAX, JSON, items, joined, joined_text, parsed, text_of, texts};
use super::registrations::Registrations;
use super::{Kinds, Package, Promised, Said};
use crate::cli::failure::Failure;

/// Most versions of a feed that are kept in mind.
const VERSIONS_MAX: usize = 2_000_000;
/// Packages of one page of a search, and most pages.
const PAGE_PACKAGES: usize = 100;
const PAGES_MAX: usize = 100_000;

/// What a feed says it has.
struct Index {
    content: Url,
    catalogue: Option<Url>,
    search: Option<Url>,
    registrations: Option<Url>,
    /// Where packages of symbols are pushed to, behind which some servers give them out again.
    symbols: Option<Url>,
}

/// Who hands in what a feed has.
struct Finder<'f> {
    kinds: Kinds,
    web: &'f Arc<Web>,
    index: &'f Index,
    registrations: Registrations<'f>,
    finds: Finds<Package>,
}

/// Hands in all packages of the feed whose index is at this address, or, if the feed may have any, those of their symbols; if ids are
/// `wanted`, only theirs.
///
/// # Errors
/// The feed is none, or cannot be read.
pub(in super::super) async fn find(
    kinds: Kinds,
    (web, index): (&Arc<Web>, &Url),
    wanted: &[String],
    finds: Finds<Package>,
) -> Result<(), Failure> {
    let index = &read_index(web, index).await?;
    if kinds == Kinds::Symbols && index.symbols.is_none() {
        return Ok(());
    }
    let registrations = Registrations::new(web, index.registrations.as_ref());
    let mut finder = Finder { kinds, web, index, registrations, finds };
    let is_wanted = |id: &str| wanted.is_empty() || wanted.iter().any(|one| one.eq_ignore_ascii_case(id));
    if let Some(catalogue) = &index.catalogue {
        for ((id, version), leaf) in catalogued(web, catalogue, is_wanted).await? {
            let promised = Promised::Leaf(Arc::clone(web), leaf);
            if !finder.hand_in((&id, &version), promised).await? {
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
            if !finder.hand_in((&id, &version), Promised::Nowhere).await? {
                return Ok(());
            }
        }
    }
    Ok(())
}

impl Finder<'_> {
    /// Whether more are taken.
    async fn hand_in(&mut self, (id, version): (&str, &str), promised: Promised) -> Result<bool, Failure> {
        // What is no version here may be one there: it is refused when it is pushed, in the gateway's words.
        let version = frontend::version_key(version).unwrap_or_else(|| version.to_ascii_lowercase());
        let id_key = id.to_ascii_lowercase();
        let plain =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte));
        if !plain(&id_key) || !plain(&version) {
            return Ok(true);
        }
        let package = match (self.kinds, &self.index.symbols) {
            (Kinds::Symbols, Some(symbols)) => {
                let address = format!("{}/{id}/{version}", symbols.as_str().trim_end_matches('/'));
                let Ok(address) = Url::parse(&address) else { return Ok(true) };
                Package {
                    name: format!("{id} {version} symbols"),
                    content: Content::of_web(self.web, address),
                    told: Some((id_key, version)),
                    promised: Promised::Nowhere,
                    said: Said::Nothing,
                }
            }
            _ => {
                let address = format!("{id_key}/{version}/{id_key}.{version}.nupkg");
                let Ok(address) = joined(&self.index.content, &address) else { return Ok(true) };
                let remarks = self.registrations.remarks(&id_key, &version).await?;
                Package {
                    name: format!("{id} {version}"),
                    content: Content::of_web(self.web, address),
                    told: Some((id_key, version)),
                    promised,
                    said: Said::Told(remarks),
                }
            }
        };
        Ok(self.finds.send(package).await.is_ok())
    }
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
    // That with all versions first: others leave out what older clients cannot read.
    let kinds = ["RegistrationsBaseUrl/3.6.0", "RegistrationsBaseUrl/Versioned", "RegistrationsBaseUrl"];
    let registrations = kinds.into_iter().find_map(of);
    Ok(Index {
        content: folder(content)?,
        catalogue: of("Catalog/"),
        search: of("SearchQueryService"),
        registrations: registrations.map(folder).transpose()?,
        symbols: of("SymbolPackagePublish"),
    })
}

/// An address that others are put behind.
fn folder(address: Url) -> Result<Url, Failure> {
    if address.path().ends_with('/') { Ok(address) } else { joined_text(address.as_str(), "/") }
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
