//! Providers of log-ins, and whom one is there.

use api::linked_identities::{ListOwnIdentities, UnlinkIdentity};
use api::login_providers::{
    ClientSecretText, DeleteLoginProvider, Group, ListLoginProviders, LoginProviderToTest,
    LoginProviderWanted, MakesWord, PutLoginProvider, ReadClaims, ShowLoginProvider, TestLoginProvider,
};
use api::{Ask, LoginProviderAt, Nothing, Paging};
use auth::Secret;
use serde_json::Value;

use super::super::failure::Failure;
use super::super::flags::{Changing, Remote};
use super::super::login_providers::{LoginProviderCommand, LoginProviderFields, MakesChoice};
use super::shown::{show_done, show_list};
use super::{changing, connect, typed};
use crate::config::Environment;

pub(in crate::cli) async fn login_provider(
    command: LoginProviderCommand,
    environment: &Environment,
) -> Result<(), Failure> {
    match command {
        LoginProviderCommand::List { remote } => {
            let titles = ["name", "title", "issuer", "make", "linked"];
            let all = ((), Paging::default());
            changing::list::<_, ListLoginProviders>(all, &titles, &remote, environment).await
        }
        LoginProviderCommand::Show { provider, remote } => {
            changing::show::<ShowLoginProvider>(at(&provider)?, &remote, environment).await
        }
        LoginProviderCommand::Put { provider, fields, changing } => {
            let set = (at(&provider)?, wanted(fields)?);
            let line = format!("login-provider {provider} is as it was asked to be");
            changing::put::<PutLoginProvider>(set, &changing, &line, environment).await
        }
        LoginProviderCommand::Test { provider, issuer, private, remote } => {
            let issuer = issuer.map(|issuer| typed("--issuer", issuer)).transpose()?;
            let body = LoginProviderToTest { issuer, private };
            let ask = Ask::<TestLoginProvider>::new(at(&provider)?, Nothing {}, body);
            let done = connect(&remote, environment)?.call(&ask).await?;
            let line =
                format!("login-provider {provider} answers; keys that can be used: {}", done.answer.keys);
            show_done(&remote, &done.document, &line);
            Ok(())
        }
        LoginProviderCommand::Delete { provider, changing } => {
            let gone = (at(&provider)?, Nothing {});
            let line = format!("login-provider {provider} is gone, and the sessions that it began");
            changing::delete::<DeleteLoginProvider>(gone, &changing, &line, environment).await
        }
    }
}

/// Whom one is at providers.
pub(super) async fn own(remote: &Remote, environment: &Environment) -> Result<(), Failure> {
    let ask = Ask::<ListOwnIdentities>::new((), Nothing {}, Nothing {});
    let listed = connect(remote, environment)?.call(&ask).await?.document;
    let items = listed.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    show_list(remote, items, &["provider", "subject", "linked_at", "used_at"]);
    Ok(())
}

/// Unlinks oneself from a provider.
pub(super) async fn unlink(
    provider: &str,
    changing: &Changing,
    environment: &Environment,
) -> Result<(), Failure> {
    let line = format!("you are not linked to {provider} any more");
    changing::act::<UnlinkIdentity>(at(provider)?, changing, &line, environment).await
}

fn at(name: &str) -> Result<LoginProviderAt, Failure> {
    LoginProviderAt::new(name)
        .ok_or_else(|| Failure::Usage(format!("{name}: no provider of log-ins is called so")))
}

fn wanted(fields: LoginProviderFields) -> Result<LoginProviderWanted, Failure> {
    let client_secret = match &fields.secret_file {
        Some(file) => {
            let wrong = |error| Failure::Usage(format!("--secret-file {}: {error}", file.display()));
            let text = std::fs::read_to_string(file).map_err(wrong)?;
            Some(ClientSecretText::new(Secret::new(text.trim().to_owned())))
        }
        None => None,
    };
    let mut scopes = fields.scopes;
    if !scopes.is_empty() {
        scopes.push("openid".to_owned());
    }
    let scopes = scopes.into_iter().map(|scope| typed("--scope", scope)).collect::<Result<_, _>>()?;
    let group = |text: &String| {
        let wrong = || Failure::Usage(format!("--group {text}: write VALUE=TEAM"));
        let (value, team) = text.rsplit_once('=').ok_or_else(wrong)?;
        Ok(Group { value: typed("--group", value.to_owned())?, team: typed("--group", team.to_owned())? })
    };
    Ok(LoginProviderWanted {
        title: fields.title.map(|title| typed("--title", title)).transpose()?,
        issuer: typed("--issuer", fields.issuer)?,
        client_id: typed("--client-id", fields.client_id)?,
        client_secret,
        scopes,
        claims: ReadClaims {
            name: fields.name_claim.map(|claim| typed("--name-claim", claim)).transpose()?,
            groups: fields.groups_claim.map(|claim| typed("--groups-claim", claim)).transpose()?,
        },
        make: match fields.make {
            MakesChoice::Never => MakesWord::Never,
            MakesChoice::Member => MakesWord::Member,
            MakesChoice::Guest => MakesWord::Guest,
        },
        private: fields.private,
        groups: fields.groups.iter().map(group).collect::<Result<_, Failure>>()?,
        about: None,
    })
}
