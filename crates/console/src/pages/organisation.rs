//! `/-/organisation`: what holds for everybody.

use api::issuers::{Issuer, ListIssuers};
use api::login_providers::{ListLoginProviders, LoginProvider};
use api::organisation::{Organisation as Shown, OrganisationShown, PutOrganisation, ShowOrganisation};
use api::projects::Access;
use api::{Fault, Patch};
use domain::Permission;
use serde_json::{Value, json};

use crate::caller::Terms;
use crate::door::Answer;
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::{Frame, Tab};
use crate::pages::Page;
use crate::pages::issuers::kind;
use crate::pages::lists::{self, Pager};
use crate::pages::people::lines;
use crate::parts::filters;
use crate::visit::Visit;

/// `/-/organisation`
pub(super) enum Organisation {}

/// The fields of the form, as texts.
struct Written {
    name: String,
    title: String,
    aliases: String,
    internal: bool,
    members_make_projects: bool,
    password_log_in: bool,
    password_on_packages: bool,
    strict_user_names: bool,
    public_landing: bool,
    password_chars_min: String,
    token_days_max: String,
    idle_secs: String,
    total_secs: String,
    admin_days: String,
    transfer_days: String,
    denial_days: String,
}

#[derive(askama::Template)]
#[template(path = "organisation.html")]
struct OrganisationPage<'a> {
    f: &'a Frame,
    tabs: Vec<Tab>,
    etag: &'a str,
    w: Written,
    issuers: Vec<Issuer>,
    providers: Vec<LoginProvider>,
    wrong: Wrong,
    pager: Pager,
}

impl Organisation {
    async fn show(visit: &Visit<'_>, form: Option<&Form<'_>>, wrong: Wrong) -> Result<Answer, Fault> {
        visit.insist_here(Permission::OrganisationManage)?;
        let told = visit.show::<ShowOrganisation>(&[], &[]).await?;
        let OrganisationShown::Whole(there) = &told.answer else {
            return Err(Fault::Told(api::Code::Denied, "you may not see this".into()));
        };
        let there = Written::of(there);
        let issuers = visit.read::<ListIssuers>(&[], &lists::asked(visit, &[])).await?;
        // Few enough for one page.
        let providers = visit.read::<ListLoginProviders>(&[], &[]).await?;
        let page = OrganisationPage {
            f: &Frame::of(visit),
            tabs: lists::directory_tabs(visit),
            etag: &told.etag,
            wrong: wrong.and_now(visit, &there.texts()),
            w: form.map_or(there, Written::typed),
            issuers: issuers.items,
            providers: providers.items,
            pager: Pager::of(visit, issuers.next.as_ref()),
        };
        let status = if page.wrong.any() { 400 } else { 200 };
        Ok(Answer::page(status, rendered(&page)))
    }
}

impl Page for Organisation {
    const PATH: &'static str = "/-/organisation";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() {
            return Self::show(visit, None, Wrong::default()).await;
        }
        let form = visit.form()?;
        let terms = Terms { if_match: form.given("etag"), ..Terms::default() };
        let document = Written::typed(&form).document();
        match visit.change::<Patch<PutOrganisation>>(&[], &document, terms).await {
            Ok(_) => Ok(Answer::see("/-/organisation?done=saved")),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Self::show(visit, Some(&form), wrong).await
            }
        }
    }
}

impl Written {
    fn of(there: &Shown) -> Self {
        Self {
            name: there.name.clone(),
            title: there.title.clone(),
            aliases: there.aliases.join("\n"),
            internal: there.new_projects == Access::Internal,
            members_make_projects: there.members_make_projects,
            password_log_in: there.password_log_in,
            password_on_packages: there.password_on_packages,
            strict_user_names: there.strict_user_names,
            public_landing: there.public_landing,
            password_chars_min: there.password_chars_min.to_string(),
            token_days_max: there.token_days_max.map(|days| days.to_string()).unwrap_or_default(),
            idle_secs: there.session.idle_secs.to_string(),
            total_secs: there.session.total_secs.to_string(),
            admin_days: there.audit.admin_days.to_string(),
            transfer_days: there.audit.transfer_days.to_string(),
            denial_days: there.audit.denial_days.to_string(),
        }
    }

    fn typed(form: &Form<'_>) -> Self {
        let text = |name| form.text(name).trim().to_owned();
        Self {
            name: text("name"),
            title: text("title"),
            aliases: text("aliases"),
            internal: form.text("new_projects") == "internal",
            members_make_projects: form.ticked("members_make_projects"),
            password_log_in: form.ticked("password_log_in"),
            password_on_packages: form.ticked("password_on_packages"),
            strict_user_names: form.ticked("strict_user_names"),
            public_landing: form.ticked("public_landing"),
            password_chars_min: text("password_chars_min"),
            token_days_max: text("token_days_max"),
            idle_secs: text("idle_secs"),
            total_secs: text("total_secs"),
            admin_days: text("admin_days"),
            transfer_days: text("transfer_days"),
            denial_days: text("denial_days"),
        }
    }

    /// The document that is meant: what is empty is the default.
    fn document(&self) -> Value {
        json!({
            "name": self.name,
            "title": Some(&self.title).filter(|title| !title.is_empty()),
            "aliases": lines(&self.aliases),
            "new_projects": if self.internal { "internal" } else { "closed" },
            "members_make_projects": self.members_make_projects,
            "password_log_in": self.password_log_in,
            "password_on_packages": self.password_on_packages,
            "strict_user_names": self.strict_user_names,
            "public_landing": self.public_landing,
            "password_chars_min": number(&self.password_chars_min),
            "token_days_max": number(&self.token_days_max),
            "session": { "idle_secs": number(&self.idle_secs), "total_secs": number(&self.total_secs) },
            "audit": {
                "admin_days": number(&self.admin_days),
                "transfer_days": number(&self.transfer_days),
                "denial_days": number(&self.denial_days),
            },
        })
    }

    /// What there is, for who would set something over it.
    fn texts(&self) -> [&str; 5] {
        [&self.name, &self.title, &self.aliases, &self.password_chars_min, &self.token_days_max]
    }
}

/// A number of a form; what is none stays as it is, and the operation says what is wrong with it.
pub(super) fn number(text: &str) -> Value {
    match text {
        "" => Value::Null,
        text => text.parse::<u64>().map_or_else(|_| Value::from(text), Value::from),
    }
}
