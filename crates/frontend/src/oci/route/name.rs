//! Image names: `[p/]PROJECT/REPOSITORY/IMAGE…` (docs/oci.md 2).

use domain::{PackageName, ProjectKey, RepositoryName, RepositoryPath};

/// Longest name, in bytes: clients refuse more than 255 together with the host.
pub(crate) const NAME_BYTES_MAX: usize = 255;

/// The name of an image, with the repository it lies in.
#[derive(Debug, Clone)]
pub(crate) struct ImageName {
    spelt: Box<str>,
    repository: RepositoryPath,
    image: PackageName,
}

/// What a text in the place of a name turned out to be.
#[derive(Debug)]
pub(crate) enum Named {
    /// An image.
    Image(ImageName),
    /// Something wrong inside a repository that may exist: shown only to those who may know it.
    Within(RepositoryPath, BadName),
    /// A good name of an image, below a project or repository that none here can be called: as absent as any other.
    Absent,
    /// Nothing that any repository here could hold.
    Nowhere(BadName),
}

/// What is wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadName {
    /// It breaks the grammar of the specification.
    Grammar,
    /// It is longer than [`NAME_BYTES_MAX`].
    TooLong,
    /// It has no part for the image: the most frequent mistake of newcomers.
    NoImage,
    /// It begins with a reserved word.
    Reserved,
}

impl ImageName {
    /// As the client wrote it, with or without `p/`: `Location`, `Link` and scopes repeat it.
    pub(crate) fn spelt(&self) -> &str {
        &self.spelt
    }

    /// Where it lies.
    pub(crate) const fn repository(&self) -> &RepositoryPath {
        &self.repository
    }

    /// Its name inside the repository; several parts are possible.
    pub(crate) const fn image(&self) -> &PackageName {
        &self.image
    }
}

/// Reads a name. Grammar first, so that everything behind it works on harmless text.
pub(crate) fn parse(spelt: &str) -> Named {
    let parts = spelt.strip_prefix("p/").unwrap_or(spelt);
    let mut parts = parts.splitn(3, '/');
    let (project, repository, image) = (parts.next(), parts.next(), parts.next());
    let path = project.zip(repository).and_then(|(project, repository)| {
        let project = ProjectKey::parse(project).ok()?;
        Some(RepositoryPath { project, repository: RepositoryName::parse(repository).ok()? })
    });
    let image = match checked(spelt, image) {
        Ok(image) => image,
        // Two parts are no image whoever asks, and a reason helps more than a refusal.
        Err(BadName::NoImage) => return Named::Nowhere(BadName::NoImage),
        Err(bad) => return path.map_or(Named::Nowhere(bad), |path| Named::Within(path, bad)),
    };
    match path {
        Some(repository) => Named::Image(ImageName { spelt: spelt.into(), repository, image }),
        None => Named::Absent,
    }
}

fn checked(spelt: &str, image: Option<&str>) -> Result<PackageName, BadName> {
    if spelt.len() > NAME_BYTES_MAX {
        return Err(BadName::TooLong);
    }
    if spelt.starts_with('_') {
        return Err(BadName::Reserved);
    }
    if !spelt.split('/').all(is_component) {
        return Err(BadName::Grammar);
    }
    let image = image.ok_or(BadName::NoImage)?;
    PackageName::exact(image).map_err(|_| BadName::Grammar)
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_component(text: &str) -> bool {
    let mut before: Option<u8> = None;
    let mut run = 0_usize;
    for byte in text.bytes() {
        match (byte, before) {
            (b'a'..=b'z' | b'0'..=b'9', _) => run = 0,
            (b'.' | b'_' | b'-', None) => return false,
            (b'.' | b'_' | b'-', Some(last)) => {
                run += 1;
                let fits = run == 1 || last == byte && (byte == b'-' || byte == b'_' && run == 2);
                if !fits {
                    return false;
                }
            }
            _ => return false,
        }
        before = Some(byte);
    }
    before.is_some() && run == 0
}

#[cfg(test)]
mod tests;
