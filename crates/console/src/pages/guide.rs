//! `/docs`: the user guide, the same to everybody but for the frame and the address that its reader uses.

use api::Fault;

use crate::door::Answer;
use crate::fault::{no_such_page, rendered};
use crate::frame::{Crumb, Frame};
use crate::guide::{self, Chapter, GuidePage};
use crate::pages::Page;
use crate::parts::filters;
use crate::visit::Visit;

/// `/docs`
pub(super) enum Guide {}

/// `/docs/{*page}`
pub(super) enum PageOfGuide {}

#[derive(askama::Template)]
#[template(path = "guide.html")]
struct GuideTemplate<'a> {
    f: &'a Frame,
    page: &'a GuidePage,
    crumbs: Vec<Crumb>,
    chapters: &'static [Chapter],
    html: String,
}

impl Page for Guide {
    const PATH: &'static str = guide::ROOT;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        Ok(shown(visit, ""))
    }
}

impl Page for PageOfGuide {
    const PATH: &'static str = "/docs/{*page}";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        Ok(shown(visit, visit.name(0)))
    }
}

fn shown(visit: &Visit<'_>, path: &str) -> Answer {
    let Some(page) = guide::find(path) else { return no_such_page(visit) };
    let html = page.html(visit.asked.origin, visit.t).html;
    let crumbs = vec![
        Crumb { text: visit.t.guide.name.to_owned(), href: Some(guide::ROOT.to_owned()) },
        Crumb { text: page.name.to_owned(), href: None },
    ];
    let page = GuideTemplate { f: &Frame::of(visit), page, crumbs, chapters: guide::chapters(), html };
    Answer::steady(rendered(&page))
}

impl GuideTemplate<'_> {
    fn is_here(&self, page: &GuidePage) -> bool {
        page.path() == self.page.path()
    }
}
