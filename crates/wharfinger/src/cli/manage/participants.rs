//! Who takes part in a project.

use api::candidates::{CandidatesAsked, ListCandidates};
use api::participants::{
    ListParticipants, OwnGrant, OwnPermissionsWanted, ParticipantKind, ParticipantWanted, ParticipantsAsked,
    RemoveParticipant, SetOwnPermissions, SetParticipant,
};
use api::{Ask, Endpoint, Nothing, ParticipantAt, PrincipalAt};
use domain::ProjectKey;
use serde_json::Value;

use super::super::failure::Failure;
use super::super::flags::Trying;
use super::super::participants::{ParticipantCommand, ParticipantFields, ParticipantWord};
use super::super::{Remote, output};
use super::asking::grants_in_words;
use super::reach::limit_of;
use super::shown::{programs_read, show_done, show_list};
use super::{On, connect, moment, on_of, typed};
use crate::config::Environment;

pub(in super::super) async fn participant(
    command: ParticipantCommand,
    environment: &Environment,
) -> Result<(), Failure> {
    match command {
        ParticipantCommand::List { project, role, kind, query, who, remote } => {
            let asked = ParticipantsAsked {
                role: role.map(|role| typed("--role", role)).transpose()?,
                kind: kind.map(word),
                query: query.map(|words| typed("--query", words)).transpose()?,
                who: who.map(|who| typed("--who", who)).transpose()?,
                ..ParticipantsAsked::default()
            };
            list(key(&project)?, asked, &remote, environment).await
        }
        ParticipantCommand::Candidates { project, query, remote } => {
            let query = query.map(|words| typed("--query", words)).transpose()?;
            let ask = Ask::<ListCandidates>::new(key(&project)?, CandidatesAsked { query }, Nothing {});
            let page = connect(&remote, environment)?.call(&ask).await?.document;
            let items = page.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
            show_list(&remote, items, &["ref", "title"]);
            Ok(())
        }
        ParticipantCommand::Add { wanted } | ParticipantCommand::Set { wanted } => {
            set(wanted, environment).await
        }
        ParticipantCommand::Permissions { project, participant, grants, expires, trying } => {
            let expires = moment("--expires", expires)?;
            let own = |text: &String| {
                let limit = limit_of(text)?;
                Ok(OwnGrant { on: limit.on, permissions: limit.permissions, expires })
            };
            let grants = grants.iter().map(own).collect::<Result<_, Failure>>()?;
            let (at, body) = (at(&project, &participant)?, OwnPermissionsWanted { grants });
            let line = format!("{participant} has these permissions of their own in {project}");
            put::<SetOwnPermissions>(at, body, (&trying, &line), environment).await
        }
        ParticipantCommand::Remove { project, participant, trying } => {
            remove(&project, &participant, &trying, environment).await
        }
    }
}

async fn list(
    at: ProjectKey,
    asked: ParticipantsAsked,
    remote: &Remote,
    environment: &Environment,
) -> Result<(), Failure> {
    let mut items = connect(remote, environment)?.list::<_, ListParticipants>(at, asked).await?;
    if remote.form.is_table() {
        for item in &mut items {
            grants_in_words(item, "direct");
            grants_in_words(item, "through");
        }
    }
    show_list(remote, items, &["ref", "title", "direct", "through"]);
    Ok(())
}

async fn set(wanted: ParticipantFields, environment: &Environment) -> Result<(), Failure> {
    let ParticipantFields { project, participant, roles, expires, trying } = wanted;
    let roles = roles.into_iter().map(|role| typed("--role", role)).collect::<Result<_, Failure>>()?;
    let body = ParticipantWanted { roles: Some(roles), expires: moment("--expires", expires)? };
    let line = format!("{participant} takes part in {project}");
    let at = at(&project, &participant)?;
    put::<SetParticipant>(at, body, (&trying, &line), environment).await
}

async fn put<E>(
    at: ParticipantAt,
    body: E::Body,
    (trying, line): (&Trying, &str),
    environment: &Environment,
) -> Result<(), Failure>
where
    E: Endpoint<At = ParticipantAt, Query = Nothing>,
{
    let wait = trying.waiting.into();
    let ask = Ask::<E> { dry_run: trying.dry_run, wait, ..Ask::new(at, Nothing {}, body) };
    let done = connect(&trying.remote, environment)?.call(&ask).await?;
    let tried = if trying.dry_run { "only tried: " } else { "" };
    show_done(&trying.remote, &done.document, &format!("{tried}{line}"));
    Ok(())
}

async fn remove(
    project: &str,
    participant: &str,
    trying: &Trying,
    environment: &Environment,
) -> Result<(), Failure> {
    let remote = &trying.remote;
    let ask = Ask::<RemoveParticipant> {
        dry_run: trying.dry_run,
        wait: trying.waiting.into(),
        ..Ask::new(at(project, participant)?, Nothing {}, Nothing {})
    };
    let done = connect(remote, environment)?.call(&ask).await?;
    if programs_read(remote.form, &done.document) {
        return Ok(());
    }
    let tried = if trying.dry_run { "only tried: " } else { "" };
    output::say(&format!("{tried}removed: {participant} from {project}"));
    let Some(Value::Array(mut remaining)) = done.document.get("remaining").cloned() else { return Ok(()) };
    if !remaining.is_empty() {
        output::say("what they may do there all the same:");
        remaining.iter_mut().for_each(|item| grants_in_words(item, "through"));
        show_list(remote, remaining, &["on", "permissions", "through"]);
    }
    Ok(())
}

fn at(project: &str, participant: &str) -> Result<ParticipantAt, Failure> {
    Ok(ParticipantAt { project: key(project)?, who: PrincipalAt::new(participant) })
}

fn key(project: &str) -> Result<ProjectKey, Failure> {
    match on_of(project)? {
        On::Project(key) => Ok(key),
        On::Organisation | On::Repository(_) => {
            Err(Failure::Usage(format!("{project}: people take part in a project, by its key")))
        }
    }
}

const fn word(kind: ParticipantWord) -> ParticipantKind {
    match kind {
        ParticipantWord::Member => ParticipantKind::Member,
        ParticipantWord::Collaborator => ParticipantKind::Collaborator,
        ParticipantWord::Guest => ParticipantKind::Guest,
        ParticipantWord::Application => ParticipantKind::Application,
        ParticipantWord::Team => ParticipantKind::Team,
    }
}
