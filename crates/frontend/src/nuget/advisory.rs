//! Advisories in the format of OSV (ossf.github.io/osv-schema), as far as NuGet clients are told of them.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use cvss::{Cvss, Severity};
use serde::Deserialize;

use super::id::PackageId;
use super::range::Range;
use super::version::Version;

/// The ecosystem of OSV that is ours.
pub(super) const ECOSYSTEM: &str = "NuGet";
/// Longest address that is passed on, in bytes.
const URL_BYTES_MAX: usize = 500;
/// Where advisories are that do not say where they are.
const DATABASE: &str = "https://osv.dev/vulnerability/";

/// What clients are told of an advisory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Advisory {
    /// Where people read about it.
    pub url: String,
    /// From 0, low, to 3, critical.
    pub severity: u8,
    /// Which versions of which packages, by key; [`Range::disjoint`].
    pub affected: BTreeMap<String, Vec<Range>>,
}

impl Advisory {
    /// Reads a document; `None` if it is none, was withdrawn, or is about nothing of ours. `id` is what it is kept by.
    pub(crate) fn read(id: &str, document: &str) -> Option<Self> {
        let osv: Osv = serde_json::from_str(document).ok()?;
        if osv.withdrawn.is_some() {
            return None;
        }
        let severities = osv.affected.iter().flat_map(|affected| &affected.severity).chain(&osv.severity);
        let severity = osv.database_specific.level().or_else(|| scored(severities)).unwrap_or(MODERATE);
        let mut affected: BTreeMap<String, Vec<Range>> = BTreeMap::new();
        for (package, ranges) in osv.affected.iter().filter_map(Affected::read) {
            affected.entry(package).or_default().extend(ranges);
        }
        for ranges in affected.values_mut() {
            *ranges = Range::disjoint(std::mem::take(ranges));
        }
        let url = osv.url().unwrap_or_else(|| format!("{DATABASE}{id}"));
        (!affected.is_empty()).then_some(Self { url, severity, affected })
    }

    /// Which versions of a package it is about; [`Range::disjoint`].
    pub(crate) fn ranges_of(&self, id: &PackageId) -> &[Range] {
        self.affected.get(id.key()).map_or(&[], Vec::as_slice)
    }
}

/// What an advisory that does not say how bad it is, is taken for.
const MODERATE: u8 = 1;

/// The worst of what is stated as a vector.
fn scored<'a>(vectors: impl Iterator<Item = &'a Vector>) -> Option<u8> {
    let severities =
        vectors.filter_map(|vector| Cvss::from_str(&vector.score).ok()).map(|cvss| cvss.severity());
    severities.max().map(|severity| match severity {
        Severity::None | Severity::Low => 0,
        Severity::Medium => MODERATE,
        Severity::High => 2,
        Severity::Critical => 3,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Osv {
    withdrawn: Option<String>,
    severity: Vec<Vector>,
    affected: Vec<Affected>,
    references: Vec<Reference>,
    database_specific: Database,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Vector {
    score: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reference {
    r#type: String,
    url: String,
}

/// What GitHub adds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Database {
    severity: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Affected {
    package: Package,
    severity: Vec<Vector>,
    ranges: Vec<Events>,
    versions: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Package {
    ecosystem: String,
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Events {
    r#type: String,
    events: Vec<Event>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Event {
    introduced: Option<String>,
    fixed: Option<String>,
    last_affected: Option<String>,
}

impl Osv {
    /// The advisory itself if it is named, else whatever is.
    fn url(&self) -> Option<String> {
        let good = |one: &&Reference| {
            let web = one.url.starts_with("https://") || one.url.starts_with("http://");
            web && one.url.len() <= URL_BYTES_MAX && !one.url.contains(char::is_whitespace)
        };
        let mut all = self.references.iter().filter(good);
        let first = all.next()?;
        let advisory = |one: &&Reference| one.r#type == "ADVISORY";
        Some(self.references.iter().filter(good).find(advisory).unwrap_or(first).url.clone())
    }
}

impl Database {
    fn level(&self) -> Option<u8> {
        match self.severity.as_deref()?.to_ascii_uppercase().as_str() {
            "LOW" => Some(0),
            "MODERATE" | "MEDIUM" => Some(MODERATE),
            "HIGH" => Some(2),
            "CRITICAL" => Some(3),
            _ => None,
        }
    }
}

impl Affected {
    /// The key of the package and its ranges; `None` if that is none of ours.
    fn read(&self) -> Option<(String, impl Iterator<Item = Range>)> {
        if !self.package.ecosystem.eq_ignore_ascii_case(ECOSYSTEM) {
            return None;
        }
        let id = PackageId::parse(&self.package.name).ok()?;
        let ranges = self.ranges.iter().filter(|range| range.r#type != "GIT").flat_map(Events::read);
        // Versions are mostly named again one by one.
        let versions = self.versions.iter().filter_map(|text| Version::parse(text).ok());
        let single = |version: Version| Range::of(Some(version.clone()), Some((version, true)));
        Some((id.key().to_owned(), ranges.chain(versions.map(single))))
    }
}

/// What happens to versions from one on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Introduced,
    LastAffected,
    Fixed,
}

impl Events {
    /// The spans between what introduces it and what ends it, in the order of versions. `0` is before all of them.
    fn read(&self) -> Vec<Range> {
        let mut turns: Vec<(Option<Version>, Turn)> = Vec::new();
        for event in &self.events {
            let named = [
                (&event.introduced, Turn::Introduced),
                (&event.last_affected, Turn::LastAffected),
                (&event.fixed, Turn::Fixed),
            ];
            for (text, turn) in named {
                match text.as_deref() {
                    Some("0") if turn == Turn::Introduced => turns.push((None, turn)),
                    Some(text) => {
                        turns.extend(Version::parse(text).ok().map(|version| (Some(version), turn)))
                    }
                    None => {}
                }
            }
        }
        turns.sort();
        let (mut ranges, mut open) = (Vec::new(), None);
        for (version, turn) in turns {
            match (turn, version, open.take()) {
                (Turn::Introduced, _, Some(from)) => open = Some(from),
                (Turn::Introduced, from, None) => open = Some(from),
                (ended, Some(at), Some(from)) => {
                    ranges.push(Range::of(from, Some((at, ended == Turn::LastAffected))));
                }
                (_, _, open_still) => open = open_still,
            }
        }
        ranges.extend(open.map(|from| Range::of(from, None)));
        ranges
    }
}

#[cfg(test)]
mod tests;
