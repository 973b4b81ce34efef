//! Deleting is a page, not a dialog: what goes, what stays, and where it is wanted the name typed once more.

use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::frame::{Crumb, Frame};
use crate::parts::filters;
use crate::visit::Visit;

/// What is to be deleted.
#[derive(Default)]
pub(super) struct Deletion {
    pub(super) crumbs: Vec<Crumb>,
    /// The question, as the heading.
    pub(super) title: String,
    /// What goes, a line each.
    pub(super) goes: Vec<String>,
    /// What stays, a line each.
    pub(super) stays: Vec<String>,
    /// What is typed to confirm it, where that is wanted.
    pub(super) confirm: Option<String>,
    /// Why it cannot be deleted, in place of the button.
    pub(super) refused: Option<String>,
    /// The verb on the button.
    pub(super) verb: &'static str,
    /// Where one goes who does not want it after all.
    pub(super) back: String,
    pub(super) wrong: Wrong,
}

#[derive(askama::Template)]
#[template(path = "deleting.html")]
struct DeletingPage<'a> {
    f: &'a Frame,
    here: &'a str,
    deletion: Deletion,
}

/// The page that asks for it.
pub(super) fn page(visit: &Visit<'_>, deletion: Deletion) -> Answer {
    let status = if deletion.wrong.any() { 400 } else { 200 };
    let page = DeletingPage { f: &Frame::of(visit), here: visit.asked.path, deletion };
    Answer::page(status, rendered(&page))
}
