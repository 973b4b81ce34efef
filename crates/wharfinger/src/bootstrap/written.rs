//! A document as the TOML that is read again: in one order, so that the same state is the same bytes.

use std::fmt::Write as _;

use api::plans::{
    ApplicationDocument, Document, GrantDocument, IssuerDocument, OrganisationDocument, PersonDocument,
    ProjectDocument, PublisherDocument, RepositoryDocument, RoleDocument, TeamDocument, TokenDocument,
    WebhookDocument,
};
use api::projects::Access;
use api::repositories::Visibility;
use api::{Moment, Rights};
use domain::{Permission, time};
use serde_json::Value;

/// Tables with their keys, as they are written one after the other.
#[derive(Default)]
struct Text(String);

impl Text {
    fn table(&mut self, title: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.line(title);
    }

    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn text(&mut self, key: &str, value: &str) {
        let value = quoted(value);
        // A `String` takes everything.
        let _ = writeln!(self.0, "{key} = {value}");
    }

    fn maybe(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    fn texts<'a>(&mut self, key: &str, values: impl IntoIterator<Item = &'a str>) {
        let values: Vec<String> = values.into_iter().map(quoted).collect();
        let _ = writeln!(self.0, "{key} = [{}]", values.join(", "));
    }

    fn inline(&mut self, key: &str, value: &Value) {
        let _ = writeln!(self.0, "{key} = {}", inline(value));
    }

    fn rights(&mut self, key: &str, rights: Rights) {
        self.texts(key, rights.0.iter().map(Permission::as_str));
    }

    fn access(&mut self, key: &str, access: Option<Access>) {
        self.maybe(
            key,
            access.map(|access| match access {
                Access::Internal => "internal",
                Access::Closed => "closed",
            }),
        );
    }

    fn expires(&mut self, expires: Option<Moment>) {
        self.moment("expires", expires);
    }

    fn moment(&mut self, key: &str, moment: Option<Moment>) {
        if let Some(Moment(at)) = moment {
            let _ = writeln!(self.0, "{key} = {}", time::show_millis(at));
        }
    }

    fn flag(&mut self, key: &str, set: bool) {
        if set {
            let _ = writeln!(self.0, "{key} = true");
        }
    }
}

/// Writes a document. Secrets are named by variables that are to hold them, unless it has hashes.
pub(crate) fn written(document: &Document) -> String {
    let mut text = Text::default();
    if let Some(organisation) = &document.organisation {
        self::organisation(&mut text, organisation);
    }
    document.roles.iter().for_each(|one| role(&mut text, "[[roles]]", one));
    document.issuers.iter().for_each(|one| issuer(&mut text, one));
    document.webhooks.iter().for_each(|one| webhook(&mut text, "[[webhooks]]", "", one));
    document.projects.iter().for_each(|one| project(&mut text, one));
    let people = [
        ("members", &document.members),
        ("collaborators", &document.collaborators),
        ("guests", &document.guests),
    ];
    for (kind, all) in people {
        all.iter().for_each(|one| person(&mut text, kind, one));
    }
    document.applications.iter().for_each(|one| application(&mut text, one));
    document.teams.iter().for_each(|one| team(&mut text, one));
    document.grants.iter().for_each(|one| grant(&mut text, one));
    text.0
}

fn organisation(text: &mut Text, document: &OrganisationDocument) {
    text.table("[organisation]");
    text.text("name", document.name.as_str());
    text.maybe("title", document.title.as_ref().map(|title| title.as_str()));
    if !document.aliases.is_empty() {
        text.texts("aliases", document.aliases.iter().map(|alias| alias.as_str()));
    }
    text.access("new_projects", document.new_projects);
}

fn role(text: &mut Text, title: &str, document: &RoleDocument) {
    text.table(title);
    text.text("name", document.name.as_str());
    text.rights("permissions", document.permissions);
}

fn issuer(text: &mut Text, document: &IssuerDocument) {
    text.table("[[issuers]]");
    text.text("name", document.name.as_str());
    text.text("url", document.url.as_str());
    text.text("kind", document.kind.as_str());
    if !document.audiences.is_empty() {
        text.texts("audiences", document.audiences.iter().map(|one| one.as_str()));
    }
    text.flag("private", document.private);
    if let Some(keys) = &document.jwks {
        text.inline("jwks", &Value::Object(keys.0.clone()));
    }
}

fn publisher(text: &mut Text, document: &PublisherDocument) {
    text.table("[[projects.publishers]]");
    text.text("name", document.name.as_str());
    text.text("issuer", document.issuer.as_str());
    text.maybe("application", document.application.as_ref().map(|name| name.as_str()));
    let claims = document.claims.0.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
    text.inline("claims", &Value::Object(claims.collect()));
    if let Some(on) = &document.on {
        text.texts("on", on.iter().map(|on| on.as_str()));
    }
    text.rights("permissions", document.permissions);
    if let Some(minutes) = document.minutes {
        let _ = writeln!(text.0, "minutes = {minutes}");
    }
    text.flag("direct", document.direct);
}

fn project(text: &mut Text, document: &ProjectDocument) {
    text.table("[[projects]]");
    text.text("key", document.key.as_str());
    text.maybe("title", document.title.as_ref().map(|title| title.as_str()));
    text.maybe("description", document.description.as_ref().map(|prose| prose.as_str()));
    text.access("access", document.access);
    document.roles.iter().for_each(|one| role(text, "[[projects.roles]]", one));
    document.repositories.iter().for_each(|one| repository(text, document.key.as_str(), one));
    document.publishers.iter().for_each(|one| publisher(text, one));
    document
        .webhooks
        .iter()
        .for_each(|one| webhook(text, "[[projects.webhooks]]", document.key.as_str(), one));
}

/// Its secret stays where it is. Elsewhere the webhook is a new one and needs one: the line for it is there as a remark.
fn webhook(text: &mut Text, title: &str, on: &str, document: &WebhookDocument) {
    text.table(title);
    text.text("name", document.name.as_str());
    text.text("url", document.url.as_str());
    text.texts("events", document.events.0.iter().map(|event| event.as_str()));
    if !document.active {
        text.line("active = false");
    }
    let owner = [on, document.name.as_str()].into_iter().filter(|part| !part.is_empty());
    let owner = owner.collect::<Vec<_>>().join("_");
    text.line(&format!("# secret_env = {}", quoted(&variable(&owner, "WEBHOOK", "SECRET"))));
}

fn repository(text: &mut Text, project: &str, document: &RepositoryDocument) {
    text.table("[[projects.repositories]]");
    text.text("name", document.name.as_str());
    text.text("format", document.format.as_str());
    text.maybe(
        "visibility",
        document.visibility.map(|visibility| match visibility {
            Visibility::Public => "public",
            Visibility::Private => "private",
        }),
    );
    text.maybe("description", document.description.as_ref().map(|prose| prose.as_str()));
    if let Some(policy) = &document.policy {
        text.inline("policy", policy);
    }
    let on = format!("{project}/{}", document.name.as_str());
    document.webhooks.iter().for_each(|one| webhook(text, "[[projects.repositories.webhooks]]", &on, one));
}

fn person(text: &mut Text, kind: &str, document: &PersonDocument) {
    text.table(&format!("[[{kind}]]"));
    text.text("username", document.username.as_str());
    text.maybe("title", document.title.as_ref().map(|title| title.as_str()));
    text.maybe("email", document.email.as_ref().map(|email| email.as_str()));
    text.flag("suspended", document.suspended == Some(true));
    document.tokens.iter().for_each(|one| token(text, (kind, document.username.as_str()), one));
}

fn application(text: &mut Text, document: &ApplicationDocument) {
    text.table("[[applications]]");
    text.text("name", document.name.as_str());
    text.maybe("title", document.title.as_ref().map(|title| title.as_str()));
    text.maybe("client_id", document.client_id.as_ref().map(|id| id.as_str()));
    if let Some(requested) = document.requested {
        text.rights("requested", requested);
    }
    if !document.authorised.is_empty() {
        text.texts("authorised", document.authorised.iter().map(|key| key.as_str()));
    }
    text.flag("suspended", document.suspended == Some(true));
    document.tokens.iter().for_each(|one| token(text, ("applications", document.name.as_str()), one));
}

fn token(text: &mut Text, (kind, owner): (&str, &str), document: &TokenDocument) {
    text.table(&format!("[[{kind}.tokens]]"));
    text.text("name", document.name.as_str());
    match (&document.id, &document.sha256) {
        (Some(id), Some(sha256)) => {
            text.text("id", id.as_str());
            text.text("sha256", sha256.as_str());
        }
        _ => text.text("secret_env", &variable(owner, document.name.as_str(), "TOKEN")),
    }
    if let Some(limits) = &document.limits {
        let limits: Vec<String> = limits.iter().map(limit).collect();
        let _ = writeln!(text.0, "limits = [{}]", limits.join(", "));
    }
    text.moment("not_before", document.not_before);
    text.expires(document.expires);
    if !document.cidrs.is_empty() {
        text.texts("cidrs", document.cidrs.iter().map(|one| one.as_str()));
    }
    text.flag("disabled", document.disabled);
}

fn limit(limit: &api::tokens::TokenLimit) -> String {
    let words: Vec<String> = limit.permissions.0.iter().map(|one| quoted(one.as_str())).collect();
    format!("{{ on = {}, permissions = [{}] }}", quoted(limit.on.as_str()), words.join(", "))
}

fn team(text: &mut Text, document: &TeamDocument) {
    text.table("[[teams]]");
    text.text("name", document.name.as_str());
    text.maybe("title", document.title.as_ref().map(|title| title.as_str()));
    text.texts("members", document.members.iter().map(|member| member.as_str()));
}

fn grant(text: &mut Text, document: &GrantDocument) {
    text.table("[[grants]]");
    text.text("to", document.to.as_str());
    text.text("on", document.on.as_str());
    text.maybe("role", document.role.as_ref().map(|role| role.as_str()));
    if let Some(permissions) = document.permissions {
        text.rights("permissions", permissions);
    }
    text.expires(document.expires);
}

/// The variable that is to hold a secret: `ALICE_LAPTOP_TOKEN`.
fn variable(owner: &str, name: &str, kind: &str) -> String {
    let upper = |text: &str| -> String {
        let letter =
            |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
        text.chars().map(letter).collect()
    };
    format!("{}_{}_{kind}", upper(owner), upper(name))
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A document of a policy as one value.
fn inline(value: &Value) -> String {
    match value {
        Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Value::Object(fields) => {
            let each = fields.iter().filter(|(_, value)| !value.is_null());
            let each: Vec<String> =
                each.map(|(key, value)| format!("{} = {}", bare(key), inline(value))).collect();
            format!("{{ {} }}", each.join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => quoted(text),
        other => other.to_string(),
    }
}

/// Keys of policies are words; whatever else is one is quoted.
fn bare(key: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    if !key.is_empty() && key.chars().all(plain) { key.to_owned() } else { quoted(key) }
}
