//! What was fetched and made, and what there is.

use std::sync::Arc;
use std::time::Duration;

use domain::{
    AuditView, Client, EntryKey, EntryKind, Format, Formats, Granted, Organisation, PackageName, Project,
    Read, Timestamp, time,
};

use super::Storage;
use crate::error::{ContentError, Error};
use crate::model::{Downloads, EntryOutcome, PackageDownloads, UsageDay, UsageTotals};
use crate::sql::Tx;
use crate::sql::usage::{self, Scope};
use crate::usage::UsageCounts;

/// Whoever may see what was fetched and made at a node and in it: who reads a repository, and who may see the events of a project or
/// of the organisation.
pub trait SeesUsage {
    /// At which node, and who is charged for asking.
    #[doc(hidden)]
    fn seen(&self) -> (UsageAt, Client);
}

/// Where what was fetched is asked for.
#[derive(Debug, Clone, Copy)]
pub struct UsageAt(Scope);

impl SeesUsage for Granted<Read> {
    fn seen(&self) -> (UsageAt, Client) {
        (UsageAt(Scope::Repository(self.node().id())), self.client())
    }
}

impl SeesUsage for Granted<AuditView, Project> {
    fn seen(&self) -> (UsageAt, Client) {
        (UsageAt(Scope::Project(self.node().id())), self.client())
    }
}

impl SeesUsage for Granted<AuditView, Organisation> {
    fn seen(&self) -> (UsageAt, Client) {
        (UsageAt(Scope::Everywhere), self.client())
    }
}

impl Storage {
    /// Where what is fetched is counted.
    #[must_use]
    pub fn usage(&self) -> &Arc<UsageCounts> {
        &self.shared.usage
    }

    /// What there was at a node and in it from one day to another, both included; of days on which there was anything.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn usage_days(
        &self,
        may: &impl SeesUsage,
        days: (i64, i64),
    ) -> Result<Vec<UsageDay>, ContentError> {
        let (UsageAt(scope), _) = may.seen();
        Ok(self.shared.database.read(move |tx: &mut dyn Tx| usage::days(tx, scope, days)).await?)
    }

    /// What there is at a node and in it, counted row by row in line with searches; `None` if that takes longer than one of these may.
    /// What was counted lately stands in for it if it `may_be_kept`.
    ///
    /// # Errors
    /// `Crowded` or `Full` if too many of the client, or of all, wait; failures of the database.
    pub async fn usage_totals(
        &self,
        may: &impl SeesUsage,
        formats: &Formats,
        may_be_kept: bool,
    ) -> Result<Option<UsageTotals>, ContentError> {
        let (UsageAt(scope), client) = may.seen();
        let kept = self.shared.totals.lately(scope, self.shared.clock.now());
        if let Some(kept) = kept.filter(|_| may_be_kept) {
            return Ok(Some(kept));
        }
        let turn = self.shared.searches.wait(client, 1).await?;
        let (formats, millis) = (formats.clone(), self.shared.limits.search_millis_max);
        let counted_at = self.shared.clock.now();
        let job = move |tx: &mut dyn Tx| {
            // Given back when the reader is free again, even if nobody waits for it any more.
            let _turn = turn;
            totals(tx, scope, &formats, counted_at)
        };
        match self.shared.database.search(job, Duration::from_millis(millis)).await {
            Ok(totals) => {
                self.shared.totals.keep(scope, totals, self.shared.clock.now());
                Ok(Some(totals))
            }
            Err(Error::TooSlow) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What there was at a node and in it when this process last counted it, if that was within the last day and is still kept: nothing
    /// is counted for it.
    #[must_use]
    pub fn last_usage_totals(&self, may: &impl SeesUsage) -> Option<UsageTotals> {
        let (UsageAt(scope), _) = may.seen();
        self.shared.totals.last(scope, self.shared.clock.now())
    }

    /// How often each of these names was fetched, in their order; none of a name that is not there.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn downloads(
        &self,
        may: &Granted<Read>,
        names: Vec<EntryKey>,
    ) -> Result<Vec<Downloads>, ContentError> {
        let (repository, since) = (may.node().id(), self.recent());
        let read = move |tx: &mut dyn Tx| {
            names.iter().map(|key| usage::of_version(tx, repository, key, since)).collect()
        };
        Ok(self.shared.database.read(read).await?)
    }

    /// How often each of these packages was ever fetched, in their order, and each of their versions.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn package_downloads(
        &self,
        may: &Granted<Read>,
        packages: Vec<PackageName>,
    ) -> Result<Vec<PackageDownloads>, ContentError> {
        let (repository, recent) = (may.node().id(), self.recent());
        let read = move |tx: &mut dyn Tx| {
            let of = |package: &PackageName| {
                let total = usage::of_package(tx, repository, package.key(), recent)?.total;
                let versions = usage::of_versions(tx, repository, (EntryKind::Version, package.key()))?;
                Ok(PackageDownloads { total, versions: versions.into_iter().collect() })
            };
            packages.iter().map(of).collect()
        };
        Ok(self.shared.database.read(read).await?)
    }

    /// The first of the days that are recent.
    pub(super) fn recent(&self) -> i64 {
        time::day_of(self.shared.clock.now()).saturating_sub(Downloads::RECENT_DAYS - 1)
    }

    /// Counts the versions that a batch made.
    pub(super) fn published(
        &self,
        (repository, format): (domain::RepositoryId, Format),
        kinds: &[EntryKind],
        outcomes: &[EntryOutcome],
    ) {
        let Ok(known) = self.shared.policies.formats().find(format.as_str()) else { return };
        let made = kinds.iter().zip(outcomes).filter(|(kind, outcome)| {
            **kind == known.browsing.versions && **outcome == EntryOutcome::Created
        });
        self.shared.usage.published(repository, made.count() as u64);
    }
}

fn totals(
    tx: &mut dyn Tx,
    scope: Scope,
    formats: &Formats,
    counted_at: Timestamp,
) -> Result<UsageTotals, Error> {
    let stored = usage::stored(tx, scope)?;
    let mut totals = UsageTotals { counted_at, packages: 0, versions: 0, bytes: 0, stored };
    for (repository, format) in usage::repositories(tx, scope)? {
        let bytes = usage::bytes(tx, repository)?;
        totals.bytes = totals.bytes.saturating_add(bytes);
        let Ok(known) = formats.find(&format) else { continue };
        let packages = usage::packages(tx, repository, known.browsing.packages)?;
        let versions = usage::names(tx, repository, known.browsing.versions)?;
        totals.packages = totals.packages.saturating_add(packages);
        totals.versions = totals.versions.saturating_add(versions);
    }
    Ok(totals)
}
