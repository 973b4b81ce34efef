//! docker's credential helpers: programs that keep secrets, asked over their standard input.
//!
//! <https://github.com/docker/docker-credential-helpers>, "Development": `store` reads `{ServerURL, Username, Secret}`, `get` reads
//! an address and answers that document, `erase` reads an address.

use std::io::{ErrorKind, Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::super::failure::Failure;
use crate::config::ServerUrl;

/// Longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;
/// Longest name of a helper, in bytes.
const NAME_BYTES_MAX: usize = 64;
/// Whom the secret of `login` is said to belong to: helpers want somebody.
pub(in crate::cli) const USER: &str = "wharfinger";

/// Whether a helper can have this name; it becomes that of a program.
pub(in crate::cli) fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !name.is_empty() && name.len() <= NAME_BYTES_MAX && name.bytes().all(plain)
}

/// Gives a secret to a helper.
///
/// # Errors
/// The helper is not there, or refuses.
pub(in crate::cli) fn store(name: &str, key: &str, user: &str, secret: &str) -> Result<(), Failure> {
    let document = json!({ "ServerURL": key, "Username": user, "Secret": secret });
    run(name, "store", &document.to_string()).map(drop)
}

/// Asks a helper for the secret it was given.
///
/// # Errors
/// The helper is not there, or has nothing.
pub(in crate::cli) fn get(name: &str, key: &str) -> Result<String, Failure> {
    let answer = run(name, "get", key)?;
    let document: Option<Value> = serde_json::from_str(&answer).ok();
    let secret = document.as_ref().and_then(|document| document.get("Secret")).and_then(Value::as_str);
    secret
        .map(str::to_owned)
        .ok_or_else(|| Failure::Configuration(format!("docker-credential-{name} keeps nothing for {key}")))
}

/// Has a helper forget.
///
/// # Errors
/// The helper is not there, or refuses.
pub(in crate::cli) fn erase(name: &str, key: &str) -> Result<(), Failure> {
    run(name, "erase", key).map(drop)
}

/// What `login` keeps a secret under. docker's own entries have the address without a path, so that neither takes the other's away.
pub(in crate::cli) fn key(server: &ServerUrl) -> String {
    format!("{}/api", server.as_str())
}

fn run(name: &str, verb: &str, input: &str) -> Result<String, Failure> {
    let program = format!("docker-credential-{name}");
    let wrong = |why: String| Failure::Configuration(format!("{program}: {why}"));
    if !is_name(name) {
        return Err(wrong("no program is called so".to_owned()));
    }
    let mut command = Command::new(&program);
    command.arg(verb).env_remove("WHARFINGER_TOKEN");
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| wrong(error.to_string()))?;
    let said = talk(&mut child, input).map_err(|error| wrong(error.to_string()));
    let status = child.wait().map_err(|error| wrong(error.to_string()))?;
    match said {
        // What it says of a failure stands on standard output; of `get` that may be a secret only if it succeeded.
        Ok(said) if status.success() => Ok(said),
        Ok(said) => Err(wrong(said.trim().chars().filter(|letter| !letter.is_control()).collect())),
        Err(failure) => Err(failure),
    }
}

fn talk(child: &mut Child, input: &str) -> std::io::Result<String> {
    let mut said = String::new();
    if let Some(mut pipe) = child.stdin.take() {
        match pipe.write_all(input.as_bytes()) {
            // Some read nothing where they need nothing; whether it went well they say by how they end.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
            written => written?,
        }
    }
    if let Some(pipe) = child.stdout.take() {
        pipe.take(ANSWER_BYTES_MAX).read_to_string(&mut said)?;
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_ended_before_it_was_told_anything_has_not_failed_for_that() {
        let mut command = Command::new("echo");
        let child = command.arg("done").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.unwrap();
        while child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        assert_eq!(talk(&mut child, "a secret").unwrap(), "done\n");
    }
}
