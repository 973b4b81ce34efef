//! `…/usage`: what was fetched and made at a node and in it, step by step, and what there is.

use std::fmt::Write as _;
use std::marker::PhantomData;

use domain::{
    AuditView, Granted, Organisation, Project, ProjectKey, Read, Repository, RepositoryPath, Right, time,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::{SeesUsage, UsageDay, UsageTotals};

use crate::at::{At, Names};
use crate::endpoint::{Ask, Cx, Done, Endpoint, GuardedNode, LoggedIn, Meta, Method, Nothing};
use crate::problem::{Code, Fault};
use crate::words::{Day, Moment};

/// Most days that one answer is about.
const DAYS_MAX: i64 = 400;
/// Days that it is about if it does not say.
const DAYS: i64 = 30;

/// `GET …/usage`
pub struct ShowUsage<N>(PhantomData<fn() -> N>);

/// `GET /me/usage`
pub enum ShowMyUsage {}

/// A node that says at an address what was fetched.
pub trait HasUsage: GuardedNode {
    /// What takes one to see it.
    type Right: Right;
    /// What the path names.
    type At: At + Names<Self>;
    /// The address.
    const PATH: &'static str;
    /// The operation.
    const ID: &'static str;

    /// Whether the caller is told how much room it takes.
    fn shows_stored(cx: &Cx, at: &Self::At) -> bool;
}

impl HasUsage for Organisation {
    type Right = AuditView;
    type At = ();
    const PATH: &'static str = "/organisation/usage";
    const ID: &'static str = "organisation_usage";

    fn shows_stored(_cx: &Cx, _at: &()) -> bool {
        true
    }
}

impl HasUsage for Project {
    type Right = AuditView;
    type At = ProjectKey;
    const PATH: &'static str = "/projects/{project}/usage";
    const ID: &'static str = "project_usage";

    fn shows_stored(_cx: &Cx, _at: &ProjectKey) -> bool {
        true
    }
}

impl HasUsage for Repository {
    type Right = Read;
    type At = RepositoryPath;
    const PATH: &'static str = "/repositories/{project}/{repository}/usage";
    const ID: &'static str = "repository_usage";

    fn shows_stored(cx: &Cx, at: &RepositoryPath) -> bool {
        cx.gate.check::<AuditView, Self>(at).is_ok()
    }
}

/// Which days, and in what steps.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub struct UsageAsked {
    /// The first day, in UTC; 29 days before the last if it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// The last day, at most 399 days behind the first; today if it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Day>,
    /// What one item is about.
    #[serde(default)]
    pub step: UsageStep,
    /// How what there is gets told.
    #[serde(default)]
    pub totals: TotalsAsked,
}

/// How what there is gets told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum TotalsAsked {
    /// It is counted for this answer.
    #[default]
    Now,
    /// As this gateway counted it so lately that counting it again is not worth it, a thousand times as long as that took; else it is
    /// counted.
    Lately,
    /// As this gateway counted it last within a day; else `null`.
    Last,
    /// It is left out: `null`.
    None,
}

/// What one item is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum UsageStep {
    /// A day.
    #[default]
    Day,
    /// A week from Monday on.
    Week,
    /// A month.
    Month,
}

/// What was fetched and made, and what there is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Usage {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// What one item is about.
    pub step: UsageStep,
    /// Every step in order, also those in which there was nothing; the first and the last are cut where the days begin and end.
    pub items: Vec<UsageItem>,
    /// All of it together.
    pub sum: UsageSum,
    /// What there is; `null` where it is too much to be counted within a second, and where it was not asked for.
    pub totals: Option<UsageTotal>,
}

/// What was fetched and made within one step.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct UsageItem {
    /// The day that the step begins with; of the first, the first that was asked for.
    pub at: Day,
    /// Downloads that came to their end.
    pub downloads: u64,
    /// Bytes of content that were handed out, also of downloads that did not.
    pub downloaded_bytes: u64,
    /// Versions that were made, also such as are gone since.
    pub published: u64,
}

/// What was fetched and made within all steps.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct UsageSum {
    /// Downloads that came to their end.
    pub downloads: u64,
    /// Bytes of content that were handed out.
    pub downloaded_bytes: u64,
    /// Versions that were made.
    pub published: u64,
}

/// What there is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct UsageTotal {
    /// Packages.
    pub packages: u64,
    /// Versions, those that are unlisted too.
    pub versions: u64,
    /// Length of all content in bytes, once in each repository that has it.
    pub bytes: u64,
    /// Length of all content in bytes, once in all; `null` for who may not see the events of the node.
    pub bytes_stored: Option<u64>,
    /// When this was counted.
    pub counted_at: Moment,
}

impl UsageTotal {
    fn of(totals: &UsageTotals, shows_stored: bool) -> Self {
        let UsageTotals { packages, versions, bytes, stored, counted_at } = *totals;
        let (bytes_stored, counted_at) = (shows_stored.then_some(stored), Moment(counted_at));
        Self { packages, versions, bytes, bytes_stored, counted_at }
    }
}

impl UsageStep {
    /// The day that the step of a day begins with.
    const fn begin(self, day: i64) -> i64 {
        match self {
            Self::Day => day,
            Self::Week => time::week_of(day),
            Self::Month => time::month_of(day),
        }
    }
}

impl UsageAsked {
    /// The first and the last day.
    fn days(&self, today: i64) -> Result<(i64, i64), Fault> {
        let to = self.to.map_or(today, |day| day.0);
        let from = self.from.map_or_else(|| to.saturating_sub(DAYS - 1), |day| day.0);
        if from > to {
            return Err(Fault::Told(Code::Rule, "from: the first day is behind the last".into()));
        }
        if to.saturating_sub(from) >= DAYS_MAX {
            return Err(Fault::Told(Code::Rule, "from: one answer is about 400 days at most".into()));
        }
        Ok((from, to))
    }
}

impl UsageItem {
    const fn empty(day: i64) -> Self {
        Self { at: Day(day), downloads: 0, downloaded_bytes: 0, published: 0 }
    }

    const fn add(&mut self, day: &UsageDay) {
        self.downloads = self.downloads.saturating_add(day.downloads);
        self.downloaded_bytes = self.downloaded_bytes.saturating_add(day.bytes);
        self.published = self.published.saturating_add(day.published);
    }
}

impl Usage {
    /// Of these days, in their order.
    fn of((from, to): (i64, i64), step: UsageStep, days: &[UsageDay], totals: Option<UsageTotal>) -> Self {
        let mut items: Vec<UsageItem> = Vec::new();
        let mut days = days.iter().peekable();
        let mut sum = UsageItem::empty(from);
        for day in from..=to {
            if day == from || step.begin(day) == day {
                items.push(UsageItem::empty(day));
            }
            if let (Some(item), Some(found)) = (items.last_mut(), days.next_if(|found| found.day == day)) {
                item.add(found);
                sum.add(found);
            }
        }
        let UsageItem { at: _, downloads, downloaded_bytes, published } = sum;
        let sum = UsageSum { downloads, downloaded_bytes, published };
        Self { from: Day(from), to: Day(to), step, items, sum, totals }
    }

    /// The items as lines with commas (RFC 4180), below what their columns are called.
    fn csv(&self) -> String {
        let mut text = "at,downloads,downloaded_bytes,published\r\n".to_owned();
        for UsageItem { at, downloads, downloaded_bytes, published } in &self.items {
            // Writing to a string does not fail.
            let _ = write!(text, "{},{downloads},{downloaded_bytes},{published}\r\n", time::show_day(at.0));
        }
        text
    }
}

impl<N: HasUsage> Endpoint for ShowUsage<N>
where
    Granted<N::Right, N>: SeesUsage + Sync,
{
    const META: Meta = Meta {
        id: N::ID,
        method: Method::Get,
        path: N::PATH,
        summary: "Shows what was fetched and made at this node and in it by day, week or month, and what there is.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Rule],
        cli: Some("usage"),
    };
    const CSV: Option<fn(&Usage) -> String> = Some(Usage::csv);
    type At = N::At;
    type Query = UsageAsked;
    type Body = Nothing;
    type Answer = Usage;
    type May = Granted<N::Right, N>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Usage>, Fault> {
        let days = ask.query.days(time::day_of(cx.house.now()))?;
        let found = cx.house.usage_days(&may, days).await?;
        let shows_stored = N::shows_stored(cx, &ask.at);
        let totals = match ask.query.totals {
            TotalsAsked::Now => cx.house.usage_totals(&may, &cx.formats, false).await?,
            TotalsAsked::Lately => cx.house.usage_totals(&may, &cx.formats, true).await?,
            TotalsAsked::Last => cx.house.last_usage_totals(&may),
            TotalsAsked::None => None,
        };
        let totals = totals.map(|totals| UsageTotal::of(&totals, shows_stored));
        Ok(Done::read(Usage::of(days, ask.query.step, &found, totals)))
    }
}

impl Endpoint for ShowMyUsage {
    const META: Meta = Meta {
        id: "me_usage",
        method: Method::Get,
        path: "/me/usage",
        summary: "Shows what was fetched and made by day, week or month in everything you may read; `totals` are told of nodes only.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Rule],
        cli: Some("usage"),
    };
    const CSV: Option<fn(&Usage) -> String> = Some(Usage::csv);
    type At = ();
    type Query = UsageAsked;
    type Body = Nothing;
    type Answer = Usage;
    type May = LoggedIn;

    async fn call(cx: &Cx, _may: LoggedIn, ask: &Ask<Self>) -> Result<Done<Usage>, Fault> {
        let days = ask.query.days(time::day_of(cx.house.now()))?;
        let found = cx.house.shelves(cx.gate.readable()).usage_days(days).await?;
        Ok(Done::read(Usage::of(days, ask.query.step, &found, None)))
    }
}

#[cfg(test)]
mod tests;
