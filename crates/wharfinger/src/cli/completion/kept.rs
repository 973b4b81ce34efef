//! Names that a gateway told a moment ago, so that the next key is not a request again. They are for their owner alone.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};

use crate::config::{Environment, ServerUrl};

/// How long names are good.
const KEPT: Duration = Duration::from_secs(60);
/// Largest list that is read again, in bytes.
const BYTES_MAX: u64 = 256 * 1024;
/// Bytes of a hash that make a file's name.
const NAME_BYTES: usize = 16;

/// The file for a question to a gateway, as whoever asks: `$XDG_CACHE_HOME/wharfinger`, else `~/.cache/wharfinger`.
pub(super) fn place(environment: &Environment, server: &ServerUrl, question: &str) -> Option<PathBuf> {
    let absolute = |name| environment.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    let token = environment.get("WHARFINGER_TOKEN").unwrap_or_default();
    let hash = digest(&SHA256, [server.as_str(), token, question].join("\n").as_bytes());
    let name = hash.as_ref().iter().take(NAME_BYTES).map(|byte| format!("{byte:02x}")).collect::<String>();
    Some(cache.join("wharfinger").join(name))
}

/// What is kept there and still good.
pub(super) fn names(place: &Path) -> Option<Vec<String>> {
    let metadata = fs::metadata(place).ok()?;
    // A file of the future is of a clock that was wrong.
    let age = metadata.modified().ok()?.elapsed().ok()?;
    if age > KEPT || metadata.len() > BYTES_MAX {
        return None;
    }
    Some(fs::read_to_string(place).ok()?.lines().map(str::to_owned).collect())
}

/// Keeps names, and lets go of those that are not good any more. What cannot be kept is asked again, and nobody is told.
pub(super) fn keep(place: &Path, names: &[String]) {
    let Some(folder) = place.parent() else { return };
    let _ = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let age = entry.metadata().and_then(|metadata| metadata.modified());
        if age.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > KEPT)) {
            let _ = fs::remove_file(entry.path());
        }
    }
    let beside = place.with_extension(std::process::id().to_string());
    let written = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside);
    let written = written.and_then(|mut file| file.write_all(names.join("\n").as_bytes()));
    if written.and_then(|()| fs::rename(&beside, place)).is_err() {
        let _ = fs::remove_file(&beside);
    }
}
