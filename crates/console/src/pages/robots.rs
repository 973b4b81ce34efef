//! `/robots.txt`: those who index are asked to look at pages and not at what clients fetch. It names nothing that there is.

use std::fmt::Write as _;

use api::Fault;

use crate::door::Answer;
use crate::pages::Page;
use crate::visit::Visit;

/// `/robots.txt`
pub(super) enum Robots {}

impl Page for Robots {
    const PATH: &'static str = "/robots.txt";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let mut text =
            "User-agent: *\nAllow: /docs\nAllow: /api/docs\nDisallow: /api/\nDisallow: /-/\n".to_owned();
        for format in visit.asked.cx.formats.iter() {
            let _ = writeln!(text, "Disallow: {}/", format.mount);
        }
        Ok(Answer::text(text))
    }
}
