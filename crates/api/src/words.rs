//! Texts with a grammar, as documents and paths have them. Each goes through the constructor of `domain` that decides about
//! it, and describes itself in the schema; the reader asks the same functions by the name of the format.

use std::borrow::Cow;
use std::net::IpAddr;

use domain::{
    Format, Login, Network, Networks, Pattern, Permission, Permissions, ProjectKey, RepositoryName,
    Timestamp, WrittenNode, time,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is not what its format asks for; never the text.
pub(crate) type Wrong = Cow<'static, str>;

/// Whether a text is what a format asks for.
pub(crate) type Grammar = fn(&str) -> Result<(), Wrong>;

/// The kinds of subject, as they stand before the colon.
const SUBJECTS: [&str; 5] = ["member:", "collaborator:", "guest:", "application:", "team:"];

/// Every format that a schema may name, and what it means.
pub(crate) const FORMATS: [(&str, Grammar); 24] = [
    ("text", text),
    ("prose", prose),
    ("login", login),
    ("hook-url", hook_url),
    ("issuer-url", issuer_url),
    ("rule", rule),
    ("job", |text| delivery(text).map(drop).ok_or(Cow::Borrowed("it must be a number"))),
    ("delivery", |text| delivery(text).map(drop).ok_or(Cow::Borrowed("it must be a number"))),
    ("signing-secret", |text| {
        auth::SigningSecret::parse(text).map(drop).map_err(|wrong| wrong.to_string().into())
    }),
    ("client-secret", |text| {
        auth::ClientSecret::parse(text).map(drop).map_err(|wrong| wrong.to_string().into())
    }),
    ("scope", scope),
    ("repository-format", repository_format),
    ("subject", subject),
    ("principal", principal),
    ("node", node),
    ("date-time", moment),
    ("date", day),
    ("project-key", key),
    ("name-pattern", |text| Pattern::parse(text).map(drop).map_err(|wrong| wrong.to_string().into())),
    ("repository-name", |text| {
        RepositoryName::parse_folded(text).map(drop).map_err(|wrong| wrong.to_string().into())
    }),
    ("token-id", token_id),
    ("sha256", sha256),
    ("ip-address", address),
    ("cidr", cidr),
];

/// An address: IPv4, or IPv6 without IPv4 inside.
const ADDRESS: &str = "\
    ^(((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])|\
    ([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|([0-9A-Fa-f]{1,4}:){1,7}:|\
    ([0-9A-Fa-f]{1,4}:){1,6}:[0-9A-Fa-f]{1,4}|([0-9A-Fa-f]{1,4}:){1,5}(:[0-9A-Fa-f]{1,4}){1,2}|\
    ([0-9A-Fa-f]{1,4}:){1,4}(:[0-9A-Fa-f]{1,4}){1,3}|([0-9A-Fa-f]{1,4}:){1,3}(:[0-9A-Fa-f]{1,4}){1,4}|\
    ([0-9A-Fa-f]{1,4}:){1,2}(:[0-9A-Fa-f]{1,4}){1,5}|[0-9A-Fa-f]{1,4}:(:[0-9A-Fa-f]{1,4}){1,6}|\
    :((:[0-9A-Fa-f]{1,4}){1,7}|:)\
    )$\
    ";

/// The same, and how many bits count.
const CIDR: &str = "\
    ^(((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(/(3[0-2]|[12]?[0-9]))?|(\
    ([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|([0-9A-Fa-f]{1,4}:){1,7}:|\
    ([0-9A-Fa-f]{1,4}:){1,6}:[0-9A-Fa-f]{1,4}|([0-9A-Fa-f]{1,4}:){1,5}(:[0-9A-Fa-f]{1,4}){1,2}|\
    ([0-9A-Fa-f]{1,4}:){1,4}(:[0-9A-Fa-f]{1,4}){1,3}|([0-9A-Fa-f]{1,4}:){1,3}(:[0-9A-Fa-f]{1,4}){1,4}|\
    ([0-9A-Fa-f]{1,4}:){1,2}(:[0-9A-Fa-f]{1,4}){1,5}|[0-9A-Fa-f]{1,4}:(:[0-9A-Fa-f]{1,4}){1,6}|\
    :((:[0-9A-Fa-f]{1,4}){1,7}|:)\
    )(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?)$\
    ";

/// Grammar of project keys and repository names, as a pattern for others.
pub(crate) const KEY: &str = "^[a-z0-9]+([-_.][a-z0-9]+)*$";

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $format:literal $check:ident, $pattern:expr, $chars_max:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Cow<'static, str>;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                $check(&text)?;
                Ok(Self(text.into()))
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "format": $format,
                    "pattern": $pattern,
                    "minLength": 1,
                    "maxLength": $chars_max,
                })
            }
        }
    )*};
}

// Control characters by their numbers: `\p{Cc}` is unknown to many of those that read such patterns.
texts! {
    /// A name or title: at least one character that is no space, no control characters, at most 128 characters.
    Text128: "text" text, r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\xa0][^\x00-\x1f\x7f-\x9f]*$", 128;
    /// A title: as a name, at most 200 characters.
    Text200: "text" text, r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\xa0][^\x00-\x1f\x7f-\x9f]*$", 200;
    /// A few sentences: no control characters but ends of lines, at most 1,024 characters.
    Prose: "prose" prose, r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f]*$", 1024;
    /// What somebody logs in with: printable ASCII without space, colon, comma or slash.
    LoginText: "login" login, r"^[!-+.0-9;-~-]+$", 254;
    /// An address over HTTP without user name, password and fragment.
    HookUrl: "hook-url" hook_url, r#"^https?://[!"$-.0->A-~]+([/?][!-"$-~]*)?$"#, 2048;
    /// What an issuer calls itself: an address over HTTP without user name, query and fragment.
    IssuerUrl: "issuer-url" issuer_url, r#"^https?://[!"$-.0->A-~]+(/[!"$->@-~]*)?$"#, 256;
    /// A word of a provider of log-ins, such as a scope or the name of a claim: printable ASCII without space, quote and backslash.
    ScopeText: "scope" scope, r"^[!#-\[\]-~]+$", 64;
    /// A publisher: `PROJECT/PUBLISHER`.
    RuleRef: "rule" rule, r"^(?![^/]{65})[a-z0-9]+([-_.][a-z0-9]+)*/(?![^/]{65})[a-z0-9]+([-_.][a-z0-9]+)*$", 129;
    /// The word of a format: `oci`, `maven`.
    FormatText: "repository-format" repository_format, r"^[a-z0-9]+(-[a-z0-9]+)*$", 16;
    /// The key of a project.
    KeyText: "project-key" key, r"^[a-z0-9]+([-_.][a-z0-9]+)*$", 64;
    /// Somebody, or a team: `member:alice`, `team:releasers`.
    SubjectRef: "subject" subject, r"^(member|collaborator|guest|application|team):[^\x00-\x1f\x7f-\x9f]+$", 254;
    /// Somebody: `member:alice`, `application:build-server`.
    PrincipalRef: "principal" principal, r"^(member|collaborator|guest|application):[^\x00-\x1f\x7f-\x9f]+$", 254;
    /// The public id of a token: the 8 characters behind `whfp_` or `whfa_`.
    TokenIdText: "token-id" token_id, r"^[0-9A-Za-z]{8}$", 8;
    /// SHA-256 in hexadecimal digits.
    Sha256Text: "sha256" sha256, "^[0-9A-Fa-f]{64}$", 64;
    /// An address: `192.0.2.7`, `2001:db8::7`.
    AddressText: "ip-address" address, ADDRESS, 39;
    /// An address or a network: `192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`.
    CidrText: "cidr" cidr, CIDR, 43;
    /// A place: `/`, `alpha` or `alpha/jars`.
    NodeRef: "node" node, r"^(/|(?![^/]{65})[a-z0-9]+([-_.][a-z0-9]+)*(/(?![^/]{65})[a-z0-9]+([-_.][a-z0-9]+)*)?)$", 129;
}

/// A moment: RFC 3339; shown in UTC with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub Timestamp);

/// A day in UTC, counted from 1970-01-01: `2030-01-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day(pub i64);

/// A set of permissions: a list of words, shown in their one order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rights(pub Permissions);

fn text(text: &str) -> Result<(), Wrong> {
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Err("it must have visible characters and no control characters".into());
    }
    Ok(())
}

fn prose(text: &str) -> Result<(), Wrong> {
    if text.chars().any(|letter| letter.is_control() && letter != '\n') {
        return Err("it must have no control characters but ends of lines".into());
    }
    Ok(())
}

fn login(text: &str) -> Result<(), Wrong> {
    Login::parse(text).map(drop).map_err(|wrong| wrong.to_string().into())
}

/// Reads the number of a delivery.
pub(crate) fn delivery(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number| *number > 0)
}

fn hook_url(text: &str) -> Result<(), Wrong> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', '?']).next().unwrap_or_default());
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    match host {
        Some(host) if plain && !host.is_empty() && !host.contains('@') => Ok(()),
        _ => {
            Err("it must be an address such as https://ci.example.org/hooks, without user name and without #"
                .into())
        }
    }
}

fn issuer_url(text: &str) -> Result<(), Wrong> {
    let is_plain = hook_url(text).is_ok() && !text.contains('?');
    is_plain.then_some(()).ok_or(Cow::Borrowed(
        "it must be an address such as https://token.actions.githubusercontent.com, without user name, ? and #",
    ))
}

fn scope(text: &str) -> Result<(), Wrong> {
    let is_one = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    if (1..=64).contains(&text.len()) && text.bytes().all(is_one) {
        return Ok(());
    }
    Err("it must be 1 to 64 printable characters of ASCII without space, quote and backslash".into())
}

fn rule(text: &str) -> Result<(), Wrong> {
    match WrittenNode::parse(text) {
        Some(WrittenNode::Repository(_)) => Ok(()),
        _ => Err("write PROJECT/PUBLISHER".into()),
    }
}

fn repository_format(text: &str) -> Result<(), Wrong> {
    Format::parse(text).map(drop).map_err(|wrong| wrong.to_string().into())
}

fn key(text: &str) -> Result<(), Wrong> {
    ProjectKey::parse_folded(text).map(drop).map_err(|wrong| wrong.to_string().into())
}

fn subject(text: &str) -> Result<(), Wrong> {
    let name = SUBJECTS.iter().find_map(|kind| text.strip_prefix(kind));
    match name {
        Some(name) if !name.is_empty() && !name.chars().any(char::is_control) => Ok(()),
        _ => Err("write member:, collaborator:, guest:, application: or team: and a name".into()),
    }
}

fn principal(text: &str) -> Result<(), Wrong> {
    if text.starts_with("team:") {
        return Err("write member:, collaborator:, guest: or application: and a name".into());
    }
    subject(text)
}

fn token_id(text: &str) -> Result<(), Wrong> {
    auth::parse_id(text).map(drop).ok_or(Cow::Borrowed("it must have the 8 characters behind `whfp_`"))
}

fn sha256(text: &str) -> Result<(), Wrong> {
    bytes_of(text).map(drop).ok_or(Cow::Borrowed("it must have 64 hexadecimal digits"))
}

/// Reads a hash as documents write it.
pub(crate) fn bytes_of(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let mut digits = text.chars().map(|digit| digit.to_digit(16));
    for byte in &mut bytes {
        let (high, low) = (digits.next()??, digits.next()??);
        *byte = u8::try_from(high << 4 | low).ok()?;
    }
    digits.next().is_none().then_some(bytes)
}

/// In one form: who writes IPv4 inside IPv6 means IPv4.
fn address(text: &str) -> Result<(), Wrong> {
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V6(_)) if text.contains('.') => Err("an IPv4 address stands by itself".into()),
        Ok(_) => Ok(()),
        Err(_) => Err("it must be an address such as 192.0.2.7 or 2001:db8::7".into()),
    }
}

fn cidr(text: &str) -> Result<(), Wrong> {
    let (first, bits) = text.split_once('/').unwrap_or((text, "0"));
    address(first)?;
    let padded = bits.len() > 1 && bits.starts_with('0');
    match text.parse::<Network>() {
        Ok(_) if !padded => Ok(()),
        _ => Err("it must be an address or a network such as 10.0.0.0/8".into()),
    }
}

fn node(text: &str) -> Result<(), Wrong> {
    let parsed = WrittenNode::parse(text).map(drop);
    parsed.ok_or(Cow::Borrowed("it must be `/`, PROJECT or PROJECT/REPOSITORY"))
}

impl Sha256Text {
    /// The hash.
    pub(crate) fn bytes(&self) -> [u8; 32] {
        // The text was checked when it was read.
        bytes_of(self.as_str()).unwrap_or_default()
    }
}

impl AddressText {
    /// The address.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.as_str().parse().ok()
    }
}

impl CidrText {
    /// These; what each says was checked when it was read.
    pub(crate) fn networks(all: &[Self]) -> Networks {
        Networks::new(all.iter().filter_map(|one| one.as_str().parse().ok()))
    }

    /// As they are shown.
    pub(crate) fn shown(networks: &Networks) -> Vec<Self> {
        networks.iter().filter_map(|network| Self::try_from(network.to_string()).ok()).collect()
    }
}

impl NodeRef {
    /// The node.
    pub(crate) fn node(&self) -> WrittenNode {
        // The text was checked when it was read.
        WrittenNode::parse(self.as_str()).unwrap_or(WrittenNode::Organisation)
    }
}

/// One permission, by its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OneRight(pub Permission);

impl Serialize for OneRight {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.as_str())
    }
}

impl<'de> Deserialize<'de> for OneRight {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let word = Cow::<'_, str>::deserialize(from)?;
        Permission::parse(&word).map(Self).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for OneRight {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Permission".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": Permission::ALL.map(Permission::as_str) })
    }
}

fn moment(text: &str) -> Result<(), Wrong> {
    time::parse(text).map(drop).ok_or(Cow::Borrowed("it must be a time such as 2030-01-01T00:00:00Z"))
}

fn day(text: &str) -> Result<(), Wrong> {
    time::parse_day(text).map(drop).ok_or(Cow::Borrowed("it must be a day such as 2030-01-31"))
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&time::show_day(self.0))
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'_, str>::deserialize(from)?;
        time::parse_day(&text).map(Self).ok_or_else(|| serde::de::Error::custom("it is no day"))
    }
}

impl JsonSchema for Day {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date" })
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&time::show_millis(self.0))
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<'_, str>::deserialize(from)?;
        time::parse(&text).map(Self).ok_or_else(|| serde::de::Error::custom("it is no time"))
    }
}

impl JsonSchema for Moment {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

impl Serialize for Rights {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(Permission::as_str))
    }
}

impl<'de> Deserialize<'de> for Rights {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let words = Vec::<Cow<'_, str>>::deserialize(from)?;
        let parsed = words.iter().map(|word| Permission::parse(word)).collect::<Result<Permissions, _>>();
        parsed.map(Self).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Rights {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Permissions".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words = Permission::ALL.map(Permission::as_str);
        json_schema!({
            "type": "array",
            "maxItems": 64,
            "items": { "type": "string", "enum": words },
        })
    }
}

/// What a flag is that is not said, where that is a yes.
pub(crate) const fn yes() -> bool {
    true
}
