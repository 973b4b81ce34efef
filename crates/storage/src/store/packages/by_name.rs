//! A walk through the packages of many repositories in the order of their names: of each repository the next few are at hand, and the
//! first of all of them is next.

use std::collections::{BTreeSet, VecDeque};

use super::{Seen, Walk};
use crate::error::Error;
use crate::model::{PackagePlace, PackagesFound, PackagesOf};
use crate::sql::{Tx, packages};

/// Packages of one repository that are at hand.
const AT_HAND: u32 = 16;
/// Behind every key there can be.
const BEHIND_ALL: &str = "\u{10ffff}";

/// The packages of one repository.
struct Source {
    of: PackagesOf,
    keys: VecDeque<Box<str>>,
    last: Box<str>,
    has_more: bool,
}

impl Walk {
    /// As [`Walk::walk`], by name; `passed` says which repositories have the key behind them that the walk begins with.
    pub(super) fn by_name(
        &self,
        tx: &mut dyn Tx,
        (after, passed): (&str, &[bool]),
        down: bool,
    ) -> Result<PackagesFound, Error> {
        let mut seen = Seen::default();
        let next = self.named(tx, &mut seen, (after, passed), down)?;
        Ok(seen.told(next))
    }

    /// Looks at them in that order; where it stopped if it did not come to the end.
    pub(super) fn named(
        &self,
        tx: &mut dyn Tx,
        seen: &mut Seen,
        (after, passed): (&str, &[bool]),
        down: bool,
    ) -> Result<Option<PackagePlace>, Error> {
        let mut sources = Vec::with_capacity(self.places.len());
        for (of, passed) in self.places.iter().zip(passed) {
            sources.push(Source::new(tx, *of, (after, *passed), down)?);
        }
        // By key, and then by repository, in whichever way the keys go.
        let rank = |index: usize| if down { usize::MAX.saturating_sub(index) } else { index };
        let mut heads: BTreeSet<(Box<str>, usize)> = BTreeSet::new();
        for (index, source) in sources.iter_mut().enumerate() {
            heads.extend(source.next(tx, down)?.map(|key| (key, rank(index))));
        }
        while let Some((key, ranked)) = if down { heads.pop_last() } else { heads.pop_first() } {
            let index = rank(ranked);
            let Some(source) = sources.get_mut(index) else { continue };
            if seen.look(tx, self, source.of, &key)? {
                return Ok(Some(PackagePlace { repository: source.of.repository, key, downloads: 0 }));
            }
            heads.extend(source.next(tx, down)?.map(|key| (key, ranked)));
        }
        Ok(None)
    }
}

impl Source {
    fn new(
        tx: &mut dyn Tx,
        of: PackagesOf,
        (after, passed): (&str, bool),
        down: bool,
    ) -> Result<Self, Error> {
        let last = if after.is_empty() && down { BEHIND_ALL } else { after };
        let mut keys = VecDeque::new();
        if !passed
            && !after.is_empty()
            && packages::row(tx, of.repository, (of.versions, after), 0)?.is_some()
        {
            keys.push_back(after.into());
        }
        Ok(Self { of, keys, last: last.into(), has_more: true })
    }

    /// The next package of the repository.
    fn next(&mut self, tx: &mut dyn Tx, down: bool) -> Result<Option<Box<str>>, Error> {
        if self.keys.is_empty() && self.has_more {
            let (repository, kind) = (self.of.repository, self.of.packages);
            let more = if down {
                packages::with_kind_before(tx, repository, kind, &self.last, AT_HAND)?
            } else {
                packages::with_kind(tx, repository, kind, &self.last, AT_HAND)?
            };
            self.has_more = more.len() >= AT_HAND as usize;
            if let Some(last) = more.last() {
                self.last = last.clone();
            }
            self.keys = more.into();
        }
        Ok(self.keys.pop_front())
    }
}
