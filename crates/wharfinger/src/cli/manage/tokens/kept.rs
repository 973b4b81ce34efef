//! Tokens whose text is here: kept, and put by id and hash; or found, and reported.

use std::io::Read as _;

use api::leaks::{LeaksFound, ReportLeaks};
use api::tokens::{PutToken, PutTokenOf, TokenDeclared};
use api::{Ask, Nothing, PrincipalTokenNamedAt, Text128, TokenNamedAt};

use super::super::super::client::{Client, not_in_clear};
use super::super::super::failure::Failure;
use super::super::super::flags::{Changing, Doing};
use super::super::super::tokens::{KeptSecret, Owner, Reach, Whence};
use super::super::super::{output, session, terminal};
use super::super::shown::show_done;
use super::super::{changing, moment, reach, typed};
use super::{bounds, principal_at};
use crate::config::Environment;

/// Most of a text that is searched for tokens, in bytes.
const INPUT_BYTES_MAX: u64 = 16 << 20;
/// Tokens of one report.
const REPORT_MAX: usize = 100;

/// What a token is to be, as the flags say; of its secret no more than id and hash.
pub(super) fn declared(
    secret: &KeptSecret,
    (reach, expires, whence): (&Reach, Option<String>, Whence),
    disabled: bool,
) -> Result<TokenDeclared, Failure> {
    let (id, sha256) = match (&secret.id, &secret.sha256) {
        (Some(id), Some(sha256)) => (id.clone(), sha256.clone()),
        _ => {
            let text = terminal::secret_from_input()?;
            let described = auth::describe(text.trim());
            let (_, id, sha256) = described
                .ok_or_else(|| Failure::Usage("the input is no secret of `token generate`".into()))?;
            (auth::id_text(id), sha256.iter().map(|byte| format!("{byte:02x}")).collect())
        }
    };
    let (not_before, cidrs) = bounds(whence)?;
    Ok(TokenDeclared {
        id: typed("--id", id)?,
        sha256: typed("--sha256", sha256)?,
        limits: reach::limits(reach)?,
        not_before,
        expires: moment("--expires", expires)?,
        cidrs,
        disabled,
    })
}

pub(super) async fn put(
    name: &str,
    body: TokenDeclared,
    owner: &Owner,
    changing: &Changing,
    environment: &Environment,
) -> Result<(), Failure> {
    let named = TokenNamedAt::new(name)
        .ok_or_else(|| Failure::Usage(format!("`{}`: no token is called so", name.escape_debug())))?;
    let line = format!("token {} is as declared", body.id.as_str());
    match principal_at(owner) {
        None => {
            let ask = Ask::<PutToken>::new(named, Nothing {}, body);
            changing::change(ask, changing, &line, environment).await
        }
        Some(owner) => {
            let ask = Ask::<PutTokenOf>::new(PrincipalTokenNamedAt::new(owner, named), Nothing {}, body);
            changing::change(ask, changing, &line, environment).await
        }
    }
}

/// Reports every token in the text on standard input.
pub(super) async fn report(
    url: Option<String>,
    doing: &Doing,
    environment: &Environment,
) -> Result<(), Failure> {
    let (remote, wait) = (&doing.remote, doing.waiting.into());
    let found = tokens_in(&input()?);
    if found.is_empty() {
        return Err(Failure::Usage("there is no token in the input".to_owned()));
    }
    let server = session::server(&remote.at, environment)?;
    not_in_clear(&server, "what was found")?;
    // To have them is all that it takes, whatever the environment holds.
    let client = Client::new(server, None, remote.at.ca_file.as_deref().into())?;
    let mut disabled = 0_usize;
    for some in found.chunks(REPORT_MAX) {
        let tokens = some.iter().map(|text| typed::<Text128>("a token", text.clone()));
        let url = url.clone().map(|url| typed("--url", url)).transpose()?;
        let body = LeaksFound { tokens: tokens.collect::<Result<_, _>>()?, url };
        let ask = Ask::<ReportLeaks> { wait, ..Ask::new((), Nothing {}, body) };
        let done = client.call(&ask).await?;
        disabled = disabled.saturating_add(done.answer.disabled.len());
        let ids = done.answer.disabled.join(", ");
        if !ids.is_empty() {
            show_done(remote, &done.document, &format!("disabled: {ids}"));
        }
    }
    if disabled == 0 {
        output::complain("none of them lives here");
    }
    Ok(())
}

/// Well-formed tokens, each once.
fn tokens_in(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let mut found: Vec<String> =
        words.filter(|word| auth::parse(word).is_some()).map(str::to_owned).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn input() -> Result<String, Failure> {
    let mut text = Vec::new();
    let read = std::io::stdin().take(INPUT_BYTES_MAX).read_to_end(&mut text);
    read.map_err(|error| Failure::Other(format!("standard input: {error}")))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
