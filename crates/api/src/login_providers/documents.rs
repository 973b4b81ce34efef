use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use auth::{ClientSecret, InvalidClientSecret, Secret};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use storage::{LoginProviderRow, Makes};

use crate::words::{IssuerUrl, Moment, ScopeText, Text128, Text200};

/// What a provider of log-ins is to be.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginProviderWanted {
    /// What people call it, on the button of the log-in; `null` for its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text128>,
    /// What its tokens say in `iss`, to the letter. Below it, at `/.well-known/openid-configuration`, it says where people log in.
    pub issuer: IssuerUrl,
    /// What it calls this server.
    pub client_id: Text200,
    /// The secret by which it knows this server. It is never shown. A new provider needs one; without it, the present one stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<ClientSecretText>,
    /// What is asked of it, `openid` among it; none for `openid` and `profile`.
    #[serde(default)]
    #[schemars(length(max = 16))]
    pub scopes: Vec<ScopeText>,
    /// Which claims of its tokens are read.
    #[serde(default)]
    pub claims: ReadClaims,
    /// Whom it makes of somebody nobody is linked to.
    #[serde(default)]
    pub make: MakesWord,
    /// Whether its host may have an address that is not public. Then that host and port may, and nothing else.
    #[serde(default)]
    pub private: bool,
    /// Which of its groups puts members into which team, from log-in to log-in.
    #[serde(default)]
    #[schemars(length(max = 256))]
    pub groups: Vec<Group>,
    /// What answers say besides; whatever it is, it is not read.
    #[serde(default, skip_serializing)]
    pub about: Option<Value>,
}

/// Which claims of a provider's tokens are read.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "LoginProviderClaims")]
#[serde(deny_unknown_fields)]
pub struct ReadClaims {
    /// What a new person is named by; `null` for `preferred_username`.
    #[serde(default)]
    pub name: Option<ScopeText>,
    /// What holds the groups, a list of texts; `null` for none.
    #[serde(default)]
    pub groups: Option<ScopeText>,
}

/// Whom a provider makes of somebody nobody is linked to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "lowercase")]
pub enum MakesWord {
    /// Nobody: people link themselves, once they are logged in.
    #[default]
    Never,
    /// A member.
    Member,
    /// A guest.
    Guest,
}

/// A group of a provider that puts members into a team.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "LoginProviderGroup")]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The group, as the claim says it, to the letter.
    pub value: Text200,
    /// Name of the team. Into `org-admins` nobody comes through another team.
    pub team: Text128,
}

/// A provider of log-ins as it is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct LoginProvider {
    /// What people call it.
    pub title: String,
    /// What its tokens say in `iss`.
    pub issuer: String,
    /// What it calls this server.
    pub client_id: String,
    /// What is asked of it, in order.
    pub scopes: Vec<String>,
    /// Which claims of its tokens are read.
    pub claims: ClaimsShown,
    /// Whom it makes of somebody nobody is linked to.
    #[schemars(extend("x-open-enum" = true))]
    pub make: String,
    /// Whether its host may have an address that is not public.
    pub private: bool,
    /// Which of its groups puts members into which team.
    pub groups: Vec<GroupShown>,
    /// What cannot be set.
    pub about: About,
}

/// Which claims are read.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "LoginProviderClaimsShown")]
pub struct ClaimsShown {
    /// What a new person is named by.
    pub name: String,
    /// What holds the groups.
    pub groups: Option<String>,
}

/// A group that puts members into a team.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "LoginProviderGroupShown")]
pub struct GroupShown {
    /// The group, as the claim says it.
    pub value: String,
    /// Name of the team.
    pub team: String,
}

/// What cannot be set about a provider of log-ins.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "LoginProviderAbout")]
pub struct About {
    /// Never used again.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: Moment,
    /// When its secret was set.
    pub secret_set_at: Moment,
    /// People who are linked to somebody there.
    pub linked: u64,
}

/// What is tested: nothing for the provider that there is.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginProviderToTest {
    /// What its tokens are to say in `iss`; `null` for the one that there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<IssuerUrl>,
    /// Whether that may have an address that is not public.
    #[serde(default)]
    pub private: bool,
}

/// What a provider said when it was asked.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct LoginProviderTested {
    /// Keys by which tokens can be verified.
    pub keys: u64,
    /// Where browsers are sent.
    pub authorization_endpoint: String,
    /// Where codes are exchanged.
    pub token_endpoint: String,
}

/// A secret in a request; never shown, and nowhere twice.
#[derive(Clone)]
pub struct ClientSecretText(Arc<Secret<String>>);

impl MakesWord {
    /// As storage keeps it.
    pub(super) const fn makes(self) -> Makes {
        match self {
            Self::Never => Makes::Never,
            Self::Member => Makes::Member,
            Self::Guest => Makes::Guest,
        }
    }
}

impl Group {
    pub(super) fn pair(&self) -> (Box<str>, Box<str>) {
        (self.value.as_str().into(), self.team.as_str().into())
    }
}

impl ClientSecretText {
    /// For a request of one's own.
    #[must_use]
    pub fn new(text: Secret<String>) -> Self {
        Self(Arc::new(text))
    }

    pub(super) fn parsed(&self) -> Result<ClientSecret, InvalidClientSecret> {
        ClientSecret::parse(self.0.expose())
    }
}

impl fmt::Debug for ClientSecretText {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("ClientSecretText(..)")
    }
}

impl Serialize for ClientSecretText {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for ClientSecretText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self::new(Secret::new(text)))
    }
}

impl JsonSchema for ClientSecretText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ClientSecret".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "client-secret",
            "pattern": "^[ -~]+$",
            "minLength": 1,
            "maxLength": 512,
            "writeOnly": true,
        })
    }
}

pub(super) fn shown(row: &LoginProviderRow) -> LoginProvider {
    let provider = &row.provider;
    let group = |(value, team): &(Box<str>, Box<str>)| GroupShown {
        value: value.to_string(),
        team: team.to_string(),
    };
    LoginProvider {
        title: provider.title.to_string(),
        issuer: provider.issuer.to_string(),
        client_id: provider.client_id.to_string(),
        scopes: provider.scopes.split(' ').map(str::to_owned).collect(),
        claims: ClaimsShown {
            name: provider.name_claim.to_string(),
            groups: provider.groups_claim.as_deref().map(str::to_owned),
        },
        make: provider.make.as_str().to_owned(),
        private: provider.private,
        groups: row.groups.iter().map(group).collect(),
        about: About {
            id: provider.id.to_string(),
            name: provider.name.to_string(),
            created_at: Moment(provider.created_at),
            secret_set_at: Moment(provider.secret_at),
            linked: provider.linked,
        },
    }
}
