//! Log-in, log-out, the first set-up, a password that must be changed, invitations: rooms of their own, whose forms hold credentials.

use api::invitations::Redeem;
use api::log_in::{WayIn, ways_in};
use api::passwords::ChangePassword;
use api::sessions::{SignIn, SignOut};
use api::setup::SetupWanted;
use api::{Code, Fault};
use auth::Secret;
use serde_json::json;

use crate::caller::{Caller, Terms};
use crate::door::{Answer, SetCookie};
use crate::fault::{Wrong, rendered};
use crate::form::Form;
use crate::frame::Frame;
use crate::pages::Page;
use crate::parts::{filled, filters};
use crate::visit::{Visit, own_path};

/// `/-/login`
pub(super) enum LogIn {}

/// `/-/logout`
pub(super) enum LogOut {}

/// `/-/setup`
pub(super) enum SetUp {}

/// `/-/password`: for who was given one that is good for nothing else.
pub(super) enum Password {}

/// `/-/invitation`
pub(super) enum Invitation {}

#[derive(askama::Template)]
#[template(path = "login.html")]
struct LogInPage<'a> {
    f: &'a Frame,
    to: &'a str,
    user: &'a str,
    told: Option<String>,
    ways: Vec<WayIn>,
    /// Whether who is logged in proves anew who they are.
    again: bool,
}

#[derive(askama::Template)]
#[template(path = "password.html")]
struct PasswordPage<'a> {
    f: &'a Frame,
    to: &'a str,
    user: &'a str,
    wrong: Wrong,
}

#[derive(askama::Template)]
#[template(path = "invitation.html")]
struct InvitationPage<'a> {
    f: &'a Frame,
    code: &'a str,
    wrong: Wrong,
}

#[derive(askama::Template)]
#[template(path = "set_up.html")]
struct SetUpPage<'a> {
    f: &'a Frame,
    code: &'a str,
    user: &'a str,
    project: &'a str,
    wrong: Wrong,
}

#[derive(askama::Template)]
#[template(path = "set_up_done.html")]
struct SetUpDonePage<'a> {
    f: &'a Frame,
    secret: &'a str,
    to: &'a str,
}

/// What a door's form held, or that it was too old to be believed; then it is shown again, with what stands in it.
pub(super) enum Sent<'a> {
    Believed(Form<'a>),
    Old(Form<'a>),
}

/// The form of a door. Its cookie may be gone, for instance because it was open for days: whoever filled it in does so once more.
pub(super) fn sent<'a>(visit: &mut Visit<'a>) -> Result<Sent<'a>, Fault> {
    match visit.form() {
        Ok(form) => Ok(Sent::Believed(form)),
        Err(fault) if fault.code() == Code::CrossSite => {
            let form = visit.sent()?;
            visit.open_door();
            Ok(Sent::Old(form))
        }
        Err(fault) => Err(fault),
    }
}

impl LogIn {
    /// The form, with the providers that one can log in by before it.
    pub(super) async fn form(
        visit: &mut Visit<'_>,
        form: Option<&Form<'_>>,
        told: Option<String>,
        status: u16,
    ) -> Result<Answer, Fault> {
        visit.open_door();
        let ways = ways_in(&visit.asked.cx).await?;
        let (to, user) = match form {
            Some(form) => (form.text("to"), form.text("user")),
            None => (visit.given("to").unwrap_or_default(), ""),
        };
        let (to, again) = (own_path(to).unwrap_or("/"), visit.me.is_some());
        let page = LogInPage { f: &Frame::of(visit), to, user, told, ways, again };
        Ok(visit.at_door(Answer::page(status, rendered(&page))))
    }
}

impl Page for LogIn {
    const PATH: &'static str = "/-/login";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.doors.needs_set_up() {
            return Ok(Answer::see("/-/setup"));
        }
        if visit.asked.form.is_none() || !visit.asked.can_log_in {
            if visit.me.is_some() && visit.given("again").is_none() {
                return Ok(Answer::see(visit.given("to").and_then(own_path).unwrap_or("/")));
            }
            return Self::form(visit, None, None, 200).await;
        }
        let form = match sent(visit)? {
            Sent::Believed(form) => form,
            Sent::Old(form) => {
                let told = visit.t.doors.form_old.to_owned();
                return Self::form(visit, Some(&form), Some(told), 400).await;
            }
        };
        let to = own_path(form.text("to")).unwrap_or("/");
        let document = json!({ "name": form.text("user"), "password": form.text("password") });
        let begun = match visit.change::<SignIn>(&[], &document, Terms::default()).await {
            Ok(begun) => begun,
            Err(fault) => return Self::failed(visit, &form, fault).await,
        };
        let cookie = begun.cookie.map(SetCookie::Session);
        Ok(Answer { cookies: cookie.into_iter().collect(), ..Answer::see(to) })
    }
}

impl LogIn {
    /// One message for every failure of name and password.
    async fn failed(visit: &mut Visit<'_>, form: &Form<'_>, fault: Fault) -> Result<Answer, Fault> {
        let problem = fault.problem();
        let t = &visit.t.doors;
        let (told, status) = match problem.code {
            Code::MustChangePassword => {
                let pairs = [("user", form.text("user")), ("to", form.text("to"))];
                let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
                return Ok(Answer::see(format!("/-/password?{query}")));
            }
            Code::BadCredentials | Code::Malformed | Code::Invalid => (t.wrong.to_owned(), 401),
            Code::Throttled | Code::Busy => {
                let secs = problem.retry_after_secs.unwrap_or(1).to_string();
                (filled(t.throttled, "secs", &secs), 429)
            }
            _ => return Err(fault),
        };
        let retry_after_secs = problem.retry_after_secs;
        Ok(Answer { retry_after_secs, ..Self::form(visit, Some(form), Some(told), status).await? })
    }
}

impl Page for LogOut {
    const PATH: &'static str = "/-/logout";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() || visit.me.is_none() {
            return Ok(Answer::see("/"));
        }
        visit.form()?;
        let ended = visit.change::<SignOut>(&[], &json!(null), Terms::default()).await?;
        let cookie = ended.cookie.map(SetCookie::Session);
        Ok(Answer { cookies: cookie.into_iter().collect(), ..Answer::see("/-/login?done=out") })
    }
}

impl Password {
    fn form(visit: &mut Visit<'_>, form: Option<&Form<'_>>, wrong: Wrong) -> Answer {
        visit.open_door();
        let (to, user) = match form {
            Some(form) => (form.text("to"), form.text("user")),
            None => (visit.given("to").unwrap_or_default(), visit.given("user").unwrap_or_default()),
        };
        let status = if wrong.any() { 400 } else { 200 };
        let page = PasswordPage { f: &Frame::of(visit), to: own_path(to).unwrap_or("/"), user, wrong };
        visit.at_door(Answer::page(status, rendered(&page)))
    }
}

impl Page for Password {
    const PATH: &'static str = "/-/password";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if !visit.asked.can_log_in {
            return Ok(Answer::see("/-/login"));
        }
        if visit.asked.form.is_none() {
            return Ok(Self::form(visit, None, Wrong::default()));
        }
        let form = match sent(visit)? {
            Sent::Believed(form) => form,
            Sent::Old(form) => {
                let wrong = Wrong::told(visit.t.doors.form_old);
                return Ok(Self::form(visit, Some(&form), wrong));
            }
        };
        let secret = |field| Secret::new(form.text(field).to_owned());
        let changed = match visit.asked.doors.by_password(secret("user"), secret("password")).await {
            Ok(cx) => {
                let caller = Caller { api: visit.asked.api, cx, doors: visit.asked.doors };
                let document = json!({ "current": form.text("password"), "new": form.text("new") });
                caller.told::<ChangePassword>(&[], &[], &document, Terms::default()).await.map(drop)
            }
            Err(fault) => Err(fault),
        };
        match changed {
            Ok(()) => {
                let to = form_urlencoded::Serializer::new(String::new())
                    .append_pair("to", form.text("to"))
                    .finish();
                Ok(Answer::see(format!("/-/login?done=password&{to}")))
            }
            Err(fault) if fault.code() == Code::BadCredentials => {
                let wrong = Wrong::told(visit.t.doors.wrong);
                Ok(Self::form(visit, Some(&form), wrong))
            }
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Ok(Self::form(visit, Some(&form), wrong))
            }
        }
    }
}

impl Invitation {
    fn form(visit: &mut Visit<'_>, code: &str, wrong: Wrong) -> Answer {
        visit.open_door();
        let status = if wrong.any() { 400 } else { 200 };
        let page = InvitationPage { f: &Frame::of(visit), code, wrong };
        visit.at_door(Answer::page(status, rendered(&page)))
    }
}

impl Page for Invitation {
    const PATH: &'static str = "/-/invitation";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if !visit.asked.can_log_in {
            return Ok(Answer::see("/-/login"));
        }
        if visit.asked.form.is_none() {
            return Ok(Self::form(visit, "", Wrong::default()));
        }
        let form = match sent(visit)? {
            Sent::Believed(form) => form,
            Sent::Old(form) => {
                let wrong = Wrong::told(visit.t.doors.form_old);
                return Ok(Self::form(visit, form.text("code"), wrong));
            }
        };
        let code = form.text("code").trim();
        let document = json!({ "code": code, "password": form.text("new") });
        match visit.change::<Redeem>(&[], &document, Terms::default()).await {
            Ok(_) => Ok(Answer::see("/-/login?done=invitation")),
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                Ok(Self::form(visit, code, wrong))
            }
        }
    }
}

impl SetUp {
    fn form(visit: &mut Visit<'_>, form: Option<&Form<'_>>, wrong: Wrong) -> Answer {
        visit.open_door();
        let text = |name| form.map_or("", |form| form.text(name));
        let status = if wrong.any() { 400 } else { 200 };
        let project = form.map_or("main", |form| form.text("project"));
        let page = SetUpPage { f: &Frame::of(visit), code: text("code"), user: text("user"), project, wrong };
        visit.at_door(Answer::page(status, rendered(&page)))
    }
}

impl Page for SetUp {
    const PATH: &'static str = "/-/setup";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if !visit.asked.doors.needs_set_up() || !visit.asked.can_log_in {
            return Ok(Answer::see("/-/login"));
        }
        if visit.asked.form.is_none() {
            return Ok(Self::form(visit, None, Wrong::default()));
        }
        let form = match sent(visit)? {
            Sent::Believed(form) => form,
            Sent::Old(form) => {
                let wrong = Wrong::told(visit.t.doors.form_old);
                return Ok(Self::form(visit, Some(&form), wrong));
            }
        };
        let wanted = json!({
            "code": form.text("code").trim(),
            "username": form.text("user").trim(),
            "password": form.text("password"),
            "project": form.text("project").trim(),
        });
        let wanted: Result<SetupWanted, Fault> = api::read(wanted.to_string().as_bytes());
        let done = match wanted {
            Ok(wanted) => visit.asked.doors.set_up(wanted).await,
            Err(fault) => Err(fault),
        };
        let done = match done {
            Ok(done) => done,
            Err(fault) if fault.code() == Code::Denied => {
                let wrong = Wrong::told(visit.t.doors.wrong_code);
                return Ok(Self::form(visit, Some(&form), wrong));
            }
            Err(fault) => {
                let wrong = Wrong::with(visit, fault)?;
                return Ok(Self::form(visit, Some(&form), wrong));
            }
        };
        let document = json!({ "name": done.username, "password": form.text("password") });
        let begun = visit.change::<SignIn>(&[], &document, Terms::default()).await;
        let cookie = begun.ok().and_then(|begun| begun.cookie).map(SetCookie::Session);
        let to = format!("/p/{}", done.project);
        let page = SetUpDonePage { f: &Frame::of(visit), secret: &done.token, to: &to };
        let answer = Answer::page(200, rendered(&page));
        Ok(Answer { cookies: cookie.into_iter().collect(), ..answer })
    }
}
