//! `/api/docs` and what stands below it: the operations for people who read, and the kinds of failure.

use api::Fault;

use crate::door::Answer;
use crate::fault::{no_such_page, rendered};
use crate::frame::{Crumb, Frame};
use crate::pages::Page;
use crate::parts::filters;
use crate::reference::{self, Part};
use crate::visit::Visit;

/// `/api/docs`
pub(super) enum Operations {}

/// `/api/docs/{part}`
pub(super) enum OperationsOf {}

/// `/api/docs/documents/{document}`
pub(super) enum Document {}

/// `/api/problems/{problem}`
pub(super) enum Problem {}

#[derive(askama::Template)]
#[template(path = "reference.html")]
struct ReferencePage<'a> {
    f: &'a Frame,
    crumbs: Vec<Crumb>,
    title: &'a str,
    parts: &'a [Part],
    html: &'a str,
}

impl Page for Operations {
    const PATH: &'static str = reference::ROOT;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let html = visit.reference().overview();
        Ok(shown(visit, Some((visit.t.common.api, html))))
    }
}

impl Page for OperationsOf {
    const PATH: &'static str = "/api/docs/{part}";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        Ok(shown(visit, visit.reference().part(visit.name(0))))
    }
}

impl Page for Document {
    const PATH: &'static str = "/api/docs/documents/{document}";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        Ok(shown(visit, visit.reference().document(visit.name(0))))
    }
}

impl Page for Problem {
    const PATH: &'static str = "/api/problems/{problem}";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        Ok(shown(visit, visit.reference().problem(visit.name(0))))
    }
}

fn shown(visit: &Visit<'_>, found: Option<(&str, &str)>) -> Answer {
    let Some((title, html)) = found else { return no_such_page(visit) };
    let home = Crumb { text: visit.t.common.api.to_owned(), href: Some(reference::ROOT.to_owned()) };
    let crumbs = vec![home, Crumb { text: title.to_owned(), href: None }];
    let parts = &visit.reference().parts;
    let page = ReferencePage { f: &Frame::of(visit), crumbs, title, parts, html };
    Answer::steady(rendered(&page))
}

impl ReferencePage<'_> {
    fn is_here(&self, part: &Part) -> bool {
        part.title == self.title
    }
}
