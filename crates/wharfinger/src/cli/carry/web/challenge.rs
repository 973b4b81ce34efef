//! What a registry of images wants to be shown (docs/oci.md 4.2).

/// A `WWW-Authenticate: Bearer …`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    pub(super) realm: String,
    pub(super) service: Option<String>,
    pub(super) scope: Option<String>,
}

impl Challenge {
    /// Reads one; `None` if it is of another scheme.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let (scheme, mut rest) = line.trim_start().split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let (mut realm, mut service, mut scope) = (None, None, None);
        while let Some((name, behind)) = rest.split_once('=') {
            let (value, next) = value(behind)?;
            match name.trim().trim_start_matches(',').trim().to_ascii_lowercase().as_str() {
                "realm" => realm = Some(value),
                "service" => service = Some(value),
                "scope" => scope = Some(value),
                _ => {}
            }
            rest = next;
        }
        Some(Self { realm: realm?, service, scope })
    }
}

/// A value, quoted or not, and what stands behind it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_once(',').unwrap_or((text, ""));
        return Some((value.trim().to_owned(), rest));
    };
    let (value, rest) = quoted.split_once('"')?;
    Some((value.to_owned(), rest.trim_start().trim_start_matches(',')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read() {
        let line = "Bearer realm=\"https://auth.example/token\",service=\"registry.example\",scope=\"repository:a/b:pull,push\"";
        let some = |text: &str| Some(text.to_owned());
        let whole = Challenge {
            realm: "https://auth.example/token".to_owned(),
            service: some("registry.example"),
            scope: some("repository:a/b:pull,push"),
        };
        assert_eq!(Challenge::parse(line), Some(whole));
        let bare = Challenge { realm: "http://127.0.0.1:1/t".to_owned(), service: None, scope: None };
        assert_eq!(Challenge::parse("bearer realm=http://127.0.0.1:1/t"), Some(bare));
        for line in ["Basic realm=\"x\"", "Bearer", "Bearer service=\"x\"", "Bearer realm=\"x", ""] {
            assert_eq!(Challenge::parse(line), None, "{line}");
        }
    }
}
