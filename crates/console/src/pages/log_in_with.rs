//! `/-/login/with/{provider}` and `/-/login/back`: log-in by somebody else, and linking oneself to whom one is there (docs/guide/people.md).

use api::log_in::{self, Beginning, NoLogIn, Returned, Returning};
use api::{Code, Fault};
use auth::AuthError;

use crate::door::{Answer, SetCookie};
use crate::fault::rendered;
use crate::frame::Frame;
use crate::pages::Page;
use crate::pages::doors::{LogIn, Sent, sent};
use crate::parts::{filled, filters};
use crate::visit::{Visit, own_path};

/// Where providers send browsers back to.
const BACK: &str = "/-/login/back";

/// `/-/login/with/{provider}`: a form of the log-in, or of the profile of who is logged in.
pub(super) enum LogInWith {}

/// `/-/login/back`: where the provider sends the browser.
pub(super) enum LogInBack {}

/// Where the browser goes on to. A form of ours leads to no other host, by what our pages say of themselves (CSP `form-action`), so it is a
/// page in between that does.
#[derive(askama::Template)]
#[template(path = "going_on.html")]
struct GoingOnPage<'a> {
    f: &'a Frame,
    title: &'a str,
    location: &'a str,
}

/// Nothing came of it.
#[derive(askama::Template)]
#[template(path = "came_back.html")]
struct CameBackPage<'a> {
    f: &'a Frame,
    told: String,
    request: String,
    to: &'static str,
}

impl Page for LogInWith {
    const PATH: &'static str = "/-/login/with/{provider}";
    const SENDS: bool = true;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        if visit.asked.form.is_none() || !visit.asked.can_log_in {
            return Ok(Answer::see("/-/login"));
        }
        let form = match sent(visit)? {
            Sent::Believed(form) => form,
            Sent::Old(form) => {
                let told = visit.t.doors.form_old.to_owned();
                return LogIn::form(visit, Some(&form), Some(told), 400).await;
            }
        };
        let back = format!("{}{BACK}", visit.asked.origin);
        let beginning = Beginning {
            provider: visit.name(0),
            to: own_path(form.text("to")).unwrap_or("/"),
            again: form.ticked("again"),
            links: form.ticked("link"),
            back: &back,
        };
        match log_in::begin(&visit.asked.cx, beginning).await {
            Ok(begun) => {
                let (title, location) = (&*begun.title, &*begun.location);
                let page = GoingOnPage { f: &Frame::of(visit), title, location };
                Ok(Answer::page(200, rendered(&page)).with(SetCookie::LogIn(Some(begun.pending))))
            }
            Err(why) => came_to_nothing(visit, why, "log_in_with"),
        }
    }
}

impl Page for LogInBack {
    const PATH: &'static str = BACK;

    async fn serve(visit: &mut Visit<'_>) -> Result<Answer, Fault> {
        let kept = visit.asked.cookies.log_in;
        if !visit.asked.can_log_in || (kept.is_none() && visit.given("state").is_none()) {
            return Ok(Answer::see("/-/login"));
        }
        let back = format!("{}{BACK}", visit.asked.origin);
        let returned = Returned {
            state: visit.given("state"),
            code: visit.given("code"),
            issuer: visit.given("iss"),
            error: visit.given("error"),
        };
        let answer = match log_in::come_back(&visit.asked.cx, kept, returned, &back).await {
            Ok(Returning::In(session, to)) => {
                let to = own_path(&to).unwrap_or("/").to_owned();
                Answer::see(to).with(SetCookie::Session(session))
            }
            Ok(Returning::Linked) => Answer::see("/-/me?done=linked"),
            Err(why) => came_to_nothing(visit, why, "log_in_back")?,
        };
        // Whatever came of it, it is over: only who had nothing of ours keeps nothing.
        Ok(if kept.is_some() { answer.with(SetCookie::LogIn(None)) } else { answer })
    }
}

/// One message for every failure but two: who is vouched for and linked to nobody learns that, and who tries too often, when to come again.
fn came_to_nothing(visit: &Visit<'_>, why: NoLogIn, operation: &'static str) -> Result<Answer, Fault> {
    let t = &visit.t.log_ins;
    let (told, status, retry_after_secs) = match why {
        NoLogIn::NotLinked => (t.not_linked.to_owned(), 403, None),
        NoLogIn::Failed => (t.failed.to_owned(), 401, None),
        NoLogIn::Throttled { retry_after_secs } => {
            let told = filled(visit.t.doors.throttled, "secs", &retry_after_secs.to_string());
            (told, 429, Some(retry_after_secs))
        }
        NoLogIn::Fault(fault) if fault.code() == Code::NotFresh => {
            let to = form_urlencoded::Serializer::new(String::new()).append_pair("to", "/-/me").finish();
            return Ok(Answer::see(format!("/-/login?again=1&{to}")));
        }
        NoLogIn::Fault(fault) => return Err(fault),
    };
    let fault = Fault::Auth(AuthError::Invalid { bearer: false });
    visit.asked.doors.refused(&visit.asked.cx.gate, &fault, operation, None);
    let request = visit.asked.request.to_string();
    let to = if visit.me.is_some() { "/-/me" } else { "/-/login" };
    // What stands in the address is over: nobody is led back to it.
    let f = &Frame { here: to.to_owned(), ..Frame::of(visit) };
    let page = CameBackPage { f, told, request, to };
    Ok(Answer { retry_after_secs, ..Answer::page(status, rendered(&page)) })
}
