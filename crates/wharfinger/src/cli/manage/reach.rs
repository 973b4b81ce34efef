//! How far a token reaches that is to be made.

use api::tokens::TokenLimit;

use super::super::failure::Failure;
use super::super::terminal;
use super::super::tokens::Reach;
use super::{rights, typed};

/// What a token may do that reads.
const READ: &str = "read";
/// What a token may do that reads and writes.
const WRITE: &str = "read,publish,overwrite";

/// The limits that the flags say; none only if all is to be reached. Where the flags say nothing the terminal is asked.
pub(super) fn limits(reach: &Reach) -> Result<Option<Vec<TokenLimit>>, Failure> {
    if reach.full {
        return Ok(None);
    }
    let said = reach.limits.iter().map(|text| limit_of(text));
    let read = reach.read.iter().map(|node| limit(node, READ));
    let write = reach.write.iter().map(|node| limit(node, WRITE));
    let limits: Vec<TokenLimit> = said.chain(read).chain(write).collect::<Result<_, _>>()?;
    if !limits.is_empty() {
        return Ok(Some(limits));
    }
    if !terminal::is_there() {
        let why = "say what the token may reach: --read NODE, --write NODE or --limit; or --full for everything \
                   that its owner may";
        return Err(Failure::Usage(why.to_owned()));
    }
    asked().map(|limit| Some(vec![limit]))
}

fn asked() -> Result<TokenLimit, Failure> {
    let node = terminal::ask("Where may it be used (/, PROJECT or PROJECT/REPOSITORY)? ")?;
    let what = terminal::ask("What may it do there: read, write, or permissions between commas [read]? ")?;
    limit(
        node.trim(),
        match what.trim() {
            "" => READ,
            "write" => WRITE,
            permissions => permissions,
        },
    )
}

/// `NODE=PERMISSION,PERMISSION`.
pub(super) fn limit_of(text: &str) -> Result<TokenLimit, Failure> {
    let wrong = || Failure::Usage(format!("{text}: a limit is NODE=PERMISSION[,PERMISSION…]"));
    let (on, permissions) = text.split_once('=').ok_or_else(wrong)?;
    limit(on, permissions)
}

fn limit(on: &str, permissions: &str) -> Result<TokenLimit, Failure> {
    Ok(TokenLimit { on: typed("the node", on.to_owned())?, permissions: rights(permissions)? })
}

#[cfg(test)]
mod tests;
