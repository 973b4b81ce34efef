//! Failures as pages, and as notes above the form that failed.

use api::{Code, Fault, Where};

use crate::door::Answer;
use crate::frame::Frame;
use crate::guide::spots::{self, Spot};
use crate::parts::{filled, filters};
use crate::visit::Visit;

/// What is absent, gone or forbidden: one page, the same bytes but for the number of the request.
#[derive(askama::Template)]
#[template(path = "nothing.html")]
struct NothingHere<'a> {
    f: &'a Frame,
    request: String,
}

/// Any other failure.
#[derive(askama::Template)]
#[template(path = "failed.html")]
struct Failed<'a> {
    f: &'a Frame,
    title: &'static str,
    words: String,
    detail: Option<String>,
    request: String,
    /// Where the guide says more.
    spot: Spot,
}

/// What was wrong with a form: for the note above it and the fields in it.
#[derive(Default)]
pub(crate) struct Wrong {
    pub(crate) title: &'static str,
    pub(crate) details: Vec<String>,
    /// Where the password is given once more, if that mends it.
    pub(crate) again: Option<String>,
    /// What stands there meanwhile, where somebody else was faster, in the language of the page.
    pub(crate) meanwhile: Vec<String>,
    clash: bool,
    fields: Vec<(String, String)>,
}

impl Wrong {
    /// Whether something was wrong at all.
    pub(crate) fn any(&self) -> bool {
        !self.title.is_empty()
    }

    /// What was wrong with a field.
    pub(crate) fn of(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|(name, _)| name == field).map(|(_, detail)| detail.as_str())
    }

    /// A note in these words.
    pub(crate) fn told(title: &'static str) -> Self {
        Self { title, ..Self::default() }
    }

    /// Says, where somebody else was faster, what stands there by now: what was typed would be set over it.
    pub(crate) fn and_now(mut self, visit: &Visit<'_>, there: &[&str]) -> Self {
        if self.clash {
            let t = &visit.t.directory;
            self.meanwhile = vec![filled(t.now, "what", &there.join(" · ")), t.clash.to_owned()];
        }
        self
    }

    /// A failure that the form is shown again with; others are pages of their own.
    ///
    /// # Errors
    /// The failure itself.
    pub(crate) fn with(visit: &Visit<'_>, fault: Fault) -> Result<Self, Fault> {
        let problem = fault.problem();
        let mendable = matches!(problem.code.status(), 400 | 409 | 412 | 422)
            || matches!(problem.code, Code::BeyondOwn | Code::NotFresh | Code::WiderThanToken);
        if !mendable {
            return Err(fault);
        }
        let title = visit.language.title(problem.code);
        let Fault::Fields(wrong) = &fault else {
            let again = (problem.code == Code::NotFresh).then(|| {
                let to =
                    form_urlencoded::Serializer::new(String::new()).append_pair("to", &visit.here()).finish();
                format!("/-/login?again=1&{to}")
            });
            let clash = problem.code == Code::PreconditionFailed;
            let details = if clash { Vec::new() } else { vec![problem.detail.into_owned()] };
            return Ok(Self { title, details, again, clash, ..Self::default() });
        };
        let fields = wrong.iter().map(|wrong| {
            let name = match &wrong.at {
                Where::Pointer(pointer) => {
                    pointer.trim_start_matches('/').split('/').next().unwrap_or_default()
                }
                Where::Parameter(name) => name,
            };
            (name.to_owned(), wrong.detail.clone().into_owned())
        });
        let details = wrong.iter().map(ToString::to_string).collect();
        Ok(Self { title, details, fields: fields.collect(), ..Self::default() })
    }
}

/// The page of a failure. Who is not logged in is asked to, whether or not there is anything.
pub(crate) fn page(visit: &Visit<'_>, fault: &Fault) -> Answer {
    let problem = fault.problem();
    let nothing =
        matches!(problem.code, Code::Absent | Code::Denied | Code::NoRoute | Code::NotAuthenticated);
    if nothing && visit.me.is_none() && visit.asked.form.is_none() {
        return to_log_in(visit);
    }
    let frame = Frame::of(visit);
    let request = visit.asked.request.to_string();
    if nothing {
        let status = if visit.me.is_some() { 403 } else { 401 };
        return Answer::page(status, rendered(&NothingHere { f: &frame, request }));
    }
    let t = &visit.t.faults;
    let status = problem.code.status();
    let (title, words, spot) = match status {
        _ if problem.code == Code::CrossSite => (t.not_ours_title, t.not_ours_why, spots::SESSIONS),
        500 | 501 => (t.failed_title, t.failed_why, spots::BREAKS),
        429 | 503 | 507 => (t.later_title, visit.language.title(problem.code), spots::LIMITS),
        _ => (t.refused_title, visit.language.title(problem.code), spots::WHY_NOT),
    };
    let words = words.to_owned();
    let detail = (status != 500 && problem.code != Code::CrossSite).then(|| problem.detail.to_string());
    let html = rendered(&Failed { f: &frame, title, words, detail, request, spot });
    Answer { retry_after_secs: problem.retry_after_secs, ..Answer::page(status, html) }
}

/// Where everybody may read everything there is, what is not there is not there, whoever asks.
pub(crate) fn no_such_page(visit: &Visit<'_>) -> Answer {
    let request = visit.asked.request.to_string();
    Answer::page(404, rendered(&NothingHere { f: &Frame::of(visit), request }))
}

/// To the log-in form, and back here afterwards.
pub(crate) fn to_log_in(visit: &Visit<'_>) -> Answer {
    let to = form_urlencoded::Serializer::new(String::new()).append_pair("to", &visit.here()).finish();
    Answer::see(format!("/-/login?{to}"))
}

/// Templates fail only if what they show does, and nothing here does.
pub(crate) fn rendered(page: &impl askama::Template) -> String {
    page.render().unwrap_or_default()
}
