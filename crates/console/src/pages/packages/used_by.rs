//! What uses a package: a few on the pages of its versions and on the one that deletes one, all on a page of their own.

use std::borrow::Cow;

use api::dependents::{Dependent, ListDependents};
use api::packages::ShowPackage;
use api::{Code, Fault, Page as Listed};

use super::Place;
use crate::door::Answer;
use crate::fault::rendered;
use crate::frame::{Crumb, Frame, Tab};
use crate::pages::Page;
use crate::pages::lists::Pager;
use crate::parts::filters;
use crate::room::Room;
use crate::texts::Texts;
use crate::visit::Visit;

/// Those that are shown beside something else, and those of a page.
const FEW: usize = 8;
const ROWS: usize = 50;
/// What a row takes beside its texts, and all that are shown beside something else, in bytes of HTML.
const ROW_BYTES: usize = 500;
const FEW_BYTES_MAX: usize = 8_000;
/// Most bytes of HTML of a text in a row.
const TEXT_BYTES_MAX: usize = 300;

/// `/p/{project}/{repository}/-/used-by`
pub(crate) enum UsedBy {}

/// What uses something, as far as it is shown beside something else.
pub(super) struct Users {
    pub(super) rows: Vec<User>,
    /// Where all are shown, if these are not.
    pub(super) all: Option<String>,
}

/// A package that uses another.
pub(super) struct User {
    pub(super) package: String,
    pub(super) version: String,
    pub(super) on: String,
    /// Which versions it takes; `None` for any.
    pub(super) range: Option<String>,
    /// What for, and where.
    pub(super) note: String,
    /// Its page; `None` where the page has no room for so long an address.
    pub(super) href: Option<String>,
}

#[derive(askama::Template)]
#[template(path = "used_by.html")]
struct UsedByPage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    tabs: Vec<Tab>,
    package: &'a str,
    /// Only what asks for this version.
    version: Option<&'a str>,
    all: String,
    rows: Vec<User>,
    pager: Pager,
}

/// The address of the page of all of it.
fn address(place: &Place, package: &str, version: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("package", package);
    query.extend_pairs(version.map(|version| ("version", version)));
    format!("/p/{}/-/used-by?{}", place.path, query.finish())
}

/// The tabs of a package whose format says what uses it.
pub(super) fn tabs(visit: &Visit<'_>, place: &Place, package: &str, users: bool) -> Vec<Tab> {
    if place.known.browsing.needs.is_none() {
        return Vec::new();
    }
    let tab = |text, href, current| Tab { text, href, count: None, current };
    vec![
        tab(visit.t.packages.versions, place.address(package, None), !users),
        tab(visit.t.versions.used_by, address(place, package, None), users),
    ]
}

impl Users {
    /// The first of what uses a package, or asks for this version of it; `None` where the format does not say.
    pub(super) async fn of(
        visit: &Visit<'_>,
        place: &Place,
        (package, version): (&str, Option<&str>),
        room: &mut Room,
    ) -> Result<Option<Self>, Fault> {
        if place.known.browsing.needs.is_none() {
            return Ok(None);
        }
        let found = read(visit, place, (package, version), (None, FEW)).await?;
        let (mut rows, count) = (Vec::new(), found.items.len());
        room.within(FEW_BYTES_MAX, |room| rows = shown(visit.t, place, found.items, room));
        let more = found.next.is_some() || rows.len() < count;
        Ok(Some(Self { rows, all: more.then(|| address(place, package, version)) }))
    }
}

async fn read(
    visit: &Visit<'_>,
    place: &Place,
    (package, version): (&str, Option<&str>),
    (after, limit): (Option<&str>, usize),
) -> Result<Listed<Dependent>, Fault> {
    let [project, repository] = place.names();
    let mut query: Vec<(&'static str, Cow<'_, str>)> = vec![("limit", limit.to_string().into())];
    query.extend(version.map(|version| ("version", version.into())));
    query.extend(after.map(|after| ("after", after.into())));
    visit.read::<ListDependents>(&[project, repository, package], &query).await
}

/// As many as there is room for.
fn shown(t: &Texts, place: &Place, mut found: Vec<Dependent>, room: &mut Room) -> Vec<User> {
    let mut rows = Vec::with_capacity(found.len());
    let rows_max = found.len();
    room.keep(&mut found, (rows_max, ROW_BYTES), |room, one| {
        let to = (place.known.browsing.page)(&one.package, Some(&one.version));
        let href = Some(super::address(&one.on, &to)).filter(|href| room.take(href.len()));
        rows.push(User {
            package: room.text(&one.package, TEXT_BYTES_MAX),
            version: room.text(&one.version, TEXT_BYTES_MAX),
            on: room.text(&one.on, TEXT_BYTES_MAX),
            range: one.range.as_deref().map(|range| room.text(range, TEXT_BYTES_MAX)),
            note: room.text(&note(t, one), TEXT_BYTES_MAX),
            href,
        });
    });
    rows
}

fn note(t: &Texts, one: &Dependent) -> String {
    let group = one.group.as_deref().map(|group| if group == "managed" { t.versions.managed } else { group });
    let scope =
        one.scope.as_deref().map(|scope| if scope == "parent" { t.versions.as_parent } else { scope });
    let optional = one.optional.then_some(t.common.optional);
    let said: Vec<&str> = [group, scope, optional].into_iter().flatten().collect();
    said.join(" ")
}

impl Page for UsedBy {
    const PATH: &'static str = "/p/{project}/{repository}/-/used-by";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let place = Place::of(visit).await?;
        let absent = || Fault::Told(Code::Absent, "it does not exist".into());
        let asked =
            visit.given("package").filter(|_| place.known.browsing.needs.is_some()).ok_or_else(absent)?;
        let [project, repository] = place.names();
        let package = visit.read::<ShowPackage>(&[project, repository, asked], &[]).await?.name;
        let version = visit.given("version");
        let (of, after) = ((package.as_str(), version), visit.given("after"));
        let mut found = read(visit, &place, of, (after, ROWS)).await?;
        let count = found.items.len();
        let mut rows = shown(visit.t, &place, found.items, &mut visit.room());
        // Where whoever wrote them wrote so much that not all fit in a page, the next one begins with the others.
        if rows.len() < count {
            found = read(visit, &place, of, (after, rows.len().max(1))).await?;
            rows = shown(visit.t, &place, found.items, &mut visit.room());
        }
        let mut crumbs = place.crumbs(visit);
        crumbs.push(Crumb { text: package.clone(), href: Some(place.address(&package, None)) });
        crumbs.push(Crumb { text: visit.t.versions.used_by.to_owned(), href: None });
        let page = UsedByPage {
            f: &place.frame(visit, &package, None),
            crumbs,
            tabs: tabs(visit, &place, &package, true),
            package: &package,
            version,
            all: address(&place, &package, None),
            rows,
            pager: Pager::of(visit, found.next.as_ref()),
        };
        Ok(Answer::page(200, rendered(&page)))
    }
}
