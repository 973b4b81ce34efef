//! Which pages there are, by the links that lead to them: a few of each kind.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use benches::Outcome;
use matchit::Router;

use super::fat;
use super::visitor::{Visitor, links};
use super::world::DEEP;

/// From here on a page is told of at once.
const SLOW: Duration = Duration::from_millis(500);
/// Pages of each kind that are looked at.
const EACH_MAX: usize = 3;
/// What is no page, or ends the visit.
const NO_PAGES: [&str; 7] = ["/-/logout", "/-/look", "/-/assets/", "/api", "/v2/", "/maven/", "/nuget/"];

/// Pages by their kind: the line of the list, with the format where it has to do with one, and what is asked of it.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) pages: BTreeMap<String, Vec<String>>,
}

/// The list of pages.
pub(crate) struct Map {
    router: Router<&'static str>,
    pub(crate) patterns: Vec<&'static str>,
}

impl Map {
    pub(crate) fn new() -> Outcome<Self> {
        let patterns: Vec<_> = console::addresses().into_iter().map(|(pattern, _)| pattern).collect();
        let mut router = Router::new();
        for pattern in &patterns {
            router.insert(*pattern, *pattern)?;
        }
        Ok(Self { router, patterns })
    }

    /// What kind of page an address is; none if it is no page.
    fn kind(&self, address: &str) -> Option<String> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        if NO_PAGES.iter().any(|no| path.starts_with(no)) || path.contains("/-/download/") {
            return None;
        }
        let pattern = *self.router.at(path).ok()?.value;
        let mut kind = pattern.to_owned();
        if pattern.starts_with("/p/{project}/{repository}") {
            let format = path.split('/').nth(3).and_then(|name| name.split('-').next());
            kind = kind.replace("{repository}", format.unwrap_or_default());
        }
        if pattern.ends_with("{*below}") {
            let last = path.rsplit('/').next().unwrap_or_default();
            let is = [('@', "@digest"), (':', ":tag")].into_iter().find(|(mark, _)| last.contains(*mark));
            let is =
                is.map_or_else(|| "/…".repeat(path.split('/').count() - 4), |(_, what)| format!("/…{what}"));
            kind = kind.replace("/{*below}", &is);
            if path.contains(fat::NAME) {
                kind.push_str(" (fat)");
            }
        }
        let mut names: Vec<&str> = query
            .split('&')
            .filter_map(|pair| pair.split('=').next())
            .filter(|name| !name.is_empty())
            .collect();
        names.sort_unstable();
        names.dedup();
        if !names.is_empty() {
            kind = format!("{kind}?{}", names.join("&"));
        }
        Some(kind)
    }
}

impl Found {
    /// Takes an address in; says whether there were too few of its kind.
    fn take(&mut self, map: &Map, address: &str) -> bool {
        let Some(kind) = map.kind(address) else { return false };
        let pages = self.pages.entry(kind).or_default();
        let new = pages.len() < EACH_MAX && !pages.iter().any(|page| page == address);
        if new {
            pages.push(address.to_owned());
        }
        new
    }

    /// Follows links from where it is deepest, and from where a visit begins.
    pub(crate) fn walk(&mut self, map: &Map, visitor: &Visitor) -> Outcome<()> {
        let mut waiting: VecDeque<String> = VecDeque::new();
        for address in beginnings() {
            self.take(map, &address);
            waiting.push_back(address);
        }
        while let Some(address) = waiting.pop_front() {
            let (answer, took) = visitor.open(&address)?;
            if took > SLOW {
                println!("slow: {took:?} as {}: {address}", visitor.name);
            }
            for link in links(&answer.body) {
                if self.take(map, &link) {
                    waiting.push_back(link);
                }
            }
        }
        Ok(())
    }
}

/// What else is asked by forms.
const ELSEWHERE: [&str; 36] = [
    "/",
    "/p",
    "/p?query=project",
    "/-/search",
    "/-/search?q=app",
    "/-/search?q=a",
    "/-/search?q=bench.app-00017",
    "/-/search?q=app-00017&format=maven",
    "/-/search?q=app&project=deep",
    "/-/search?q=nothing-is-called-so",
    "/-/members?query=person-0001",
    "/-/members?query=17",
    "/-/members?query=nobody-is-called-so",
    "/-/members?suspended=true",
    "/-/teams?query=team-1",
    "/-/teams/team-000",
    "/-/teams/team-000?find=person",
    "/-/applications?query=app",
    "/-/members/member:mia",
    "/-/members/member:bench",
    "/-/audit?class=content&outcome=done",
    "/-/audit?actor=member:mia",
    "/-/audit?action=version.publish",
    "/-/audit?since=2001-01-01",
    "/-/audit?object=project-001",
    "/-/me/audit",
    "/-/access?right=read&node=deep/oci&who=member:mia",
    "/-/access/of/member:mia",
    "/-/access/of/member:bench?on=deep",
    "/-/access/of/team:team-000",
    "/-/access/to/deep",
    "/-/access/to/deep/oci",
    "/-/access/to/deep/oci?may=publish",
    "/-/access/to/%2F",
    "/-/new-project",
    "/-/new-issuer",
];

/// Where everything is many, and what is asked by forms.
fn beginnings() -> Vec<String> {
    let fat = fat::NAME;
    let mut all: Vec<String> = [
        "",
        "/-/participants",
        "/-/participants?query=person-0001",
        "/-/participants?kind=member&role=project-member",
        "/-/participants/add?find=person",
        "/-/roles",
        "/-/audit",
        "/-/audit?class=content&outcome=done",
        "/-/audit?object=maven",
        "/oci/app-00000",
        "/oci/app-00000:1.17",
        "/maven/org/bench/app-00000",
        "/maven/org/bench/app-00000/1.17",
        "/maven/org/bench",
        "/maven?as=folders",
        "/nuget/Bench.app-00000",
        "/nuget/Bench.app-00000/1.17.0",
        "/files/app-00000",
        "/files/app-00000/file-17.txt",
        "/files?as=folders",
        "/nuget/Bench.fat.md/1.0.0",
        "/nuget/Bench.fat.txt/1.0.0",
        "/maven/-/access",
        "/oci/-/connect",
    ]
    .into_iter()
    .map(|below| format!("/p/{DEEP}{below}"))
    .collect();
    all.extend([
        format!("/p/{DEEP}/oci/{fat}:1"),
        format!("/p/{DEEP}/oci/{fat}"),
        format!("/p/{DEEP}/maven/org/bench/{fat}/1"),
    ]);
    all.extend(ELSEWHERE.map(str::to_owned));
    all
}
