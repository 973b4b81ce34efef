use http::HeaderValue;

use super::*;

/// The examples of RFC 9530 B.1, of `{"hello": "world"}` and a line feed.
const SHA256: &str = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
const SHA512: &str =
    "sha-512=:YMAam51Jz/jOATT6/zvHrLVgOYTGFy1d6GJiOHTohq4yP+pgk4vf2aCsyRZOtw8MjkM7iw7yZ/WkppmM44T3qg==:";

fn of(lines: &[(&'static str, &str)]) -> Result<Vec<String>, ()> {
    let pair = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
    };
    let headers: HeaderMap = lines.iter().map(pair).collect();
    let found = declared(&headers).map_err(|bad| assert!(matches!(bad, Bad::ContentDigest)))?;
    Ok(found.iter().map(|digest| digest.to_string()[..14].to_owned()).collect())
}

#[test]
fn known_algorithms_are_read_and_others_passed_over() {
    let (short, long) = ("sha256:44aff4a", "sha512:60c01a9");
    let both = format!("{SHA256}, {SHA512}");
    let spaced = format!("  md5=:xyz: ,\t{SHA256};a=1 , unixsum=:?:,sha-3");
    assert_eq!(of(&[]).unwrap(), [""; 0]);
    for (lines, expected) in [
        (&[("content-digest", SHA256)][..], &[short][..]),
        (&[("content-digest", &both)], &[short, long]),
        (&[("content-digest", SHA256), ("content-digest", SHA512)], &[short, long]),
        (&[("repr-digest", SHA512), ("content-digest", SHA256)], &[short, long]),
        (&[("content-digest", &spaced)], &[short]),
        (&[("content-digest", "SHA-256=:AAAA:")], &[]),
        (&[("content-digest", "")], &[]),
        (&[("digest", "sha-256=AAAA"), ("want-content-digest", "sha-256=1")], &[]),
    ] {
        assert_eq!(of(lines).unwrap(), expected, "{lines:?}");
    }
}

#[test]
fn what_holds_no_hash_is_refused() {
    let cut = SHA256.replace("Dg=:", "Dg:");
    let as_sha512 = SHA256.replace("256", "512");
    let behind = format!("{SHA256}x");
    for value in [
        "sha-256",
        "sha-256=",
        "sha-256=::",
        "sha-256=:AAAA:",
        "sha-256=:*:",
        "sha-256=\"x\"",
        &cut,
        &as_sha512,
        &behind,
    ] {
        assert_eq!(of(&[("content-digest", value)]), Err(()), "{value}");
    }
}
