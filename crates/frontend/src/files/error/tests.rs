use auth::AuthError;
use domain::{Denied, Permission, RightKind};
use edge::Misdirected;
use http_body_util::BodyExt as _;
use storage::{ContentError, UploadError};

use super::*;

/// Status and headers worth a look, and the line that people read; the reason phrase says the same.
async fn of(error: Error<Bad>) -> String {
    let response = render(&error);
    assert_eq!(response.headers()["content-type"], "text/plain");
    let phrase = response.extensions().get::<hyper::ext::ReasonPhrase>();
    let phrase = phrase.map(|phrase| String::from_utf8(phrase.as_bytes().to_vec()).unwrap());
    let names = ["www-authenticate", "retry-after", "allow", "content-range"].into_iter();
    let headers: String = names
        .filter_map(|name| Some(format!(" [{name}: {}]", response.headers().get(name)?.to_str().unwrap())))
        .collect();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let line = String::from_utf8(body.to_vec()).unwrap();
    let line = line.strip_suffix('\n').expect("it ends its line");
    assert!(!line.contains('\n') && line.len() < 400, "{line}");
    // What no phrase can hold leaves the standard one.
    assert!(phrase.is_none_or(|phrase| phrase == line), "{line}");
    format!("{status} {line}{headers}")
}

fn denied(authenticated: bool, may_know: bool) -> Error<Bad> {
    Denied { authenticated, may_know, right: RightKind::Permission(Permission::Publish) }.into()
}

#[tokio::test]
async fn absent_and_unreadable_are_one_answer() {
    let challenge = "[www-authenticate: Basic realm=\"wharfinger\", charset=\"UTF-8\"]";
    let logged_out = format!("401 log in with a user name or client ID and a token {challenge}");
    assert_eq!(of(denied(false, false)).await, logged_out);
    assert_eq!(of(denied(false, true)).await, logged_out);
    assert_eq!(of(denied(true, false)).await, "403 there is no such repository, or you may not use it");
    assert_eq!(of(denied(true, true)).await, "403 you lack the permission `publish` on this repository");
    let wrong = of(AuthError::Invalid { bearer: false }.into()).await;
    assert_eq!(wrong, format!("401 the user name, password or token is wrong {challenge}"));
}

#[tokio::test]
async fn every_failure_is_one_line() {
    let mismatch = |found: Option<&str>| Mismatch {
        algorithm: Algorithm::Md5,
        expected: "01".into(),
        found: found.map(Into::into),
    };
    for (bad, expected) in [
        (Bad::NoRoute, "404 addresses here are /files/p/PROJECT/REPOSITORY/PATH"),
        (Bad::Path(BadPath::Segment), "400 the path holds an empty or relative segment"),
        (Bad::Long { bytes_max: 1024 }, "400 the path is longer than 1024 bytes"),
        (Bad::Deep { names_max: 32 }, "400 the path has more than 32 names"),
        (Bad::Dot, "400 a name in the path ends with a dot"),
        (Bad::Character('\u{202e}'), "400 the path holds the character U+202E, which no name may have"),
        (Bad::Method { allow: "GET" }, "405 this address takes GET [allow: GET]"),
        (Bad::NoFile, "404 the repository has no such file"),
        (Bad::NoDirectory, "404 the repository has no such directory"),
        (Bad::PartialPut, "400 files are taken whole, without Content-Range"),
        (Bad::Condition, "400 the only condition for a change is If-None-Match: * on PUT"),
        (Bad::ContentDigest, "400 the header Content-Digest must hold hashes in Base64, as sha-256=:…:"),
        (Bad::Precondition, "412 the file is not as you expect it"),
        (Bad::Range { size_bytes: 7 }, "416 the range does not lie in the file [content-range: bytes */7]"),
        (
            Bad::ChecksumHeader(Algorithm::Sha1),
            "400 the header X-Checksum-sha1 must hold the hexadecimal digits of one hash",
        ),
        (Bad::Checksum(mismatch(Some("02"))), "400 the md5 of the file is 02, not 01"),
        (Bad::Checksum(mismatch(None)), "400 the md5 of the file is not known to be 01"),
    ] {
        assert_eq!(of(Error::Bad(bad)).await, expected);
    }
    let misdirected = of(Misdirected { host: "evil.example".into() }.into()).await;
    assert!(misdirected.starts_with("421 "), "{misdirected}");
    for (error, expected) in [
        (Error::OtherFormat, "404 this repository does not hold generic files"),
        (Error::TooLarge { bytes_max: 5 }, "413 at most 5 bytes are taken"),
        (Error::TimedOut, "408 the body came too slowly"),
        (Error::Aborted, "400 the body ended before its time"),
        (ContentError::Absent.into(), "404 the repository has no such file"),
        (ContentError::Conflict.into(), "409 it exists with other content, and its name is immutable here"),
        (
            ContentError::MissingOverwrite.into(),
            "403 it exists with other content, and you lack the permission `overwrite`",
        ),
        (
            ContentError::Pinned { name: "web:v1".into(), reason: "shipped".into() }.into(),
            "409 web:v1 is pinned and neither removed nor replaced: shipped",
        ),
        (UploadError::UnknownUpload.into(), "503 the upload was interrupted, send it again [retry-after: 1]"),
        (
            storage::Fault::NoSpace { doing: "secret", source: "secret".into() }.into(),
            "507 there is no space left to store it; an administrator has to make room",
        ),
    ] {
        assert_eq!(of(error).await, expected);
    }
}
