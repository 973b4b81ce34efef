//! Values of the configuration with a grammar of their own.

use std::fmt;

use crate::config::setting::{Setting, quoted};

/// `http://HOST[:PORT]` or `https://…`: an address of a gateway, without path, query or user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl(String);

/// How a PostgreSQL server is reached. May hold a password, so it shows nothing of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Box<str>);

/// Where the data lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataMode {
    /// In the data directory.
    Disk,
    /// In this process only.
    Memory,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON object a line.
    Json,
}

impl ServerUrl {
    /// Parses it; one slash at the end is taken off. `None` if it is something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix('/').unwrap_or(text);
        let uri: http::Uri = text.parse().ok()?;
        let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?;
        let authority = uri.authority()?;
        let plain = !authority.as_str().contains('@') && !authority.host().is_empty();
        let canonical = format!("{scheme}://{authority}");
        (plain && canonical.eq_ignore_ascii_case(text)).then_some(Self(canonical))
    }

    /// The address, without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Host and port as docker wants them.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.0.split_once("://").map_or(self.0.as_str(), |(_, authority)| authority)
    }

    /// Whether it is spoken to over TLS.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.0.starts_with("https:")
    }
}

impl DatabaseUrl {
    /// Takes `postgres://…` or `postgresql://…`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let known = text.starts_with("postgres://") || text.starts_with("postgresql://");
        known.then(|| Self(text.into()))
    }

    /// The whole text, for the driver.
    pub(crate) fn expose(&self) -> Box<str> {
        self.0.clone()
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(..)")
    }
}

impl Setting for DatabaseUrl {
    const EXPECTED: &'static str = "an address such as postgres://USER:PASSWORD@HOST/DATABASE";

    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn shown(&self) -> Option<String> {
        Some(quoted("(hidden)"))
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Setting for ServerUrl {
    const EXPECTED: &'static str = "an address such as https://registry.example.org, without a path";

    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn shown(&self) -> Option<String> {
        Some(quoted(&self.0))
    }
}

impl Setting for domain::Network {
    const EXPECTED: &'static str = "addresses or networks such as 10.0.0.0/8 or ::1";

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn shown(&self) -> Option<String> {
        Some(quoted(&self.to_string()))
    }
}

impl Setting for outbound::Place {
    const EXPECTED: &'static str = "places such as ci.internal:8080 or [fd00::1]:80";

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn shown(&self) -> Option<String> {
        Some(quoted(&self.to_string()))
    }
}

impl Setting for frontend::WebOrigin {
    const EXPECTED: &'static str = "origins such as https://ui.example.org, in lower case and without a path";

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn shown(&self) -> Option<String> {
        Some(quoted(&self.to_string()))
    }
}

macro_rules! words {
    ($($type:ident: $expected:literal, $($word:literal => $variant:ident),+;)+) => {$(
        impl Setting for $type {
            const EXPECTED: &'static str = $expected;

            fn from_text(text: &str) -> Option<Self> {
                match text {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }

            fn shown(&self) -> Option<String> {
                Some(quoted(match self { $(Self::$variant => $word,)+ }))
            }
        }
    )+};
}

words! {
    DataMode: "`disk` or `memory`", "disk" => Disk, "memory" => Memory;
    LogFormat: "`text` or `json`", "text" => Text, "json" => Json;
}
