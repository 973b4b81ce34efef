//! `WWW-Authenticate` as clients read it.

use super::answer::Answer;

/// A Bearer challenge.
#[derive(Debug, Clone)]
pub(crate) struct Challenge {
    pub(crate) realm: String,
    pub(crate) service: String,
    pub(crate) scope: Option<String>,
}

impl Challenge {
    /// The challenge of a 401, which must be one, and Bearer: the classic docker engine refuses anonymous pulls
    /// if any other scheme stands beside it.
    #[track_caller]
    pub(crate) fn of(answer: &Answer) -> Self {
        let all: Vec<_> = answer.headers.get_all("www-authenticate").iter().collect();
        assert_eq!(all.len(), 1, "one challenge, no more and no less:\n{answer}");
        let text = all[0].to_str().expect("a plain header");
        let parameters = text.strip_prefix("Bearer ").unwrap_or_else(|| panic!("not Bearer:\n{answer}"));
        let find = |name: &str| {
            let (_, rest) = parameters.split_once(&format!("{name}=\""))?;
            rest.split_once('"').map(|(value, _)| value.to_owned())
        };
        Self {
            realm: find("realm").unwrap_or_else(|| panic!("no realm:\n{answer}")),
            service: find("service").unwrap_or_else(|| panic!("no service:\n{answer}")),
            scope: find("scope"),
        }
    }
}
