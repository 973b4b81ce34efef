//! Where in the guide it says more of what a page has to tell: what went wrong, and what mends it.

use super::{GuidePage, anchor, find};

/// A section of a page of the guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    /// Its page, behind `/docs/`.
    page: &'static str,
    /// What it is linked by.
    anchor: &'static str,
}

/// Why somebody may do something, or not.
pub(crate) const WHY_NOT: Spot = Spot { page: "access", anchor: "8-why-or-why-not" };
/// What bounds there are.
pub(crate) const LIMITS: Spot = Spot { page: "operations", anchor: "6-limits" };
/// What to do about a gateway that fails.
pub(crate) const BREAKS: Spot = Spot { page: "operations", anchor: "9-when-something-breaks" };
/// How long somebody stays logged in.
pub(crate) const SESSIONS: Spot = Spot { page: "people", anchor: "4-sessions-in-browsers" };
/// TLS by the gateway.
pub(crate) const TLS: Spot = Spot { page: "install", anchor: "4-tls" };
/// TLS by a proxy in front of it.
pub(crate) const PROXY: Spot = Spot { page: "install", anchor: "5-behind-a-proxy" };

/// What is in a repository, and where.
pub(crate) const CONTENTS: Spot = Spot { page: "packages", anchor: "2-what-a-repository-has" };

/// All of them.
#[cfg(test)]
pub(super) const ALL: [Spot; 7] = [CONTENTS, WHY_NOT, LIMITS, BREAKS, SESSIONS, TLS, PROXY];

impl Spot {
    /// Its address on this server.
    pub(crate) fn address(self) -> String {
        let page = find(self.page).map(GuidePage::address).unwrap_or_default();
        format!("{page}#{}", self.anchor)
    }

    /// What its heading says, without its number; `None` if it is not there.
    pub(crate) fn title(self) -> Option<&'static str> {
        let heading =
            |line: &'static str| line.strip_prefix("## ").filter(|text| anchor(text) == self.anchor);
        let heading = find(self.page)?.text.lines().find_map(heading)?;
        Some(heading.split_once(". ").map_or(heading, |(_, title)| title))
    }
}
