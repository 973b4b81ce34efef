//! A walk through the packages of many repositories in the order of how often they were fetched. Those that were never fetched have no
//! row that says so: they are one end of the order, by name.

use std::collections::{BTreeSet, VecDeque};

use super::{Seen, Walk};
use crate::error::Error;
use crate::model::{PackagePlace, PackagesFound, PackagesOf};
use crate::sql::{Tx, usage};

/// Packages of one repository that are at hand.
const AT_HAND: u32 = 16;

/// The packages of one repository that were fetched.
struct Fetched {
    of: PackagesOf,
    at_hand: VecDeque<(u64, Box<str>)>,
    last: Option<(u64, Box<str>)>,
    has_more: bool,
}

impl Walk {
    /// By how often they were fetched ever, then by key, then by repository; `passed` says which repositories have the place behind them
    /// that the walk begins with.
    pub(super) fn by_downloads(
        &self,
        tx: &mut dyn Tx,
        (downloads, after, passed): (u64, &str, &[bool]),
        down: bool,
    ) -> Result<PackagesFound, Error> {
        let (is_begin, none) = (after.is_empty(), vec![false; passed.len()]);
        let mut seen = Seen::default();
        let is_among_fetched = downloads > 0 || is_begin && down;
        if is_among_fetched {
            let from = (!is_begin).then_some((downloads, after));
            if let Some(next) = self.fetched(tx, &mut seen, (from, passed), down)? {
                return Ok(seen.told(Some(next)));
            }
            if !down {
                return Ok(seen.told(None));
            }
        }
        seen.never_fetched = true;
        let from = if is_among_fetched { ("", &*none) } else { (after, passed) };
        if let Some(next) = self.named(tx, &mut seen, from, down)? {
            return Ok(seen.told(Some(next)));
        }
        seen.never_fetched = false;
        let next = if down { None } else { self.fetched(tx, &mut seen, (None, &none), down)? };
        Ok(seen.told(next))
    }

    /// Those that were fetched; where it stopped if it did not come to their end.
    fn fetched(
        &self,
        tx: &mut dyn Tx,
        seen: &mut Seen,
        (from, passed): (Option<(u64, &str)>, &[bool]),
        down: bool,
    ) -> Result<Option<PackagePlace>, Error> {
        let rank = |index: usize| if down { usize::MAX.saturating_sub(index) } else { index };
        let mut sources = Vec::with_capacity(self.places.len());
        for (of, passed) in self.places.iter().zip(passed) {
            sources.push(Fetched::new(tx, *of, (from, *passed))?);
        }
        let mut heads: BTreeSet<(u64, Box<str>, usize)> = BTreeSet::new();
        for (index, source) in sources.iter_mut().enumerate() {
            heads.extend(source.next(tx, down)?.map(|(downloads, key)| (downloads, key, rank(index))));
        }
        while let Some((downloads, key, ranked)) = if down { heads.pop_last() } else { heads.pop_first() } {
            let Some(source) = sources.get_mut(rank(ranked)) else { continue };
            if seen.look(tx, self, source.of, &key)? {
                return Ok(Some(PackagePlace { repository: source.of.repository, key, downloads }));
            }
            heads.extend(source.next(tx, down)?.map(|(downloads, key)| (downloads, key, ranked)));
        }
        Ok(None)
    }
}

impl Fetched {
    fn new(
        tx: &mut dyn Tx,
        of: PackagesOf,
        (from, passed): (Option<(u64, &str)>, bool),
    ) -> Result<Self, Error> {
        let mut at_hand = VecDeque::new();
        if let Some((downloads, key)) = from
            && !passed
            && usage::of_package(tx, of.repository, key, 0)?.total == downloads
        {
            at_hand.push_back((downloads, key.into()));
        }
        let last = from.map(|(downloads, key)| (downloads, key.into()));
        Ok(Self { of, at_hand, last, has_more: true })
    }

    /// The next package of the repository.
    fn next(&mut self, tx: &mut dyn Tx, down: bool) -> Result<Option<(u64, Box<str>)>, Error> {
        if self.at_hand.is_empty() && self.has_more {
            let last = self.last.as_ref().map(|(downloads, key)| (*downloads, &**key));
            let more = usage::fetched(tx, self.of.repository, last, down, AT_HAND)?;
            self.has_more = more.len() >= AT_HAND as usize;
            if let Some(last) = more.last() {
                self.last = Some(last.clone());
            }
            self.at_hand = more.into();
        }
        Ok(self.at_hand.pop_front())
    }
}
