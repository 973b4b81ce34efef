//! Where files are put by their paths: a repository of a gateway, or a folder of this machine.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::{Method, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::content::{Content, Opened};
use super::sums::Sums;
use super::target::{Target, as_headers};
use crate::cli::failure::Failure;

/// What stands for itself in a path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What a file is called until all of it is there.
const PART: &str = "wharfinger-part";

/// Where files are put.
pub(super) enum Place {
    Repository(Target),
    Folder(PathBuf),
}

impl Place {
    /// The hashes of what is at a path, if anything is.
    pub(super) async fn there(&self, path: &str) -> Result<Option<Sums>, Failure> {
        match self {
            Self::Repository(target) => {
                Ok(target.there(&encoded(path)).await?.map(|head| Sums::of_head(&head)))
            }
            Self::Folder(folder) => {
                let file = below(folder, path)?;
                match fs::metadata(&file) {
                    Ok(found) if found.is_file() => Content::File(file).sums().await.map(Some),
                    Ok(_) => Err(Failure::Conflict(format!("{} is no file", file.display()))),
                    Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                    Err(error) => Err(Failure::Other(format!("{}: {error}", file.display()))),
                }
            }
        }
    }

    /// Puts content there, if it has the hashes that were promised. Gives how long it is.
    pub(super) async fn put(&self, path: &str, opened: Opened, promised: &Sums) -> Result<u64, Failure> {
        match self {
            Self::Repository(target) => {
                let promised = promised.clone().and(&opened.said);
                let told = as_headers(&promised);
                let told: Vec<(&str, &str)> =
                    told.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                let at = (Method::PUT, &*encoded(path));
                let sent = target.stream(at, &told, opened, &promised).await;
                let (_, bytes) = sent?;
                Ok(bytes)
            }
            Self::Folder(folder) => written(&below(folder, path)?, opened, promised).await,
        }
    }

    /// The bytes of a small file that is there.
    pub(super) async fn small(&self, path: &str, bytes_max: usize) -> Result<Option<Bytes>, Failure> {
        match self {
            Self::Repository(target) => {
                let answer = target.ask(Method::GET, &encoded(path), &[]).await?;
                match answer.status() {
                    status if status.is_success() => {
                        crate::cli::client::streaming::whole(answer, bytes_max).await.map(Some)
                    }
                    StatusCode::NOT_FOUND => Ok(None),
                    _ => Err(crate::cli::client::streaming::refusal(answer).await),
                }
            }
            Self::Folder(folder) => match fs::read(below(folder, path)?) {
                Ok(bytes) => Ok(Some(bytes.into())),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(Failure::Other(error.to_string())),
            },
        }
    }

    /// Puts a small file there, whatever was there before.
    pub(super) async fn put_small(&self, path: &str, bytes: Bytes) -> Result<(), Failure> {
        match self {
            Self::Repository(target) => target.send(&encoded(path), &[], bytes).await.map(drop),
            Self::Folder(folder) => {
                let file = below(folder, path)?;
                whole_or_not(&file, |to| to.write_all(&bytes))
            }
        }
    }
}

/// A path as part of an address.
pub(super) fn encoded(path: &str) -> String {
    utf8_percent_encode(path, PLAIN).to_string()
}

/// Whether a name of a server can be one of a file here, and stays where it is put.
pub(super) fn is_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains(['/', '\\', '\0'])
}

/// A path in a folder, which does not lead out of it.
pub(super) fn below(folder: &Path, path: &str) -> Result<PathBuf, Failure> {
    if path.split('/').all(is_name) {
        return Ok(folder.join(path));
    }
    Err(Failure::Other(format!("`{path}` cannot be the path of a file here")))
}

/// Writes content to a file beside, and puts it in its place once all of it is there.
pub(super) async fn written(file: &Path, opened: Opened, promised: &Sums) -> Result<u64, Failure> {
    let wrong = |error: std::io::Error| Failure::Other(format!("{}: {error}", file.display()));
    let (beside, mut to) = begun(file).map_err(wrong)?;
    let poured = opened.pour(promised, async |piece: Bytes| to.write_all(&piece).map_err(wrong)).await;
    let placed = poured.and_then(|(_, bytes)| {
        let kept = to.sync_all().and_then(|()| fs::rename(&beside, file));
        kept.map(|()| bytes).map_err(wrong)
    });
    placed.inspect_err(|_| {
        let _ = fs::remove_file(&beside);
    })
}

/// Writes a small file, whole or not at all.
pub(super) fn whole_or_not(
    file: &Path,
    write: impl FnOnce(&mut fs::File) -> std::io::Result<()>,
) -> Result<(), Failure> {
    let placed = begun(file).and_then(|(beside, mut to)| {
        let placed = write(&mut to).and_then(|()| to.sync_all()).and_then(|()| fs::rename(&beside, file));
        placed.inspect_err(|_| {
            let _ = fs::remove_file(&beside);
        })
    });
    placed.map_err(|error| Failure::Other(format!("{}: {error}", file.display())))
}

fn begun(file: &Path) -> std::io::Result<(PathBuf, fs::File)> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{PART}"));
    let beside = PathBuf::from(name);
    let to = OpenOptions::new().write(true).create(true).truncate(true).open(&beside)?;
    Ok((beside, to))
}

/// Whether a file is what a run that was cut short left behind.
pub(super) fn is_part(name: &str) -> bool {
    name.strip_suffix(PART).is_some_and(|before| before.ends_with('.'))
}
