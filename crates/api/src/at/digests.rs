//! Content by a hash of it, as paths name it.

use std::borrow::Cow;

use domain::{Algorithm, Digest};

use super::{At, Parameter, absent};
use crate::problem::Fault;

/// Hashes that content is found by.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::Sha256, Algorithm::Sha512, Algorithm::Sha1];

/// Content by its SHA-256, SHA-512 or SHA-1; `None` is what is no such hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DigestAt {
    digest: Option<Digest>,
}

impl DigestAt {
    /// A hash as it is written: its digits alone, which tell by their number which it is, or behind the name of the algorithm. `None` for
    /// anything else.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let of = |algorithm: &Algorithm| {
            let digits = match text.split_once(':') {
                Some((name, digits)) => (name == algorithm.as_str()).then_some(digits)?,
                None => &text,
            };
            Digest::from_hex(*algorithm, digits).ok()
        };
        ALGORITHMS.iter().find_map(of).map(|digest| Self { digest: Some(digest) })
    }

    /// The hash.
    pub(crate) fn digest(self) -> Result<Digest, Fault> {
        self.digest.ok_or_else(absent)
    }
}

impl At for DigestAt {
    const PARAMETERS: &'static [Parameter] = &[Parameter {
        name: "digest",
        format: "text",
        description: "SHA-256, SHA-512 or SHA-1 of content: hexadecimal digits, also behind `sha256:`, `sha512:` or `sha1:`.",
    }];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [digest] = names else { return None };
        Some(Self::new(digest).unwrap_or(Self { digest: None }))
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        vec![self.digest.map(|digest| digest.to_string()).unwrap_or_default().into()]
    }
}

#[cfg(test)]
mod tests {
    use super::DigestAt;

    #[test]
    fn hashes_are_known_by_name_or_length() {
        let shown =
            |text: &str| DigestAt::new(text).and_then(|at| at.digest).map(|digest| digest.to_string());
        let digits = |count: usize| "aB".repeat(count / 2);
        for (name, count) in [("sha1", 40), ("sha256", 64), ("sha512", 128)] {
            let whole = format!("{name}:{}", digits(count).to_lowercase());
            assert_eq!(shown(&digits(count)), Some(whole.clone()));
            assert_eq!(shown(&whole), Some(whole));
        }
        for other in ["", "sha256", "md5:00", &digits(32), &format!("sha1:{}", digits(64)), &"g".repeat(40)] {
            assert_eq!(shown(other), None, "{other}");
        }
    }
}
