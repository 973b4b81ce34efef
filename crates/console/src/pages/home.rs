//! `/`: what is mine, what waits for me, what is new and how much of it is used; for who is nobody, what is public.

use std::borrow::Cow;

use api::Fault;
use api::details::Details;
use api::newest::{ListNewest, NewVersion};
use api::repositories::{ListRepositories, Repository};
use api::usage::{ShowMyUsage, ShowUsage, UsageStep, UsageTotal};
use domain::{Organisation, Permission};

use crate::chart::Chart;
use crate::door::Answer;
use crate::fault::{rendered, to_log_in};
use crate::frame::Frame;
use crate::pages::packages::{Source, address};
use crate::pages::{Page, usage};
use crate::parts::filters;
use crate::visit::Visit;

mod health;
mod projects;
mod waiting;

use health::Line;
use projects::Mine;
use waiting::Waits;

/// Versions that are shown as new.
const NEWEST: &str = "8";
/// Days that are told of.
const DAYS: i64 = 30;

/// `/`
pub(super) enum Home {}

#[derive(askama::Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    f: &'a Frame,
    may_make: bool,
    /// What could not be had now is `None`, and says so in its place; of the lines of health also what is not for who looks.
    numbers: Option<Numbers>,
    projects: Option<Vec<Mine>>,
    newest: Option<Vec<New>>,
    waits: Waits,
    sees_health: bool,
    health: Option<Vec<Line>>,
}

#[derive(askama::Template)]
#[template(path = "public.html")]
struct PublicPage<'a> {
    f: &'a Frame,
    repositories: Vec<Repository>,
    newest: Option<Vec<New>>,
    line: Option<String>,
    next: Option<String>,
    first: Option<String>,
}

/// How much is used.
struct Numbers {
    downloads: u64,
    bytes: u64,
    published: u64,
    chart: Chart,
    totals: Option<UsageTotal>,
}

/// A version with where it is looked at.
pub(super) struct New {
    version: NewVersion,
    address: String,
}

impl New {
    fn of(visit: &Visit<'_>, version: NewVersion) -> Self {
        let known = visit.asked.cx.formats.find(&version.format).ok();
        let below = known.map(|known| (known.browsing.page)(&version.package, Some(&version.version)));
        Self { address: address(&version.on, &below.unwrap_or_default()), version }
    }

    /// What it is called: of a package that is a whole repository, the version alone.
    fn name(&self) -> &str {
        if self.version.package == "/" { &self.version.version } else { &self.version.package }
    }

    /// The version beside the name.
    fn beside(&self) -> &str {
        if self.version.package == "/" { "" } else { &self.version.version }
    }
}

/// What belongs to a part of the page: where it fails for now, the page goes on without it.
///
/// # Errors
/// What the whole page fails by: who looks is to do something first.
fn part<T>(told: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match told {
        Ok(part) => Ok(Some(part)),
        Err(fault) if matches!(fault.code().status(), 429 | 500..) => Ok(None),
        Err(fault) => Err(fault),
    }
}

impl Page for Home {
    const PATH: &'static str = "/";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.me.is_none() {
            return public(visit).await;
        }
        let projects = part(projects::of(visit).await)?;
        let sees_health = visit.may_here(Permission::AuditView);
        let health = if sees_health { part(health::of(visit).await)? } else { None };
        let (lines, troubles) =
            health.map_or((None, None), |health| (Some(health.lines), Some(health.troubles)));
        let page = HomePage {
            f: &Frame::of(visit),
            may_make: visit.may_here(Permission::ProjectCreate),
            numbers: part(numbers(visit).await)?,
            newest: part(newest(visit).await)?,
            waits: waiting::of(visit, projects.as_deref().unwrap_or_default(), troubles).await?,
            projects,
            sees_health,
            health: lines,
        };
        Ok(Answer::page(200, rendered(&page)))
    }
}

/// How much is used of what who looks may read; and how much there is, for who sees the events of everything, if it was counted today.
async fn numbers(visit: &Visit<'_>) -> Result<Numbers, Fault> {
    let asked = (DAYS, UsageStep::Day);
    let told = usage::read::<ShowMyUsage>(visit, &[], asked, "none").await?;
    let totals = if visit.may_here(Permission::AuditView) {
        usage::read::<ShowUsage<Organisation>>(visit, &[], (1, UsageStep::Day), "last").await?.totals
    } else {
        None
    };
    Ok(Numbers {
        downloads: told.sum.downloads,
        bytes: told.sum.downloaded_bytes,
        published: told.sum.published,
        chart: Chart::of(&told, visit.language, visit.t),
        totals,
    })
}

/// What is new in all that who looks may read.
async fn newest(visit: &Visit<'_>) -> Result<Vec<New>, Fault> {
    let found = visit.read::<ListNewest>(&[], &[("limit", NEWEST.into())]).await?;
    Ok(found.items.into_iter().map(|version| New::of(visit, version)).collect())
}

/// What anybody may see, a page at a time.
async fn public(visit: &Visit<'_>) -> Result<Answer, Fault> {
    if visit.asked.doors.needs_set_up() {
        return Ok(Answer::see("/-/setup"));
    }
    if !visit.asked.doors.shows_landing() {
        return Ok(to_log_in(visit));
    }
    let mut query: Vec<(&str, Cow<'_, str>)> = vec![("visibility", "public".into()), ("limit", "50".into())];
    query.extend(visit.given("after").map(|after| ("after", after.into())));
    let found = visit.read::<ListRepositories>(&[], &query).await?;
    let newest = part(newest(visit).await)?;
    let page = PublicPage {
        f: &Frame::of(visit),
        repositories: found.items,
        line: newest.iter().flatten().find_map(|new| line(visit, &new.version)),
        newest,
        next: found.next.map(|next| visit.here_with("after", &next)),
        first: visit.given("after").map(|_| "/".to_owned()),
    };
    Ok(Answer::page(200, rendered(&page)))
}

/// The line that fetches a version.
fn line(visit: &Visit<'_>, version: &NewVersion) -> Option<String> {
    let known = visit.asked.cx.formats.find(&version.format).ok()?;
    let source = Source { known, origin: visit.asked.origin, repository: &version.on, user: None };
    // What is a file of its own is fetched as one.
    let url = || format!("{}{}", known.mount, address(&version.on, &version.version));
    let url = (version.package == "/").then(url);
    let of = (version.package.as_str(), version.version.as_str());
    source.all(of, &Details::default(), url.as_deref()).into_iter().next().map(|line| line.text)
}

impl HomePage<'_> {
    /// How much room content takes, and how much it does not because it is shared.
    fn shared(&self, totals: &UsageTotal) -> Option<(u64, u64)> {
        let stored = totals.bytes_stored?;
        let saved = totals.bytes.saturating_sub(stored);
        let percent = u128::from(saved) * 100 / u128::from(totals.bytes.max(1));
        Some((saved, u64::try_from(percent).unwrap_or(100)))
    }
}
