//! The set-up code, while there is no administrator.

use std::path::PathBuf;
use std::sync::Arc;

use auth::Secret;
use domain::{Clock, System};
use frontend::Setup;
use storage::Directory;

use super::data::{DataDir, write_private};
use crate::error::StartError;

/// The code to show and the room it opens.
pub(super) struct FirstRun {
    pub(super) code: String,
    pub(super) room: Setup,
}

/// `None` if there is an administrator; a code left from before is removed then.
pub(super) async fn open(
    directory: &Directory,
    data: Option<&DataDir>,
    clock: &Arc<dyn Clock>,
) -> Result<Option<FirstRun>, StartError> {
    let system = System::mint("first-run set-up");
    let path = data.map(DataDir::setup_code);
    let there_is_one = directory.has_administrator(&system).await;
    if there_is_one.map_err(|source| StartError::Storage {
        path: path.clone().unwrap_or_default(),
        source: source.into(),
    })? {
        forget(path.as_ref());
        return Ok(None);
    }
    let code = code()?;
    if let Some(path) = &path {
        write_private(path, format!("{code}\n").as_bytes())?;
    }
    let room =
        Setup::new(directory.clone(), Arc::clone(clock), Secret::new(code.clone()), system, move || {
            forget(path.as_ref());
        });
    Ok(Some(FirstRun { code, room }))
}

/// 130 bits in groups that are easy to read aloud: letters and digits that cannot be mistaken for one another.
fn code() -> Result<String, StartError> {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let mut secret = [0_u8; 26];
    getrandom::fill(&mut secret).map_err(|error| StartError::Random(error.to_string()))?;
    let letters = secret.iter().filter_map(|byte| LETTERS.get(usize::from(*byte % 32)));
    let letters: Vec<char> = letters.map(|letter| char::from(*letter)).collect();
    Ok(letters.chunks(7).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

fn forget(path: Option<&PathBuf>) {
    let Some(path) = path else { return };
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(path = %path.display(), %error, "the file of the set-up code could not be removed");
        }
        _ => {}
    }
}
