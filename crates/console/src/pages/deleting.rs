//! Deleting is a page, not a dialog: what goes, what stays, and where it is wanted the name typed once more.

use api::{Endpoint, Fault};

use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::frame::{Crumb, Frame};
use crate::pages::Page;
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

/// A page that deletes something: what it is about, and the operation that does it, which is named what the address names.
pub(super) trait Deletes: Send + Sync + 'static {
    /// Its address, with names in braces.
    const PATH: &'static str;
    /// What deletes it.
    type By: Endpoint;

    /// What the page says, to who may see it.
    fn deletion(visit: &Visit<'_>) -> impl Future<Output = Result<Deletion, Fault>> + Send;

    /// Where one is once it is gone.
    fn list(visit: &Visit<'_>) -> String;

    /// What is said there of what was done, as addresses say it.
    fn done(_: &<Self::By as Endpoint>::Answer) -> &'static str {
        "deleted"
    }
}

impl<D: Deletes> Page for D {
    const PATH: &'static str = <D as Deletes>::PATH;
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Ok(page(visit, D::deletion(visit).await?));
        }
        let form = visit.form()?;
        let names: Vec<&str> = visit.names.iter().map(AsRef::as_ref).collect();
        // Only where the page has the field the operation knows the parameter.
        let typed = form.ticked("confirm").then(|| ("confirm", form.text("confirm").trim().into()));
        match visit.remove::<D::By>(&names, typed.as_slice()).await {
            Ok(told) => Ok(Answer::see(format!("{}?done={}", D::list(visit), D::done(&told.answer)))),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Ok(page(visit, Deletion { wrong, ..D::deletion(visit).await? }))
            }
        }
    }
}

/// The page that asks for it.
fn page(visit: &Visit<'_>, deletion: Deletion) -> Answer {
    let status = if deletion.wrong.any() { 400 } else { 200 };
    let page = DeletingPage { f: &Frame::of(visit), here: visit.asked.path, deletion };
    Answer::page(status, rendered(&page))
}
