//! Issuers, publishers, and the exchange of a machine's token for one of ours.

use std::io::Read as _;

use api::exchange::{ExchangeToken, ExchangeWanted};
use api::issuers::{
    DeleteIssuer, IssuerWanted, KeySetDocument, ListIssuers, PutIssuer, ShowIssuer, TestIssuer,
};
use api::publishers::{
    DeletePublisher, ListPublishers, PublisherWanted, PutPublisher, ShowPublisher, TryPublisher, TryWanted,
};
use api::{Ask, IssuerAt, IssuerKind, Nothing, Paging, PublisherAt, WantedClaims};

use super::super::client::{Client, not_in_clear};
use super::super::failure::Failure;
use super::super::flags::{Output, Remote, Trying};
use super::super::identities::{
    ExchangeFlags, IssuerCommand, IssuerFields, IssuerWord, PublisherCommand, PublisherFields,
};
use super::super::{output, session};
use super::changing;
use super::nouns::key;
use super::shown::{programs_read, show_done};
use super::{On, connect, on_of, rights, typed};
use crate::config::Environment;

/// Longest token or document of keys that is read, in bytes.
const READ_BYTES_MAX: u64 = 64 << 10;

pub(in crate::cli) async fn issuer(command: IssuerCommand, environment: &Environment) -> Result<(), Failure> {
    match command {
        IssuerCommand::List { remote } => {
            let titles = ["name", "url", "kind", "audiences", "private", "publishers"];
            changing::list::<_, ListIssuers>(((), Paging::default()), &titles, &remote, environment).await
        }
        IssuerCommand::Show { issuer, remote } => {
            changing::show::<ShowIssuer>(issuer_at(&issuer)?, &remote, environment).await
        }
        IssuerCommand::Put { issuer, fields, changing } => {
            let set = (issuer_at(&issuer)?, issuer_wanted(fields)?);
            let line = format!("issuer {issuer} is as it was asked to be");
            changing::put::<PutIssuer>(set, &changing, &line, environment).await
        }
        IssuerCommand::Test { issuer, remote } => {
            let ask = Ask::<TestIssuer>::new(issuer_at(&issuer)?, Nothing {}, Nothing {});
            let done = connect(&remote, environment)?.call(&ask).await?;
            let line = format!("issuer {issuer} has keys: {} that can be used", done.answer.keys);
            show_done(&remote, &done.document, &line);
            Ok(())
        }
        IssuerCommand::Delete { issuer, changing } => {
            let gone = (issuer_at(&issuer)?, Nothing {});
            let line = format!("issuer {issuer} is gone");
            changing::delete::<DeleteIssuer>(gone, &changing, &line, environment).await
        }
    }
}

pub(in crate::cli) async fn publisher(
    command: PublisherCommand,
    environment: &Environment,
) -> Result<(), Failure> {
    match command {
        PublisherCommand::List { project, remote } => {
            let titles = ["name", "issuer", "claims", "on", "permissions", "minutes", "last_used_at"];
            let all = (key(&project)?, Paging::default());
            changing::list::<_, ListPublishers>(all, &titles, &remote, environment).await
        }
        PublisherCommand::Show { publisher, remote } => {
            changing::show::<ShowPublisher>(publisher_at(&publisher)?, &remote, environment).await
        }
        PublisherCommand::Put { publisher, fields, changing } => {
            let set = (publisher_at(&publisher)?, publisher_wanted(fields)?);
            let line = format!("publisher {publisher} is as it was asked to be");
            changing::put::<PutPublisher>(set, &changing, &line, environment).await
        }
        PublisherCommand::Delete { publisher, changing } => {
            let gone = (publisher_at(&publisher)?, Nothing {});
            let line = format!("publisher {publisher} is gone, and what it made");
            changing::delete::<DeletePublisher>(gone, &changing, &line, environment).await
        }
        PublisherCommand::Try { publisher, shown, remote } => {
            try_publisher(&publisher, &shown, &remote, environment).await
        }
    }
}

/// A token that would not be taken is a failure, with what stands in its way.
async fn try_publisher(
    publisher: &str,
    token: &str,
    remote: &Remote,
    environment: &Environment,
) -> Result<(), Failure> {
    let body = TryWanted { token: text_of(token)? };
    let ask = Ask::<TryPublisher>::new(publisher_at(publisher)?, Nothing {}, body);
    let tried = connect(remote, environment)?.call(&ask).await?;
    let shown = programs_read(remote.form, &tried.document);
    if tried.answer.takes {
        if !shown {
            output::say(&format!("publisher {publisher} takes the token"));
        }
        return Ok(());
    }
    for reason in tried.answer.reasons.iter().filter(|_| !shown) {
        output::say(&reason.detail);
        if let (Some(claim), Some(wanted)) = (&reason.claim, &reason.wanted) {
            let found = reason.found.as_deref().unwrap_or("not there");
            output::say(&format!("  {claim}: wanted {wanted}, found {found}"));
        }
    }
    Err(Failure::Other(format!("publisher {publisher} does not take the token")))
}

/// The token alone on standard output, so that it can be piped.
pub(in crate::cli) async fn exchange(flags: ExchangeFlags, environment: &Environment) -> Result<(), Failure> {
    let ExchangeFlags { shown, publisher, trying: Trying { dry_run, waiting, remote } } = flags;
    let publisher = publisher.map(|publisher| typed("--publisher", publisher)).transpose()?;
    let body = ExchangeWanted { token: text_of(&shown)?, publisher, application: None };
    let server = session::server(&remote.at, environment)?;
    not_in_clear(&server, "the token")?;
    // The issuer's token says who it is, whatever else the environment holds.
    let client = Client::new(server, None, remote.at.ca_file.as_deref().into())?;
    let ask = Ask::<ExchangeToken> { dry_run, wait: waiting.into(), ..Ask::new((), Nothing {}, body) };
    let made = client.call(&ask).await?;
    if remote.form.output != Output::Table {
        programs_read(remote.form, &made.document);
        return Ok(());
    }
    let (on, username) =
        (made.answer.on.iter().map(|on| on.as_str()).collect::<Vec<_>>(), &made.answer.username);
    match &made.answer.token {
        Some(token) => {
            if !remote.form.quiet {
                let on = on.join(", ");
                output::complain(&format!("a token for {on}; where a user name is asked for: {username}"));
            }
            output::say(token);
        }
        None => output::complain(&format!("only tried: a token for {} could be made", on.join(", "))),
    }
    Ok(())
}

fn issuer_at(name: &str) -> Result<IssuerAt, Failure> {
    IssuerAt::new(name).ok_or_else(|| Failure::Usage(format!("{name}: no issuer is called so")))
}

fn publisher_at(text: &str) -> Result<PublisherAt, Failure> {
    let wrong = || Failure::Usage(format!("{text}: a publisher is PROJECT/PUBLISHER"));
    match on_of(text).map_err(|_| wrong())? {
        On::Repository(path) => PublisherAt::new(path.project, path.repository.as_str()).ok_or_else(wrong),
        On::Organisation | On::Project(_) => Err(wrong()),
    }
}

fn issuer_wanted(fields: IssuerFields) -> Result<IssuerWanted, Failure> {
    let jwks = match &fields.jwks_file {
        Some(file) => {
            let text = text_of(&format!("@{}", file.display()))?;
            let wrong = |why: serde_json::Error| Failure::Usage(format!("--jwks-file: {why}"));
            Some(KeySetDocument(serde_json::from_str(&text).map_err(wrong)?))
        }
        None => None,
    };
    let audiences = fields.audiences.into_iter().map(|text| typed("--audience", text));
    Ok(IssuerWanted {
        url: typed("--url", fields.url)?,
        kind: match fields.kind {
            IssuerWord::Github => IssuerKind::Github,
            IssuerWord::Gitlab => IssuerKind::Gitlab,
            IssuerWord::Kubernetes => IssuerKind::Kubernetes,
            IssuerWord::Any => IssuerKind::Any,
        },
        audiences: audiences.collect::<Result<_, _>>()?,
        private: fields.private,
        jwks,
        about: None,
    })
}

fn publisher_wanted(fields: PublisherFields) -> Result<PublisherWanted, Failure> {
    let claim = |text: &String| {
        let (name, value) = text.split_once('=').unwrap_or_default();
        let wrong = || Failure::Usage(format!("--claim {text}: write NAME=TEXT"));
        Some((name.to_owned(), value.to_owned()))
            .filter(|_| !name.is_empty() && !value.is_empty())
            .ok_or_else(wrong)
    };
    let on = fields.on.into_iter().map(|on| typed("--on", on)).collect::<Result<Vec<_>, _>>()?;
    Ok(PublisherWanted {
        issuer: typed("--issuer", fields.issuer)?,
        application: fields.application.map(|name| typed("--application", name)).transpose()?,
        claims: WantedClaims(fields.claims.iter().map(claim).collect::<Result<_, _>>()?),
        on: Some(on).filter(|on| !on.is_empty()),
        permissions: rights(fields.permissions.as_deref().unwrap_or("read"))?,
        minutes: fields.minutes.unwrap_or(15),
        direct: fields.direct,
        about: None,
    })
}

/// What is in a file, with `@FILE`, or comes by standard input, with `@-`: a token on the command line would be seen by whoever lists
/// processes.
fn text_of(argument: &str) -> Result<String, Failure> {
    let Some(file) = argument.strip_prefix('@') else {
        return Err(Failure::Usage("write @FILE, or @- for standard input".to_owned()));
    };
    let mut text = String::new();
    let read = if file == "-" {
        std::io::stdin().take(READ_BYTES_MAX).read_to_string(&mut text)
    } else {
        let opened = std::fs::File::open(file);
        opened.and_then(|opened| opened.take(READ_BYTES_MAX).read_to_string(&mut text))
    };
    read.map_err(|error| Failure::Usage(format!("{argument}: {error}")))?;
    Ok(text.trim().to_owned())
}
