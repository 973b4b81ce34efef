//! `/p/{project}/-/participants`: who takes part in a project, as what.

use std::borrow::Cow;

use api::participants::{ListParticipants, Participant, Participants as Listed};
use api::projects::Access;
use api::roles::ListRoles;
use api::{Fault, Moment, Rights, Way};
use domain::{BuiltinRole, Organisation, Permission, Project};

use crate::caller::encoded;
use crate::door::Answer;
use crate::fault::rendered;
use crate::frame::Frame;
use crate::pages::Page;
use crate::pages::project_place::{Part, Place};
use crate::parts::filters;
use crate::texts::Texts;
use crate::visit::Visit;
use crate::who::Who;

/// Rows of a page.
const ROWS: &str = "50";
/// Most roles that are offered and counted.
const ROLES: &str = "100";
/// Kinds of participants, as operations call them.
const KINDS: [&str; 5] = ["member", "collaborator", "guest", "application", "team"];

/// `/p/{project}/-/participants`
pub(super) enum Participants {}

#[derive(askama::Template)]
#[template(path = "participants.html")]
struct ParticipantsPage<'a> {
    f: &'a Frame,
    place: Place,
    chips: Vec<Chip>,
    kinds: Vec<(&'static str, &'static str, bool)>,
    role: &'a str,
    words: &'a str,
    with_permissions: u64,
    rows: Vec<Row>,
    next: Option<String>,
    first: Option<String>,
}

/// A role, and how many have it.
struct Chip {
    text: String,
    href: String,
    count: Option<u64>,
    current: bool,
}

/// Somebody, or a team, in a project.
pub(super) struct Row {
    pub(super) who: Who,
    /// Roles on the project itself, and until when.
    pub(super) roles: Vec<(String, Option<Moment>)>,
    /// What else was given to them: where, what, and until when.
    pub(super) own: Vec<Own>,
    /// What reaches them otherwise.
    pub(super) through: Vec<Through>,
    pub(super) since: Option<Moment>,
    pub(super) last_seen: Option<Moment>,
}

/// A grant besides the roles on the project.
pub(super) struct Own {
    pub(super) on: String,
    /// The name of a role, or permissions.
    pub(super) what: String,
    /// Those, if it is a grant of permissions.
    pub(super) permissions: Option<Rights>,
    pub(super) expires: Option<Moment>,
}

/// A grant to a team that they are in, or to the organisation.
pub(super) struct Through {
    pub(super) what: String,
    pub(super) to: String,
}

impl Row {
    pub(super) fn of(participant: Participant, project: &str) -> Self {
        let (mut roles, mut own) = (Vec::new(), Vec::new());
        for direct in participant.direct {
            match direct.role {
                Some(role) if direct.on == project => roles.push((role, direct.expires)),
                role => own.push(Own {
                    what: role.unwrap_or_else(|| direct.permissions.map(in_words).unwrap_or_default()),
                    on: direct.on,
                    permissions: direct.permissions,
                    expires: direct.expires,
                }),
            }
        }
        Self {
            who: Who::of(&participant.reference, &participant.title),
            roles,
            own,
            through: participant.through.iter().map(Through::of).collect(),
            since: participant.since,
            last_seen: participant.last_seen,
        }
    }
}

impl Through {
    fn of(way: &Way) -> Self {
        let what = way.role.clone().or_else(|| way.permissions.map(in_words)).unwrap_or_default();
        Self { what, to: way.to.clone() }
    }
}

fn in_words(rights: Rights) -> String {
    let words: Vec<&str> = rights.0.iter().map(Permission::as_str).collect();
    words.join(", ")
}

impl Page for Participants {
    const PATH: &'static str = "/p/{project}/-/participants";

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let place = Place::of(visit, Part::Participants).await?;
        let key = place.key().to_owned();
        let mut query: Vec<(&str, Cow<'_, str>)> = vec![("limit", ROWS.into())];
        for name in ["role", "kind", "query", "after"] {
            query.extend(visit.given(name).map(|value| (name, value.into())));
        }
        let Listed { items, counts, with_permissions, next } =
            visit.read::<ListParticipants>(&[&key], &query).await?;
        let mut names = of_project(visit, &key).await?;
        names.extend(counts.keys().cloned());
        names.sort_unstable();
        names.dedup();
        let role = visit.given("role").unwrap_or_default();
        let all = Chip {
            text: visit.t.participants.all.to_owned(),
            href: format!("/p/{key}/-/participants"),
            count: None,
            current: role.is_empty(),
        };
        let chip = |name: String| Chip {
            href: format!("/p/{key}/-/participants?role={}", encoded(&name)),
            count: Some(counts.get(&name).copied().unwrap_or_default()),
            current: name == role,
            text: name,
        };
        let kind = visit.given("kind").unwrap_or_default();
        let page = ParticipantsPage {
            f: &Frame::of(visit),
            chips: [all].into_iter().chain(names.into_iter().map(chip)).collect(),
            kinds: KINDS.map(|word| (word, kind_in(visit.t, word), word == kind)).to_vec(),
            role,
            words: visit.given("query").unwrap_or_default(),
            with_permissions,
            rows: items.into_iter().map(|item| Row::of(item, &key)).collect(),
            next: next.map(|next| visit.here_with("after", &next)),
            first: visit.given("after").map(|_| visit.here_without("after")),
            place,
        };
        Ok(Answer::page(200, rendered(&page)))
    }
}

/// What a kind of participants is called.
fn kind_in(t: &Texts, word: &str) -> &'static str {
    Who::named(&format!("{word}:")).kind_in(t).unwrap_or(t.common.kind_member)
}

/// Names of the roles of a project.
async fn of_project(visit: &Visit<'_>, key: &str) -> Result<Vec<String>, Fault> {
    let roles = visit.read::<ListRoles<Project>>(&[key], &[("limit", ROLES.into())]).await?;
    Ok(roles.items.into_iter().map(|role| role.about.name).collect())
}

/// Names of the roles that can be given on a project: its own, those that every organisation has, and, to who may see them, others of the
/// organisation.
///
/// # Errors
/// As the lists of roles answer.
pub(super) async fn assignable(visit: &Visit<'_>, key: &str) -> Result<Vec<String>, Fault> {
    let mut names = of_project(visit, key).await?;
    let fixed = BuiltinRole::ALL.into_iter().filter(|role| !role.copied_to_projects());
    names.extend(fixed.map(|role| role.as_str().to_owned()));
    if visit.may_here(Permission::AccessManage) {
        let limit = [("limit", ROLES.into())];
        let roles = visit.read::<ListRoles<Organisation>>(&[], &limit).await?;
        names.extend(roles.items.into_iter().map(|role| role.about.name));
    }
    let never = [
        BuiltinRole::OrganisationMember,
        BuiltinRole::Collaborator,
        BuiltinRole::Guest,
        BuiltinRole::OrganisationAdmin,
    ];
    names.retain(|name| !never.iter().any(|role| role.as_str() == name));
    let mut kept = Vec::with_capacity(names.len());
    for name in names {
        if !kept.contains(&name) {
            kept.push(name);
        }
    }
    Ok(kept)
}

/// A participant by name.
///
/// # Errors
/// `Absent` if nobody of this name takes part; as the list answers.
pub(super) async fn participant(visit: &Visit<'_>, key: &str, who: &str) -> Result<Row, Fault> {
    let query = [("who", Cow::Borrowed(who)), ("limit", "1".into())];
    let found = visit.read::<ListParticipants>(&[key], &query).await?;
    let absent = || Fault::Told(api::Code::Absent, "it does not exist".into());
    Ok(Row::of(found.items.into_iter().next().ok_or_else(absent)?, key))
}

impl ParticipantsPage<'_> {
    fn internal(&self) -> bool {
        self.place.project.access == Access::Internal
    }
}
