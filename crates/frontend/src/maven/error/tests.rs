use auth::AuthError;
use domain::{Denied, Mode, Permission, RequestId, RightKind};
use http::{HeaderMap, Method};
use http_body_util::BodyExt as _;

use super::*;
use crate::head::Head;
use edge::{Misdirected, PublicUrl};

/// A right that was withdrawn in the middle.
const DENIED: Denied =
    Denied { authenticated: true, may_know: true, right: RightKind::Permission(Permission::Publish) };

/// Status, reason phrase, headers worth a look, title.
async fn of(error: impl Into<Error<Bad>>) -> String {
    let (headers, method) = (HeaderMap::new(), Method::GET);
    let public_url = PublicUrl::Fixed("https://hub.example");
    let path = "/p/alpha/jars/a";
    let head = Head {
        method: &method,
        mount: "/maven",
        foreign: false,
        path,
        query: None,
        headers: &headers,
        public_url,
    };
    let asked = Asked { head, id: RequestId(7), presented: None };
    let response = render(&error.into(), &asked);
    let plain = matches!(response.status().as_u16(), 404 | 412 | 416);
    let media_type = if plain { "text/plain" } else { "application/problem+json" };
    assert_eq!(response.headers()["content-type"], media_type);
    let phrase =
        response.extensions().get::<hyper::ext::ReasonPhrase>().map(|phrase| phrase.as_bytes().to_vec());
    let lines =
        ["www-authenticate", "retry-after", "allow", "content-range"].into_iter().filter_map(|name| {
            let value = response.headers().get(name)?;
            Some(format!("\n{name}: {}", value.to_str().unwrap()))
        });
    let status = response.status();
    let lines: String = lines.collect();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let phrase = String::from_utf8(phrase.unwrap()).unwrap();
    if plain {
        assert_eq!(body, format!("{phrase}\n"), "both protocols say the same");
        return format!("{} {phrase}{lines}", status.as_u16());
    }
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["status"], status.as_u16());
    let detail = body["detail"].as_str().unwrap();
    assert_eq!(phrase, detail, "both protocols say the same");
    format!("{} {detail}{lines}\n{}", status.as_u16(), body["title"].as_str().unwrap())
}

fn denied(authenticated: bool, may_know: bool) -> Error<Bad> {
    Denied { authenticated, may_know, right: RightKind::Permission(Permission::Publish) }.into()
}

fn bad(bad: Bad) -> Error<Bad> {
    Error::Bad(bad)
}

#[tokio::test]
async fn a_challenge_is_basic_alone() {
    let challenge = "www-authenticate: Basic realm=\"wharfinger\", charset=\"UTF-8\"";
    let logged_out = of(denied(false, false)).await;
    assert_eq!(
        logged_out,
        format!("401 log in with a user name or client ID and a token\n{challenge}\nNot logged in")
    );
    assert_eq!(of(denied(false, true)).await, logged_out);
    assert_eq!(
        of(AuthError::Invalid { bearer: false }).await,
        format!("401 the user name, password or token is wrong\n{challenge}\nWrong credentials")
    );
}

#[tokio::test]
async fn absent_and_unreadable_are_one_answer() {
    assert_eq!(
        of(denied(true, false)).await,
        "403 there is no such repository, or you may not use it\nForbidden"
    );
    assert_eq!(
        of(denied(true, true)).await,
        "403 you lack the permission `publish` on this repository\nForbidden"
    );
}

#[tokio::test]
async fn failures_have_their_status_and_say_why() {
    let contradicts = |pom: &str| {
        bad(Bad::Pom(BadPom::Contradicts { what: "version", path: "1.0".into(), pom: pom.into() }))
    };
    let cases: Vec<(Error<Bad>, String)> = vec![
        (bad(Bad::NoRoute), "404 addresses here are /maven/p/PROJECT/REPOSITORY/PATH".into()),
        (bad(Bad::Path(BadPath::Segment)), "400 the path holds an empty or relative segment".into()),
        (bad(Bad::Path(BadPath::Character('\\'))), "400 the path holds `\\`, which no name may have".into()),
        (bad(Bad::Dot), "400 a name in the path ends with a dot".into()),
        (bad(Bad::Character('[')), "400 the path holds `[`, which is not taken at this place".into()),
        (bad(Bad::Character('\u{202e}')), "400 the path holds the character U+202E, which is not".into()),
        (
            bad(Bad::Method { allow: "GET, HEAD" }),
            "405 this address takes GET, HEAD\nallow: GET, HEAD".into(),
        ),
        (bad(Bad::Layout), "400 the path is not GROUP/ARTIFACT/VERSION/".into()),
        (bad(Bad::NoFile), "404 the repository has no such file".into()),
        (bad(Bad::NoMetadata), "404".into()),
        (bad(Bad::Nothing), "404".into()),
        (bad(Bad::SnapshotRefused), "409 this repository takes releases only".into()),
        (bad(Bad::ReleaseRefused), "409 this repository takes snapshots only".into()),
        (bad(Bad::ReadOnly), "409 this repository is read-only".into()),
        (bad(Bad::NoHash(Algorithm::Sha1)), "400 the body holds no hash of the kind sha1".into()),
        (bad(Bad::ChecksumHeader(Algorithm::Md5)), "400 the header X-Checksum-md5 must".into()),
        (
            bad(Bad::Checksum(Mismatch {
                algorithm: Algorithm::Md5,
                expected: "01".into(),
                found: Some("02".into()),
            })),
            "400 the md5 of the file is 02, not 01".into(),
        ),
        (bad(Bad::Pom(BadPom::NoProject)), "400 the POM is not a Maven project\nPOM refused".into()),
        (bad(Bad::Pom(BadPom::Unreadable(Fault::DocumentType))), "400 the POM has a document type".into()),
        (contradicts("2.0"), "400 the POM says version 2.0, its path 1.0".into()),
        (
            contradicts(&"x".repeat(9999)),
            format!("400 the POM says version {}, its path 1.0", "x".repeat(128)),
        ),
        (contradicts("1\r\nX: ü"), "400 the POM says version 1X: ü, its path 1.0".into()),
        (bad(Bad::Precondition), "412".into()),
        (
            bad(Bad::Range { size_bytes: 10 }),
            "416 the range does not lie in the file\ncontent-range: bytes */10".into(),
        ),
        (Error::OtherFormat, "404 this repository does not hold Maven artifacts".into()),
        (Error::TooLarge { bytes_max: 9 }, "413 at most 9 bytes are taken".into()),
        (Error::TimedOut, "408".into()),
        (Error::Aborted, "400".into()),
        (Error::Misdirected(Misdirected { host: "a:1".into() }), "421".into()),
        (AuthError::Malformed.into(), "400".into()),
        (
            AuthError::Throttled { retry_after_secs: 6 }.into(),
            "429 too many failed log-ins, try again later\nretry-after: 6".into(),
        ),
        (
            AuthError::Busy { retry_after_secs: 2 }.into(),
            "429 too many log-ins at once, try again in a moment\nretry-after: 2".into(),
        ),
        (
            AuthError::Unavailable.into(),
            "503 credentials cannot be verified at the moment\nretry-after: 1".into(),
        ),
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
    let cases: Vec<(Error<Bad>, &str)> = vec![
        (E::Absent.into(), "404"),
        (
            E::Conflict.into(),
            "409 it exists with other content, and this repository never replaces it\nExists",
        ),
        (
            E::NotHosted(Mode::Virtual).into(),
            "405 nothing is published to a virtual repository\nallow: GET, HEAD\nRead only",
        ),
        (
            E::MissingOverwrite.into(),
            "403 it exists with other content, and you lack the permission `overwrite`",
        ),
        (E::DigestMismatch.into(), "400"),
        (E::UnknownUpload.into(), "503"),
        (U::UnknownUpload.into(), "503"),
        (U::DigestMismatch.into(), "400"),
        (U::Busy.into(), "503"),
        (E::Unlinked { digests: Vec::new() }.into(), "409"),
        (E::AbsentEntries { names: Vec::new() }.into(), "409"),
        (E::TooLarge { bytes_max: 5 }.into(), "413 at most 5 bytes are taken"),
        (E::Refused("a rule".into()).into(), "403 a rule"),
        (Fault::Full.into(), "503 too many requests are waiting, try again in a moment\nretry-after: 1"),
        (
            Fault::Crowded.into(),
            "429 you do as much at once as one may, try again in a moment\nretry-after: 1",
        ),
        (E::Denied(DENIED).into(), "403 you lack the permission `publish`"),
        (E::Denied(Denied { authenticated: false, ..DENIED }).into(), "401 log in"),
        (
            Fault::NoSpace { doing: "secret", source: "secret".into() }.into(),
            "507 there is no space left to store it",
        ),
        (
            Fault::Unavailable { doing: "secret", source: "secret".into() }.into(),
            "503 storage is unavailable at the moment\nretry-after: 1",
        ),
        (Fault::Corrupt("secret path".into()).into(), "500"),
    ];
    for (error, expected) in cases {
        let shown = format!("{error:?}");
        let got = of(error).await;
        assert!(got.starts_with(expected) && !got.contains("secret"), "{shown}\n{got}");
    }
}
