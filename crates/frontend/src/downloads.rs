//! `/p/PROJECT/REPOSITORY/-/download/PATH`: a file of a repository for the browser of who is logged in. It is what the protocol of the repository
//! hands out to the same caller at the same path, asked of the same gate, counted and written to the audit as any fetch. Protocols take no
//! cookie, so it is let in here; and whatever the file is, it is a download and never a page of this origin (docs/console.md 2).

use ::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, HeaderName};
use ::http::{HeaderValue, Method};
use auth::Presented;
use domain::{CallerGate, Read, Repository, RepositoryPath};
use edge::Body;

use crate::credential_intake::Admitted;
use crate::head::Head;
use crate::metrics::ServiceMetrics;
use crate::pipeline::Pipeline;
use crate::protocols::Mounted;
use crate::record::Record;
use crate::reply::Response;

/// What stands between a repository and the path of a file.
const BELOW: &str = "/-/download/";
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
const NO_STORE: HeaderValue = HeaderValue::from_static("private, no-store");
const SANDBOX: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'");
const ATTACHMENT: HeaderValue = HeaderValue::from_static("attachment");

/// Who hands out files.
pub(crate) struct Downloads<'a> {
    pub(crate) protocols: &'a [(Mounted, ServiceMetrics)],
    pub(crate) pipeline: &'a Pipeline,
}

impl Downloads<'_> {
    /// A file; `None` where the address is of none, or this caller gets nothing there: then a page says so.
    pub(crate) async fn serve(
        &self,
        head: &Head<'_>,
        body: &mut Body,
        record: &mut Record,
        (gate, presented): (&CallerGate, Presented),
    ) -> Option<Response> {
        if !matches!(*head.method, Method::GET | Method::HEAD) {
            return None;
        }
        let (place, file) = head.path.strip_prefix("/p/")?.split_once(BELOW)?;
        let may = gate.check::<Read, Repository>(&RepositoryPath::parse(place).ok()?).ok()?;
        let format = may.node().format();
        let (mounted, _) = self.protocols.iter().find(|(mounted, _)| mounted.of.known.format == format)?;
        let below = format!("/p/{place}/{file}");
        let asked = Head { mount: mounted.of.known.mount, path: &below, query: None, ..*head };
        let admitted = Admitted { gate: gate.clone(), presented };
        let served = mounted.serve_admitted(asked, body, self.pipeline, record, admitted);
        let (mut response, _) = served.await;
        let status = response.status();
        if !status.is_success() && status.as_u16() != 304 && status.as_u16() != 416 {
            return None;
        }
        let headers = response.headers_mut();
        headers.insert(CONTENT_DISPOSITION, disposition(file));
        headers.insert(CONTENT_SECURITY_POLICY, SANDBOX);
        headers.insert(CACHE_CONTROL, NO_STORE);
        headers.insert(RESOURCE_POLICY, SAME_ORIGIN);
        Some(response)
    }
}

/// That it is a download, under the name of the file if that can stand there as it is.
fn disposition(file: &str) -> HeaderValue {
    let name = file.rsplit('/').next().unwrap_or_default();
    let plain = |at: char| at.is_ascii_alphanumeric() || "-_.%~+".contains(at);
    if name.is_empty() || !name.chars().all(plain) {
        return ATTACHMENT;
    }
    HeaderValue::try_from(format!("attachment; filename*=UTF-8''{name}")).unwrap_or(ATTACHMENT)
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_is_told_where_it_can_be() {
        assert_eq!(disposition("a/b-1.0.jar"), "attachment; filename*=UTF-8''b-1.0.jar");
        assert_eq!(disposition("a/b%20c"), "attachment; filename*=UTF-8''b%20c");
        assert_eq!(disposition("a/b\";x"), "attachment");
        assert_eq!(disposition("a/"), "attachment");
    }
}
