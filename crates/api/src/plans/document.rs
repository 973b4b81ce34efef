use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::claims::{IssuerKind, WantedClaims};
use crate::issuers::KeySetDocument;
use crate::projects::Access;
use crate::repositories::Visibility;
use crate::tokens::TokenLimit;
use crate::webhooks::{Events, SecretText};
use crate::words::{
    CidrText, FormatText, HookUrl, IssuerUrl, KeyText, LoginText, Moment, NodeRef, Prose, Rights, Sha256Text,
    SubjectRef, Text128, Text200, TokenIdText, yes,
};

macro_rules! documents {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $kind,)*
        }
    )*};
}

/// A document with a description of its own, for who reads one out of another form.
pub trait Described: DeserializeOwned {
    /// Its schema, with everything in place.
    fn schema() -> Value;
}

impl<D: DeserializeOwned + JsonSchema> Described for D {
    fn schema() -> Value {
        let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
        settings.into_generator().into_root_schema_for::<D>().to_value()
    }
}

/// A whole file: what the file that a gateway starts with says, with hashes in the place of secrets.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PlanDocument")]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The organisation; `null` leaves it as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<OrganisationDocument>,
    /// Who vouches for machines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub issuers: Vec<IssuerDocument>,
    /// Who is told of what happens anywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub webhooks: Vec<WebhookDocument>,
    /// Projects with their roles, repositories, publishers and webhooks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10000))]
    pub projects: Vec<ProjectDocument>,
    /// Members.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10000))]
    pub members: Vec<PersonDocument>,
    /// Collaborators.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10000))]
    pub collaborators: Vec<PersonDocument>,
    /// Guests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10000))]
    pub guests: Vec<PersonDocument>,
    /// Applications.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10000))]
    pub applications: Vec<ApplicationDocument>,
    /// Teams and their members.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10000))]
    pub teams: Vec<TeamDocument>,
    /// Roles of the organisation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub roles: Vec<RoleDocument>,
    /// Grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20000))]
    pub grants: Vec<GrantDocument>,
    /// What must be so afterwards, or nothing is applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub tests: Vec<TestDocument>,
}

documents! {
    /// The organisation.
    OrganisationDocument {
        /// Its name.
        name: KeyText,
        /// Its title; `null` leaves it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<Text200>,
        /// Other names that may stand for it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 16))]
        aliases: Vec<KeyText>,
        /// What new projects are; `null` leaves it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        new_projects: Option<Access>,
    }

    /// A project.
    ProjectDocument {
        /// Its key.
        key: KeyText,
        /// Its title; `null` leaves it, or is the key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<Text200>,
        /// What it is for; `null` leaves it, or is nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<Prose>,
        /// Whether every member may read in it; `null` leaves it, or is what new projects are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        access: Option<Access>,
        /// Its own copies of predefined roles, edited, and its custom ones.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 1000))]
        roles: Vec<RoleDocument>,
        /// Its repositories.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 10000))]
        repositories: Vec<RepositoryDocument>,
        /// Which machines get short-lived tokens in it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 64))]
        publishers: Vec<PublisherDocument>,
        /// Who is told of what happens in it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 16))]
        webhooks: Vec<WebhookDocument>,
    }

    /// Who is told of what happens at a node and below it.
    WebhookDocument {
        /// Its name there.
        name: KeyText,
        /// Where its messages go, by POST: an address over https that anybody can reach, or a place that the configuration names.
        url: HookUrl,
        /// What it is told of; `audit` takes `audit-view` there.
        events: Events,
        /// Whether it is told anything.
        #[serde(default = "yes", skip_serializing_if = "is_yes")]
        active: bool,
        /// The secret that signs its messages; a new webhook needs one, and without it the present one stays. No export has it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        secret: Option<SecretText>,
    }

    /// Somebody who vouches for machines.
    IssuerDocument {
        /// Its name.
        name: KeyText,
        /// What its tokens say in `iss`, to the letter.
        url: IssuerUrl,
        /// Which claims its tokens have.
        kind: IssuerKind,
        /// Whom its tokens may be for besides the public address of the server.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 4))]
        audiences: Vec<Text200>,
        /// Whether its host may have an address that is not public.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        private: bool,
        /// Its keys, a JSON Web Key Set: nothing is fetched then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        jwks: Option<KeySetDocument>,
    }

    /// A rule by which machines get short-lived tokens.
    PublisherDocument {
        /// Its name in the project.
        name: KeyText,
        /// Who vouches for the machine: the name of an issuer.
        issuer: KeyText,
        /// The application that owns the tokens; `null` for one of its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        application: Option<Text128>,
        /// What the issuer's token must say, all of it.
        claims: WantedClaims,
        /// Where its tokens are good: the project, or repositories of it; `null` for the project.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(length(min = 1, max = 32))]
        on: Option<Vec<NodeRef>>,
        /// What for.
        permissions: Rights,
        /// For how many minutes; `null` for 15.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 1, max = 60))]
        minutes: Option<u32>,
        /// Whether the issuer's token may also be shown as it is.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        direct: bool,
    }

    /// A repository.
    RepositoryDocument {
        /// Its name in the project.
        name: KeyText,
        /// The protocol it speaks; it cannot be changed later.
        format: FormatText,
        /// Who may read without logging in; `null` for nobody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        visibility: Option<Visibility>,
        /// What it is for; `null` leaves it, or is nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<Prose>,
        /// Its rules, an object as its format describes it; `null` leaves them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        policy: Option<Value>,
        /// Who is told of what happens in it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 16))]
        webhooks: Vec<WebhookDocument>,
    }

    /// A role.
    RoleDocument {
        /// Its name.
        name: KeyText,
        /// What it holds.
        permissions: Rights,
    }

    /// A person.
    PersonDocument {
        /// User name.
        username: LoginText,
        /// What people call them; `null` leaves it, or is the user name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<Text200>,
        /// Address, which may be used to log in too; `null` leaves it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        email: Option<LoginText>,
        /// Argon2id hash in PHC form, for one who is made; whoever is there keeps their password.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        password_hash: Option<Text200>,
        /// Known, and refused; `null` leaves it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        suspended: Option<bool>,
        /// Permanent tokens.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 1000))]
        tokens: Vec<TokenDocument>,
    }

    /// An application.
    ApplicationDocument {
        /// Its name.
        name: LoginText,
        /// What people call it; `null` leaves it, or is the name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<Text200>,
        /// What it logs in with; `null` leaves it, or is a new one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<LoginText>,
        /// The rights it requests; `null` for one without limits of its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        requested: Option<Rights>,
        /// Projects where those are authorised.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 10000))]
        authorised: Vec<KeyText>,
        /// Known, and refused; `null` leaves it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        suspended: Option<bool>,
        /// Permanent tokens.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 1000))]
        tokens: Vec<TokenDocument>,
    }

    /// A permanent token: never its secret.
    TokenDocument {
        /// Unique among the tokens of its owner.
        name: Text128,
        /// The 8 characters behind `whfp_` or `whfa_`; not there in an export without hashes, and needed to apply.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<TokenIdText>,
        /// SHA-256 of the whole text in hexadecimal digits; with `id`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<Sha256Text>,
        /// What it may do where; `null` for everything its owner may.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(length(max = 256))]
        limits: Option<Vec<TokenLimit>>,
        /// Refused until this moment; `null` is good at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        not_before: Option<Moment>,
        /// Refused from this moment on; `null` never ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<Moment>,
        /// Refused from elsewhere; none is good from everywhere.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 16))]
        cidrs: Vec<CidrText>,
        /// Known, and refused.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        disabled: bool,
    }

    /// A team.
    TeamDocument {
        /// Its name; of the built-in ones only `org-admins` has members to set.
        name: Text128,
        /// What people call it; `null` leaves it, or is the name. Built-in ones keep theirs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<Text200>,
        /// Who is in it directly; those that others added stay.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 10000))]
        members: Vec<SubjectRef>,
    }

    /// A grant. Role or permissions, not both.
    GrantDocument {
        /// Who gets it.
        to: SubjectRef,
        /// Where it holds, and below.
        on: NodeRef,
        /// What this role holds whenever it is asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<Text128>,
        /// Exactly these.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        permissions: Option<Rights>,
        /// From this moment on it holds no longer; `null` never ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<Moment>,
    }

    /// What must be so.
    TestDocument {
        /// Who; `team:anyone` for who has not logged in.
        who: SubjectRef,
        /// Where.
        on: NodeRef,
        /// Holds all of these.
        #[serde(default = "none", skip_serializing_if = "is_none")]
        may: Rights,
        /// Holds none of these.
        #[serde(default = "none", skip_serializing_if = "is_none")]
        may_not: Rights,
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands in a reference")]
const fn is_yes(set: &bool) -> bool {
    *set
}

const fn none() -> Rights {
    Rights(domain::Permissions::NONE)
}

const fn is_none(rights: &Rights) -> bool {
    rights.0.is_empty()
}
