//! A registry that images are read from.

use std::sync::Arc;

use bytes::Bytes;
use domain::Digest;
use frontend::{IMAGE_INDEX, MANIFEST_TYPES};
use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use serde_json::Value;
use url::Url;

use super::super::content::Content;
use super::super::place::encoded;
use super::super::run::Finds;
use super::super::web::{Wanted, Web, named, next_page};
use super::{MANIFEST_BYTES_MAX, Pointed, Served};
use crate::cli::client::streaming::{refusal, whole};
use crate::cli::failure::Failure;
use crate::cli::output;

/// Longest list, in bytes, and most pages of one.
const LIST_BYTES_MAX: usize = 16 << 20;
const PAGES_MAX: usize = 100_000;
/// How many names a page of a list is asked for.
const PAGE_NAMES: &str = "1000";
const JSON: &str = "application/json";

/// The images of a registry whose names begin with a prefix.
pub(in super::super) struct Registry {
    web: Arc<Web>,
    /// `https://HOST/v2/`.
    root: Url,
    /// With a slash at its end, or empty.
    prefix: String,
}

impl Registry {
    /// The registry at an address: what stands behind `/v2/` is the beginning of the names that are meant.
    pub(in super::super) fn new(web: Arc<Web>, address: &Url) -> Result<Self, Failure> {
        let wrong = |_| Failure::Usage(format!("{address} is no address of a registry"));
        let root = address.join("/v2/").map_err(wrong)?;
        let path = address.path().trim_matches('/');
        let prefix =
            path.strip_prefix("v2").filter(|rest| rest.is_empty() || rest.starts_with('/')).unwrap_or(path);
        let prefix = prefix.trim_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self { web, root, prefix })
    }

    fn at(&self, image: &str, rest: &str) -> Result<Url, Failure> {
        let path = format!("{}{}/{rest}", self.prefix, encoded(image));
        self.root.join(&path).map_err(|_| Failure::Other(format!("`{image}` is no name of an image")))
    }

    fn scope(&self, image: &str) -> String {
        format!("repository:{}{image}:pull", self.prefix)
    }

    /// Hands in all tags of all images, or of those that are named.
    pub(super) async fn find(&self, only: &[String], finds: Finds<Pointed>) -> Result<(), Failure> {
        let images = if only.is_empty() { self.catalogue().await? } else { only.to_vec() };
        for image in images {
            let at = self.at(&image, &format!("tags/list?n={PAGE_NAMES}"))?;
            for tag in self.list(at, &self.scope(&image), "tags").await? {
                let one = Pointed { image: image.clone(), tag: Some(tag), digest: None };
                if finds.send(one).await.is_err() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The names behind the prefix.
    async fn catalogue(&self) -> Result<Vec<String>, Failure> {
        let at = self.root.join(&format!("_catalog?n={PAGE_NAMES}"));
        let at = at.map_err(|_| Failure::Other(self.root.to_string()))?;
        let listed = self.list(at, "registry:catalog:*", "repositories").await;
        let hint =
            |text: String| format!("{text}; with --only the images are named, and no list of them is needed");
        let names = listed.map_err(|failure| match failure {
            Failure::Absent(text) => Failure::Absent(hint(text)),
            Failure::Refused(text) => Failure::Refused(hint(text)),
            Failure::Unauthenticated(text) => Failure::Unauthenticated(hint(text)),
            other => other,
        })?;
        let meant: Vec<String> =
            names.iter().filter_map(|name| name.strip_prefix(&self.prefix)).map(str::to_owned).collect();
        if meant.is_empty() {
            let number = names.len();
            output::complain(&format!(
                "{}: none of the {number} images begins with `{}`",
                self.root, self.prefix
            ));
        }
        Ok(meant)
    }

    /// All of a list, over all its pages.
    async fn list(&self, first: Url, scope: &str, field: &str) -> Result<Vec<String>, Failure> {
        let (mut page, mut all) = (first, Vec::new());
        for _ in 0..PAGES_MAX {
            let answer = self.web.fetch(Wanted { url: &page, accept: JSON, scope }).await?;
            let next = next_page(&page, &answer);
            let document = whole(answer, LIST_BYTES_MAX).await.map_err(|failure| named(failure, &page))?;
            let document: Value = serde_json::from_slice(&document).unwrap_or_default();
            let names = document.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
            all.extend(names.iter().filter_map(Value::as_str).map(str::to_owned));
            match next {
                Some(next) => page = next,
                None => break,
            }
        }
        Ok(all)
    }

    pub(super) async fn manifest(&self, one: &Pointed) -> Result<Option<Served>, Failure> {
        let reference = match (&one.digest, &one.tag) {
            (Some(digest), _) => digest.to_string(),
            (None, Some(tag)) => tag.clone(),
            (None, None) => return Ok(None),
        };
        let url = self.at(&one.image, &format!("manifests/{reference}"))?;
        let (accept, scope) = (MANIFEST_TYPES.join(", "), self.scope(&one.image));
        let answer = self.web.ask(&Method::GET, Wanted { url: &url, accept: &accept, scope: &scope }).await?;
        match answer.status() {
            StatusCode::NOT_FOUND => return Ok(None),
            status if !status.is_success() => return Err(named(refusal(answer).await, &url)),
            _ => {}
        }
        let media_type = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = media_type.map(|text| text.split(';').next().unwrap_or(text).trim().to_owned());
        let bytes: Bytes = whole(answer, MANIFEST_BYTES_MAX).await.map_err(|failure| named(failure, &url))?;
        Ok(Some(Served { media_type, bytes }))
    }

    pub(super) fn blob(&self, image: &str, digest: &Digest) -> Content {
        let url = self.at(image, &format!("blobs/{digest}")).unwrap_or_else(|_| self.root.clone());
        Content::Web { web: Arc::clone(&self.web), url, scope: self.scope(image).into() }
    }

    /// Registries that do not know the question have none; what is about an image lies under tags there.
    pub(super) async fn referrers(&self, image: &str, digest: &Digest) -> Result<Vec<Digest>, Failure> {
        let (mut page, mut all) = (self.at(image, &format!("referrers/{digest}"))?, Vec::new());
        let scope = self.scope(image);
        for _ in 0..PAGES_MAX {
            let wanted = Wanted { url: &page, accept: IMAGE_INDEX, scope: &scope };
            let answer = self.web.ask(&Method::GET, wanted).await?;
            if !answer.status().is_success() {
                drop(whole(answer, LIST_BYTES_MAX).await);
                return Ok(all);
            }
            let next = next_page(&page, &answer);
            let document = whole(answer, LIST_BYTES_MAX).await.map_err(|failure| named(failure, &page))?;
            let document: Value = serde_json::from_slice(&document).unwrap_or_default();
            let listed = document.get("manifests").and_then(Value::as_array).cloned().unwrap_or_default();
            all.extend(listed.iter().filter_map(|one| Digest::parse(one.get("digest")?.as_str()?).ok()));
            match next {
                Some(next) => page = next,
                None => break,
            }
        }
        Ok(all)
    }
}
