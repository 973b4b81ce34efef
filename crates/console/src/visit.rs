//! One request for a page, on its way through the console.

use std::borrow::Cow;
use std::sync::OnceLock;

use api::me::{Me, ShowMe};
use api::{Code, Endpoint, Fault};
use domain::{Permission, Permissions, Timestamp};
use serde_json::Value;

use crate::caller::{Caller, Query, Terms, Told};
use crate::door::{Answer, Asked, SetCookie};
use crate::form::{self, Form};
use crate::look::{Language, Theme};
use crate::reference::Reference;
use crate::room::Room;
use crate::texts::Texts;

/// Somebody who looks at a page or sends one of its forms.
pub(crate) struct Visit<'a> {
    pub(crate) asked: &'a Asked<'a>,
    pub(crate) caller: Caller<'a>,
    /// Who it is, if they are logged in.
    pub(crate) me: Option<Me>,
    /// What they may do on the organisation.
    held: Permissions,
    pub(crate) language: Language,
    pub(crate) theme: Theme,
    pub(crate) keys: bool,
    pub(crate) t: &'static Texts,
    /// Names in the path, decoded.
    pub(crate) names: Vec<Cow<'a, str>>,
    /// Parameters of the query.
    query: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    reference: &'a OnceLock<Reference>,
    /// What the forms of somebody who is not logged in are bound to, if it was made for this answer.
    fresh_form: Option<String>,
    /// Most rows of a list, and the share of its usual length that everything else of others may have.
    rows_max: usize,
}

/// Most rows of a list in a page, and fewest that are tried when the rows are long.
const ROWS_MAX: usize = 50;
const ROWS_MIN: usize = 3;
/// Bytes of HTML for each of these that a page has for texts which somebody pushed.
const ROOM_BYTES_PER_ROW: usize = 600;

impl<'a> Visit<'a> {
    /// Whoever asks, at a page with these names in its address.
    ///
    /// # Errors
    /// As `GET /me` answers.
    pub(crate) async fn new(
        asked: &'a Asked<'a>,
        reference: &'a OnceLock<Reference>,
        names: Vec<Cow<'a, str>>,
    ) -> Result<Self, Fault> {
        let caller = Caller { api: asked.api, cx: asked.cx.clone(), doors: asked.doors };
        let me = match asked.cookies.session {
            Some(_) => Some(caller.read::<ShowMe>(&[], &[]).await?),
            None => None,
        };
        let held = me.as_ref().map_or(Permissions::NONE, |me| me.rights_on_organisation.0);
        let cookies = &asked.cookies;
        let language = cookies.language.and_then(Language::parse);
        let language = language.unwrap_or_else(|| Language::accepted(asked.languages));
        Ok(Self {
            caller,
            me,
            held,
            language,
            theme: cookies.theme.and_then(Theme::parse).unwrap_or_default(),
            keys: cookies.keys != Some("off"),
            t: language.texts(),
            names,
            query: form_urlencoded::parse(asked.query.as_bytes()).collect(),
            reference,
            fresh_form: None,
            rows_max: ROWS_MAX,
            asked,
        })
    }

    /// A name in the path; empty beyond them.
    pub(crate) fn name(&self, index: usize) -> &str {
        self.names.get(index).map_or("", |name| name)
    }

    /// What is said of the operations.
    pub(crate) fn reference(&self) -> &'a Reference {
        self.reference.get_or_init(|| Reference::of(self.asked.api))
    }

    /// A parameter of the query that says something.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        let value = self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim());
        value.filter(|value| !value.is_empty())
    }

    /// All values of a parameter of the query that may be there several times.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_ref()).collect()
    }

    /// As [`Caller::read`]; of a list no more than this page has room for.
    pub(crate) async fn read<E: Endpoint>(
        &self,
        names: &[&str],
        query: Query<'_>,
    ) -> Result<E::Answer, Fault> {
        if self.rows_max == ROWS_MAX {
            return self.caller.read::<E>(names, query).await;
        }
        let fewer = |wanted: &str| wanted.parse().unwrap_or(ROWS_MAX).min(self.rows_max).to_string();
        let query: Vec<(&str, Cow<'_, str>)> = query
            .iter()
            .map(|(name, value)| (*name, if *name == "limit" { fewer(value).into() } else { value.clone() }))
            .collect();
        self.caller.read::<E>(names, &query).await
    }

    /// Has half as much in the page, because it became too long; false if it has little already.
    pub(crate) const fn shorten(&mut self) -> bool {
        let can = self.rows_max / 2 >= ROWS_MIN;
        if can {
            self.rows_max /= 2;
        }
        can
    }

    /// What this page has room for of texts that somebody pushed.
    pub(crate) const fn room(&self) -> Room {
        Room::new(self.rows_max * ROOM_BYTES_PER_ROW)
    }

    /// Reads what can be changed, with what the change is conditional on.
    pub(crate) async fn show<E: Endpoint>(
        &self,
        names: &[&str],
        query: Query<'_>,
    ) -> Result<Told<E::Answer>, Fault> {
        self.caller.told::<E>(names, query, &Value::Null, Terms::default()).await
    }

    /// Takes something away by a form of ours.
    pub(crate) async fn remove<E: Endpoint>(
        &self,
        names: &[&str],
        query: Query<'_>,
    ) -> Result<Told<E::Answer>, Fault> {
        self.caller.told::<E>(names, query, &Value::Null, Terms::default()).await
    }

    /// Changes something by a form of ours.
    pub(crate) async fn change<E: Endpoint>(
        &self,
        names: &[&str],
        document: &Value,
        terms: Terms<'_>,
    ) -> Result<Told<E::Answer>, Fault> {
        self.caller.told::<E>(names, &[], document, terms).await
    }

    /// The form that was sent, if it is one of ours.
    ///
    /// # Errors
    /// `CrossSite` if it is not; `Malformed`.
    pub(crate) fn form(&self) -> Result<Form<'a>, Fault> {
        let form = self.sent()?;
        let bound = match (self.asked.cookies.session, self.asked.cookies.form) {
            (Some(session), _) => Some(form::token(session)),
            (None, Some(cookie)) => Some(form::token_of_door(cookie)),
            (None, None) => None,
        };
        match bound {
            Some(token) if form::is_ours(&form, &token) => Ok(form),
            Some(_) | None => Err(not_ours()),
        }
    }

    /// What was sent by a page of ours, whether or not it knows the secret of a form: for what concerns this browser alone.
    ///
    /// # Errors
    /// `CrossSite` if another site sent it; `Malformed`.
    pub(crate) fn sent(&self) -> Result<Form<'a>, Fault> {
        if !self.asked.same_origin {
            return Err(not_ours());
        }
        Form::read(self.asked.form.unwrap_or_default())
    }

    /// Sees to it that the forms of this answer can be sent by somebody who is not logged in.
    pub(crate) fn open_door(&mut self) {
        if self.asked.cookies.session.is_none() && self.asked.cookies.form.is_none() {
            self.fresh_form = Some(auth::generate(auth::TokenKind::Session).text.expose().clone());
        }
    }

    /// The answer with what the browser has to keep for its forms.
    pub(crate) fn at_door(&self, answer: Answer) -> Answer {
        match &self.fresh_form {
            Some(fresh) => answer.with(SetCookie::Form(fresh.clone())),
            None => answer,
        }
    }

    /// What forms are sent with.
    pub(crate) fn token(&self) -> String {
        let cookies = &self.asked.cookies;
        match (cookies.session, self.fresh_form.as_deref().or(cookies.form)) {
            (Some(session), _) => form::token(session),
            (None, Some(cookie)) => form::token_of_door(cookie),
            (None, None) => String::new(),
        }
    }

    /// This address with its query, without what was done before.
    pub(crate) fn here(&self) -> String {
        self.here_without("done")
    }

    /// This address without a parameter of its query.
    pub(crate) fn here_without(&self, name: &str) -> String {
        let kept = self.query.iter().filter(|(key, _)| key != "done" && key != name);
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
        if query.is_empty() { self.asked.path.to_owned() } else { format!("{}?{query}", self.asked.path) }
    }

    /// This address with another parameter in its query.
    pub(crate) fn here_with(&self, name: &str, value: &str) -> String {
        let kept = self.query.iter().filter(|(key, _)| key != "done" && key != name);
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .append_pair(name, value)
            .finish();
        format!("{}?{query}", self.asked.path)
    }

    /// What was done just now, as the address says: one of the words we know, never a text of somebody else's.
    pub(crate) fn notice(&self) -> Option<&'static str> {
        let t = self.t;
        match self.given("done")? {
            "project" => Some(t.projects.made),
            "repository" => Some(t.projects.repository_made),
            "saved" => Some(t.projects.saved),
            "participants" => Some(t.participants.added),
            "participant-gone" => Some(t.participants.removed),
            "roles" => Some(t.roles.saved),
            "role" => Some(t.roles.made),
            "role-gone" => Some(t.roles.deleted),
            "project-gone" => Some(t.settings.project_gone),
            "repository-gone" => Some(t.settings.repository_gone),
            "granted" => Some(t.grants.given),
            "removed-grant" => Some(t.grants.taken),
            "revoked" => Some(t.tokens.revoked),
            "ended" => Some(t.tokens.ended),
            "linked" => Some(t.log_ins.linked),
            "out" => Some(t.doors.logged_out),
            "password" => Some(t.doors.password_done),
            "invitation" => Some(t.doors.invitation_done),
            "version" => Some(t.versions.done_changed),
            "unlisted" => Some(t.versions.done_unlisted),
            "deleted" => Some(t.versions.done_deleted),
            "versions-gone" => Some(t.packages.versions_gone),
            "versions-unlisted" => Some(t.packages.versions_unlisted),
            other => t.directory.notice(other),
        }
    }

    /// Whether who looks has this right on the organisation; of who is nobody, nobody does.
    pub(crate) fn may_here(&self, permission: Permission) -> bool {
        self.held.contains(permission)
    }

    /// What who looks logs in to clients as; `None` for nobody.
    pub(crate) fn user_name(&self) -> Option<&str> {
        let reference = self.me.as_ref()?.reference.as_deref()?;
        Some(reference.split_once(':').map_or(reference, |(_, name)| name))
    }

    /// Refuses who is nobody.
    ///
    /// # Errors
    /// `NotAuthenticated`.
    pub(crate) fn insist_on_somebody(&self) -> Result<(), Fault> {
        if self.me.is_some() {
            return Ok(());
        }
        Err(Fault::Told(Code::NotAuthenticated, "log in".into()))
    }

    /// Refuses a form whose operation on the organisation would be refused.
    ///
    /// # Errors
    /// As [`Self::insist`].
    pub(crate) fn insist_here(&self, permission: Permission) -> Result<(), Fault> {
        self.insist(self.held, permission)
    }

    /// Refuses a form whose operation would be refused, to who holds these where it would be done.
    ///
    /// # Errors
    /// `NotAuthenticated`, `Denied`.
    pub(crate) fn insist(&self, held: Permissions, permission: Permission) -> Result<(), Fault> {
        self.insist_on_somebody()?;
        if held.contains(permission) {
            return Ok(());
        }
        Err(Fault::Told(Code::Denied, "it does not exist, or you may not do this there".into()))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.asked.cx.identities.clock.now()
    }
}

/// Where a form may lead: a path of this server, nothing else.
pub(crate) fn own_path(text: &str) -> Option<&str> {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (plain && text.starts_with('/') && !text.starts_with("//")).then_some(text)
}

fn not_ours() -> Fault {
    Fault::Told(Code::CrossSite, "the form is not one of ours, or not of this session".into())
}
