//! Between documents and what storage applies. Names were checked by their types; what they mean together storage says.

use auth::KeyRing;
use domain::{Login, PrincipalKind, ProjectKey, RepositoryName, RepositoryPolicy};
use serde_json::{Map, Value};
use storage::{
    ApplicationSpec, Directory, GrantSpec, GrantedSpec, OrganisationSpec, PersonSpec, Plan, ProjectSpec,
    RepositorySpec, RoleSpec, TeamSpec, TestSpec, TokenSpec, WebhookSpec,
};

use super::document::{
    ApplicationDocument, Document, GrantDocument, IssuerDocument, OrganisationDocument, PersonDocument,
    ProjectDocument, PublisherDocument, RepositoryDocument, RoleDocument, TeamDocument, TestDocument,
    TokenDocument, WebhookDocument,
};
use crate::endpoint::Cx;
use crate::problem::{Code, Fault};
use crate::repositories::Visibility;
use crate::tokens::TokenLimit;
use crate::words::{CidrText, Moment, Prose, Rights, Text200, bytes_of};

/// The key of a policy that every format has.
const COMMON: &str = "reserved_prefixes";
/// Most prefixes of one repository.
const PREFIXES_MAX: usize = 64;

pub(super) fn plan(cx: &Cx, document: &Document) -> Result<Plan, Fault> {
    let people = [
        (PrincipalKind::Member, &document.members, "members"),
        (PrincipalKind::Collaborator, &document.collaborators, "collaborators"),
        (PrincipalKind::Guest, &document.guests, "guests"),
    ];
    let mut persons = Vec::new();
    for (kind, all, list) in people {
        for (index, one) in all.iter().enumerate() {
            persons.push(person(kind, one, &format!("/document/{list}/{index}"))?);
        }
    }
    Ok(Plan {
        organisation: document.organisation.as_ref().map(organisation),
        issuers: each(&document.issuers, "issuers", |one, at| one.spec().map_err(|why| rule(at, &why)))?,
        webhooks: webhooks(cx, &document.webhooks, "/document")?,
        projects: each(&document.projects, "projects", |one, at| project(cx, one, at))?,
        persons,
        applications: each(&document.applications, "applications", application)?,
        teams: document.teams.iter().map(team).collect(),
        roles: document.roles.iter().map(role_of).collect(),
        grants: each(&document.grants, "grants", grant)?,
        tests: document.tests.iter().map(test).collect(),
    })
}

/// What the grammar allows and the rules do not.
fn rule(at: &str, why: &str) -> Fault {
    Fault::Told(Code::Rule, format!("{at}: {why}").into())
}

fn each<D, S>(all: &[D], list: &str, one: impl Fn(&D, &str) -> Result<S, Fault>) -> Result<Vec<S>, Fault> {
    all.iter().enumerate().map(|(index, each)| one(each, &format!("/document/{list}/{index}"))).collect()
}

fn organisation(document: &OrganisationDocument) -> OrganisationSpec {
    OrganisationSpec {
        name: document.name.as_str().into(),
        title: document.title.as_ref().map(|title| title.as_str().into()),
        aliases: document.aliases.iter().map(|alias| alias.as_str().into()).collect(),
        new_projects: document.new_projects.map(Into::into),
    }
}

fn webhooks(cx: &Cx, documents: &[WebhookDocument], at: &str) -> Result<Vec<WebhookSpec>, Fault> {
    let one = |(index, one): (usize, &WebhookDocument)| {
        one.spec(&cx.hooks).map_err(|why| rule(&format!("{at}/webhooks/{index}"), &why))
    };
    documents.iter().enumerate().map(one).collect()
}

fn project(cx: &Cx, document: &ProjectDocument, at: &str) -> Result<ProjectSpec, Fault> {
    let mut repositories = Vec::with_capacity(document.repositories.len());
    for (index, one) in document.repositories.iter().enumerate() {
        repositories.push(repository(cx, one, &format!("{at}/repositories/{index}"))?);
    }
    let publishers = document.publishers.iter().enumerate().map(|(index, one)| {
        let spec = one.spec(document.key.as_str());
        spec.map_err(|why| rule(&format!("{at}/publishers/{index}"), &why))
    });
    Ok(ProjectSpec {
        key: key(document.key.as_str(), &format!("{at}/key"))?,
        title: boxed(document.title.as_ref().map(Text200::as_str)),
        description: boxed(document.description.as_ref().map(Prose::as_str)),
        access: document.access.map(Into::into),
        roles: document.roles.iter().map(role_of).collect(),
        repositories,
        publishers: publishers.collect::<Result<_, _>>()?,
        webhooks: webhooks(cx, &document.webhooks, at)?,
    })
}

fn repository(cx: &Cx, document: &RepositoryDocument, at: &str) -> Result<RepositorySpec, Fault> {
    let wrong = |field: &str, why: &dyn ToString| Fault::field(&format!("{at}/{field}"), why.to_string());
    let format = domain::Format::parse(document.format.as_str()).map_err(|why| wrong("format", &why))?;
    let policy = match &document.policy {
        None => None,
        Some(Value::Object(fields)) => Some(policy(&cx.directory, format, fields, at)?),
        Some(_) => return Err(wrong("policy", &"it must be an object")),
    };
    Ok(RepositorySpec {
        name: RepositoryName::parse(document.name.as_str()).map_err(|why| wrong("name", &why))?,
        format,
        visibility: document.visibility.unwrap_or(Visibility::Private).into(),
        description: boxed(document.description.as_ref().map(Prose::as_str)),
        policy,
        webhooks: webhooks(cx, &document.webhooks, at)?,
    })
}

fn policy(
    directory: &Directory,
    format: domain::Format,
    fields: &Map<String, Value>,
    at: &str,
) -> Result<RepositoryPolicy, Fault> {
    let mut own = fields.clone();
    let wrong = |why: String| Fault::field(&format!("{at}/policy"), why);
    let prefixes = own.remove(COMMON).unwrap_or_else(|| Value::Array(Vec::new()));
    let prefixes: Vec<String> =
        serde_json::from_value(prefixes).map_err(|_| wrong(format!("`{COMMON}` must be a list of texts")))?;
    if prefixes.len() > PREFIXES_MAX {
        return Err(wrong(format!("`{COMMON}` has more than {PREFIXES_MAX} items")));
    }
    let named = prefixes.iter().map(|prefix| domain::PackageName::exact(prefix));
    let named = named.collect::<Result<Vec<_>, _>>().map_err(|why| wrong(why.to_string()))?;
    // The description takes any word for a format, and any object for a policy: what is no policy here breaks a rule.
    let own = directory
        .read_policy(format, &Value::Object(own).to_string())
        .map_err(|why| Fault::Told(Code::Rule, format!("{at}/policy: {why}").into()))?;
    Ok(RepositoryPolicy { own, reserved_prefixes: named.iter().map(|name| name.display().into()).collect() })
}

fn role_of(document: &RoleDocument) -> RoleSpec {
    RoleSpec { name: document.name.as_str().into(), permissions: document.permissions.0 }
}

fn person(kind: PrincipalKind, document: &PersonDocument, at: &str) -> Result<PersonSpec, Fault> {
    let hash = document.password_hash.as_ref().map(|hash| hash.as_str());
    if hash.is_some_and(|hash| !auth::is_password_hash(hash)) {
        let why = "it must be an Argon2 hash in PHC form, as cheap to check as ours";
        return Err(Fault::field(&format!("{at}/password_hash"), why));
    }
    Ok(PersonSpec {
        kind,
        username: document.username.as_str().into(),
        title: boxed(document.title.as_ref().map(Text200::as_str)),
        email: document.email.as_ref().map(|email| email.as_str().into()),
        password_hash: hash.map(Into::into),
        suspended: document.suspended,
        tokens: tokens(&document.tokens, at)?,
    })
}

fn application(document: &ApplicationDocument, at: &str) -> Result<ApplicationSpec, Fault> {
    let authorised = document.authorised.iter().map(|one| key(one.as_str(), &format!("{at}/authorised")));
    Ok(ApplicationSpec {
        name: document.name.as_str().into(),
        title: boxed(document.title.as_ref().map(Text200::as_str)),
        client_id: document.client_id.as_ref().and_then(|id| Login::parse(id.as_str()).ok()),
        client_id_if_new: auth::new_client_id(),
        requested: document.requested.map(|requested| requested.0),
        authorised: authorised.collect::<Result<_, _>>()?,
        suspended: document.suspended,
        tokens: tokens(&document.tokens, at)?,
    })
}

fn tokens(documents: &[TokenDocument], at: &str) -> Result<Vec<TokenSpec>, Fault> {
    let one = |(index, document): (usize, &TokenDocument)| token(document, &format!("{at}/tokens/{index}"));
    documents.iter().enumerate().map(one).collect()
}

fn token(document: &TokenDocument, at: &str) -> Result<TokenSpec, Fault> {
    let id = document.id.as_ref().and_then(|id| auth::parse_id(id.as_str()));
    let (Some(id), Some(sha256)) = (id, &document.sha256) else {
        let why = format!("{at} has no `id` and `sha256`: what was exported without hashes makes no tokens");
        return Err(Fault::Told(Code::Rule, why.into()));
    };
    let limit = |limit: &TokenLimit| (limit.on.as_str().into(), limit.permissions.0);
    Ok(TokenSpec {
        name: document.name.as_str().into(),
        id,
        sha256: sha256.bytes(),
        limits: document.limits.as_ref().map(|limits| limits.iter().map(limit).collect()),
        not_before: document.not_before.map(|begins| begins.0),
        expires: document.expires.map(|expires| expires.0),
        networks: CidrText::networks(&document.cidrs),
        disabled: document.disabled,
    })
}

fn team(document: &TeamDocument) -> TeamSpec {
    let members = document.members.iter().map(|member| member.as_str().into()).collect();
    let title = boxed(document.title.as_ref().map(Text200::as_str));
    TeamSpec { name: document.name.as_str().into(), title, members }
}

fn grant(document: &GrantDocument, at: &str) -> Result<GrantSpec, Fault> {
    let what = match (&document.role, &document.permissions) {
        (Some(role), None) => GrantedSpec::Role(role.as_str().into()),
        (None, Some(some)) => GrantedSpec::Permissions(some.0),
        _ => return Err(Fault::field(at, crate::grants::EITHER)),
    };
    Ok(GrantSpec {
        to: document.to.as_str().into(),
        on: document.on.as_str().into(),
        what,
        expires: document.expires.map(|expires| expires.0),
    })
}

fn test(document: &TestDocument) -> TestSpec {
    TestSpec {
        who: document.who.as_str().into(),
        on: document.on.as_str().into(),
        may: document.may.0,
        may_not: document.may_not.0,
    }
}

fn boxed(text: Option<&str>) -> Option<Box<str>> {
    text.map(Into::into)
}

fn key(text: &str, at: &str) -> Result<ProjectKey, Fault> {
    ProjectKey::parse(text).map_err(|why| Fault::field(at, why.to_string()))
}

/// SHA-256 as 64 hexadecimal digits.
#[must_use]
pub fn hash_of(text: &str) -> Option<[u8; 32]> {
    bytes_of(text)
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a document tells of secrets.
#[derive(Clone, Copy)]
struct Telling<'k> {
    /// Ids and hashes of tokens.
    hashes: bool,
    /// Secrets of webhooks, by the keys that they were sealed by.
    keys: Option<&'k KeyRing>,
}

impl Document {
    /// As it is exported; `hashes` tells ids and hashes of tokens. `None` for names that no document has.
    #[must_use]
    pub fn of(plan: &Plan, hashes: bool) -> Option<Self> {
        Self::telling(plan, Telling { hashes, keys: None })
    }

    /// As it is sent: with ids and hashes of tokens, and with those secrets that a server has to have, sealed in the plan by these
    /// keys. `None` for names that no document has.
    #[must_use]
    pub fn to_send(plan: &Plan, keys: &KeyRing) -> Option<Self> {
        Self::telling(plan, Telling { hashes: true, keys: Some(keys) })
    }

    fn telling(plan: &Plan, telling: Telling<'_>) -> Option<Self> {
        let hashes = telling.hashes;
        let people = |kind: PrincipalKind| {
            let all = plan.persons.iter().filter(move |one| one.kind == kind);
            all.map(|one| PersonDocument::of(one, hashes)).collect::<Option<_>>()
        };
        Some(Self {
            organisation: match &plan.organisation {
                Some(spec) => Some(OrganisationDocument::of(spec)?),
                None => None,
            },
            issuers: plan.issuers.iter().map(IssuerDocument::of).collect::<Option<_>>()?,
            webhooks: telling.webhooks(&plan.webhooks)?,
            projects: plan
                .projects
                .iter()
                .map(|one| ProjectDocument::of(one, telling))
                .collect::<Option<_>>()?,
            members: people(PrincipalKind::Member)?,
            collaborators: people(PrincipalKind::Collaborator)?,
            guests: people(PrincipalKind::Guest)?,
            applications: plan
                .applications
                .iter()
                .map(|one| ApplicationDocument::of(one, hashes))
                .collect::<Option<_>>()?,
            teams: plan.teams.iter().map(TeamDocument::of).collect::<Option<_>>()?,
            roles: plan.roles.iter().map(RoleDocument::of).collect::<Option<_>>()?,
            grants: plan.grants.iter().map(GrantDocument::of).collect::<Option<_>>()?,
            tests: plan.tests.iter().map(TestDocument::of).collect::<Option<_>>()?,
        })
    }
}

/// A text of a document; `None` where it has not its grammar.
pub(super) fn text<T: TryFrom<String>>(text: &str) -> Option<T> {
    T::try_from(text.to_owned()).ok()
}

/// The same of a field that may be left out.
pub(super) fn maybe<T: TryFrom<String>>(given: Option<&str>) -> Option<Option<T>> {
    match given {
        Some(given) => text(given).map(Some),
        None => Some(None),
    }
}

pub(super) fn texts<'a, T: TryFrom<String>>(all: impl IntoIterator<Item = &'a str>) -> Option<Vec<T>> {
    all.into_iter().map(text).collect()
}

impl OrganisationDocument {
    fn of(spec: &OrganisationSpec) -> Option<Self> {
        Some(Self {
            name: text(&spec.name)?,
            title: maybe(spec.title.as_deref())?,
            aliases: texts(spec.aliases.iter().map(|alias| &**alias))?,
            new_projects: spec.new_projects.map(Into::into),
        })
    }
}

impl Telling<'_> {
    fn webhooks(self, specs: &[WebhookSpec]) -> Option<Vec<WebhookDocument>> {
        specs.iter().map(|one| WebhookDocument::of(one, self.keys)).collect()
    }
}

impl ProjectDocument {
    fn of(spec: &ProjectSpec, telling: Telling<'_>) -> Option<Self> {
        Some(Self {
            key: text(spec.key.as_str())?,
            title: maybe(spec.title.as_deref())?,
            description: maybe(spec.description.as_deref())?,
            access: spec.access.map(Into::into),
            roles: spec.roles.iter().map(RoleDocument::of).collect::<Option<_>>()?,
            repositories: spec
                .repositories
                .iter()
                .map(|one| RepositoryDocument::of(one, telling))
                .collect::<Option<_>>()?,
            publishers: spec
                .publishers
                .iter()
                .map(|one| PublisherDocument::of(one, spec.key.as_str()))
                .collect::<Option<_>>()?,
            webhooks: telling.webhooks(&spec.webhooks)?,
        })
    }
}

impl RepositoryDocument {
    fn of(spec: &RepositorySpec, telling: Telling<'_>) -> Option<Self> {
        let policy = match &spec.policy {
            None => None,
            Some(policy) => {
                let mut document: Map<String, Value> = serde_json::from_str(policy.own.document()).ok()?;
                if !policy.reserved_prefixes.is_empty() {
                    let prefixes = policy.reserved_prefixes.iter().map(|prefix| Value::from(&**prefix));
                    document.insert(COMMON.to_owned(), prefixes.collect());
                }
                Some(Value::Object(document))
            }
        };
        Some(Self {
            name: text(spec.name.as_str())?,
            format: text(spec.format.as_str())?,
            visibility: Some(spec.visibility.into()),
            description: maybe(spec.description.as_deref())?,
            policy,
            webhooks: telling.webhooks(&spec.webhooks)?,
        })
    }
}

impl RoleDocument {
    fn of(spec: &RoleSpec) -> Option<Self> {
        Some(Self { name: text(&spec.name)?, permissions: Rights(spec.permissions) })
    }
}

impl PersonDocument {
    fn of(spec: &PersonSpec, hashes: bool) -> Option<Self> {
        Some(Self {
            username: text(&spec.username)?,
            title: maybe(spec.title.as_deref())?,
            email: maybe(spec.email.as_deref())?,
            password_hash: maybe(spec.password_hash.as_deref())?,
            suspended: spec.suspended,
            tokens: spec.tokens.iter().map(|one| TokenDocument::of(one, hashes)).collect::<Option<_>>()?,
        })
    }
}

impl ApplicationDocument {
    fn of(spec: &ApplicationSpec, hashes: bool) -> Option<Self> {
        Some(Self {
            name: text(&spec.name)?,
            title: maybe(spec.title.as_deref())?,
            client_id: maybe(spec.client_id.as_ref().map(Login::as_str))?,
            requested: spec.requested.map(Rights),
            authorised: texts(spec.authorised.iter().map(ProjectKey::as_str))?,
            suspended: spec.suspended,
            tokens: spec.tokens.iter().map(|one| TokenDocument::of(one, hashes)).collect::<Option<_>>()?,
        })
    }
}

impl TokenDocument {
    fn of(spec: &TokenSpec, hashes: bool) -> Option<Self> {
        let limits = spec.limits.as_ref().map(|limits| {
            let each = limits
                .iter()
                .map(|(on, some)| Some(TokenLimit { on: text(on)?, permissions: Rights(*some) }));
            each.collect::<Option<Vec<_>>>()
        });
        let limits = match limits {
            Some(limits) => Some(limits?),
            None => None,
        };
        Some(Self {
            name: text(&spec.name)?,
            id: if hashes { Some(text(&auth::id_text(spec.id))?) } else { None },
            sha256: if hashes { Some(text(&hex(&spec.sha256))?) } else { None },
            limits,
            not_before: spec.not_before.map(Moment),
            expires: spec.expires.map(Moment),
            cidrs: CidrText::shown(&spec.networks),
            disabled: spec.disabled,
        })
    }
}

impl TeamDocument {
    fn of(spec: &TeamSpec) -> Option<Self> {
        let members = texts(spec.members.iter().map(|one| &**one))?;
        Some(Self { name: text(&spec.name)?, title: maybe(spec.title.as_deref())?, members })
    }
}

impl GrantDocument {
    fn of(spec: &GrantSpec) -> Option<Self> {
        let (role, permissions) = match &spec.what {
            GrantedSpec::Role(role) => (Some(text(role)?), None),
            GrantedSpec::Permissions(some) => (None, Some(Rights(*some))),
        };
        let (to, on) = (text(&spec.to)?, text(&spec.on)?);
        Some(Self { to, on, role, permissions, expires: spec.expires.map(Moment) })
    }
}

impl TestDocument {
    fn of(spec: &TestSpec) -> Option<Self> {
        let (may, may_not) = (Rights(spec.may), Rights(spec.may_not));
        Some(Self { who: text(&spec.who)?, on: text(&spec.on)?, may, may_not })
    }
}
