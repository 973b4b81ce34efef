//! Where programs are looked for.

use std::{
    env,
    ffi::OsString,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::{PARTS, Part, Source};
use crate::error::{Error, Result};

/// The directories that programs are taken from, in order.
#[derive(Debug)]
pub(crate) struct Places {
    cache: PathBuf,
    directories: Vec<PathBuf>,
}

impl Places {
    /// Our cache first, because its versions are the pinned ones, then `PATH`, then places that are often not in it.
    pub(crate) fn look() -> Result<Self> {
        let cache = cache_directory()?;
        let shared = PARTS.iter().filter(|part| part.apart.is_none());
        let mut directories: Vec<PathBuf> =
            shared.filter_map(|part| tool_directory(&cache, &part.from)).map(|dir| dir.join("bin")).collect();
        directories.push(go_directory(&cache).join("go").join("bin"));
        directories.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        directories.extend(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from));
        directories.extend(postgresql_directories());
        directories.retain(|dir| dir.is_dir());
        let mut unique: Vec<PathBuf> = Vec::with_capacity(directories.len());
        for dir in directories {
            if !unique.contains(&dir) {
                unique.push(dir);
            }
        }
        Ok(Self { cache, directories: unique })
    }

    /// The first program of that name.
    pub(crate) fn find(&self, program: &str) -> Option<PathBuf> {
        self.directories.iter().map(|dir| dir.join(program)).find(|path| is_executable(path))
    }

    pub(crate) fn has(&self, part: &Part) -> bool {
        part.programs.iter().all(|program| self.find_of(part, program).is_some())
    }

    /// A program of a part, which may lie apart from the others.
    pub(crate) fn find_of(&self, part: &Part, program: &str) -> Option<PathBuf> {
        if part.apart.is_some() {
            self.own_directory(part).map(|dir| dir.join(program)).filter(|path| is_executable(path))
        } else {
            self.find(program)
        }
    }

    /// Where our cache has the programs of this part, once it is installed from there.
    pub(crate) fn own_directory(&self, part: &Part) -> Option<PathBuf> {
        Some(tool_directory(&self.cache, &part.from)?.join("bin"))
    }

    /// Our cache of built tools, outside the tree.
    pub(crate) fn cache(&self) -> &Path {
        &self.cache
    }

    /// A value for `PATH` under which a child finds the same programs as we do.
    pub(crate) fn path_variable(&self) -> Result<OsString> {
        env::join_paths(&self.directories).map_err(|error| Error::Unfit(format!("PATH: {error}")))
    }
}

/// The directory of one pinned version of a tool; its programs are in `bin` below it.
pub(super) fn tool_directory(cache: &Path, from: &Source) -> Option<PathBuf> {
    let (package, version) = match from {
        Source::Apt(_) => return None,
        Source::Go { packages, version } => (*packages.first()?, version),
        Source::Pip { package, version } | Source::Cargo { package, version } => (*package, version),
    };
    let name = package.rsplit('/').next()?;
    Some(cache.join("tools").join(format!("{name}-{version}")))
}

/// The wheel of the Go toolchain, unpacked where the machine has none; the toolchain is in `go` below it.
pub(super) fn go_directory(cache: &Path) -> PathBuf {
    cache.join("tools").join("go-wheel")
}

fn cache_directory() -> Result<PathBuf> {
    let base = match (env::var_os("XDG_CACHE_HOME"), env::var_os("HOME")) {
        (Some(cache), _) if !cache.is_empty() => PathBuf::from(cache),
        (_, Some(home)) if !home.is_empty() => PathBuf::from(home).join(".cache"),
        _ => return Err(Error::Unfit("neither XDG_CACHE_HOME nor HOME is set".to_owned())),
    };
    Ok(base.join("wharfinger"))
}

/// Debian keeps each major version's server programs in a directory of their own; the newest first.
fn postgresql_directories() -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir("/usr/lib/postgresql") else {
        return Vec::new();
    };
    let mut found: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, dir)| dir).collect()
}

fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}
