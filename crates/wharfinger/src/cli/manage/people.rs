//! People, teams and applications.

use api::applications::{
    ApplicationsAsked, Authorise, DeleteApplication, ListApplications, ListAuthorised, PutApplication,
    ShowApplication, Withdraw,
};
use api::invitations::{ListInvitations, Purpose, WithdrawInvitation};
use api::passwords::EndSessions;
use api::people::{DeletePerson, ListPeople, PeopleAsked, PersonKind, PutPerson, ShowPerson};
use api::teams::{AddMember, DeleteTeam, ListTeams, PutTeam, RemoveMember, ShowTeam, TeamsAsked};
use api::{
    ApplicationAt, Ask, Confirmed, InvitationAt, Nothing, Paging, PersonAt, PrincipalAt,
    ProjectApplicationAt, TeamAt, TeamMemberAt,
};
use serde_json::Value;

use super::super::failure::Failure;
use super::super::nouns::{
    AppCommand, AppFields, PersonCommand, PersonFields, PersonWord, TeamCommand, TeamFields,
};
use super::changing::{self, Fields, confirmed};
use super::nouns::key;
use super::shown::show_list;
use super::{connect, passwords, rights, typed};
use crate::config::Environment;

pub(in crate::cli) async fn person(command: PersonCommand, environment: &Environment) -> Result<(), Failure> {
    match command {
        PersonCommand::List { kind, query, suspended, unused_days, remote } => {
            let query = query.map(|words| typed("--query", words)).transpose()?;
            let kind = kind.map(|kind| match kind {
                PersonWord::Member => PersonKind::Member,
                PersonWord::Collaborator => PersonKind::Collaborator,
                PersonWord::Guest => PersonKind::Guest,
            });
            let asked = PeopleAsked { kind, query, suspended, unused_days, ..PeopleAsked::default() };
            // When they were last seen is a matter of who was not for long.
            let titles: &[&str] = match unused_days {
                Some(_) => &["ref", "title", "suspended", "last_seen"],
                None => &["ref", "title", "emails", "suspended", "teams"],
            };
            changing::list::<_, ListPeople>(((), asked), titles, &remote, environment).await
        }
        PersonCommand::Show { person, remote } => {
            changing::show::<ShowPerson>(somebody(&person)?, &remote, environment).await
        }
        PersonCommand::Create { person, fields, changing } => {
            let body = person_fields(&fields).whole::<PutPerson>()?;
            let line = format!("{person} was made");
            changing::create::<PutPerson>((somebody(&person)?, body), &changing, &line, environment).await
        }
        PersonCommand::Set { person, fields, changing } => {
            let line = format!("{person} is as it was asked to be");
            let set = (somebody(&person)?, person_fields(&fields));
            changing::patch::<PutPerson>(set, &changing, &line, environment).await
        }
        PersonCommand::Invite { invited, doing } => {
            let at = somebody(&invited.person)?;
            passwords::invite(at, &invited, Purpose::Invite, &doing, environment).await
        }
        PersonCommand::ResetPassword { invited, doing } => {
            let at = somebody(&invited.person)?;
            passwords::invite(at, &invited, Purpose::Reset, &doing, environment).await
        }
        PersonCommand::Invitations { person, remote } => {
            let ask = Ask::<ListInvitations>::new(somebody(&person)?, Nothing {}, Nothing {});
            let listed = connect(&remote, environment)?.call(&ask).await?.document;
            let items = listed.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
            show_list(&remote, items, &["id", "purpose", "expires_at", "created_by"]);
            Ok(())
        }
        PersonCommand::Uninvite { person, id, changing } => {
            let line = format!("the code {id} of {person} is withdrawn");
            let at = InvitationAt::new(somebody(&person)?, &id);
            changing::act::<WithdrawInvitation>(at, &changing, &line, environment).await
        }
        PersonCommand::SetPassword { person, keep, doing } => {
            passwords::set(somebody(&person)?, (&person, !keep), &doing, environment).await
        }
        PersonCommand::Logout { person, changing } => {
            let line = format!("what the password of {person} gave out is ended");
            changing::act::<EndSessions>(PrincipalAt::new(&person), &changing, &line, environment).await
        }
        PersonCommand::Delete { person, confirm, changing } => {
            let line = format!("{person} is gone");
            let gone = (somebody(&person)?, Confirmed { confirm: confirmed(confirm, &person, &changing)? });
            changing::delete::<DeletePerson>(gone, &changing, &line, environment).await
        }
    }
}

fn person_fields(fields: &PersonFields) -> Fields {
    Fields::default().text("title", fields.title.as_deref()).list("emails", &fields.emails)
}

pub(in crate::cli) async fn team(command: TeamCommand, environment: &Environment) -> Result<(), Failure> {
    match command {
        TeamCommand::List { query, remote } => {
            let query = query.map(|words| typed("--query", words)).transpose()?;
            let asked = TeamsAsked { query, ..TeamsAsked::default() };
            let titles = ["name", "title", "builtin", "members"];
            changing::list::<_, ListTeams>(((), asked), &titles, &remote, environment).await
        }
        TeamCommand::Show { team, remote } => {
            changing::show::<ShowTeam>(team_at(&team)?, &remote, environment).await
        }
        TeamCommand::Create { team, fields, changing } => {
            let body = team_fields(&fields).whole::<PutTeam>()?;
            let line = format!("team {team} was made");
            changing::create::<PutTeam>((team_at(&team)?, body), &changing, &line, environment).await
        }
        TeamCommand::Set { team, fields, changing } => {
            let line = format!("team {team} is as it was asked to be");
            let set = (team_at(&team)?, team_fields(&fields));
            changing::patch::<PutTeam>(set, &changing, &line, environment).await
        }
        TeamCommand::Add { team, member, changing } => {
            let line = format!("{member} is in team {team}");
            let at = TeamMemberAt { team: team_at(&team)?.team, member: member.into() };
            changing::act::<AddMember>(at, &changing, &line, environment).await
        }
        TeamCommand::Remove { team, member, changing } => {
            let line = format!("{member} is no longer in team {team}");
            let at = TeamMemberAt { team: team_at(&team)?.team, member: member.into() };
            changing::act::<RemoveMember>(at, &changing, &line, environment).await
        }
        TeamCommand::Delete { team, confirm, changing } => {
            let line = format!("team {team} is gone");
            let gone = (team_at(&team)?, Confirmed { confirm: confirmed(confirm, &team, &changing)? });
            changing::delete::<DeleteTeam>(gone, &changing, &line, environment).await
        }
    }
}

fn team_fields(fields: &TeamFields) -> Fields {
    Fields::default().text("title", fields.title.as_deref()).list("members", &fields.members)
}

pub(in crate::cli) async fn app(command: AppCommand, environment: &Environment) -> Result<(), Failure> {
    match command {
        AppCommand::List { within: Some(project), remote, .. } => {
            let asked = (key(&project)?, Paging::default());
            let titles = ["name", "title", "requested"];
            changing::list::<_, ListAuthorised>(asked, &titles, &remote, environment).await
        }
        AppCommand::List { within: None, query, remote } => {
            let query = query.map(|words| typed("--query", words)).transpose()?;
            let asked = ApplicationsAsked { query, ..ApplicationsAsked::default() };
            let titles = ["name", "client_id", "requested", "authorised", "suspended"];
            changing::list::<_, ListApplications>(((), asked), &titles, &remote, environment).await
        }
        AppCommand::Show { application, remote } => {
            changing::show::<ShowApplication>(app_at(&application)?, &remote, environment).await
        }
        AppCommand::Create { application, fields, changing } => {
            let body = app_fields(&fields)?.whole::<PutApplication>()?;
            let line = format!("application {application} was made");
            changing::create::<PutApplication>((app_at(&application)?, body), &changing, &line, environment)
                .await
        }
        AppCommand::Set { application, fields, changing } => {
            let line = format!("application {application} is as it was asked to be");
            let set = (app_at(&application)?, app_fields(&fields)?);
            changing::patch::<PutApplication>(set, &changing, &line, environment).await
        }
        AppCommand::Authorise { application, within, changing } => {
            let line = format!("application {application} has in {within} what it requests");
            let at = app_in(&application, &within)?;
            changing::act::<Authorise>(at, &changing, &line, environment).await
        }
        AppCommand::Withdraw { application, within, changing } => {
            let line = format!("application {application} has in {within} no longer what it requests");
            let at = app_in(&application, &within)?;
            changing::act::<Withdraw>(at, &changing, &line, environment).await
        }
        AppCommand::Delete { application, confirm, changing } => {
            let line = format!("application {application} is gone");
            let gone =
                (app_at(&application)?, Confirmed { confirm: confirmed(confirm, &application, &changing)? });
            changing::delete::<DeleteApplication>(gone, &changing, &line, environment).await
        }
    }
}

fn app_fields(fields: &AppFields) -> Result<Fields, Failure> {
    let requested = fields.requested.as_deref().map(rights).transpose()?;
    let words: Vec<String> =
        requested.iter().flat_map(|some| some.0.iter()).map(|one| one.as_str().to_owned()).collect();
    let named = Fields::default().text("title", fields.title.as_deref());
    Ok(named.list("requested", &words).list("authorised", &fields.authorised))
}

fn somebody(text: &str) -> Result<PersonAt, Failure> {
    PersonAt::new(text).ok_or_else(|| {
        Failure::Usage(format!("{text}: write member:, collaborator: or guest: and a user name"))
    })
}

fn team_at(name: &str) -> Result<TeamAt, Failure> {
    TeamAt::new(name).ok_or_else(|| Failure::Usage("a team has a name of at most 128 bytes".to_owned()))
}

fn app_at(name: &str) -> Result<ApplicationAt, Failure> {
    ApplicationAt::new(name)
        .ok_or_else(|| Failure::Usage("an application has a name of at most 128 bytes".to_owned()))
}

fn app_in(name: &str, project: &str) -> Result<ProjectApplicationAt, Failure> {
    Ok(ProjectApplicationAt { project: key(project)?, application: app_at(name)?.application })
}
