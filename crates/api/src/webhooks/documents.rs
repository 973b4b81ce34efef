use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use auth::{InvalidSigningSecret, Secret, SigningSecret};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use storage::{HookEvent, WebhookRow};

use crate::words::{HookUrl, Moment, yes};

/// What a webhook is to be.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookWanted {
    /// Where its messages go, by POST: an address over https that anybody can reach, or a place that the configuration names.
    pub url: HookUrl,
    /// What it is told of, at this node and below it; `audit` takes `audit-view` there.
    pub events: Events,
    /// Whether it is told anything.
    #[serde(default = "yes")]
    pub active: bool,
    /// The secret that signs its messages: `whsec_` and 24 to 64 bytes in base64. It is never shown. A new webhook needs one; without
    /// it, the present one stays. The one before signs too for a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretText>,
    /// What answers say besides; whatever it is, it is not read.
    #[serde(default, skip_serializing)]
    pub about: Option<Value>,
}

/// A webhook as it is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Webhook {
    /// Where its messages go.
    pub url: String,
    /// What it is told of.
    pub events: Events,
    /// Whether it is told anything.
    pub active: bool,
    /// What cannot be set.
    pub about: About,
}

/// What cannot be set about a webhook.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "WebhookAbout")]
pub struct About {
    /// Never used again.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: Moment,
    /// What its secret is told apart by.
    pub secret_fingerprint: String,
    /// Messages that wait to be delivered, at most 1,000.
    pub waiting: u64,
    /// Events that found no place among those, or waited for longer than events are kept.
    pub lost: u64,
    /// Tries that failed since a message arrived.
    pub failures: u32,
    /// Since when; `null` while messages arrive.
    pub failing_since: Option<Moment>,
    /// When the gateway gave it up; it is told nothing until it is put again. `null` unless it did.
    pub disabled_at: Option<Moment>,
    /// Why it was given up.
    pub disabled_reason: Option<String>,
}

/// What a webhook is told of: a list of words, shown in their one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Events(pub Vec<HookEvent>);

/// A secret in a request; never shown, and nowhere twice.
#[derive(Clone)]
pub struct SecretText(Arc<Secret<String>>);

pub(super) fn shown(row: &WebhookRow) -> Webhook {
    Webhook {
        url: row.url.to_string(),
        events: Events(row.events()),
        active: row.active,
        about: About {
            id: row.id.to_string(),
            name: row.name.to_string(),
            created_at: Moment(row.created_at),
            secret_fingerprint: row.fingerprint.to_string(),
            waiting: row.waiting,
            lost: row.lost,
            failures: row.failures,
            failing_since: row.failing_since.map(Moment),
            disabled_at: row.disabled_at.map(Moment),
            disabled_reason: row.disabled_reason.as_deref().map(str::to_owned),
        },
    }
}

impl SecretText {
    /// For a request of one's own.
    #[must_use]
    pub fn new(text: Secret<String>) -> Self {
        Self(Arc::new(text))
    }

    /// The secret.
    pub(super) fn parsed(&self) -> Result<SigningSecret, InvalidSigningSecret> {
        SigningSecret::parse(self.0.expose())
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("SecretText(..)")
    }
}

impl Serialize for SecretText {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self::new(Secret::new(text)))
    }
}

impl JsonSchema for SecretText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "SigningSecret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let four = "[A-Za-z0-9+/]{4}";
        let tails = ["[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=", "[A-Za-z0-9+/][AQgw]=="];
        let pattern =
            format!("^whsec_(({four}){{8,20}}({}|{})?|({four}){{21}}({})?)$", tails[0], tails[1], tails[1]);
        json_schema!({
            "type": "string",
            "format": "signing-secret",
            "pattern": pattern,
            "minLength": 1,
            "maxLength": 94,
            "writeOnly": true,
        })
    }
}

impl Serialize for Events {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(|event| event.as_str()))
    }
}

impl<'de> Deserialize<'de> for Events {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let words = Vec::<Cow<'_, str>>::deserialize(from)?;
        let known = words.iter().map(|word| HookEvent::parse(word)).collect::<Option<Vec<_>>>();
        known.map(Self).ok_or_else(|| serde::de::Error::custom("there is no such event"))
    }
}

impl JsonSchema for Events {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "WebhookEvents".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words = HookEvent::ALL.map(HookEvent::as_str);
        json_schema!({
            "type": "array",
            "minItems": 1,
            "maxItems": 16,
            "items": { "type": "string", "enum": words },
        })
    }
}
