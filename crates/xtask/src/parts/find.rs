//! Where programs are looked for.

use std::{
    collections::hash_map::DefaultHasher,
    env,
    ffi::OsString,
    fs,
    hash::{Hash, Hasher},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::{PARTS, Part, Source};
use crate::{
    error::{Error, Result},
    run::root,
};

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
        directories.extend(shared_folders());
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
        // Files are there as a whole or not at all.
        let files = part.programs.is_empty();
        if files {
            self.own_directory(part).is_some_and(|dir| dir.is_dir())
        } else {
            part.programs.iter().all(|program| self.find_of(part, program).is_some())
        }
    }

    /// A program of a part, which may lie apart from the others.
    pub(crate) fn find_of(&self, part: &Part, program: &str) -> Option<PathBuf> {
        if part.apart.is_some() {
            self.own_directory(part).map(|dir| dir.join(program)).filter(|path| is_executable(path))
        } else {
            self.find(program)
        }
    }

    /// Where the programs or files of this part lie, once they are there, if it has a directory of its own.
    pub(crate) fn own_directory(&self, part: &Part) -> Option<PathBuf> {
        match &part.from {
            Source::SbtBuild { project } => Some(build_directory(&self.cache, "sbt", project)),
            Source::Build { mvn, project } => Some(build_directory(&self.cache, mvn, project)),
            Source::Folder { folder } | Source::Given { folder } => env::var_os(folder).map(PathBuf::from),
            from @ Source::PythonLibrary { .. } => Some(tool_directory(&self.cache, from)?.join("lib")),
            from @ Source::NodeModules { .. } => {
                Some(tool_directory(&self.cache, from)?.join("node_modules"))
            }
            from => Some(tool_directory(&self.cache, from)?.join("bin")),
        }
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
        Source::Apt(_)
        | Source::Build { .. }
        | Source::SbtBuild { .. }
        | Source::Given { .. }
        | Source::Folder { .. } => return None,
        Source::Go { packages, version } => (*packages.first()?, version),
        Source::Maven { version } => ("apache-maven", version),
        Source::OldDotnet { version } => ("dotnet", version),
        // Another directory as soon as another version is wanted.
        Source::NodeModules { name, packages } => {
            let versions: Vec<&str> =
                packages.iter().filter_map(|package| Some(package.rsplit_once('@')?.1)).collect();
            return Some(cache.join("tools").join(format!("{name}-{}", versions.join("-"))));
        }
        Source::Pip { package, version }
        | Source::PythonLibrary { package, version }
        | Source::Cargo { package, version }
        | Source::DotnetTool { package, version, .. }
        | Source::Jars { artifact: package, version, .. } => (*package, version),
    };
    let name = package.rsplit(['/', ':']).next()?;
    Some(cache.join("tools").join(format!("{name}-{version}")))
}

/// What a Maven, or sbt, fetched for a project. Another directory as soon as the project is another one.
pub(super) fn build_directory(cache: &Path, builder: &str, project: &str) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    for file in files_below(&project_directory(project)) {
        fs::read(file).unwrap_or_default().hash(&mut hasher);
    }
    cache.join("files").join(format!("{builder}-{project}-{:016x}", hasher.finish()))
}

/// One of the projects that the tests build.
pub(super) fn project_directory(project: &str) -> PathBuf {
    root().join("tests").join("real").join("projects").join(project)
}

/// Every file below a directory, in an order that does not change.
fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut paths: Vec<PathBuf> =
        fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort_unstable();
    for path in paths {
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// The folders that variables name, of programs that are in no package registry.
fn shared_folders() -> impl Iterator<Item = PathBuf> {
    PARTS.iter().filter_map(|part| match &part.from {
        Source::Given { folder } => env::var_os(folder).map(PathBuf::from),
        _ => None,
    })
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
