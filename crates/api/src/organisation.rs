//! `/organisation`: what it is called, and what holds for everybody in it.

use auth::Presented;
use domain::{AccessManage, Granted, LogInRules, Node as _, Organisation as Root, OrganisationManage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storage::{AuditDays, OrganisationRow, SessionSecs};

use crate::endpoint::{Ask, Cx, Done, Endpoint, LoggedIn, Meta, Method, Nothing};
use crate::patch::Editable;
use crate::problem::{Code, Fault};
use crate::projects::Access;
use crate::words::{KeyText, Text200, yes};

/// Fewest characters of a new password where the organisation says nothing else.
pub const PASSWORD_CHARS_MIN: u32 = 12;

/// `GET /organisation`
pub enum ShowOrganisation {}

/// `PUT /organisation`
pub enum PutOrganisation {}

/// What the organisation is to be. What is absent is as it is in a new installation.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganisationWanted {
    /// What addresses of Space's forms call it.
    pub name: KeyText,
    /// What people call it; `null` for its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text200>,
    /// Other names that addresses may call it; `null` for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    pub aliases: Option<Vec<KeyText>>,
    /// Whether every member may read in a new project for which nothing else is said; `null` for `closed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_projects: Option<Access>,
    /// Whether every member may make projects: the grant of `project-create` to `team:org-members` on `/`. `null` for no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members_make_projects: Option<bool>,
    /// Whether passwords are good for anything; `null` for yes. What the configuration forbids is not allowed here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_log_in: Option<bool>,
    /// Whether passwords are good where packages are fetched and published, too; `null` for yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_on_packages: Option<bool>,
    /// Whether the name that comes along with a token must be one of its owner's; `null` for yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strict_user_names: Option<bool>,
    /// Fewest characters of a new password; `null` for 12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 8, max = 64))]
    pub password_chars_min: Option<u32>,
    /// Most days until a new token ends; `null` for any number of them, and for tokens without an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3650))]
    pub token_days_max: Option<u32>,
    /// How long events of the audit are kept; `null` for the defaults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditKeptWanted>,
    /// How long sessions in browsers last; `null` for the defaults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionLastWanted>,
    /// Whether who is not logged in is shown what is public on the first page of the console, and can search it there; `null` for yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_landing: Option<bool>,
    /// What answers say besides; whatever it is, it is not read.
    #[serde(default, skip_serializing)]
    pub about: Option<Value>,
}

/// How long sessions in browsers are to last.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionLastWanted {
    /// Seconds unused; `null` for 43200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 900, max = 86_400))]
    pub idle_secs: Option<u32>,
    /// Seconds in all; `null` for 604800.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 3600, max = 2_592_000))]
    pub total_secs: Option<u32>,
}

/// How long sessions in browsers last.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct SessionLasts {
    /// Seconds unused.
    pub idle_secs: u32,
    /// Seconds in all.
    pub total_secs: u32,
}

/// How long events of the audit are to be kept.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditKeptWanted {
    /// Days of those of administration; `null` for 730.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 30, max = 3650))]
    pub admin_days: Option<u32>,
    /// Days of those of transfers; `null` for 90.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3650))]
    pub transfer_days: Option<u32>,
    /// Days of those of log-ins and refusals; `null` for 30.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3650))]
    pub denial_days: Option<u32>,
}

/// How long events of the audit are kept.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct AuditKept {
    /// Days of those of administration.
    pub admin_days: u32,
    /// Days of those of transfers.
    pub transfer_days: u32,
    /// Days of those of log-ins and refusals.
    pub denial_days: u32,
}

/// The organisation as it is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Organisation {
    /// What addresses of Space's forms call it.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Other names that addresses may call it.
    pub aliases: Vec<String>,
    /// Whether every member may read in a new project for which nothing else is said.
    pub new_projects: Access,
    /// Whether every member may make projects.
    pub members_make_projects: bool,
    /// Whether passwords are good for anything.
    pub password_log_in: bool,
    /// Whether passwords are good where packages are fetched and published, too.
    pub password_on_packages: bool,
    /// Whether the name that comes along with a token must be one of its owner's.
    pub strict_user_names: bool,
    /// Fewest characters of a new password.
    pub password_chars_min: u32,
    /// Most days until a new token ends; `null` for any number of them, and for tokens without an end.
    pub token_days_max: Option<u32>,
    /// How long events of the audit are kept.
    pub audit: AuditKept,
    /// How long sessions in browsers last.
    pub session: SessionLasts,
    /// Whether who is not logged in is shown what is public on the first page of the console, and can search it there.
    #[serde(default = "yes")]
    pub public_landing: bool,
    /// What cannot be set.
    pub about: About,
}

/// What cannot be set about the organisation.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "OrganisationAbout")]
pub struct About {
    /// Never used again.
    pub id: String,
}

/// The organisation, as far as one may see it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OrganisationShown {
    /// For who may manage it.
    Whole(Box<Organisation>),
    /// For everybody else.
    Titled {
        /// What addresses of Space's forms call it.
        name: String,
        /// What people call it.
        title: String,
    },
}

impl Endpoint for ShowOrganisation {
    const META: Meta = Meta {
        id: "organisation_show",
        method: Method::Get,
        path: "/organisation",
        summary: "Shows the organisation: name and title, and all of it to who may manage it.",
        since: "0.1",
        audit: &[],
        faults: &[],
        cli: Some("organisation show"),
    };
    const CONDITIONAL: bool = true;
    type At = ();
    type Query = Nothing;
    type Body = Nothing;
    type Answer = OrganisationShown;
    type May = LoggedIn;

    async fn call(cx: &Cx, _may: LoggedIn, _ask: &Ask<Self>) -> Result<Done<OrganisationShown>, Fault> {
        if let Ok(may) = cx.gate.check::<OrganisationManage, Root>(Root) {
            let whole = shown(&cx.directory.organisation(&may).await?);
            return Ok(Done::shown(OrganisationShown::Whole(Box::new(whole))));
        }
        let (name, title) = cx.directory.organisation_titled().await?;
        Ok(Done::read(OrganisationShown::Titled { name: name.into(), title: title.into() }))
    }
}

impl Endpoint for PutOrganisation {
    const META: Meta = Meta {
        id: "organisation_put",
        method: Method::Put,
        path: "/organisation",
        summary: "Sets what the organisation is called and what holds for everybody in it, from the next request on.",
        since: "0.1",
        audit: &["organisation.update", "grant.put", "grant.delete"],
        faults: &[Code::Rule, Code::BeyondOwn, Code::Stale, Code::NotYetInForce],
        cli: Some("organisation set"),
    };
    const CONDITIONAL: bool = true;
    type At = ();
    type Query = Nothing;
    type Body = OrganisationWanted;
    type Answer = Organisation;
    type May = Granted<OrganisationManage, Root>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Organisation>, Fault> {
        Self::set(cx, &may, ask).await
    }
}

impl Editable for PutOrganisation {
    const PATCH: (&'static str, Option<&'static str>) = ("organisation_patch", Some("organisation set"));
    type Edit = Granted<OrganisationManage, Root>;

    async fn shown(cx: &Cx, may: &Self::Edit, (): &()) -> Result<Organisation, Fault> {
        Ok(shown(&cx.directory.organisation(may).await?))
    }

    async fn set(cx: &Cx, may: &Self::Edit, ask: &Ask<Self>) -> Result<Done<Organisation>, Fault> {
        let wanted = ask.body.row();
        if !wanted.log_in.passwords && matches!(cx.presented, Presented::Password | Presented::Session) {
            let detail = "this would refuse the password that you ask with; ask with a token, which proves that you have one";
            return Err(Fault::Told(Code::Rule, detail.into()));
        }
        // Who may make projects is a matter of access; without this proof it stays as it is.
        let also = cx.gate.check::<AccessManage, Root>(Root).ok();
        let put = cx.directory.put_organisation(may, also.as_ref(), wanted, ask.only_if.of(shown));
        let (row, force) = put.await?;
        Ok(Done::put(shown(&row), None, force))
    }
}

impl OrganisationWanted {
    fn row(&self) -> OrganisationRow {
        let name = self.name.as_str();
        let aliases = self.aliases.iter().flatten().map(|alias| alias.as_str().into());
        OrganisationRow {
            name: name.into(),
            title: self.title.as_ref().map_or(name, Text200::as_str).into(),
            aliases: aliases.collect(),
            new_projects: self.new_projects.map_or(domain::Access::Closed, Into::into),
            members_make_projects: self.members_make_projects.unwrap_or(false),
            log_in: LogInRules {
                passwords: self.password_log_in.unwrap_or(true),
                passwords_on_packages: self.password_on_packages.unwrap_or(true),
                strict_user_names: self.strict_user_names.unwrap_or(true),
            },
            password_chars_min: self.password_chars_min.unwrap_or(PASSWORD_CHARS_MIN),
            token_days_max: self.token_days_max,
            audit_days: self.audit.as_ref().map_or_else(AuditDays::default, AuditKeptWanted::days),
            session: self.session.as_ref().map_or_else(SessionSecs::default, SessionLastWanted::secs),
            public_landing: self.public_landing.unwrap_or(true),
        }
    }
}

impl SessionLastWanted {
    fn secs(&self) -> SessionSecs {
        let SessionSecs { idle_secs, total_secs } = SessionSecs::default();
        SessionSecs {
            idle_secs: self.idle_secs.unwrap_or(idle_secs),
            total_secs: self.total_secs.unwrap_or(total_secs),
        }
    }
}

impl AuditKeptWanted {
    fn days(&self) -> AuditDays {
        let AuditDays { admin, transfer, access } = AuditDays::default();
        AuditDays {
            admin: self.admin_days.unwrap_or(admin),
            transfer: self.transfer_days.unwrap_or(transfer),
            access: self.denial_days.unwrap_or(access),
        }
    }
}

fn shown(row: &OrganisationRow) -> Organisation {
    Organisation {
        name: row.name.to_string(),
        title: row.title.to_string(),
        aliases: row.aliases.iter().map(ToString::to_string).collect(),
        new_projects: row.new_projects.into(),
        members_make_projects: row.members_make_projects,
        password_log_in: row.log_in.passwords,
        password_on_packages: row.log_in.passwords_on_packages,
        strict_user_names: row.log_in.strict_user_names,
        password_chars_min: row.password_chars_min,
        token_days_max: row.token_days_max,
        audit: AuditKept {
            admin_days: row.audit_days.admin,
            transfer_days: row.audit_days.transfer,
            denial_days: row.audit_days.access,
        },
        session: SessionLasts { idle_secs: row.session.idle_secs, total_secs: row.session.total_secs },
        public_landing: row.public_landing,
        about: About { id: Root.node_id().to_string() },
    }
}
