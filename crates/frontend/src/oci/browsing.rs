//! Images as packages: their tags are versions in lists, and every manifest is one by its digest.

use domain::{
    Browsing, Digest, EntryKey, EntryKind, FetchLine, Meant, PackageName, RefName, Removal, Rules, Wanted,
};

pub(super) const BROWSING: Browsing = Browsing {
    packages: EntryKind::Manifest,
    versions: EntryKind::Tag,
    newest_last: false,
    prerelease: |_| false,
    package: |name| PackageName::exact(name).ok(),
    version,
    parts: |_| None,
    delete,
    unlists: false,
    ecosystem: None,
    needs: None,
    path,
    page,
    pages,
    folders: false,
    lines,
};

/// No tag has a colon, and every digest has one.
fn version(text: &str) -> Option<(EntryKind, RefName)> {
    match Digest::parse(text) {
        Ok(digest) => Some((EntryKind::Manifest, RefName::exact(&digest.to_string()).ok()?)),
        Err(_) => Some((EntryKind::Tag, RefName::exact(text).ok()?)),
    }
}

/// A tag goes alone, a manifest with its tags.
fn delete(key: &EntryKey, _: &dyn Rules) -> Vec<Removal> {
    let key = key.clone();
    vec![match key.kind {
        EntryKind::Manifest => Removal::EntryAndPointers { key, force: false },
        EntryKind::Tag | EntryKind::File | EntryKind::Version => Removal::Entry(key),
    }]
}

fn path(key: &EntryKey) -> String {
    format!("{}/manifests/{}", key.package.display(), key.name.display())
}

/// As it stands behind `docker pull`.
fn page(image: &str, version: Option<&str>) -> String {
    match version {
        None => image.to_owned(),
        Some(digest) if digest.contains(':') => format!("{image}@{digest}"),
        Some(tag) => format!("{image}:{tag}"),
    }
}

fn pages(address: &str) -> Vec<Meant> {
    let (image, version) = match (address.split_once('@'), address.rsplit_once(':')) {
        (Some((image, digest)), _) => (image, Some(digest.to_owned())),
        (None, Some((image, tag))) => (image, Some(tag.to_owned())),
        (None, None) => (address, None),
    };
    vec![(image.to_owned(), version)]
}

fn lines(wanted: &Wanted<'_>) -> Vec<FetchLine> {
    let Wanted { repository, package, version, kind, .. } = *wanted;
    let mark = if version.contains(':') { '@' } else { ':' };
    let image = format!("{}/p/{repository}/{package}", wanted.host());
    let line =
        |client, command: &str| FetchLine { client, text: format!("{command} {image}{mark}{version}") };
    match kind {
        "helm-chart" if mark == ':' => {
            // A tag has no plus sign; helm writes an underscore for it.
            let number = version.replace('_', "+");
            let of = |client, command: &str| FetchLine {
                client,
                text: format!("helm {command} oci://{image} --version {number}"),
            };
            vec![of("helm", "pull"), of("helm show", "show values")]
        }
        "" | "image" | "index" => vec![
            line("docker", "docker pull"),
            line("podman", "podman pull"),
            line("nerdctl", "nerdctl pull"),
            line("crane", "crane manifest"),
            FetchLine { client: "skopeo", text: format!("skopeo inspect docker://{image}{mark}{version}") },
        ],
        _ => vec![line("oras", "oras pull"), line("crane", "crane manifest")],
    }
}
