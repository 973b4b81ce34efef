//! Questions about rights.

use api::access::{AccessAsked, AccessKind, HasAccess, ListAccess};
use api::explain::Explain;
use api::rights::{ListMyRights, ListRightsOf, RightsAsked};
use api::{Ask, Nothing, OneRight, PrincipalAt};
use domain::{Organisation, Permission, Project, Repository};
use serde_json::Value;

use super::super::asking::{KindWord, Question, RightsCommand, Within};
use super::super::failure::Failure;
use super::super::{Remote, output};
use super::shown::{programs_read, show_list};
use super::{On, connect, on_of, typed};
use crate::config::Environment;

pub(in super::super) async fn explain(question: Question, environment: &Environment) -> Result<(), Failure> {
    let Question { may, on, who, token, address, remote } = question;
    let query = api::explain::Question {
        who: who.map(|who| typed("--who", who)).transpose()?,
        token: token.map(|token| typed("--token", token)).transpose()?,
        may: right(&may)?,
        on: typed("--on", on)?,
        address: address.map(|address| typed("--address", address)).transpose()?,
    };
    let ask = Ask::<Explain>::new((), query, Nothing {});
    let told = connect(&remote, environment)?.call(&ask).await?;
    if remote.form.quiet {
        // It has no name: what scripts want of it is the answer.
        output::say(if told.answer.allowed { "yes" } else { "no" });
        return Ok(());
    }
    if programs_read(remote.form, &told.document) {
        return Ok(());
    }
    output::say(&told.answer.sentence);
    if let Some(remedy) = &told.answer.remedy {
        output::say(&format!("{}\n  {}", remedy.sentence, remedy.command));
    }
    Ok(())
}

pub(in super::super) async fn my_rights(within: Within, environment: &Environment) -> Result<(), Failure> {
    let query = asked(&within)?;
    let items = connect(&within.remote, environment)?.list::<_, ListMyRights>((), query).await?;
    show_rights(&within.remote, items, "on");
    Ok(())
}

pub(in super::super) async fn rights(
    command: RightsCommand,
    environment: &Environment,
) -> Result<(), Failure> {
    match command {
        RightsCommand::Of { principal, within } => {
            let (at, query) = (PrincipalAt::new(&principal), asked(&within)?);
            let items = connect(&within.remote, environment)?.list::<_, ListRightsOf>(at, query).await?;
            show_rights(&within.remote, items, "on");
            Ok(())
        }
        RightsCommand::On { node, may, kind, remote } => {
            let may = may.as_deref().map(right).transpose()?;
            let query = AccessAsked { may, kind: kind.map(word), ..AccessAsked::default() };
            match on_of(&node)? {
                On::Organisation => access::<Organisation>((), query, &remote, environment).await,
                On::Project(key) => access::<Project>(key, query, &remote, environment).await,
                On::Repository(path) => access::<Repository>(path, query, &remote, environment).await,
            }
        }
    }
}

async fn access<N: HasAccess>(
    at: N::At,
    query: AccessAsked,
    remote: &Remote,
    environment: &Environment,
) -> Result<(), Failure> {
    let items = connect(remote, environment)?.list::<_, ListAccess<N>>(at, query).await?;
    show_rights(remote, items, "ref");
    Ok(())
}

fn asked(within: &Within) -> Result<RightsAsked, Failure> {
    let on = within.on.clone().map(|on| typed("--on", on)).transpose()?;
    Ok(RightsAsked { on, below: within.here.then_some(false), ..RightsAsked::default() })
}

fn right(word: &str) -> Result<OneRight, Failure> {
    Permission::parse(word).map(OneRight).map_err(|_| {
        let known = Permission::ALL.map(Permission::as_str).join(", ");
        Failure::Usage(format!("--may: the permissions are {known}"))
    })
}

const fn word(kind: KindWord) -> AccessKind {
    match kind {
        KindWord::Member => AccessKind::Member,
        KindWord::Collaborator => AccessKind::Collaborator,
        KindWord::Guest => AccessKind::Guest,
        KindWord::Application => AccessKind::Application,
    }
}

/// For people each grant becomes a few words; programs get it as it came.
fn show_rights(remote: &Remote, mut items: Vec<Value>, first: &str) {
    if remote.form.is_table() {
        items.iter_mut().for_each(|item| grants_in_words(item, "via"));
    }
    show_list(remote, items, &[first, "permissions", "via"]);
}

/// Makes each grant in a list a few words.
pub(super) fn grants_in_words(item: &mut Value, list: &str) {
    let Some(Value::Array(grants)) = item.get_mut(list) else { return };
    for grant in grants {
        let text = |name: &str| output::cell(grant.get(name));
        let is_role = grant.get("role").is_some_and(Value::is_string);
        let to = if grant.get("to").is_some() { format!(" to {}", text("to")) } else { String::new() };
        *grant =
            format!("{} on {}{to}", text(if is_role { "role" } else { "permissions" }), text("on")).into();
    }
}
