//! What waits for who looks: tokens that end soon, webhooks that fail, and what of the gateway needs somebody.

use api::Fault;
use api::tokens::{ListTokens, Token};
use api::webhooks::{ListWebhooks, Webhook};
use domain::{Organisation, Permission, Project};

use super::part;
use super::projects::Mine;
use crate::parts::filled;
use crate::visit::Visit;

/// From how long before its end on a token waits for its owner, in days.
const ENDING_DAYS: i64 = 14;

/// What waits.
pub(super) struct Waits {
    pub(super) items: Vec<Wait>,
    /// Whether some of it could not be had.
    pub(super) failed: bool,
}

/// Something that waits, with where it is seen to.
pub(super) struct Wait {
    pub(super) text: String,
    pub(super) href: Option<&'static str>,
}

/// What waits for who looks, who is shown these projects; `troubles` are those of the gateway, for who may see them.
pub(super) async fn of(
    visit: &Visit<'_>,
    projects: &[Mine],
    troubles: Option<Vec<String>>,
) -> Result<Waits, Fault> {
    let mut waits = Waits { items: Vec::new(), failed: false };
    match part(visit.caller.find::<ListTokens>(&[], &[]).await)? {
        Some(tokens) => {
            waits.items.extend(tokens.into_iter().flat_map(|tokens| ending(visit, &tokens.items)))
        }
        None => waits.failed = true,
    }
    if visit.may_here(Permission::RepositorySettings) {
        waits.hooks(visit, "/", visit.read::<ListWebhooks<Organisation>>(&[], &[]).await)?;
    }
    for mine in projects {
        let about = &mine.project.about;
        if about.my_permissions.0.contains(Permission::RepositorySettings) {
            let told = visit.read::<ListWebhooks<Project>>(&[&about.key], &[]).await;
            waits.hooks(visit, &about.key, told)?;
        }
    }
    let trouble = |text| Wait { text, href: Some("/-/operations") };
    waits.items.extend(troubles.into_iter().flatten().map(trouble));
    Ok(waits)
}

impl Waits {
    fn hooks(
        &mut self,
        visit: &Visit<'_>,
        place: &str,
        told: Result<api::Page<Webhook>, Fault>,
    ) -> Result<(), Fault> {
        match part(told)? {
            Some(found) => {
                self.items.extend(found.items.iter().filter_map(|hook| failing(visit, place, hook)))
            }
            None => self.failed = true,
        }
        Ok(())
    }
}

/// Those of the tokens that end soon.
fn ending(visit: &Visit<'_>, tokens: &[Token]) -> Vec<Wait> {
    let now = visit.now();
    let soon = tokens.iter().filter_map(|token| {
        let end = token.expires.as_ref().filter(|_| token.state == "active")?.0;
        (end.millis() - now.millis() < ENDING_DAYS * domain::time::DAY_MILLIS).then_some((token, end))
    });
    soon.map(|(token, end)| {
        let text = filled(visit.t.home.token_ends, "name", &token.name);
        let text = filled(&text, "when", &visit.language.when(end, now).text);
        Wait { text, href: Some("/-/me/tokens") }
    })
    .collect()
}

/// A webhook that nobody is told by any more, or not for now.
fn failing(visit: &Visit<'_>, place: &str, hook: &Webhook) -> Option<Wait> {
    let (about, t) = (&hook.about, &visit.t.home);
    let text = match (about.disabled_at.as_ref(), about.failing_since.as_ref()) {
        (Some(at), _) => filled(t.webhook_off, "when", &visit.language.when(at.0, visit.now()).text),
        (None, Some(since)) => {
            filled(t.webhook_fails, "when", &visit.language.when(since.0, visit.now()).text)
        }
        (None, None) => return None,
    };
    Some(Wait { text: filled(&filled(&text, "name", &about.name), "place", place), href: None })
}
