//! What every page has around what it shows.

use crate::look::{Language, Theme};
use crate::show::When;
use crate::texts::Texts;
use crate::visit::Visit;
use domain::{Permission, Timestamp};

/// The frame of a page, as templates see it.
pub(crate) struct Frame {
    pub(crate) t: &'static Texts,
    pub(crate) language: Language,
    pub(crate) theme: Theme,
    pub(crate) keys: bool,
    /// `HOST`.
    pub(crate) host: String,
    pub(crate) organisation: String,
    /// Who is logged in.
    pub(crate) user: Option<User>,
    pub(crate) nav: Vec<NavItem>,
    /// What forms are sent with.
    pub(crate) token: String,
    /// This address, to come back to.
    pub(crate) here: String,
    /// What was done just now.
    pub(crate) notice: Option<&'static str>,
    pub(crate) css: String,
    pub(crate) script: String,
    pub(crate) logo: String,
    pub(crate) now: Timestamp,
    pub(crate) can_log_in: bool,
    /// What other sites may show of this page, where it is of something public.
    pub(crate) preview: Option<Preview>,
}

/// What stands in a link to a page that is public.
pub(crate) struct Preview {
    /// Its address without a query.
    pub(crate) address: String,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
}

/// Who is logged in.
pub(crate) struct User {
    pub(crate) title: String,
    pub(crate) initial: String,
    /// Who and what there is in the organisation: addresses and what they are called.
    pub(crate) links: Vec<(&'static str, &'static str)>,
}

/// A part of the console.
pub(crate) struct NavItem {
    pub(crate) href: &'static str,
    pub(crate) text: &'static str,
    /// The key behind `g`.
    pub(crate) key: &'static str,
    pub(crate) current: bool,
}

/// A step of the way to a page: what it is called, and its address unless it is the page itself.
pub(crate) struct Crumb {
    pub(crate) text: String,
    pub(crate) href: Option<String>,
}

/// A section of a page.
pub(crate) struct Tab {
    pub(crate) text: &'static str,
    pub(crate) href: String,
    pub(crate) count: Option<String>,
    pub(crate) current: bool,
}

impl Frame {
    /// The frame around a page of this visit.
    pub(crate) fn of(visit: &Visit<'_>) -> Self {
        let asked = visit.asked;
        let user = visit.me.as_ref().map(|me| {
            let title = me.title.clone().unwrap_or_default();
            let initial =
                title.chars().next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
            User { title, initial, links: directory(visit) }
        });
        let host = asked.origin.split_once("://").map_or(asked.origin, |(_, host)| host);
        Self {
            t: visit.t,
            language: visit.language,
            theme: visit.theme,
            keys: visit.keys,
            host: host.to_owned(),
            organisation: asked.doors.organisation(),
            nav: nav(visit),
            user,
            token: visit.token(),
            here: visit.here(),
            notice: visit.notice(),
            css: crate::assets::address("wharf.css"),
            script: crate::assets::address("wharf.js"),
            logo: crate::assets::address("logo.svg"),
            now: visit.now(),
            can_log_in: asked.can_log_in,
            preview: None,
        }
    }

    /// The frame around a page of something; if that is public, links to it may say what it is.
    pub(crate) fn around(visit: &Visit<'_>, is_public: bool, title: &str, description: Option<&str>) -> Self {
        let preview = is_public.then(|| Preview {
            address: format!("{}{}", visit.asked.origin, visit.asked.path),
            title: title.to_owned(),
            description: description.map(str::to_owned),
        });
        Self { preview, ..Self::of(visit) }
    }

    pub(crate) const fn release(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    pub(crate) fn when(&self, at: &api::Moment) -> When {
        self.language.when(at.0, self.now)
    }

    pub(crate) fn bytes(&self, bytes: &u64) -> String {
        self.language.bytes(*bytes)
    }

    pub(crate) fn number(&self, number: &u64) -> String {
        self.language.number(*number)
    }

    pub(crate) const fn themes(&self) -> [(Theme, &'static str); 3] {
        let t = &self.t.common;
        [(Theme::System, t.theme_system), (Theme::Light, t.theme_light), (Theme::Dark, t.theme_dark)]
    }

    pub(crate) const fn languages(&self) -> [Language; 2] {
        Language::ALL
    }
}

impl Crumb {
    /// The list of projects, which who is nobody has not.
    pub(crate) fn projects(visit: &Visit<'_>) -> Self {
        Self { text: visit.t.common.projects.to_owned(), href: visit.me.as_ref().map(|_| "/p".to_owned()) }
    }
}

/// The way to a thing of a list, or to a page below it.
pub(crate) fn way(
    (list, at): (&str, Option<String>),
    (name, address): (&str, String),
    below: Option<&str>,
) -> Vec<Crumb> {
    let mut crumbs = vec![Crumb { text: list.to_owned(), href: at }];
    crumbs.push(Crumb { text: name.to_owned(), href: below.map(|_| address) });
    crumbs.extend(below.map(|below| Crumb { text: below.to_owned(), href: None }));
    crumbs
}

/// The parts of the console, as far as there is something to see.
fn nav(visit: &Visit<'_>) -> Vec<NavItem> {
    let path = visit.asked.path;
    let below =
        |href: &str| path == href || path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
    let item = |href: &'static str, text, key| NavItem { href, text, key, current: below(href) };
    let t = &visit.t.common;
    let mut items = Vec::new();
    if visit.me.is_some() {
        items.push(item("/p", t.projects, "p"));
    }
    items.push(item("/-/search", t.packages, "s"));
    if visit.me.is_some() {
        items.push(item("/-/access", t.access, "e"));
    }
    if visit.may_here(Permission::AuditView) {
        items.push(item("/-/audit", t.audit, "a"));
        items.push(item("/-/operations", t.operations, "o"));
    }
    items
}

/// Who and what there is in the organisation, as far as who looks may see it: addresses and what they are called.
pub(crate) fn directory(visit: &Visit<'_>) -> Vec<(&'static str, &'static str)> {
    let t = &visit.t.common;
    let mut links = Vec::new();
    if visit.may_here(Permission::DirectoryView) {
        links.extend([("/-/members", t.members), ("/-/teams", t.teams), ("/-/applications", t.applications)]);
    }
    if visit.may_here(Permission::OrganisationManage) {
        links.push(("/-/organisation", t.the_organisation));
    }
    links
}
