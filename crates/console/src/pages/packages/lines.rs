//! Lines to paste: what the protocol of a format tells its clients, and what fetches a file from anywhere.

use api::details::Details;
use domain::{FetchLine, KnownFormat, Wanted};

/// Where a version is fetched from.
pub(crate) struct Source<'a> {
    /// The format of the repository.
    pub(crate) known: KnownFormat,
    /// `https://HOST`.
    pub(crate) origin: &'a str,
    /// `PROJECT/REPOSITORY`.
    pub(crate) repository: &'a str,
    /// Who asks, where the client has to be told.
    pub(crate) user: Option<&'a str>,
}

impl Source<'_> {
    /// The first line for a version, where only one is shown.
    pub(crate) fn first(&self, package: &str, version: &str) -> Option<String> {
        self.all((package, version), &Details::default(), None).into_iter().next().map(|line| line.text)
    }

    /// The lines for a version of a package; `url` is that of its file, if it is one.
    pub(crate) fn all(
        &self,
        (package, version): (&str, &str),
        details: &Details,
        url: Option<&str>,
    ) -> Vec<FetchLine> {
        let facts: Vec<(&str, &str)> =
            details.facts.iter().map(|fact| (fact.name.as_str(), fact.value.as_str())).collect();
        let Self { origin, repository, .. } = *self;
        let wanted = Wanted { origin, repository, package, version, kind: &details.kind, facts: &facts };
        let mut lines = (self.known.browsing.lines)(&wanted);
        lines.extend(url.map(|url| self.by_curl(url)));
        lines
    }

    /// A file; where who asks has to say who they are, curl asks for the token.
    fn by_curl(&self, url: &str) -> FetchLine {
        let user = self.user.map(|user| format!(" -u {}", quoted(user))).unwrap_or_default();
        let address = quoted(&format!("{}{url}", self.origin));
        FetchLine { client: "curl", text: format!("curl -fLO{user} {address}") }
    }
}

/// What a line is known by in a page.
pub(super) fn id(client: &str) -> String {
    let word: String = client.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("line-{}", word.to_ascii_lowercase())
}

/// A word as a shell takes it for one, whatever is in it.
fn quoted(word: &str) -> String {
    let plain = |at: char| at.is_ascii_alphanumeric() || "-_./:@%+,=".contains(at);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn no_word_escapes_its_quotes() {
        assert_eq!(quoted("https://host:8443/a-b_c.d"), "https://host:8443/a-b_c.d");
        assert_eq!(quoted("a'; rm -rf ~"), "'a'\\''; rm -rf ~'");
        assert_eq!(quoted("$(x)"), "'$(x)'");
        assert_eq!(quoted(""), "''");
    }
}
