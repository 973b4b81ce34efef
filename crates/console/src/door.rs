//! What comes in and what goes out, and what the console cannot do itself.

use std::sync::Arc;

use api::setup::{SetupDone, SetupWanted};
use api::{Api, Cx, Fault, SessionCookie};
use auth::Secret;
use domain::{BoxFuture, CallerGate, RequestId, WrittenNode};
use futures_util::stream::BoxStream;

use crate::look::{Language, Theme};

/// A request for a page.
pub struct Asked<'a> {
    /// The operations.
    pub api: &'a Arc<Api>,
    /// What they work with: the caller of the session, or nobody.
    pub cx: Cx,
    /// Whether something is sent, in place of being asked for.
    pub form: Option<&'a [u8]>,
    /// The path, percent-encoded as it came.
    pub path: &'a str,
    /// The query without `?`.
    pub query: &'a str,
    /// Cookies that are ours.
    pub cookies: Cookies<'a>,
    /// `Accept-Language`.
    pub languages: &'a str,
    /// `https://HOST`, as the client reaches this server.
    pub origin: &'a str,
    /// Whether the browser says that a page of ours asks.
    pub same_origin: bool,
    /// Whether people can log in at this address: there is TLS, or the machine itself asks.
    pub can_log_in: bool,
    /// In the log, and for people who ask about a refusal.
    pub request: RequestId,
    /// What is beyond operations.
    pub doors: &'a dyn Doors,
}

/// Cookies of a request.
#[derive(Default)]
pub struct Cookies<'a> {
    /// The secret of a session that goes on.
    pub session: Option<&'a Secret<String>>,
    /// What forms for people who are not logged in are bound to.
    pub form: Option<&'a str>,
    /// A log-in that a provider is to finish.
    pub log_in: Option<&'a str>,
    /// The look that was chosen.
    pub theme: Option<&'a str>,
    /// The language that was chosen.
    pub language: Option<&'a str>,
    /// Whether key shortcuts were switched off.
    pub keys: Option<&'a str>,
}

/// Rooms beside the operations.
pub trait Doors: Sync {
    /// Notes that an operation was refused, for log and audit.
    fn refused(&self, gate: &CallerGate, fault: &Fault, operation: &'static str, node: Option<&WrittenNode>);

    /// What the organisation is called.
    fn organisation(&self) -> String;

    /// Whether who is nobody is shown what is public.
    fn shows_landing(&self) -> bool;

    /// Whether there is no administrator yet, and somebody with the code from the terminal can become the first.
    fn needs_set_up(&self) -> bool;

    /// Makes the first administrator.
    fn set_up(&self, wanted: SetupWanted) -> BoxFuture<'_, Result<SetupDone, Fault>>;

    /// Lets somebody in by name and password, for this request alone: to set another password.
    fn by_password<'a>(
        &'a self,
        name: Secret<String>,
        password: Secret<String>,
    ) -> BoxFuture<'a, Result<Cx, Fault>>;
}

/// What the browser is told.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// What it shows.
    pub content: Content,
    /// Where it goes on: a path on this server.
    pub location: Option<String>,
    /// What it is told to keep.
    pub cookies: Vec<SetCookie>,
    /// When it may ask again, in seconds.
    pub retry_after_secs: Option<u64>,
}

/// What is shown.
#[derive(Debug)]
pub enum Content {
    /// Nothing.
    Nothing,
    /// A page.
    Html(String),
    /// A file that is made for who asks, and saved.
    File(Download),
    /// A file that is made while it is sent.
    Lines(Lines),
    /// A text for programs, the same to everybody.
    Text(String),
    /// A page that a browser may keep, and asks about before it shows it again: it tells nothing but its frame of who looks.
    Steady {
        /// The page.
        html: String,
        /// What its content is told apart by.
        hash: String,
    },
    /// A file of the console, whose address changes with its content.
    Asset(&'static crate::assets::Asset),
}

/// A file that is made for who asks.
#[derive(Debug)]
pub struct Download {
    /// What it is saved as: letters, digits, dots and hyphens.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub text: String,
}

/// A file that is made while it is sent: a piece of its text after another. What fails on the way ends it before its end.
pub struct Lines {
    /// What it is saved as: letters, digits, dots and hyphens.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its pieces.
    pub pieces: BoxStream<'static, Result<String, Fault>>,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a browser is told to keep.
#[derive(Debug)]
pub enum SetCookie {
    /// A session, or the end of one.
    Session(SessionCookie),
    /// What the form that was sent along is bound to.
    Form(String),
    /// A log-in that a provider is to finish, or that it is over.
    LogIn(Option<String>),
    /// The look.
    Theme(Theme),
    /// The language.
    Language(Language),
    /// Whether key shortcuts are on.
    Keys(bool),
}

impl Answer {
    /// A page.
    #[must_use]
    pub(crate) fn page(status: u16, html: String) -> Self {
        Self {
            status,
            content: Content::Html(html),
            location: None,
            cookies: Vec::new(),
            retry_after_secs: None,
        }
    }

    /// A file to save.
    #[must_use]
    pub(crate) fn file(file: Download) -> Self {
        Self { content: Content::File(file), ..Self::page(200, String::new()) }
    }

    /// A file to save that is made while it is sent.
    #[must_use]
    pub(crate) fn lines(lines: Lines) -> Self {
        Self { content: Content::Lines(lines), ..Self::page(200, String::new()) }
    }

    /// A page that changes with the program, and else only in its frame.
    #[must_use]
    pub(crate) fn steady(html: String) -> Self {
        let hash = crate::assets::hash(html.as_bytes());
        Self { content: Content::Steady { html, hash }, ..Self::page(200, String::new()) }
    }

    /// A text for programs.
    #[must_use]
    pub(crate) fn text(text: String) -> Self {
        Self { content: Content::Text(text), ..Self::page(200, String::new()) }
    }

    /// See there (303): the answer to every form that was taken.
    #[must_use]
    pub(crate) fn see(location: impl Into<String>) -> Self {
        let location = Some(location.into());
        Self { status: 303, content: Content::Nothing, location, cookies: Vec::new(), retry_after_secs: None }
    }

    /// The same address, written otherwise (308).
    #[must_use]
    pub(crate) fn moved(location: impl Into<String>) -> Self {
        Self { status: 308, ..Self::see(location) }
    }

    /// With this to keep.
    #[must_use]
    pub(crate) fn with(mut self, cookie: SetCookie) -> Self {
        self.cookies.push(cookie);
        self
    }
}
