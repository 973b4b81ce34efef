//! What is said of versions after they were published, as registrations show it, and the list of weaknesses that audits read.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use domain::Timestamp;
use serde::Deserialize;

use super::json;
use crate::fit::DOCUMENT_BYTES_MAX;
use crate::nuget::advisory::Advisory;
use crate::nuget::feed::Feed;
use crate::nuget::id::PackageId;
use crate::nuget::range::Range;
use crate::nuget::version::Version;
use crate::nuget::wire::{
    Alternate, DeprecationShown, Vulnerability, VulnerabilityIndexItem, VulnerabilityShown,
};
use domain::time;

/// Most weaknesses shown of one version, the worst of them.
const VULNERABILITIES_MAX: usize = 32;
/// The reasons that clients know; what else is said is `Other`.
const REASONS: [&str; 3] = ["Legacy", "CriticalBugs", "Other"];
/// The only page of the list of weaknesses.
const PAGE: &str = "base";
const LAST_PAGE_BYTES: usize = 16;

/// What is said of the versions of one package.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    deprecations: HashMap<Box<str>, Deprecation>,
    advisories: Vec<Said>,
}

#[derive(Debug)]
struct Said {
    url: String,
    severity: u8,
    /// [`Range::disjoint`].
    ranges: Vec<Range>,
}

/// The document about a version that should no longer be used.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Deprecation {
    reasons: Vec<String>,
    message: String,
    alternate: Option<AlternatePackage>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AlternatePackage {
    id: String,
    range: String,
}

impl Remarks {
    /// Reads what is stored about a package.
    pub(crate) fn of(id: &PackageId, stored: &storage::Remarks) -> Self {
        let deprecations = stored
            .deprecations
            .iter()
            .map(|(version, document)| (version.clone(), serde_json::from_str(document).unwrap_or_default()));
        let advisories = stored.advisories.iter().filter_map(|one| {
            let advisory = Advisory::read(&one.id, &one.document)?;
            let ranges = advisory.ranges_of(id).to_vec();
            Some(Said { url: advisory.url, severity: advisory.severity, ranges })
        });
        let mut advisories: Vec<Said> = advisories.collect();
        advisories.sort_by_key(|said| std::cmp::Reverse(said.severity));
        Self { deprecations: deprecations.collect(), advisories }
    }

    /// That a version should no longer be used.
    pub(crate) fn deprecation(&self, version: &Version) -> Option<DeprecationShown<'_>> {
        let said = self.deprecations.get(&*version.key())?;
        let mut reasons: Vec<&'static str> = Vec::new();
        for reason in &said.reasons {
            // As `critical-bugs`, too.
            let reason = reason.replace('-', "");
            let known =
                REASONS.into_iter().find(|known| known.eq_ignore_ascii_case(&reason)).unwrap_or("Other");
            if !reasons.contains(&known) {
                reasons.push(known);
            }
        }
        if reasons.is_empty() {
            reasons.push("Other");
        }
        let alternate_package = said.alternate.as_ref().filter(|other| !other.id.is_empty()).map(|other| {
            let range = if other.range.is_empty() { "*" } else { &other.range };
            Alternate { id: &other.id, range }
        });
        Some(DeprecationShown { reasons, message: &said.message, alternate_package })
    }

    /// The weaknesses that were found in a version, the worst first.
    pub(crate) fn vulnerabilities(&self, version: &Version) -> Vec<VulnerabilityShown<'_>> {
        let about = self.advisories.iter().filter(|said| Range::any_contains(&said.ranges, version));
        let shown =
            about.map(|said| VulnerabilityShown { advisory_url: &said.url, severity: level(said.severity) });
        shown.take(VULNERABILITIES_MAX).collect()
    }

    /// How much longer a version is by it on a page, in bytes.
    pub(crate) fn bytes(&self, version: &Version) -> usize {
        let deprecation = self.deprecation(version).map_or(0, |shown| json(&shown).len());
        let vulnerabilities = self.vulnerabilities(version);
        if vulnerabilities.is_empty() {
            deprecation
        } else {
            deprecation.saturating_add(json(&vulnerabilities).len())
        }
    }
}

const fn level(severity: u8) -> &'static str {
    match severity {
        0 => "0",
        1 => "1",
        2 => "2",
        _ => "3",
    }
}

/// The index of the list of weaknesses: its one page, and since when it is what it is.
pub(crate) fn vulnerability_index(feed: &Feed, updated: Timestamp) -> Bytes {
    let address = feed.below(&format!("vulnerabilities/{PAGE}.json"));
    json(&[VulnerabilityIndexItem { name: PAGE, address, updated: time::show(updated) }])
}

/// The list of weaknesses by package, as it grows.
#[derive(Debug, Default)]
pub(crate) struct Weaknesses {
    packages: BTreeMap<String, Vec<Vulnerability>>,
    bytes: usize,
}

impl Weaknesses {
    /// Takes one more advisory, unless the list is as long as it may be.
    pub(crate) fn take(&mut self, advisory: &storage::Advisory) {
        let Some(read) = Advisory::read(&advisory.id, &advisory.document) else { return };
        for (package, ranges) in read.affected {
            for range in ranges {
                let one = Vulnerability {
                    url: read.url.clone(),
                    severity: read.severity,
                    versions: range.normalised(),
                };
                let bytes = json(&one).len().saturating_add(package.len()).saturating_add(LAST_PAGE_BYTES);
                if self.bytes.saturating_add(bytes) <= DOCUMENT_BYTES_MAX {
                    self.bytes = self.bytes.saturating_add(bytes);
                    self.packages.entry(package.clone()).or_default().push(one);
                }
            }
        }
    }

    /// The page: an object even if there is nothing in it.
    pub(crate) fn page(&self) -> Bytes {
        json(&self.packages)
    }
}
