//! Image layouts on disk: a folder with `oci-layout`, `index.json` and `blobs` for each image.

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use domain::Digest;
use frontend::IMAGE_INDEX;
use serde_json::{Value, json};

use super::super::content::Content;
use super::super::place::{below, whole_or_not};
use super::super::run::Finds;
use super::super::tree::local::names;
use super::{MANIFEST_BYTES_MAX, Pointed, Served};
use crate::cli::failure::Failure;

/// What makes a folder a layout, and what says which version of it.
const MARK: &str = "oci-layout";
const INDEX: &str = "index.json";
const BLOBS: &str = "blobs";
/// Longest index of a layout, in bytes.
const INDEX_BYTES_MAX: usize = 64 << 20;
/// What names the tag of a manifest in an index.
const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// Deepest folder.
const DEPTH_MAX: usize = 16;

/// The folder of an image below a root; the root itself, if it is the layout of the one image.
#[derive(Debug, Clone)]
pub(in super::super) struct Layouts {
    pub(in super::super) root: PathBuf,
    /// What the image of the root is called.
    pub(in super::super) name: Option<String>,
}

impl Layouts {
    fn folder(&self, image: &str) -> Result<PathBuf, Failure> {
        if self.name.as_deref() == Some(image) && is_layout(&self.root) {
            return Ok(self.root.clone());
        }
        if image.split('/').any(|part| part == BLOBS) {
            return Err(Failure::Other(format!("the layout of `{image}` would lie in that of another")));
        }
        below(&self.root, image)
    }

    fn blob_path(&self, image: &str, digest: &Digest) -> Result<PathBuf, Failure> {
        Ok(self.folder(image)?.join(BLOBS).join(digest.algorithm().as_str()).join(digest.hex()))
    }

    /// Hands in all that the indexes of all layouts name.
    pub(in super::super) async fn find(
        &self,
        wanted: impl Fn(&str) -> bool,
        finds: Finds<Pointed>,
    ) -> Result<(), Failure> {
        let mut open = vec![String::new()];
        let mut any = false;
        while let Some(at) = open.pop() {
            let folder = self.root.join(&at);
            if is_layout(&folder) {
                any = true;
                let image = match at.trim_end_matches('/') {
                    "" => self.root_name()?,
                    image => image.to_owned(),
                };
                if wanted(&image) {
                    for one in read(&folder)?.into_iter().filter_map(|one| pointed(&image, &one)) {
                        if finds.send(one).await.is_err() {
                            return Ok(());
                        }
                    }
                }
            }
            if at.matches('/').count() < DEPTH_MAX {
                let (_, folders) = names(&self.root, &at)?;
                let inner = folders.into_iter().filter(|name| name != BLOBS);
                open.extend(inner.rev().map(|name| format!("{at}{name}/")));
            }
        }
        if any {
            Ok(())
        } else {
            Err(Failure::Absent(format!("{}: there is no image layout", self.root.display())))
        }
    }

    fn root_name(&self) -> Result<String, Failure> {
        self.name.clone().ok_or_else(|| {
            Failure::Usage(format!(
                "{} is the layout of one image: say with --name what it is called",
                self.root.display()
            ))
        })
    }

    pub(super) async fn manifest(&self, one: &Pointed) -> Result<Option<Served>, Failure> {
        let Some(digest) = &one.digest else { return Ok(None) };
        let path = self.blob_path(&one.image, digest)?;
        if !path.try_exists().unwrap_or(false) {
            return Ok(None);
        }
        let bytes = Content::File(path).whole(MANIFEST_BYTES_MAX).await?;
        // Which of the manifests of an index it is, is told there; most say it themselves.
        let described = read(&self.folder(&one.image)?)?;
        let own = described.iter().find(|entry| text(entry, "digest") == digest.to_string());
        let named = own.map(|entry| text(entry, "mediaType")).filter(|text| !text.is_empty());
        Ok(Some(Served { media_type: named, bytes }))
    }

    pub(super) fn blob(&self, image: &str, digest: &Digest) -> Content {
        Content::File(self.blob_path(image, digest).unwrap_or_default())
    }

    /// What a tag or digest of an image means.
    pub(super) fn digest_at(&self, image: &str, reference: &str) -> Result<Option<String>, Failure> {
        let folder = self.folder(image)?;
        if let Ok(digest) = Digest::parse(reference) {
            let there = self.blob_path(image, &digest)?.try_exists().unwrap_or(false);
            return Ok(there.then(|| reference.to_owned()));
        }
        if !is_layout(&folder) {
            return Ok(None);
        }
        let entries = read(&folder)?;
        let tagged = entries.iter().find(|entry| tag(entry).as_deref() == Some(reference));
        Ok(tagged.map(|entry| text(entry, "digest")))
    }

    pub(super) fn has_blob(&self, image: &str, digest: &Digest) -> Result<bool, Failure> {
        Ok(self.blob_path(image, digest)?.try_exists().unwrap_or(false))
    }

    pub(super) fn blob_file(&self, image: &str, digest: &Digest) -> Result<PathBuf, Failure> {
        self.blob_path(image, digest)
    }

    /// Writes a manifest, and names it in the index if it has a tag, or is about another.
    pub(super) fn put_manifest(
        &self,
        image: &str,
        reference: &str,
        (media_type, digest): (&str, &Digest),
        bytes: &Bytes,
    ) -> Result<(), Failure> {
        use std::io::Write as _;
        let folder = self.folder(image)?;
        whole_or_not(&self.blob_path(image, digest)?, |to| to.write_all(bytes))?;
        let by_digest = Digest::parse(reference).is_ok();
        let is_about = serde_json::from_slice(bytes).is_ok_and(|json: Value| json.get("subject").is_some());
        if by_digest && !is_about {
            return Ok(());
        }
        let mut entries = if is_layout(&folder) { read(&folder)? } else { Vec::new() };
        let mut entry = json!({ "mediaType": media_type, "digest": digest.to_string(), "size": bytes.len() });
        if by_digest {
            entries.retain(|one| text(one, "digest") != digest.to_string());
        } else {
            entries.retain(|one| tag(one).as_deref() != Some(reference));
            if let Some(entry) = entry.as_object_mut() {
                entry.insert("annotations".to_owned(), json!({ REF_NAME: reference }));
            }
        }
        entries.push(entry);
        let index = json!({ "schemaVersion": 2, "mediaType": IMAGE_INDEX, "manifests": entries });
        whole_or_not(&folder.join(INDEX), |to| to.write_all(index.to_string().as_bytes()))?;
        whole_or_not(&folder.join(MARK), |to| to.write_all(b"{\"imageLayoutVersion\":\"1.0.0\"}"))
    }
}

/// Whether a folder is a layout.
pub(in super::super) fn is_layout(folder: &Path) -> bool {
    fs::metadata(folder.join(MARK)).is_ok_and(|found| found.is_file())
}

/// What the index of a layout names.
fn read(folder: &Path) -> Result<Vec<Value>, Failure> {
    let path = folder.join(INDEX);
    let wrong = |why: String| Failure::Other(format!("{}: {why}", path.display()));
    let long = fs::metadata(&path).map_err(|error| wrong(error.to_string()))?.len() > INDEX_BYTES_MAX as u64;
    if long {
        return Err(wrong(format!("it is longer than {INDEX_BYTES_MAX} bytes")));
    }
    let bytes = fs::read(&path).map_err(|error| wrong(error.to_string()))?;
    let index: Value = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    Ok(index.get("manifests").and_then(Value::as_array).cloned().unwrap_or_default())
}

fn pointed(image: &str, entry: &Value) -> Option<Pointed> {
    let digest = Digest::parse(&text(entry, "digest")).ok()?;
    Some(Pointed { image: image.to_owned(), tag: tag(entry), digest: Some(digest) })
}

/// The tag of an entry: some programs write it alone, others behind the whole name of the image.
fn tag(entry: &Value) -> Option<String> {
    let name = entry.get("annotations")?.get(REF_NAME)?.as_str()?;
    let last = name.rsplit('/').next().unwrap_or(name);
    let tag = last.split_once('@').map_or(last, |(name, _)| name);
    let tag = tag.rsplit_once(':').map_or(tag, |(_, tag)| tag);
    let first = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let later = |byte: u8| first(byte) || byte == b'.' || byte == b'-';
    let good = tag.len() <= 128 && tag.bytes().next().is_some_and(first) && tag.bytes().all(later);
    good.then(|| tag.to_owned())
}

fn text(entry: &Value, name: &str) -> String {
    entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_as_programs_write_them() {
        let of = |name: &str| tag(&json!({ "annotations": { REF_NAME: name } }));
        for name in ["1.0", "docker.io/library/web:1.0", "localhost:5000/web:1.0", "web:1.0@sha256:00"] {
            assert_eq!(of(name).as_deref(), Some("1.0"), "{name}");
        }
        for name in ["", "-x", "a b"] {
            assert_eq!(of(name), None, "{name}");
        }
        assert_eq!(tag(&json!({})), None);
    }
}
