//! Passwords, and what is one's own.

use std::io::Read as _;

use api::invitations::{InvitationWanted, Invite, Purpose, Redeem, RedeemWanted};
use api::passwords::{ChangePassword, PasswordChanged, PasswordWanted, SetPassword, SetTitle, TitleWanted};
use api::sessions::{EndOtherSessions, EndSession, ListSessions};
use api::{Ask, Nothing, PersonAt, SessionAt};
use serde_json::Value;

use super::super::client::{Client, not_in_clear};
use super::super::failure::Failure;
use super::super::nouns::InvitedPerson;
use super::super::{Doing, Me, MeCommand, output, session};
use super::shown::{programs_read, show_done, show_list};
use super::{changing, connect, login_providers, typed};
use crate::config::Environment;

/// Most that is read for passwords, in bytes.
const INPUT_BYTES_MAX: u64 = 4096;

pub(in crate::cli) async fn me(me: Me, environment: &Environment) -> Result<(), Failure> {
    match me.command {
        None => super::me(&me.remote, environment).await,
        Some(MeCommand::Rights { within }) => super::asking::my_rights(within, environment).await,
        Some(MeCommand::Password { username, doing }) => {
            let input = standard_input()?;
            let (current, new) = input
                .split_once('\n')
                .map(|(current, new)| (current.trim_end_matches('\r'), new.trim_end_matches(['\r', '\n'])))
                .filter(|(current, new)| !current.is_empty() && !new.is_empty() && !new.contains('\n'))
                .ok_or_else(|| {
                    Failure::Usage("write the present password and the new one, a line each".into())
                })?;
            let Doing { waiting, remote } = doing;
            let trust = remote.at.ca_file.as_deref().into();
            let client =
                Client::by_password(session::server(&remote.at, environment)?, (&username, current), trust)?;
            let body = PasswordChanged { current: current.to_owned(), new: new.to_owned() };
            let ask = Ask::<ChangePassword> { wait: waiting.into(), ..Ask::new((), Nothing {}, body) };
            let done = client.call(&ask).await?;
            show_done(&remote, &done.document, "the password is changed; what the old one gave out is ended");
            Ok(())
        }
        Some(MeCommand::Title { title, doing }) => {
            let body = TitleWanted { title: typed("the title", title)? };
            let ask = Ask::<SetTitle> { wait: doing.waiting.into(), ..Ask::new((), Nothing {}, body) };
            let done = connect(&doing.remote, environment)?.call(&ask).await?;
            show_done(&doing.remote, &done.document, "that is what people call you");
            Ok(())
        }
        Some(MeCommand::Sessions { remote }) => {
            let ask = Ask::<ListSessions>::new((), Nothing {}, Nothing {});
            let listed = connect(&remote, environment)?.call(&ask).await?.document;
            let items = listed.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
            show_list(&remote, items, &["id", "seen_at", "expires_at", "address", "agent"]);
            Ok(())
        }
        Some(MeCommand::EndSession { session, changing }) => {
            let none =
                || Failure::Usage(format!("{session} is no session's id, which has 8 letters and digits"));
            let (at, line) =
                (SessionAt::new(&session).ok_or_else(none)?, format!("session {session} is ended"));
            changing::act::<EndSession>(at, &changing, &line, environment).await
        }
        Some(MeCommand::LogoutEverywhere { changing }) => {
            let line = "your sessions in browsers are ended";
            changing::act::<EndOtherSessions>((), &changing, line, environment).await
        }
        Some(MeCommand::Identities { remote }) => login_providers::own(&remote, environment).await,
        Some(MeCommand::Unlink { provider, changing }) => {
            login_providers::unlink(&provider, &changing, environment).await
        }
    }
}

/// Sets the password of somebody.
pub(super) async fn set(
    at: PersonAt,
    (person, must_change): (&str, bool),
    doing: &Doing,
    environment: &Environment,
) -> Result<(), Failure> {
    let password = standard_input()?.trim_end_matches(['\r', '\n']).to_owned();
    let body = PasswordWanted { password, must_change };
    let ask = Ask::<SetPassword> { wait: doing.waiting.into(), ..Ask::new(at, Nothing {}, body) };
    let done = connect(&doing.remote, environment)?.call(&ask).await?;
    let until = if must_change { ", until they change it" } else { "" };
    show_done(&doing.remote, &done.document, &format!("the password of {person} is set{until}"));
    Ok(())
}

/// Makes a code for somebody.
pub(super) async fn invite(
    at: PersonAt,
    invited: &InvitedPerson,
    purpose: Purpose,
    doing: &Doing,
    environment: &Environment,
) -> Result<(), Failure> {
    let (remote, wait) = (&doing.remote, doing.waiting.into());
    let body = InvitationWanted { purpose, expires_secs: invited.expires_secs };
    let ask = Ask::<Invite> { wait, ..Ask::new(at, Nothing {}, body) };
    let made = connect(remote, environment)?.call(&ask).await?;
    if programs_read(remote.form, &made.document) {
        return Ok(());
    }
    let server = session::server(&remote.at, environment)?;
    output::complain(&format!(
        "hand this code to {}; it is shown only now, and with it they set a password:\n\
         wharfinger redeem CODE --server {server}",
        invited.person
    ));
    output::say(made.answer.code.as_deref().unwrap_or_default());
    Ok(())
}

/// Sets the password that a code is for.
pub(in crate::cli) async fn redeem(
    code: String,
    doing: &Doing,
    environment: &Environment,
) -> Result<(), Failure> {
    let (remote, wait) = (&doing.remote, doing.waiting.into());
    let password = standard_input()?.trim_end_matches(['\r', '\n']).to_owned();
    let server = session::server(&remote.at, environment)?;
    not_in_clear(&server, "the code")?;
    // Nobody is logged in here, whatever the environment holds.
    let client = Client::new(server, None, remote.at.ca_file.as_deref().into())?;
    let ask = Ask::<Redeem> { wait, ..Ask::new((), Nothing {}, RedeemWanted { code, password }) };
    let done = client.call(&ask).await?;
    show_done(remote, &done.document, &format!("the password of {} is set", done.answer.reference));
    Ok(())
}

fn standard_input() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().take(INPUT_BYTES_MAX).read_to_string(&mut text);
    read.map_err(|error| Failure::Usage(format!("standard input: {error}")))?;
    if text.trim_end_matches(['\r', '\n']).is_empty() {
        return Err(Failure::Usage("standard input holds no password".to_owned()));
    }
    Ok(text)
}
