//! `--bootstrap FILE`: read, checked as a whole, and only then applied in one transaction. Everything that is wrong is said
//! with file, line and the likely meaning; secrets are looked up here and leave as hashes.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use api::plans::Document;
use api::{Hooks, Targets};
use auth::KeyRing;
use domain::{Holdings, PolicyFacts, System, Timestamp};
use storage::{Applied, DirectoryError, Opened, Plan, Remembered, TestSpec};

use crate::config::Environment;
use crate::config::document::Source;
use crate::config::environment::read_document;
use crate::config::problem::{Location, Problem, Problems};
use crate::error::StartError;

mod check;
mod file;
mod names;
mod plan;
mod secrets;
mod time;
mod written;

pub(crate) use written::written;

use names::Present;
use secrets::{Secrets, StoredPasswords};

/// Reads and checks a file without applying it, against what it makes itself. Gives warnings.
///
/// # Errors
/// Everything that is wrong with it.
pub(crate) fn check(path: &Path, environment: &Environment) -> Result<Vec<String>, Problems> {
    let now = domain::Clock::now(&crate::SystemClock);
    let (stored, hooks) = (StoredPasswords::default(), on_the_way());
    let secrets = Secrets { environment, folder: path.parent(), stored: &stored, hooks: &hooks, now };
    read(path, &Present::default(), &secrets).map(|(_, warnings)| warnings)
}

/// Applies a file: everything or nothing. Applied again it changes nothing, and what administrators changed since stays so.
///
/// # Errors
/// `Bootstrap` for everything that is wrong with the file, `Storage` if it could not be stored.
pub(crate) async fn apply(
    path: &Path,
    environment: &Environment,
    opened: &Opened,
    system: &System,
    permissions: &dyn Holdings,
    hooks: Hooks,
    now: Timestamp,
) -> Result<Applied, StartError> {
    let (_, credentials) = opened.credentials.load().await.map_err(StartError::Access)?;
    let (_, facts) = opened.grants.load().await.map_err(StartError::Access)?;
    let remembered = opened.directory.remembered(system).await.map_err(|error| refused(path, error))?;
    let (file, variables) = (path.to_owned(), environment.clone());
    // Comparing passwords with stored hashes takes tens of milliseconds each.
    let prepared = tokio::task::spawn_blocking(move || {
        let Remembered { passwords, names, objects } = remembered;
        let stored = StoredPasswords::of(&credentials.principals, passwords);
        let folder = file.parent();
        let secrets = Secrets { environment: &variables, folder, stored: &stored, hooks: &hooks, now };
        read(&file, &Present { objects, ..present(&stored, &facts, names) }, &secrets)
    });
    let prepared = prepared.await.map_err(|error| {
        let problem = Problem::new(Location::File(path.display().to_string()), error.to_string());
        StartError::Bootstrap(problem.into())
    })?;
    let (plan, warnings) = prepared.map_err(StartError::Bootstrap)?;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let tests = plan.tests.clone();
    let applied = opened.directory.apply(system, plan).await.map_err(|error| refused(path, error))?;
    judge(path, opened, permissions, &tests).await?;
    for set in &applied.set {
        tracing::info!("{}: {set}", path.display());
    }
    for warning in &applied.warnings {
        tracing::warn!("{}: {warning}", path.display());
    }
    tracing::info!(changed = applied.changed, file = %path.display(), "bootstrap applied");
    for (application, client_id) in &applied.client_ids_made {
        tracing::info!(application = &**application, client_id = client_id.as_str(), "client ID made");
    }
    Ok(applied)
}

/// Tests of the file only warn: what administrators changed since may well be otherwise.
async fn judge(
    path: &Path,
    opened: &Opened,
    permissions: &dyn Holdings,
    tests: &[TestSpec],
) -> Result<(), StartError> {
    if tests.is_empty() {
        return Ok(());
    }
    let (_, facts) = opened.grants.load().await.map_err(StartError::Access)?;
    let judged = storage::judge(&opened.directory, &*permissions.preview(facts), tests).await;
    for failed in judged.map_err(|error| refused(path, error))? {
        let number = failed.index.saturating_add(1);
        tracing::warn!("{}: test {number} fails: {}", path.display(), failed.why);
    }
    Ok(())
}

/// Reads and checks a file for a server that knows more names than it has: with hashes in the place of secrets, and with warnings.
///
/// # Errors
/// Everything that is wrong with it.
pub(crate) fn document(path: &Path, environment: &Environment) -> Result<(Document, Vec<String>), Problems> {
    let now = domain::Clock::now(&crate::SystemClock);
    let (stored, hooks) = (StoredPasswords::default(), on_the_way());
    let secrets = Secrets { environment, folder: path.parent(), stored: &stored, hooks: &hooks, now };
    let present = Present { elsewhere: true, ..Present::default() };
    let (plan, warnings) = read(path, &present, &secrets)?;
    let unwritable = || {
        Problem::new(Location::File(path.display().to_string()), "a name in it is longer than the API takes")
    };
    Ok((Document::to_send(&plan, &hooks.keys).ok_or_else(unwritable)?, warnings))
}

/// Keys for as long as a file is on its way to a server, which judges its addresses.
fn on_the_way() -> Hooks {
    struct Unjudged;
    impl Targets for Unjudged {
        fn refusal(&self, _url: &str) -> Option<String> {
            None
        }
    }
    Hooks { keys: Arc::new(KeyRing::generate()), targets: Arc::new(Unjudged) }
}

fn read(path: &Path, present: &Present, secrets: &Secrets<'_>) -> Result<(Plan, Vec<String>), Problems> {
    let name = path.display().to_string();
    let text = read_document(path).map_err(|why| Problem::new(Location::File(name.clone()), why))?;
    let source = Source { name: &name, text: &text };
    let mut problems = Problems::default();
    let file = file::read(source, &mut problems);
    // What could not be read would be reported once more as an unknown name.
    if problems.is_empty() {
        check::check(&file, present, source, &mut problems);
    }
    let mut warnings = plan::warnings(&file, source, secrets.now);
    let plan = plan::plan(&file, source, secrets, &mut problems);
    warnings.sort();
    problems.or((plan, warnings))
}

/// What is there already and may be referred to, and what the file before referred to: where that is gone, a start goes on.
fn present(stored: &StoredPasswords, facts: &PolicyFacts, once: BTreeSet<String>) -> Present {
    let projects = facts.projects.iter().map(|project| project.key.to_string());
    let repositories = facts.repositories.iter().map(|repository| repository.path.to_string());
    let (subjects, nodes): (Vec<String>, Vec<String>) = once.into_iter().partition(|name| name.contains(':'));
    Present {
        subjects: stored.names().chain(subjects).collect(),
        nodes: projects.chain(repositories).chain(nodes).collect(),
        ..Present::default()
    }
}

/// What only the database could judge. The line of a name is found again by its text.
fn refused(path: &Path, error: DirectoryError) -> StartError {
    use DirectoryError as E;
    let named = match &error {
        E::Unknown(name) => Some(name.to_string()),
        E::Refused(_)
        | E::BeyondOwn(_)
        | E::WiderThanToken(_)
        | E::OwnToken
        | E::Forbidden(..)
        | E::Invalid(_)
        | E::Pinned { .. }
        | E::Exists
        | E::Absent => None,
        E::Stale
        | E::Precondition
        | E::AlreadyMade { .. }
        | E::Denied(_)
        | E::NotYetInForce(_)
        | E::Fault(_) => {
            return StartError::Storage { path: path.to_owned(), source: error.into() };
        }
    };
    let file = path.display().to_string();
    let text = read_document(path).unwrap_or_default();
    // `role x` is written as "x".
    let word = named.as_deref().map(|name| name.rsplit(' ').next().unwrap_or(name));
    let quoted = word.map(|word| format!("\"{word}\""));
    let line = quoted.and_then(|quoted| text.lines().position(|line| line.contains(&quoted)));
    let place = match line.and_then(|index| u32::try_from(index).ok()) {
        Some(index) => Location::Line(file, index.saturating_add(1)),
        None => Location::File(file),
    };
    StartError::Bootstrap(Problem::new(place, error.to_string()).into())
}

/// Shared, because a secret is never copied.
type Hash = Arc<str>;

#[cfg(test)]
mod tests;
