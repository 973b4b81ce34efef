use auth::Presented;
use domain::{EntryKey, EntryKind, Mode, Permission, RequestId, UploadId};
use http::{HeaderMap, Method};
use http_body_util::BodyExt as _;

use super::*;
use crate::head::Head;
use crate::oci::route::name::{Named, parse};
use edge::{Misdirected, PublicUrl};

/// A right that was withdrawn in the middle.
const DENIED: Denied =
    Denied { authenticated: true, may_know: true, right: RightKind::Permission(Permission::Publish) };

/// Status, headers worth a look, code and message.
async fn says(error: Error<Bad>, method: Method, path: &str, presented: Option<Presented>) -> String {
    let headers = HeaderMap::new();
    let public_url = PublicUrl::Fixed("https://hub.example:8443");
    let head = Head {
        method: &method,
        mount: "/v2",
        foreign: false,
        path,
        query: None,
        headers: &headers,
        public_url,
    };
    let response = render(&error, &Asked { head, id: RequestId(7), presented });
    assert_eq!(response.headers()["docker-distribution-api-version"], "registry/2.0");
    assert_eq!(response.headers()["content-type"], "application/json");
    let shown = [
        "www-authenticate",
        "retry-after",
        "allow",
        "location",
        "range",
        "content-range",
        "docker-upload-uuid",
    ];
    let lines = shown.into_iter().filter_map(|name| {
        let value = response.headers().get(name)?;
        Some(format!("\n{name}: {}", value.to_str().unwrap()))
    });
    let mut text = format!("{}{}", response.status().as_u16(), lines.collect::<String>());
    let length = response.headers()["content-length"].clone();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(length, body.len().to_string());
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert!(body["errors"].as_array().is_some_and(|all| all.len() == 1));
    let error = &body["errors"][0];
    text.push_str(&format!("\n{} {}", error["code"].as_str().unwrap(), error["message"].as_str().unwrap()));
    if !error["detail"].is_null() {
        text.push_str(&format!("\n{}", error["detail"]));
    }
    text
}

fn key(kind: EntryKind, name: &str) -> EntryKey {
    let package = domain::PackageName::exact("web").unwrap();
    EntryKey { kind, package, name: domain::RefName::exact(name).unwrap() }
}

async fn of(error: impl Into<Error<Bad>>) -> String {
    says(error.into(), Method::GET, "/p/alpha/images/web/manifests/latest", Some(Presented::Nothing)).await
}

fn denied(authenticated: bool, may_know: bool) -> Error<Bad> {
    Denied { authenticated, may_know, right: RightKind::Permission(Permission::Publish) }.into()
}

const REALM: &str =
    r#"www-authenticate: Bearer realm="https://hub.example:8443/v2/token",service="hub.example:8443""#;

#[tokio::test]
async fn the_version_check_challenges_without_a_scope() {
    for path in ["", "/"] {
        let got = says(denied(false, false), Method::GET, path, Some(Presented::Nothing)).await;
        assert_eq!(got, format!("401\n{REALM}\nUNAUTHORIZED authentication required"));
    }
}

#[tokio::test]
async fn challenges_repeat_the_name_and_say_what_a_token_would_need() {
    let digest = format!("sha256:{}", "0".repeat(64));
    let upload = "0".repeat(32);
    let cases = [
        (Method::GET, "/p/alpha/images/web/manifests/latest".to_owned(), "p/alpha/images/web:pull"),
        (Method::HEAD, "/alpha/images/web/x/manifests/latest".to_owned(), "alpha/images/web/x:pull"),
        (Method::PUT, "/alpha/images/web/manifests/latest".to_owned(), "alpha/images/web:pull,push"),
        (Method::GET, format!("/alpha/images/web/blobs/uploads/{upload}"), "alpha/images/web:pull,push"),
        (Method::DELETE, format!("/alpha/images/web/blobs/uploads/{upload}"), "alpha/images/web:pull,push"),
        (Method::DELETE, format!("/alpha/images/web/blobs/{digest}"), "alpha/images/web:delete"),
        (Method::GET, "/alpha/images/web/manifests/sha256:bad".to_owned(), "alpha/images/web:pull"),
    ];
    for (method, path, scope) in cases {
        let got = says(denied(false, false), method, &path, Some(Presented::Nothing)).await;
        let challenge = format!("{REALM},scope=\"repository:{scope}\"");
        assert_eq!(got, format!("401\n{challenge}\nUNAUTHORIZED authentication required"), "{path}");
    }
}

#[tokio::test]
async fn what_came_along_is_told_so_that_nobody_tries_it_again() {
    let path = "/alpha/images/web/tags/list";
    let scope = "scope=\"repository:alpha/images/web:pull\"";
    let bearer = says(denied(false, false), Method::GET, path, Some(Presented::AnonymousBearer)).await;
    assert!(bearer.contains(&format!("{scope},error=\"insufficient_scope\"")), "{bearer}");
    let wrong = says(AuthError::Invalid { bearer: true }.into(), Method::GET, path, None).await;
    assert!(wrong.contains(&format!("{scope},error=\"invalid_token\"")), "{wrong}");
    assert!(!wrong.contains("Basic"), "{wrong}");
}

#[tokio::test]
async fn absent_and_unreadable_are_one_answer() {
    let absent = of(denied(true, false)).await;
    assert_eq!(absent, "403\nDENIED there is no such repository, or you may not use it");
    assert_eq!(
        of(denied(true, true)).await,
        "403\nDENIED you lack the permission `publish` on this repository"
    );
    assert_eq!(of(denied(false, true)).await, of(denied(false, false)).await);
}

#[tokio::test]
async fn failures_have_their_status_and_code() {
    let Named::Image(name) = parse("p/alpha/images/web") else { panic!("a good name") };
    let id = UploadId::new(5);
    let upload = |bytes| Bad::UploadAt(location::Progress::new(&name, id, bytes));
    let at = format!("location: /v2/p/alpha/images/web/blobs/uploads/{id}");
    let cases: Vec<(Error<Bad>, String)> = vec![
        (Error::Bad(Bad::NoRoute), "404\nUNSUPPORTED".into()),
        (
            Error::Bad(Bad::Algorithm("sha384".into())),
            "400\nDIGEST_INVALID digests of the algorithm sha384".into(),
        ),
        (Error::Bad(Bad::Method { allow: "GET, HEAD" }), "405\nallow: GET, HEAD\nUNSUPPORTED".into()),
        (
            Error::Bad(Bad::Name(BadName::NoImage)),
            "404\nNAME_UNKNOWN image names here are PROJECT/REPO".into(),
        ),
        (Error::Bad(Bad::Name(BadName::Reserved)), "404\nUNSUPPORTED".into()),
        (Error::Bad(Bad::Path), "400\nNAME_INVALID".into()),
        (Error::Bad(Bad::Tag), "400\nMANIFEST_INVALID".into()),
        (Error::Bad(Bad::TooManyTags { tags_max: 32 }), "414\nUNSUPPORTED".into()),
        (Error::Bad(Bad::Digest), "400\nDIGEST_INVALID".into()),
        (Error::Bad(Bad::MissingDigest), "400\nDIGEST_INVALID".into()),
        (Error::Bad(Bad::PageSize), "400\nPAGINATION_NUMBER_INVALID".into()),
        (Error::Bad(Bad::ContentRange), "400\nBLOB_UPLOAD_INVALID".into()),
        (Error::Bad(Bad::Range { size_bytes: 10 }), "416\ncontent-range: bytes */10\nRANGE_INVALID".into()),
        (
            Error::Bad(upload(10)),
            format!("416\n{at}\nrange: 0-9\ndocker-upload-uuid: {id}\nBLOB_UPLOAD_INVALID"),
        ),
        (
            Error::Bad(upload(0)),
            format!("416\n{at}\nrange: 0-0\ndocker-upload-uuid: {id}\nBLOB_UPLOAD_INVALID"),
        ),
        (Error::Bad(Bad::UnknownUpload), "404\nBLOB_UPLOAD_UNKNOWN".into()),
        (Error::Bad(Bad::UnknownBlob), "404\nBLOB_UNKNOWN".into()),
        (Error::Bad(Bad::UnknownManifest), "404\nMANIFEST_UNKNOWN".into()),
        (Error::Bad(Bad::UnknownImage), "404\nNAME_UNKNOWN".into()),
        (Error::Bad(Bad::Manifest(ManifestFault::Schema1)), "400\nMANIFEST_INVALID".into()),
        (Error::OtherFormat, "404\nNAME_UNKNOWN".into()),
        (Error::TooLarge { bytes_max: 9 }, "413\nSIZE_INVALID at most 9 bytes".into()),
        (Error::TimedOut, "408\nBLOB_UPLOAD_INVALID".into()),
        (Error::Aborted, "400\nBLOB_UPLOAD_INVALID".into()),
        (Error::Misdirected(Misdirected { host: "a:1".into() }), "421\nUNSUPPORTED".into()),
        (AuthError::Malformed.into(), "400\nUNAUTHORIZED".into()),
        (AuthError::Throttled { retry_after_secs: 6 }.into(), "429\nretry-after: 6\nTOOMANYREQUESTS".into()),
        (AuthError::Busy { retry_after_secs: 2 }.into(), "429\nretry-after: 2\nTOOMANYREQUESTS".into()),
        (AuthError::Unavailable.into(), "503\nretry-after: 1\nUNAVAILABLE".into()),
    ];
    for (error, expected) in cases {
        let shown = format!("{error:?}");
        let got = of(error).await;
        assert!(got.starts_with(&expected), "{shown}\n{got}");
    }
}

#[tokio::test]
async fn failures_of_storage_tell_what_the_client_can_do_and_no_more() {
    use storage::{ContentError as E, Fault, UploadError as U};
    let digests = vec![Digest::sha256([0x0a; 32]); 100];
    let cases: Vec<(Error<Bad>, &str)> = vec![
        (E::Absent.into(), "404\nNAME_UNKNOWN"),
        (E::Conflict.into(), "409\nDENIED"),
        (E::MissingOverwrite.into(), "403\nDENIED"),
        (
            E::Pinned { name: "web:v1".into(), reason: "shipped".into() }.into(),
            "409\nDENIED web:v1 is pinned and neither removed nor replaced: shipped\n{\"pinned\":\"web:v1\",",
        ),
        (E::DigestMismatch.into(), "400\nDIGEST_INVALID"),
        (E::UnknownUpload.into(), "404\nBLOB_UPLOAD_UNKNOWN"),
        (U::UnknownUpload.into(), "404\nBLOB_UPLOAD_UNKNOWN"),
        (U::DigestMismatch.into(), "400\nDIGEST_INVALID"),
        (U::Busy.into(), "409\nBLOB_UPLOAD_INVALID"),
        (
            E::InUse { by: Box::new(key(EntryKind::Manifest, "sha256:1")) }.into(),
            "405\nallow: GET, HEAD\nUNSUPPORTED web@sha256:1 needs this blob; delete that manifest first",
        ),
        (
            E::Member { of: Box::new(key(EntryKind::Tag, "1.0")), forcible: false }.into(),
            "405\nallow: GET, HEAD, PUT\nUNSUPPORTED the manifest is a member of web:1.0; delete that first\n{",
        ),
        (
            E::Member { of: Box::new(key(EntryKind::Tag, "1.0")), forcible: true }.into(),
            "405\nallow: GET, HEAD, PUT\nUNSUPPORTED the manifest is a member of web:1.0; delete that first, or say ?force",
        ),
        (Fault::Full.into(), "503\nretry-after: 1\nUNAVAILABLE"),
        (Fault::Crowded.into(), "429\nretry-after: 1\nTOOMANYREQUESTS"),
        (E::Denied(DENIED).into(), "403\nDENIED"),
        (E::Denied(Denied { authenticated: false, ..DENIED }).into(), "401\nwww-authenticate: Bearer "),
        (E::TooLarge { bytes_max: 5 }.into(), "413\nSIZE_INVALID"),
        (
            E::NotHosted(Mode::Mirror).into(),
            "405\nallow: GET, HEAD\nUNSUPPORTED nothing is published to a mirror repository",
        ),
        (E::Refused("a rule".into()).into(), "403\nDENIED a rule"),
        (Fault::Corrupt("secret path".into()).into(), "500\nUNKNOWN"),
        (
            Fault::Unavailable { doing: "secret", source: "secret".into() }.into(),
            "503\nretry-after: 1\nUNAVAILABLE",
        ),
        (
            Fault::NoSpace { doing: "secret", source: "secret".into() }.into(),
            "507\nUNAVAILABLE there is no space left",
        ),
        (E::Unlinked { digests }.into(), "400\nMANIFEST_BLOB_UNKNOWN"),
        (E::AbsentEntries { names: vec!["sha256:1".into()] }.into(), "400\nMANIFEST_BLOB_UNKNOWN"),
    ];
    for (error, expected) in cases {
        let shown = format!("{error:?}");
        let got = of(error).await;
        assert!(got.starts_with(expected), "{shown}\n{got}");
        assert!(got.len() < 4096 && !got.contains("secret"), "{got}");
    }
}
