//! What a browser keeps of how pages are to look.

use api::Fault;

use crate::door::{Answer, SetCookie};
use crate::look::{Language, Theme};
use crate::pages::Page;
use crate::visit::{Visit, own_path};

/// `/-/look`: takes the choice, and goes back.
pub(super) enum Look {}

impl Page for Look {
    const PATH: &'static str = "/-/look";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Ok(Answer::see("/"));
        }
        let form = visit.sent()?;
        let mut answer = Answer::see(own_path(form.text("to")).unwrap_or("/"));
        answer.cookies.extend(Theme::parse(form.text("theme")).map(SetCookie::Theme));
        answer.cookies.extend(Language::parse(form.text("language")).map(SetCookie::Language));
        if form.ticked("keys") {
            answer.cookies.push(SetCookie::Keys(form.text("keys") != "off"));
        }
        Ok(answer)
    }
}
