//! The service index: what there is, under every name that some client looks for (docs/nuget.md 3).

use bytes::Bytes;

use super::json;
use crate::nuget::feed::Feed;
use crate::nuget::op::Hive;
use crate::nuget::wire::{ServiceIndex, ServiceResource};

/// Where each resource is, and its types. NuGet before 2023 did not know the bare 3.6.0, Renovate wants types that end in a
/// version, Paket a registration of 3.6.0 or older.
const RESOURCES: [(&str, &[&str]); 10] = [
    (
        "query",
        &[
            "SearchQueryService",
            "SearchQueryService/3.0.0-beta",
            "SearchQueryService/3.0.0-rc",
            "SearchQueryService/3.4.0",
            "SearchQueryService/3.5.0",
            "SearchQueryService/Versioned",
        ],
    ),
    (
        "autocomplete",
        &[
            "SearchAutocompleteService",
            "SearchAutocompleteService/3.0.0-beta",
            "SearchAutocompleteService/3.0.0-rc",
            "SearchAutocompleteService/3.5.0",
            "SearchAutocompleteService/Versioned",
        ],
    ),
    ("reg/", &["RegistrationsBaseUrl", "RegistrationsBaseUrl/3.0.0-beta", "RegistrationsBaseUrl/3.0.0-rc"]),
    ("reg-gz/", &["RegistrationsBaseUrl/3.4.0"]),
    ("reg-gz-semver2/", &["RegistrationsBaseUrl/3.6.0", VERSIONED]),
    ("flat/", &["PackageBaseAddress/3.0.0"]),
    ("package", &["PackagePublish/2.0.0"]),
    ("catalog/index.json", &["Catalog/3.0.0"]),
    ("vulnerabilities/index.json", &["VulnerabilityInfo/6.7.0"]),
    ("symbolpackage", &["SymbolPackagePublish/4.9.0"]),
];

/// Older clients must not take this one.
const VERSIONED: &str = "RegistrationsBaseUrl/Versioned";
const VERSIONED_SINCE: &str = "4.3.0-alpha";

/// What is at a feed.
pub(crate) fn render(feed: &Feed) -> Bytes {
    let one = |path: &str, kind| ServiceResource {
        address: feed.below(path),
        kind,
        client_version: (kind == VERSIONED).then_some(VERSIONED_SINCE),
    };
    let mut resources: Vec<ServiceResource<'_>> =
        RESOURCES.iter().flat_map(|(path, kinds)| kinds.iter().map(|kind| one(path, kind))).collect();
    let template = |file: &str| feed.below(&format!("flat/{{lower_id}}/{{lower_version}}/{file}"));
    resources.push(ServiceResource {
        address: template("readme"),
        kind: "ReadmeUriTemplate/6.13.0",
        client_version: None,
    });
    json(&ServiceIndex { version: "3.0.0", resources })
}

/// The hive in which a search names registrations: one that shows at least what the search does.
pub(crate) const fn hive(semver2: bool) -> Hive {
    if semver2 { Hive::GzipSemVer2 } else { Hive::Gzip }
}
