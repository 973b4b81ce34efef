//! `/p/PROJECT/REPOSITORY/PATH`.

use domain::{ProjectKey, RepositoryName, RepositoryPath};

/// The repository that a decoded path names, found in any case, and the path in it; the repository is `None` if none can have the
/// name. `None` for a path that is none of a repository.
pub(crate) fn cut(path: &str) -> Option<(Option<RepositoryPath>, &str)> {
    let mut parts = path.strip_prefix("/p/")?.splitn(3, '/');
    let (project, repository) = (parts.next()?, parts.next()?);
    let named = || {
        let project = ProjectKey::parse_folded(project).ok()?;
        Some(RepositoryPath { project, repository: RepositoryName::parse_folded(repository).ok()? })
    };
    Some((named(), parts.next().unwrap_or_default()))
}
