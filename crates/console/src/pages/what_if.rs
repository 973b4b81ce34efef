//! `/-/access/what-if`: who would gain what by a grant that there is not. It is worked out as a plan, which nothing is done with.

use api::Fault;
use api::explain::quoted;
use domain::{BuiltinRole, Permission};
use serde_json::json;

use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::frame::{Frame, Tab};
use crate::pages::Page;
use crate::pages::access::{Question, tabs};
use crate::pages::participants_to_add::until;
use crate::pages::preview::Preview;
use crate::pages::repository_access::grant;
use crate::parts::filters;
use crate::visit::Visit;

/// Roles that are proposed: those that every project has.
const ROLES: [BuiltinRole; 7] = [
    BuiltinRole::Viewer,
    BuiltinRole::Writer,
    BuiltinRole::Manager,
    BuiltinRole::PackageManager,
    BuiltinRole::ProjectMember,
    BuiltinRole::ProjectAdmin,
    BuiltinRole::Automation,
];

/// `/-/access/what-if`
pub(super) enum WhatIf {}

#[derive(askama::Template)]
#[template(path = "what_if.html")]
struct WhatIfPage<'a> {
    f: &'a Frame,
    tabs: Vec<Tab>,
    to: &'a str,
    node: &'a str,
    role: &'a str,
    roles: Vec<&'static str>,
    rights: Vec<(&'static str, bool)>,
    /// The day with whose beginning it ends: who holds something for a time gives it for no longer.
    until: &'a str,
    preview: Option<Preview>,
    command: String,
    wrong: Wrong,
}

impl Page for WhatIf {
    const PATH: &'static str = "/-/access/what-if";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        visit.insist_on_somebody()?;
        let rights = visit.all("right");
        let given = |name| visit.given(name).unwrap_or_default();
        let (mut preview, mut wrong) = (None, Wrong::default());
        // A link says who and where, and leaves what to who looks.
        let is_asked = visit.given("role").is_some() || !rights.is_empty();
        if let (Some(to), Some(node), true) = (visit.given("to"), visit.given("node"), is_asked) {
            let mut wanted = grant(to, (visit.given("role"), &rights), visit.given("until"));
            if let Some(fields) = wanted.as_object_mut() {
                fields.insert("on".to_owned(), node.into());
            }
            match Preview::of(visit, json!({ "grants": [wanted] })).await {
                Ok(told) => preview = Some(told),
                Err(fault) => wrong = Wrong::with(visit, fault)?,
            }
        }
        let page = WhatIfPage {
            f: &Frame::of(visit),
            tabs: tabs(visit, Question::WhatIf),
            to: given("to"),
            node: given("node"),
            role: given("role"),
            roles: ROLES.map(BuiltinRole::as_str).to_vec(),
            rights: Permission::ALL.map(|right| (right.as_str(), rights.contains(&right.as_str()))).to_vec(),
            until: given("until"),
            command: command(visit, &rights),
            preview,
            wrong,
        };
        Ok(Answer::page(if page.wrong.any() { 400 } else { 200 }, rendered(&page)))
    }
}

/// The line that gives it.
fn command(visit: &Visit<'_>, rights: &[&str]) -> String {
    let given = |name| visit.given(name).unwrap_or_default();
    let what = match visit.given("role") {
        Some(role) => format!("--role {}", quoted(role)),
        None => format!("--permissions {}", quoted(&rights.join(","))),
    };
    let line =
        format!("wharfinger grant put --to {} --on {} {what}", quoted(given("to")), quoted(given("node")));
    match until(visit.given("until")) {
        Some(end) => format!("{line} --expires {}", quoted(&end)),
        None => line,
    }
}
