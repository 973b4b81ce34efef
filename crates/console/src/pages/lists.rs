//! Lists a page at a time, as the address asks for them.

use std::borrow::Cow;

use domain::Permission;

use crate::caller::encoded;
use crate::frame::Tab;
use crate::visit::Visit;

/// Rows of a page.
const ROWS: &str = "50";

/// Where a list goes on, and where it begins.
pub(super) struct Pager {
    /// The next page, if there is one.
    pub(super) next: Option<String>,
    /// The first page, if this is another.
    pub(super) first: Option<String>,
}

impl Pager {
    /// The list of this address, with what it said of its next page.
    pub(super) fn of(visit: &Visit<'_>, next: Option<&String>) -> Self {
        Self {
            next: next.map(|next| visit.here_with("after", next)),
            first: visit.given("after").map(|_| visit.here_without("after")),
        }
    }
}

/// What a list is asked with: those of these parameters that the address has, and which page.
pub(super) fn asked<'v>(visit: &'v Visit<'_>, filters: &[&'static str]) -> Vec<(&'static str, Cow<'v, str>)> {
    let names = filters.iter().copied().chain(["after"]);
    let given = names.filter_map(|name| Some((name, visit.given(name)?.into())));
    given.chain([("limit", ROWS.into())]).collect()
}

/// The sections of who and what there is in the organisation, as far as who looks may see them.
pub(super) fn directory_tabs(visit: &Visit<'_>) -> Vec<Tab> {
    let links = crate::frame::directory(visit);
    let tab = |(href, text): (&'static str, &'static str)| Tab {
        text,
        href: href.to_owned(),
        count: None,
        current: visit.asked.path.starts_with(href),
    };
    links.into_iter().map(tab).collect()
}

/// The address of somebody or something in the directory, by its text: `member:alice`, `team:owners`, `application:robot`; `None` for what
/// has no page of its own there, or not for who looks.
pub(super) fn address(visit: &Visit<'_>, reference: &str) -> Option<String> {
    if !visit.may_here(Permission::DirectoryView) {
        return None;
    }
    let (kind, name) = reference.split_once(':')?;
    match kind {
        "team" => Some(format!("/-/teams/{}", encoded(name))),
        "application" => Some(format!("/-/applications/{}", encoded(name))),
        "member" | "collaborator" | "guest" => Some(person(reference)),
        _ => None,
    }
}

/// The address of a person.
pub(super) fn person(reference: &str) -> String {
    format!("/-/members/{}", encoded(reference).replacen("%3A", ":", 1))
}
