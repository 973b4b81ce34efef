//! Formats for suites: what the policies of real ones let happen, in their words, read without types and without their strictness.

use std::sync::Arc;

use domain::{
    Browsing, EntryKey, EntryKind, Format, FormatPolicy, Formats, InvalidPolicy, KnownFormat, Need, Needs,
    PackageName, Pattern, RefName, Removal, Rules,
};
use serde_json::Value;

/// One in which tags move.
pub const OCI: Format = Format::new("oci");
/// One in which files are written once.
pub const MAVEN: Format = Format::new("maven");
/// One in which versions are written once.
pub const NUGET: Format = Format::new("nuget");

/// Versions by their names.
pub const BROWSING: Browsing = Browsing {
    packages: EntryKind::Version,
    versions: EntryKind::Version,
    newest_last: true,
    prerelease: |_| false,
    package: |name| PackageName::exact(name).ok(),
    version: |name| Some((EntryKind::Version, RefName::exact(name).ok()?)),
    parts: |_| None,
    delete: |key, _| vec![Removal::Entry(key.clone())],
    unlists: true,
    ecosystem: None,
    needs: Some(Needs {
        is_document: |_, _| false,
        document_bytes_max: 0,
        read: |_, kept, _| needs_in(kept),
    }),
    path: |key| key.name.display().to_owned(),
    page: |package, version| {
        version.map_or_else(|| package.to_owned(), |version| format!("{package}/{version}"))
    },
    pages: |address| vec![(address.to_owned(), None)],
    folders: false,
    lines: |_| Vec::new(),
};

/// Versions with files, one of which says what they need.
const WITH_FILES: Browsing = Browsing {
    parts: |key| Some(format!("{}:{}", key.package.key(), key.name.key())),
    needs: Some(Needs {
        is_document: |_, file| file.name.key().ends_with(".pom"),
        document_bytes_max: 1024,
        read: |_, _, document| needs_in(std::str::from_utf8(document).unwrap_or_default()),
    }),
    ..BROWSING
};

/// What a text says: `needs PACKAGE VERSION`, a line each.
fn needs_in(text: &str) -> Vec<Need> {
    let said = text.lines().filter_map(|line| line.strip_prefix("needs ")?.split_once(' '));
    let need = |(package, version): (&str, &str)| {
        let (package, version) = (package.into(), Box::<str>::from(version));
        Need { package, range: version.clone(), version, ..Need::default() }
    };
    said.map(need).collect()
}

/// All of them.
#[must_use]
pub fn formats() -> Formats {
    type Reader = fn(&str) -> Result<FormatPolicy, InvalidPolicy>;
    let of = |format: Format, read_policy: Reader, not_enforced| KnownFormat {
        format,
        read_policy,
        not_enforced,
        browsing: if format == MAVEN { WITH_FILES } else { BROWSING },
        mount: "",
        feed: "",
        programs: &[],
        clients: |_| Vec::new(),
    };
    Formats::new([
        of(OCI, |document| read(OCI, document), &[]),
        of(MAVEN, |document| read(MAVEN, document), &["snapshots"]),
        of(NUGET, |document| read(NUGET, document), &[]),
    ])
}

/// A policy of one of them.
///
/// # Panics
/// If the document is none.
#[must_use]
pub fn policy_of(format: Format, document: &str) -> domain::RepositoryPolicy {
    read(format, document).expect("the policy of a suite").into()
}

/// Rules of every kind of name.
#[derive(Debug)]
struct Suited {
    kept: Vec<Pattern>,
    document: Value,
}

fn read(format: Format, document: &str) -> Result<FormatPolicy, InvalidPolicy> {
    let invalid = |error: serde_json::Error| InvalidPolicy { format, why: error.to_string().into() };
    let document: Value = serde_json::from_str(document).map_err(invalid)?;
    let kept = document.get("immutable_tags").and_then(Value::as_array).into_iter().flatten();
    let kept = kept.filter_map(Value::as_str).filter_map(|text| Pattern::parse(text).ok()).collect();
    Ok(FormatPolicy::new(format, document.to_string(), Arc::new(Suited { kept, document })))
}

impl Suited {
    fn says(&self, field: &str, word: impl Into<Value>) -> bool {
        self.document.get(field) == Some(&word.into())
    }

    fn keeps(&self, key: &EntryKey) -> bool {
        key.kind == EntryKind::Tag && self.kept.iter().any(|pattern| pattern.matches(key.name.key()))
    }
}

impl Rules for Suited {
    fn takes_names(&self) -> bool {
        !self.says("releases", "read-only")
    }

    fn may_replace(&self, key: &EntryKey) -> bool {
        match key.kind {
            EntryKind::Tag => !self.keeps(key),
            EntryKind::Manifest => false,
            EntryKind::File => self.says("releases", "replace"),
            EntryKind::Version => self.says("duplicates", "always"),
        }
    }

    fn may_remove(&self, key: &EntryKey) -> bool {
        !self.keeps(key)
    }

    fn keeps_names(&self) -> bool {
        !self.kept.is_empty()
    }

    fn may_remove_with(&self, pointers: usize) -> bool {
        pointers <= 1 || !self.says("delete_by_digest", "only-if-one-tag")
    }

    fn reserves(&self, key: &EntryKey) -> bool {
        match key.kind {
            EntryKind::Tag | EntryKind::Manifest => false,
            EntryKind::File => !self.may_replace(key) && !key.name.key().contains("-SNAPSHOT/"),
            EntryKind::Version => !self.may_replace(key),
        }
    }

    fn is_sparse(&self) -> bool {
        !self.says("sparse_indexes", false)
    }
}
