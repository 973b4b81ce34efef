//! The first-run set-up: `POST /api/v1/setup {code, username, password?, project?}`, a room of its own like the token
//! endpoint. It holds the gateway's own proof only while `org-admins` is empty, and lets it go with the first success.

use std::sync::{Arc, Mutex, PoisonError};

use ::http::{Method, StatusCode};
use api::organisation::PASSWORD_CHARS_MIN;
use api::setup::{SetupDone, SetupRepository, SetupWanted};
use api::{Code, Fault};
use auth::{NewSecret, Secret, TokenKind};
use domain::{Clock, Format, Login, ProjectKey, RepositoryName, System, Timestamp, Visibility};
use edge::Body;
use storage::{Directory, FirstAdministrator, FirstRepository, NewToken};
use tokio::sync::Semaphore;

use crate::head::Head;
use crate::management::{document, failed, json, misdirected};
use crate::protocols;
use crate::record::Record;
use crate::reply::{Reply, Response};

/// Wrong codes after which strangers wait. The right code is never kept waiting: 128 bits are not guessed.
const WRONG_CODES_MAX: u32 = 10;
/// How long they wait, in seconds.
const WAIT_SECS: u32 = 30;
/// The project's key when none is asked for.
const PROJECT: &str = "main";
/// What the administrator's first token is called.
const TOKEN_NAME: &str = "setup";

/// The room, open until somebody came through.
pub struct Setup {
    directory: Directory,
    clock: Arc<dyn Clock>,
    door: Mutex<Door>,
    /// One at a time: of two who hold the code, one becomes the first administrator.
    entering: Semaphore,
    done: Box<dyn Fn() + Send + Sync>,
}

struct Door {
    /// Gone once the set-up is over.
    key: Option<Key>,
    wrong: u32,
    closed_until: Timestamp,
}

#[derive(Clone)]
struct Key {
    code: Arc<Secret<String>>,
    system: Arc<System>,
}

impl Setup {
    /// Opens the room for who knows `code`. `done` is called once, after the first administrator exists.
    pub fn new(
        directory: Directory,
        clock: Arc<dyn Clock>,
        code: Secret<String>,
        system: System,
        done: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let key = Some(Key { code: Arc::new(code), system: Arc::new(system) });
        let closed_until = Timestamp::from_millis(0);
        Self {
            directory,
            clock,
            door: Mutex::new(Door { key, wrong: 0, closed_until }),
            entering: Semaphore::new(1),
            done: Box::new(done),
        }
    }

    /// Answers a request. Nobody is logged in here: the code is the credential.
    pub(crate) async fn serve(&self, head: Head<'_>, body: &mut Body, record: &mut Record) -> Response {
        match self.answer(&head, body).await {
            Ok(reply) => reply.into(),
            Err(fault) => {
                record.fault(&fault, None, (Some("setup"), None));
                failed(&fault, record.origin.request)
            }
        }
    }

    async fn answer(&self, head: &Head<'_>, body: &mut Body) -> Result<Reply, Fault> {
        head.public_url.believed().map_err(misdirected)?;
        if head.method != Method::POST {
            return Err(Fault::Method { allowed: "POST".to_owned(), is_open: true });
        }
        let wanted: SetupWanted = api::read(&document(head, body).await?)?;
        Ok(json(StatusCode::CREATED, &self.first(wanted, head.origin().into_owned()).await?))
    }

    /// Whether there is no administrator yet.
    pub(crate) fn is_open(&self) -> bool {
        self.door.lock().unwrap_or_else(PoisonError::into_inner).key.is_some()
    }

    /// Makes the first administrator, with a project and a token.
    ///
    /// # Errors
    /// `Denied` for a wrong code, `Throttled` after too many, and what is wrong with the names and the password.
    pub(crate) async fn first(&self, wanted: SetupWanted, public_url: String) -> Result<SetupDone, Fault> {
        let busy = || Fault::Throttled { retry_after_secs: 1 };
        let _one = self.entering.try_acquire().map_err(|_| busy())?;
        let system = self.enter(&wanted.code)?;
        let project = wanted.project.as_ref().map_or(PROJECT, |project| project.as_str());
        let login = Login::parse(wanted.username.as_str()).map_err(storage::DirectoryError::Invalid)?;
        let project = ProjectKey::parse(project).map_err(storage::DirectoryError::Invalid)?;
        let password_hash = match wanted.password {
            Some(password) => Some(hash(password, &[login.as_str(), project.as_str()]).await?),
            None => None,
        };
        let secret = auth::generate(TokenKind::Person);
        let first = first_administrator(&login, password_hash, project.clone(), &secret)?;
        self.directory.first_administrator(&system, first).await?;
        self.close();
        Ok(made(public_url, &login, &project, &secret))
    }

    /// The proof, for the right code; compared in constant time.
    fn enter(&self, code: &str) -> Result<Arc<System>, Fault> {
        let now = self.clock.now();
        let mut door = self.door.lock().unwrap_or_else(PoisonError::into_inner);
        let key = door.key.clone().filter(|key| key.code.matches(code));
        if let Some(key) = key {
            return Ok(key.system);
        }
        if now < door.closed_until {
            return Err(Fault::Throttled { retry_after_secs: WAIT_SECS.into() });
        }
        door.wrong = door.wrong.saturating_add(1);
        if door.wrong >= WRONG_CODES_MAX {
            door.wrong = 0;
            door.closed_until = now.plus_secs(WAIT_SECS.into());
        }
        let detail = "the code is wrong, or there is an administrator already";
        Err(Fault::Told(Code::Denied, detail.into()))
    }

    fn close(&self) {
        self.door.lock().unwrap_or_else(PoisonError::into_inner).key = None;
        (self.done)();
    }
}

/// Argon2 takes tens of milliseconds, so not on a thread that serves; one at a time, because one enters at a time. The password is
/// what any other must be in a new organisation.
async fn hash(password: String, names: &[&str]) -> Result<String, Fault> {
    let password = Secret::new(password);
    auth::check_new_password(&password, PASSWORD_CHARS_MIN, names)
        .map_err(|weak| Fault::Told(Code::WeakPassword, weak.to_string().into()))?;
    let wrong = || Fault::field("/password", "it cannot be used");
    let hashed = tokio::task::spawn_blocking(move || auth::hash_password(&password)).await;
    hashed.ok().and_then(Result::ok).ok_or_else(wrong)
}

/// What is made in the project: a repository of each format.
fn repositories() -> Vec<(&'static str, Format)> {
    protocols::all().iter().map(|mounted| (mounted.first_repository, mounted.of.known.format)).collect()
}

fn first_administrator(
    login: &Login,
    password_hash: Option<String>,
    project: ProjectKey,
    secret: &NewSecret,
) -> Result<FirstAdministrator, Fault> {
    let repository = |(name, format): (&str, Format)| {
        let name = RepositoryName::parse(name).map_err(storage::DirectoryError::Invalid)?;
        Ok(FirstRepository { name, format, visibility: Visibility::Private })
    };
    let token = NewToken::full(secret.id, secret.sha256, TOKEN_NAME);
    Ok(FirstAdministrator {
        username: login.as_str().into(),
        password_hash: password_hash.map(Into::into),
        token,
        project,
        repositories: repositories()
            .into_iter()
            .map(repository)
            .collect::<Result<_, storage::DirectoryError>>()?,
    })
}

/// What the command line prints its lines from.
fn made(public_url: String, login: &Login, project: &ProjectKey, secret: &NewSecret) -> SetupDone {
    let repository = |(name, format): (&str, Format)| SetupRepository {
        path: format!("{project}/{name}"),
        format: format.as_str().to_owned(),
        visibility: "private".to_owned(),
    };
    SetupDone {
        username: login.as_str().to_owned(),
        token: secret.text.expose().to_owned(),
        project: project.as_str().to_owned(),
        repositories: repositories().into_iter().map(repository).collect(),
        public_url,
    }
}

#[cfg(test)]
mod tests;
