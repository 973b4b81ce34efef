//! `/`: what is mine and what is new; for who is nobody, what is public.

use std::borrow::Cow;

use api::Fault;
use api::projects::{ListProjects, Project};
use api::repositories::{ListRepositories, Repository};
use api::tokens::{ListTokens, Token};

use crate::door::Answer;
use crate::fault::rendered;
use crate::frame::Frame;
use crate::pages::Page;
use crate::parts::filters;
use crate::visit::Visit;

/// Rows of a part of this page.
const ROWS: &str = "12";
/// From how long before its end on a token waits for its owner, in days.
const ENDING_DAYS: i64 = 14;

/// `/`
pub(super) enum Home {}

#[derive(askama::Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    f: &'a Frame,
    projects: Vec<Project>,
    may_make: bool,
    ending: Vec<Token>,
}

#[derive(askama::Template)]
#[template(path = "public.html")]
struct PublicPage<'a> {
    f: &'a Frame,
    repositories: Vec<Repository>,
    next: Option<String>,
    first: Option<String>,
}

impl Page for Home {
    const PATH: &'static str = "/";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.me.is_none() {
            return public(visit).await;
        }
        let projects = visit.read::<ListProjects>(&[], &[("limit", ROWS.into())]).await?;
        let tokens = visit.caller.find::<ListTokens>(&[], &[]).await?;
        let now = visit.now();
        let soon = |token: &Token| {
            let left = token.expires.as_ref().map(|end| end.0.millis() - now.millis());
            token.state == "active" && left.is_some_and(|left| left < ENDING_DAYS * 86_400_000)
        };
        let ending = tokens.map(|tokens| tokens.items).unwrap_or_default().into_iter().filter(soon).collect();
        let may_make = visit.may_here(domain::Permission::ProjectCreate);
        let page = HomePage { f: &Frame::of(visit), projects: projects.items, may_make, ending };
        Ok(Answer::page(200, rendered(&page)))
    }
}

/// What anybody may see, a page at a time.
async fn public(visit: &Visit<'_>) -> Result<Answer, Fault> {
    if visit.asked.doors.needs_set_up() {
        return Ok(Answer::see("/-/setup"));
    }
    let mut query: Vec<(&str, Cow<'_, str>)> = vec![("visibility", "public".into()), ("limit", "50".into())];
    query.extend(visit.given("after").map(|after| ("after", after.into())));
    let found = visit.read::<ListRepositories>(&[], &query).await?;
    let page = PublicPage {
        f: &Frame::of(visit),
        repositories: found.items,
        next: found.next.map(|next| visit.here_with("after", &next)),
        first: visit.given("after").map(|_| "/".to_owned()),
    };
    Ok(Answer::page(200, rendered(&page)))
}
