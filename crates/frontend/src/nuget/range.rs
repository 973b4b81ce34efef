//! Ranges of dependency versions, read and written as `NuGet.Versioning` does.

use std::cmp::Ordering;

use super::version::Version;

/// Longest range in a nuspec, in bytes (docs/nuget.md 8).
const TEXT_BYTES_MAX: usize = 256;

/// Which versions satisfy a dependency; no bound on either side is any version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Range {
    min: Option<Bound>,
    max: Option<Bound>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Bound {
    version: Version,
    inclusive: bool,
}

/// Why a text is no range that a published package may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadRange {
    /// It does not follow the grammar.
    Malformed,
    /// It has a `*`, which only projects may have.
    Floating,
    /// A bound has build metadata, which never takes part in comparing.
    Metadata,
    /// It is longer than 256 bytes.
    TooLong,
}

impl Range {
    /// Reads `1.0`, `[1.0]`, `[1.0,2.0)` and the like; an empty text is any version.
    pub(crate) fn parse(text: &str) -> Result<Self, BadRange> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(BadRange::TooLong);
        }
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::default());
        }
        if text.contains('*') {
            return Err(BadRange::Floating);
        }
        match bracketed(text)? {
            Some(bracketed) => Self::between(bracketed),
            None => Ok(Self { min: bound(text, true)?, max: None }),
        }
    }

    /// From one version on, itself included, to another, which may be.
    pub(crate) fn of(from: Option<Version>, to: Option<(Version, bool)>) -> Self {
        Self {
            min: from.map(|version| Bound { version, inclusive: true }),
            max: to.map(|(version, inclusive)| Bound { version, inclusive }),
        }
    }

    /// The lowest version that it takes, if that can be named.
    pub(crate) fn lowest(&self) -> Option<&Version> {
        self.min.as_ref().filter(|bound| bound.inclusive).map(|bound| &bound.version)
    }

    /// Whether a version is between the bounds.
    pub(crate) fn contains(&self, version: &Version) -> bool {
        let within = |bound: &Option<Bound>, wrong: Ordering| {
            bound.as_ref().is_none_or(|bound| match version.cmp(&bound.version) {
                Ordering::Equal => bound.inclusive,
                order => order != wrong,
            })
        };
        within(&self.min, Ordering::Less) && within(&self.max, Ordering::Greater)
    }

    /// The same versions in ranges that share none, in order: what one of them has is found by halves. They are none that begin
    /// behind a version, as [`Self::of`] makes none.
    pub(crate) fn disjoint(mut ranges: Vec<Self>) -> Vec<Self> {
        ranges.sort_by(|one, other| one.start().cmp(&other.start()));
        let mut disjoint: Vec<Self> = Vec::new();
        for range in ranges {
            match disjoint.last_mut().filter(|last| range.start().is_none_or(|start| last.contains(start))) {
                Some(last) => last.extend(range),
                None => disjoint.push(range),
            }
        }
        disjoint
    }

    /// Whether one of [`Self::disjoint`] ranges has a version.
    pub(crate) fn any_contains(disjoint: &[Self], version: &Version) -> bool {
        let begun = disjoint.partition_point(|range| range.start().is_none_or(|start| start <= version));
        begun.checked_sub(1).and_then(|last| disjoint.get(last)).is_some_and(|last| last.contains(version))
    }

    fn start(&self) -> Option<&Version> {
        self.min.as_ref().map(|bound| &bound.version)
    }

    /// Lets it reach as far as another one, if that reaches farther.
    fn extend(&mut self, other: Self) {
        let farther = match (&self.max, &other.max) {
            (None, _) => false,
            (_, None) => true,
            (Some(own), Some(others)) => (&own.version, own.inclusive) < (&others.version, others.inclusive),
        };
        if farther {
            self.max = other.max;
        }
    }

    fn between(Bracketed { inside, left, right }: Bracketed<'_>) -> Result<Self, BadRange> {
        let (min, max) = match inside.split_once(',') {
            // One version stands for both bounds, and then both take part.
            None if left && right => (inside, inside),
            None => return Err(BadRange::Malformed),
            Some((min, max)) => (min, max),
        };
        // `(,)` names no bound, and neither reads it as one nor as any version; with a space inside it is any version.
        if min.is_empty() && max.is_empty() {
            return Err(BadRange::Malformed);
        }
        let range = Self { min: bound(min, left)?, max: bound(max, right)? };
        if let (Some(min), Some(max)) = (&range.min, &range.max) {
            let order = min.version.cmp(&max.version);
            if order.is_gt() || order.is_eq() && left != right {
                return Err(BadRange::Malformed);
            }
        }
        Ok(range)
    }

    /// As registrations show it: `[1.0.0, 2.0.0)`, `[1.0.0, )`; `(, )` is any version.
    pub(crate) fn normalised(&self) -> String {
        let side = |bound: &Option<Bound>| {
            bound.as_ref().map_or_else(String::new, |bound| bound.version.normalised())
        };
        let inclusive = |bound: &Option<Bound>| bound.as_ref().is_some_and(|bound| bound.inclusive);
        let left = if inclusive(&self.min) { '[' } else { '(' };
        let right = if inclusive(&self.max) { ']' } else { ')' };
        format!("{left}{}, {}{right}", side(&self.min), side(&self.max))
    }

    /// Whether clients that know only SemVer 1 cannot read it.
    pub(crate) fn is_semver2(&self) -> bool {
        [&self.min, &self.max].into_iter().flatten().any(|bound| bound.version.is_semver2())
    }
}

/// A range in brackets.
#[derive(Clone, Copy)]
struct Bracketed<'a> {
    inside: &'a str,
    /// Whether each bracket is square: the bound belongs to the range.
    left: bool,
    right: bool,
}

/// Takes the brackets off; `None` without any.
fn bracketed(text: &str) -> Result<Option<Bracketed<'_>>, BadRange> {
    let left = match text.chars().next() {
        Some('[') => true,
        Some('(') => false,
        _ => return Ok(None),
    };
    let inside = text.get(1..).unwrap_or_default();
    let (inside, right) = match (inside.strip_suffix(']'), inside.strip_suffix(')')) {
        (Some(inside), _) => (inside, true),
        (_, Some(inside)) => (inside, false),
        _ => return Err(BadRange::Malformed),
    };
    Ok(Some(Bracketed { inside, left, right }))
}

fn bound(text: &str, inclusive: bool) -> Result<Option<Bound>, BadRange> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let version = Version::parse(text).map_err(|_| BadRange::Malformed)?;
    if version.has_metadata() {
        return Err(BadRange::Metadata);
    }
    Ok(Some(Bound { version, inclusive }))
}

#[cfg(test)]
mod tests;
