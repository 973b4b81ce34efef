//! An answer, and how a snapshot shows it: what changes from run to run is masked.

use std::fmt::Write as _;

use bytes::Bytes;
use expect_test::Expect;
use http::{HeaderMap, StatusCode};

/// Headers that say when and which, not what.
const VOLATILE: [&str; 4] = ["date", "x-request-id", "connection", NO_SNIFF];
/// On every answer; the story of browsers looks at it.
const NO_SNIFF: &str = "x-content-type-options";
/// What follows one of these words up to a delimiter is new with every request.
const MASKED: [(&str, &str); 4] = [
    ("/blobs/uploads/", "UPLOAD"),
    ("docker-upload-uuid: ", "UPLOAD"),
    ("\"token\":\"", "TOKEN"),
    ("\"access_token\":\"", "TOKEN"),
];

/// What a server said.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Host and port of the server, which snapshots show as `HOST`.
    authority: String,
}

impl Answer {
    pub(crate) const fn new(status: StatusCode, headers: HeaderMap, authority: String) -> Self {
        Self { status, headers, body: Bytes::new(), authority }
    }

    pub(crate) fn with_body(mut self, body: Bytes) -> Self {
        self.body = body;
        self
    }

    /// As a snapshot shows it, without the one header of a file that tells when.
    pub(crate) fn timeless(&self) -> String {
        let shown = self.to_string();
        shown
            .lines()
            .filter(|line| !line.starts_with("last-modified: "))
            .flat_map(|line| [line, "\n"])
            .collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The value of a header that must be there.
    #[track_caller]
    pub(crate) fn must_have(&self, name: &str) -> &str {
        self.header(name).unwrap_or_else(|| panic!("no {name} in\n{self}"))
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in\n{self}"))
    }

    /// Fails unless the status is this one.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "\n{self}");
        self
    }

    /// Compares status, headers and body with what is written down.
    #[track_caller]
    pub(crate) fn shows(self, expected: &Expect) -> Self {
        expected.assert_eq(&self.to_string());
        self
    }

    /// Everything a client could tell two answers apart by, its own words (`echoed`) replaced.
    pub(crate) fn bytes_but(&self, echoed: &[&str]) -> String {
        let mut text = format!("{self}");
        for (index, word) in echoed.iter().enumerate() {
            text = text.replace(word, &format!("ECHO{index}"));
        }
        text
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut lines: Vec<String> = Vec::new();
        for (name, value) in &self.headers {
            if !VOLATILE.contains(&name.as_str()) {
                lines.push(format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())));
            }
        }
        lines.sort();
        let mut text = self.status.as_u16().to_string();
        for line in lines {
            let _ = write!(text, "\n{line}");
        }
        if !self.body.is_empty() {
            match std::str::from_utf8(&self.body) {
                Ok(body) => {
                    let _ = write!(text, "\n\n{}", body.trim_end());
                }
                Err(_) => {
                    let _ = write!(text, "\n\n({} bytes)", self.body.len());
                }
            }
        }
        text.push('\n');
        f.write_str(&self.masked(text))
    }
}

impl Answer {
    fn masked(&self, text: String) -> String {
        let mut text = text.replace(&self.authority, "HOST");
        for (before, mask) in MASKED {
            text = mask_after(&text, before, mask);
        }
        if let Some(request) = self.header("x-request-id") {
            text = text.replace(request, "REQUEST");
        }
        text
    }
}

/// Replaces what stands between each `before` and the next delimiter.
fn mask_after(text: &str, before: &str, mask: &str) -> String {
    let mut masked = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(before) {
        let (head, tail) = rest.split_at(at + before.len());
        masked.push_str(head);
        let end = tail.find(['"', '\n', '?', ' ', '<', '>']).unwrap_or(tail.len());
        if end > 0 {
            masked.push_str(mask);
        }
        rest = &tail[end..];
    }
    masked.push_str(rest);
    masked
}
