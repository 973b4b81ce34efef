//! Conditional requests on a GET or HEAD (RFC 9110 §13), by entity tag and by date, and the range that goes with them.

use ::http::header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE};
use ::http::{HeaderMap, HeaderName, Method};
use domain::Timestamp;

use super::range::{Wanted, wanted};
use super::{date, etag};

/// The conditions a client makes, and the range it wants: its headers, kept until the validators are known.
#[derive(Debug, Clone, Default)]
pub struct Conditions(HeaderMap);

/// What tells one state of a resource from another.
#[derive(Debug, Clone, Copy)]
pub struct Validators<'a> {
    /// Strong entity tag, with its quotes.
    pub tag: &'a str,
    /// When it last changed. Counts in whole seconds, as headers do.
    pub modified: Timestamp,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is answered as any other.
    Holds,
    /// The client has it already: 304.
    NotModified,
    /// It is not what the client believes: 412.
    Failed,
}

impl Conditions {
    /// Takes what matters out of a request's headers. A range is for GET alone (RFC 9110 §14.2).
    #[must_use]
    pub fn of(method: &Method, headers: &HeaderMap) -> Self {
        let names = [IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE, IF_RANGE, RANGE];
        let wanted = |name: &HeaderName| *name != RANGE || *method == Method::GET;
        let lines = names.into_iter().filter(wanted).flat_map(|name| {
            let lines = headers.get_all(&name).iter();
            lines.map(move |line| (name.clone(), line.clone())).collect::<Vec<_>>()
        });
        Self(lines.collect())
    }

    /// Judges in the order of RFC 9110 §13.2.2: a date counts only where its tag is not there. A date that is none, or a
    /// second one, is ignored.
    #[must_use]
    pub fn judge(&self, now: &Validators<'_>) -> Verdict {
        let seconds = now.modified.millis().div_euclid(1000);
        let later = |name| self.date(&name).is_some_and(|date| seconds > date.millis().div_euclid(1000));
        let unmodified =
            |name| self.date(&name).is_some_and(|date| seconds <= date.millis().div_euclid(1000));
        let failed = match self.0.contains_key(IF_MATCH) {
            true => !etag::matches(&self.0, now.tag),
            false => later(IF_UNMODIFIED_SINCE),
        };
        let known = match self.0.contains_key(IF_NONE_MATCH) {
            true => etag::not_modified(&self.0, now.tag),
            false => unmodified(IF_MODIFIED_SINCE),
        };
        match (failed, known) {
            (true, _) => Verdict::Failed,
            (false, true) => Verdict::NotModified,
            (false, false) => Verdict::Holds,
        }
    }

    /// What part of a body of so many bytes is wanted: all of it where `If-Range` names another state.
    #[must_use]
    pub fn part(&self, now: &Validators<'_>, size_bytes: u64) -> Wanted {
        let same = etag::range_holds(&self.0, now.tag)
            || self
                .date(&IF_RANGE)
                .is_some_and(|date| date.millis().div_euclid(1000) == now.modified.millis().div_euclid(1000));
        wanted(self.0.get(RANGE).filter(|_| same).and_then(|range| range.to_str().ok()), size_bytes)
    }

    fn date(&self, name: &HeaderName) -> Option<Timestamp> {
        let mut lines = self.0.get_all(name).iter();
        let date = lines.next().filter(|_| lines.next().is_none())?;
        date::parse(date.to_str().ok()?)
    }
}

#[cfg(test)]
mod tests;
