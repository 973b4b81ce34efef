//! Secrets of a bootstrap file: from variables and files to ids and hashes.

use std::collections::BTreeMap;
use std::path::Path;

use api::Hooks;
use api::webhooks::SecretText;
use auth::{Secret, SigningSecret, TokenKind};
use domain::{Login, PrincipalCredentials, PrincipalKind, Timestamp, TokenId};

use super::Hash;
use super::file::SecretFrom;
use crate::config::Environment;
use crate::config::document::{At, Source};
use crate::config::environment::read_value;
use crate::config::problem::Problems;
use api::closest;

/// Fewest bytes of a password.
const PASSWORD_BYTES_MIN: usize = 8;

/// Where secrets come from, and which passwords are stored already.
pub(super) struct Secrets<'a> {
    pub(super) environment: &'a Environment,
    /// Files are named relative to the bootstrap file.
    pub(super) folder: Option<&'a Path>,
    pub(super) stored: &'a StoredPasswords,
    /// Seals secrets that are needed in clear later, and says where messages may go.
    pub(super) hooks: &'a Hooks,
    pub(super) now: Timestamp,
}

/// Everybody who can log in already, and their password hashes.
#[derive(Debug, Default)]
pub(super) struct StoredPasswords {
    /// As they are, by names such as `member:alice`.
    present: BTreeMap<String, Option<Hash>>,
    /// As the file before gave them.
    applied: BTreeMap<Box<str>, Box<str>>,
}

impl StoredPasswords {
    pub(super) fn of(principals: &[PrincipalCredentials], applied: Vec<(Box<str>, Box<str>)>) -> Self {
        let each = |principal: &PrincipalCredentials| {
            let (kind, hash) = (principal.kind, principal.password_hash.clone());
            let logins = principal.logins.clone();
            logins.into_iter().map(move |login| (subject(kind, &login), hash.clone()))
        };
        Self { present: principals.iter().flat_map(each).collect(), applied: applied.into_iter().collect() }
    }

    /// Everybody, such as `member:alice`.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        self.present.keys().cloned()
    }

    /// The present hash of somebody's password, and the one that the file before gave.
    fn hashes(&self, kind: PrincipalKind, login: &Login) -> impl Iterator<Item = &str> {
        let name = subject(kind, login);
        let present = self.present.get(&name).and_then(Option::as_deref);
        let applied = self.applied.get(name.as_str()).map(|hash| &**hash);
        present.into_iter().chain(applied.filter(|applied| Some(*applied) != present))
    }
}

fn subject(kind: PrincipalKind, login: &Login) -> String {
    format!("{}:{}", kind.as_str(), login.as_str())
}

impl Secrets<'_> {
    /// The hash of a password: the stored one if it fits, so that nothing changes; else the one that the file before gave, so that
    /// a password changed since is told from one that the file changed.
    pub(super) fn password_hash(
        &self,
        from: &At<SecretFrom>,
        whose: (PrincipalKind, &Login),
        source: Source<'_>,
        problems: &mut Problems,
    ) -> Option<Box<str>> {
        let password = self.look_up(from, source, problems)?;
        let length = password.expose().len();
        if !(PASSWORD_BYTES_MIN..=auth::PASSWORD_BYTES_MAX).contains(&length) {
            let message =
                format!("a password has {PASSWORD_BYTES_MIN} to {} bytes", auth::PASSWORD_BYTES_MAX);
            problems.add(source.problem(from.line, message));
            return None;
        }
        let mut known = self.stored.hashes(whose.0, whose.1);
        if let Some(same) = known.find(|known| auth::verify_password(&password, known)) {
            return Some(same.into());
        }
        match auth::hash_password(&password) {
            Ok(hash) => Some(hash.into()),
            Err(error) => {
                problems.add(source.problem(from.line, error.to_string()));
                None
            }
        }
    }

    /// Id and hash of a token of the right kind.
    pub(super) fn token(
        &self,
        from: &At<SecretFrom>,
        kind: TokenKind,
        source: Source<'_>,
        problems: &mut Problems,
    ) -> Option<(TokenId, [u8; 32])> {
        if let SecretFrom::Hash(id, sha256) = &from.value {
            return Some((*id, *sha256));
        }
        let secret = self.look_up(from, source, problems)?;
        let mut say = |message: String| problems.add(source.problem(from.line, message));
        match auth::describe(secret.expose()) {
            Some((found, id, sha256)) if found == kind => return Some((id, sha256)),
            Some((found, ..)) => {
                say(format!(
                    "this is the token of {} {found}, not of {} {kind}",
                    article(found),
                    article(kind)
                ));
            }
            None => say(format!("this is no token; make one with `wharfinger token generate {kind}`")),
        }
        None
    }

    /// The secret by which a webhook's messages are known.
    pub(super) fn signing(
        &self,
        from: &At<SecretFrom>,
        source: Source<'_>,
        problems: &mut Problems,
    ) -> Option<SecretText> {
        let secret = self.look_up(from, source, problems)?;
        if let Err(why) = SigningSecret::parse(secret.expose()) {
            problems.add(source.problem(from.line, format!("this is no secret of a webhook: {why}")));
            return None;
        }
        Some(SecretText::new(secret))
    }

    fn look_up(
        &self,
        from: &At<SecretFrom>,
        source: Source<'_>,
        problems: &mut Problems,
    ) -> Option<Secret<String>> {
        // What stands there is not repeated: it may be the secret itself, put in the wrong place.
        let found = match &from.value {
            SecretFrom::Variable(name) => match self.environment.get(name) {
                Some(value) => Ok(value.to_owned()),
                None => {
                    let meant = closest(name, self.environment.names());
                    let problem =
                        source.problem(from.line, "the variable named here is not set").meant(meant);
                    problems.add(problem);
                    return None;
                }
            },
            SecretFrom::Hash(..) => Err("a hash stands in the place of a secret".to_owned()),
            SecretFrom::File(path) => {
                let path = self.folder.map_or_else(|| path.clone(), |folder| folder.join(path));
                read_value(&path).map_err(|why| format!("the file named here {why}"))
            }
        };
        found.map(Secret::new).map_err(|why| problems.add(source.problem(from.line, why))).ok()
    }
}

const fn article(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Application | TokenKind::Invitation => "an",
        TokenKind::Person | TokenKind::ShortLived | TokenKind::Session => "a",
    }
}
