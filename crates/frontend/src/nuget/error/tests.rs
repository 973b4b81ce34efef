use auth::AuthError;
use domain::{Denied, Mode, Permission, RightKind};
use http_body_util::BodyExt as _;
use hyper::ext::ReasonPhrase;

use super::*;
use edge::Misdirected;

/// A right that was withdrawn in the middle.
const DENIED: Denied =
    Denied { authenticated: true, may_know: true, right: RightKind::Permission(Permission::Publish) };

/// Status, headers worth a look, and the message, which must be the same in the reason phrase and in the body.
async fn says(error: Error<Bad>) -> String {
    let response = render(&error);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let shown = ["www-authenticate", "retry-after", "allow", "content-range", "x-nuget-warning"];
    let lines = shown.into_iter().filter_map(|name| {
        let value = response.headers().get(name)?;
        Some(format!("\n{name}: {}", value.to_str().unwrap()))
    });
    let text = format!("{}{}", response.status().as_u16(), lines.collect::<String>());
    let reason = response.extensions().get::<ReasonPhrase>().unwrap().as_bytes().to_vec();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let detail = body["detail"].as_str().unwrap();
    assert_eq!(detail.as_bytes(), reason);
    format!("{text}\n{detail}")
}

fn denied(authenticated: bool, may_know: bool) -> Error<Bad> {
    Denied { authenticated, may_know, right: RightKind::Permission(Permission::Publish) }.into()
}

const CHALLENGE: &str = "www-authenticate: Basic realm=\"wharfinger\", charset=\"UTF-8\"";

#[tokio::test]
async fn who_is_not_let_in_is_asked_to_log_in_by_basic_alone() {
    let log_in = format!("401\n{CHALLENGE}\nlog in with a user name or client ID and a token");
    assert_eq!(says(denied(false, false)).await, log_in);
    assert_eq!(says(denied(false, true)).await, log_in);
    let wrong = format!("401\n{CHALLENGE}\nthe user name, password or token is wrong");
    assert_eq!(says(AuthError::Invalid { bearer: false }.into()).await, wrong);
    assert_eq!(says(denied(true, false)).await, "403\nthere is no such repository, or you may not use it");
    assert_eq!(says(denied(true, true)).await, "403\nyou lack the permission `publish` on this repository");
}

#[tokio::test]
async fn failures_have_their_status_and_words() {
    use storage::Error as E;
    let cases: Vec<(Error<Bad>, &str)> = vec![
        (Error::Bad(Bad::NoRoute), "404\n"),
        (Error::Bad(Bad::Path), "400\n"),
        (Error::Bad(Bad::Method { allow: "PUT" }), "405\nallow: PUT\n"),
        (
            Error::Bad(Bad::OldProtocol { index: "https://h/v3/index.json".to_owned() }),
            "410\nx-nuget-warning: this feed speaks NuGet V3 alone, use https://h/v3/index.json as the source\nthis feed speaks",
        ),
        (Error::Bad(Bad::UnknownPackage), "404\nthe feed has no package"),
        (Error::Bad(Bad::UnknownVersion), "404\nthe feed has no such version"),
        (Error::Bad(Bad::UnknownFile), "404\nthe package has no such file"),
        (Error::Bad(Bad::Precondition), "412\n"),
        (Error::Bad(Bad::Range { size_bytes: 7 }), "416\ncontent-range: bytes */7\n"),
        (Error::Bad(Bad::ContentType), "400\nsend the package as"),
        (Error::Bad(Bad::Form(BadMultipart::CutShort)), "400\nthe body ended"),
        (Error::Bad(Bad::Package(Fault::Nuspecs)), "400\nthe package must have exactly one .nuspec"),
        (Error::OtherFormat, "404\nthis repository does not hold NuGet"),
        (Error::TooLarge { bytes_max: 9 }, "413\nat most 9 bytes"),
        (Error::TimedOut, "408\n"),
        (Error::Aborted, "400\n"),
        (
            Error::Misdirected(Misdirected { host: "a:1".into() }),
            "421\nx-nuget-warning: this server does not know",
        ),
        (AuthError::Malformed.into(), "400\n"),
        (AuthError::Throttled { retry_after_secs: 6 }.into(), "429\nretry-after: 6\n"),
        (AuthError::Busy { retry_after_secs: 2 }.into(), "429\nretry-after: 2\n"),
        (AuthError::Unavailable.into(), "503\nretry-after: 1\n"),
        (E::Absent.into(), "404\n"),
        (E::Conflict.into(), "409\nthis version exists with other content, and this repository never"),
        (E::MissingOverwrite.into(), "409\nthis version exists with other content, and you lack"),
        (E::UnknownUpload.into(), "503\nretry-after: 1\n"),
        (E::Busy.into(), "503\nretry-after: 1\n"),
        (E::NotHosted(Mode::Mirror).into(), "405\nallow: GET, HEAD\nnothing is published to a mirror"),
        (E::Full.into(), "503\nretry-after: 1\n"),
        (E::Crowded.into(), "429\nretry-after: 1\n"),
        (E::Denied(DENIED).into(), "403\nyou lack the permission `publish`"),
        (E::Denied(Denied { authenticated: false, ..DENIED }).into(), "401\n"),
        (E::TooLarge { bytes_max: 5 }.into(), "413\nat most 5"),
        (E::Refused("a rule".into()).into(), "403\na rule"),
        (E::Corrupt("secret path".into()).into(), "500\n"),
        (E::Unavailable { doing: "secret", source: "secret".into() }.into(), "503\nretry-after: 1\n"),
        (E::NoSpace { doing: "secret", source: "secret".into() }.into(), "507\nthere is no space left"),
        (E::NotYetInForce("secret".into()).into(), "503\nretry-after: 1\n"),
        (E::AbsentEntries { names: vec!["x".into()] }.into(), "503\nretry-after: 1\n"),
    ];
    for (error, expected) in cases {
        let shown = format!("{error:?}");
        let got = says(error).await;
        assert!(got.starts_with(expected), "{shown}\n{got}");
        assert!(!got.contains("secret"), "{got}");
    }
}

/// Nothing a package holds breaks the line that the client prints.
#[tokio::test]
async fn what_a_package_holds_is_quoted_safely() {
    use crate::nuget::fault::Quoted;
    for text in ["a\r\nX: y", "\u{1}\u{7f}", "ä\u{1f600}", &"x".repeat(1000)] {
        let got = says(Error::Bad(Bad::Package(Fault::Path(Quoted::new(text))))).await;
        assert_eq!(got.lines().count(), 2, "{got:?}");
        assert!(got.is_ascii() && got.len() < 200, "{got}");
    }
}
