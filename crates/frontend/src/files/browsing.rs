//! A repository of files as one package, whose versions are its paths.

use domain::{Browsing, EntryKind, PackageName, Removal};

use super::path::{FilePath, PACKAGE};

pub(super) const BROWSING: Browsing = Browsing {
    packages: EntryKind::File,
    versions: EntryKind::File,
    newest_last: false,
    prerelease: |_| false,
    package: |name| if name == PACKAGE { PackageName::exact(PACKAGE).ok() } else { None },
    version: |path| FilePath::parse(path).ok().map(|path| (EntryKind::File, path.key.name)),
    parts: |_| None,
    delete: |key, _| vec![Removal::Entry(key.clone())],
    unlists: false,
    ecosystem: None,
    needs: None,
    path: |key| key.name.display().to_owned(),
    page: |_, path| path.unwrap_or_default().to_owned(),
    pages: |path| vec![(PACKAGE.to_owned(), Some(path.to_owned()))],
    folders: true,
    lines: |_| Vec::new(),
};
