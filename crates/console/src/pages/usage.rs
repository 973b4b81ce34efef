//! `…/-/usage`: what was fetched and made at a node and in it, as numbers, chart, table and lines with commas.

use std::borrow::Cow;

use api::packages::Package;
use api::search::FindPackages;
use api::usage::{ShowMyUsage, ShowUsage, Usage, UsageStep};
use api::{Endpoint, Fault};
use domain::{Organisation, Permission, Project, Repository};

use crate::chart::Chart;
use crate::door::{Answer, Download};
use crate::fault::rendered;
use crate::frame::{Crumb, Frame, Tab};
use crate::pages::{Page, project_place, repository_place, search};
use crate::parts::{filled, filters};
use crate::visit::Visit;

/// Packages that are shown.
const TOP: &str = "10";
/// Days of a page, and what one bar of it is about: a month by days, or a year by weeks.
const PERIODS: [(i64, UsageStep); 2] = [(30, UsageStep::Day), (365, UsageStep::Week)];

/// `/-/usage`
pub(super) enum OfOrganisation {}

/// `/p/{project}/-/usage`
pub(super) enum OfProject {}

/// `/p/{project}/{repository}/-/usage`
pub(super) enum OfRepository {}

#[derive(askama::Template)]
#[template(path = "usage.html")]
struct UsagePage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    heading: String,
    tabs: Vec<Tab>,
    /// Address, name, and whether it is the one that is shown.
    periods: Vec<(String, &'static str, bool)>,
    days: i64,
    csv: String,
    /// Whether it is about a node, whose totals are told.
    has_totals: bool,
    usage: Usage,
    chart: Chart,
    /// With their addresses; `None` where they could not be had.
    top: Option<Vec<(Package, String)>>,
}

/// Which days the address asks for.
fn period(visit: &Visit<'_>) -> (i64, UsageStep) {
    let [month, year] = PERIODS;
    if visit.given("days") == Some("365") { year } else { month }
}

/// What was fetched and made within these days, the last of which is today; with what there is, as `totals` says.
pub(super) async fn read<E: Endpoint<Answer = Usage>>(
    visit: &Visit<'_>,
    names: &[&str],
    (days, step): (i64, UsageStep),
    totals: &'static str,
) -> Result<Usage, Fault> {
    let today = domain::time::day_of(visit.now());
    let step = if step == UsageStep::Week { "week" } else { "day" };
    let from = domain::time::show_day(today.saturating_sub(days - 1));
    let query = [("from", from.into()), ("step", step.into()), ("totals", totals.into())];
    visit.read::<E>(names, &query).await
}

/// The most fetched packages of these places, as far as who looks may read them; `None` if they cannot be put in order now.
async fn top(visit: &Visit<'_>, names: &[&str]) -> Option<Vec<(Package, String)>> {
    let places = ["project", "repository"].into_iter().zip(names);
    let mut query: Vec<(&str, Cow<'_, str>)> = vec![("sort", "-downloads".into()), ("limit", TOP.into())];
    query.extend(places.map(|(name, value)| (name, Cow::from(*value))));
    let found = visit.read::<FindPackages>(&[], &query).await.ok()?;
    let fetched = found.items.into_iter().filter(|package| package.downloads > 0);
    let with_address = |package: Package| {
        let address = search::address(visit, &package);
        (package, address)
    };
    Some(fetched.map(with_address).collect())
}

/// The page of a node, or its numbers as a file.
async fn page<E: Endpoint<Answer = Usage>>(
    visit: &Visit<'_>,
    names: &[&str],
    (crumbs, tabs): (Vec<Crumb>, Vec<Tab>),
) -> Result<Answer, Fault> {
    let (days, step) = period(visit);
    let as_csv = E::CSV.filter(|_| visit.given("as") == Some("csv"));
    let totals = if as_csv.is_some() { "none" } else { "lately" };
    let usage = read::<E>(visit, names, (days, step), totals).await?;
    if let Some(csv) = as_csv {
        let place = names.iter().map(|name| format!("-{name}")).collect::<String>();
        let name = format!("usage{place}-{days}-days.csv");
        return Ok(Answer::file(Download { name, media_type: "text/csv; charset=utf-8", text: csv(&usage) }));
    }
    let t = &visit.t.usage;
    let everything = visit.may_here(Permission::AuditView);
    let heading = match names {
        [] if everything => t.title.to_owned(),
        [] => t.title_mine.to_owned(),
        names => filled(t.title_of, "place", &names.join("/")),
    };
    let periods = PERIODS.iter().zip([t.month, t.year]);
    let periods =
        periods.map(|((of, _), name)| (visit.here_with("days", &of.to_string()), name, *of == days));
    let page = UsagePage {
        f: &Frame::of(visit),
        crumbs,
        heading,
        tabs,
        periods: periods.collect(),
        days,
        csv: visit.here_with("as", "csv"),
        has_totals: everything || !names.is_empty(),
        chart: Chart::of(&usage, visit.language, visit.t),
        top: top(visit, names).await,
        usage,
    };
    Ok(Answer::page(200, rendered(&page)))
}

impl Page for OfOrganisation {
    const PATH: &'static str = "/-/usage";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        visit.insist_on_somebody()?;
        if visit.may_here(Permission::AuditView) {
            page::<ShowUsage<Organisation>>(visit, &[], (Vec::new(), Vec::new())).await
        } else {
            page::<ShowMyUsage>(visit, &[], (Vec::new(), Vec::new())).await
        }
    }
}

impl Page for OfProject {
    const PATH: &'static str = "/p/{project}/-/usage";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let place = project_place::Place::of(visit, project_place::Part::Usage).await?;
        page::<ShowUsage<Project>>(visit, &[&place.project.about.key], (place.crumbs, place.tabs)).await
    }
}

impl Page for OfRepository {
    const PATH: &'static str = "/p/{project}/{repository}/-/usage";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let place = repository_place::Place::of(visit, repository_place::Part::Usage).await?;
        let path = place.path().to_owned();
        let names: Vec<&str> = path.split('/').collect();
        page::<ShowUsage<Repository>>(visit, &names, (place.crumbs, place.tabs)).await
    }
}
