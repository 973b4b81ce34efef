//! `/-/access`: may somebody do something somewhere, and why.

use std::borrow::Cow;

use api::explain::{Answer as Explained, Explain, Steps, quoted};
use api::{Fault, Rights};
use domain::{Permission, Permissions};

use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::frame::{Frame, Tab};
use crate::pages::Page;
use crate::pages::roles::in_words;
use crate::parts::filters;
use crate::visit::Visit;

/// `/-/access`
pub(super) enum Access {}

#[derive(askama::Template)]
#[template(path = "access.html")]
struct AccessPage<'a> {
    f: &'a Frame,
    tabs: Vec<Tab>,
    who: &'a str,
    rights: Vec<(&'static str, bool)>,
    node: &'a str,
    token: &'a str,
    answer: Option<Explained>,
    command: String,
    wrong: Wrong,
}

/// Which of the questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// About one right at one place.
    One,
    /// About everything somebody may.
    Of,
    /// About everybody who may something at a place.
    To,
    /// About a grant that there is not.
    WhatIf,
}

/// The ways to ask.
pub(super) fn tabs(visit: &Visit<'_>, question: Question) -> Vec<Tab> {
    let t = &visit.t.grants;
    let tab = |(of, text, href): (Question, &'static str, &str)| Tab {
        text,
        href: href.to_owned(),
        count: None,
        current: of == question,
    };
    let all = [
        (Question::One, t.one_question, "/-/access"),
        (Question::Of, t.all_rights, "/-/access/of"),
        (Question::To, t.everybody, "/-/access/to"),
        (Question::WhatIf, t.what_if, "/-/access/what-if"),
    ];
    all.into_iter().map(tab).collect()
}

impl Page for Access {
    const PATH: &'static str = "/-/access";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        visit.insist_on_somebody()?;
        let (mut answer, mut wrong) = (None, Wrong::default());
        if let (Some(right), Some(node)) = (visit.given("right"), visit.given("node")) {
            let mut query: Vec<(&str, Cow<'_, str>)> = vec![("may", right.into()), ("on", node.into())];
            query.extend(visit.given("who").map(|who| ("who", who.into())));
            query.extend(visit.given("token").map(|token| ("token", token.into())));
            match visit.read::<Explain>(&[], &query).await {
                Ok(told) => answer = Some(told),
                Err(fault) => wrong = Wrong::with(visit, fault)?,
            }
        }
        let chosen = visit.given("right").unwrap_or(Permission::Read.as_str());
        let page = AccessPage {
            f: &Frame::of(visit),
            tabs: tabs(visit, Question::One),
            who: visit.given("who").unwrap_or_default(),
            rights: Permission::ALL.map(|right| (right.as_str(), right.as_str() == chosen)).to_vec(),
            node: visit.given("node").unwrap_or_default(),
            token: visit.given("token").unwrap_or_default(),
            command: answer.as_ref().map(command).unwrap_or_default(),
            answer,
            wrong,
        };
        Ok(Answer::page(if page.wrong.any() { 400 } else { 200 }, rendered(&page)))
    }
}

/// The same question, as typed on the command line.
fn command(answer: &Explained) -> String {
    let mut line =
        format!("wharfinger explain --may {} --on {} --who {}", answer.may, answer.on, quoted(&answer.who));
    if let Some(token) = &answer.token {
        line.push_str(" --token ");
        line.push_str(token);
    }
    line
}

/// What all grants that still hold come to.
fn together(steps: &Steps, now: domain::Timestamp) -> Permissions {
    let holds = |way: &&api::Way| way.expires.is_none_or(|end| end.0.millis() > now.millis());
    steps.grants.iter().filter(holds).fold(Permissions::NONE, |all, way| all.union(way.gives.0))
}

/// Rights, and whether the limit leaves each.
fn cut(before: Permissions, limit: Permissions) -> Vec<(&'static str, bool)> {
    before.iter().map(|right| (right.as_str(), limit.contains(right))).collect()
}

impl AccessPage<'_> {
    /// What grants, or what an application requests, come to before anything is cut off.
    fn given(&self, steps: &Steps) -> Permissions {
        let requested = steps.application.as_ref().filter(|step| step.authorised);
        requested.map_or_else(|| together(steps, self.f.now), |step| step.requested.0)
    }

    fn cut_by_kind(&self, steps: &Steps) -> Vec<(&'static str, bool)> {
        cut(self.given(steps), steps.ceiling.0)
    }

    /// Whether a grant of the list is enough by itself: those that are stand first.
    fn is_enough(&self, index: &usize, steps: &Steps) -> bool {
        u64::try_from(*index).is_ok_and(|index| index < steps.enough)
    }

    fn has_ended(&self, way: &api::Way) -> bool {
        way.expires.is_some_and(|end| end.0.millis() <= self.f.now.millis())
    }
}

/// Rights in words, as templates ask for them.
fn words(rights: &Rights) -> String {
    in_words(rights.0)
}

/// What a grant gives, in a word or several.
fn what(role: Option<&str>, permissions: Option<&Rights>) -> String {
    let permissions = permissions.map(|rights| in_words(rights.0));
    role.map(str::to_owned).or(permissions).unwrap_or_default()
}
