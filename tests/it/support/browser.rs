//! A browser, as far as the console needs one without a screen: it keeps cookies, follows nothing by itself, and fills in the forms of pages.

use std::collections::BTreeMap;

use http::header::SET_COOKIE;

use super::answer::Answer;
use super::{Actor, Ask, Server};

/// Somebody in front of it, or nobody.
pub(crate) struct Browser {
    actor: Actor,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    /// One that nobody logged in with.
    pub(crate) fn of_nobody(hub: &Server) -> Self {
        Self { actor: hub.stranger(), cookies: BTreeMap::new() }
    }

    /// Of somebody of the organisation who has a password.
    pub(crate) async fn of(hub: &Server, name: &str) -> Self {
        let login = hub.login(&format!("{name}/password"));
        let mut browser = Self::of_nobody(hub);
        let answer = browser.log_in(&login.name, &login.secret).await.is(303);
        assert_eq!(answer.must_have("location"), "/", "{name} is logged in");
        browser
    }

    /// Fills in the form of the log-in.
    pub(crate) async fn log_in(&mut self, name: &str, password: &str) -> Answer {
        self.fill("/-/login", &[("user", name), ("password", password)]).await
    }

    /// Opens a page.
    pub(crate) async fn open(&mut self, path: &str) -> Answer {
        self.ask(Ask::get(path).header("sec-fetch-site", "none").header("sec-fetch-mode", "navigate")).await
    }

    /// Opens a page that is there, and gives its text.
    pub(crate) async fn page(&mut self, path: &str) -> String {
        text(&self.open(path).await.is(200))
    }

    /// Opens the page of a form, and sends it with these fields besides those that it hides.
    pub(crate) async fn fill(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = text(&self.open(path).await.is(200));
        let hidden = hidden(&page);
        let given = |name: &str| fields.iter().any(|(field, _)| *field == name);
        let kept = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all: Vec<(&str, &str)> =
            kept.filter(|(name, _)| !given(name)).chain(fields.iter().copied()).collect();
        self.send(path, &all).await
    }

    /// Sends a form as a page of ours does, with just these fields.
    pub(crate) async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let origin = format!("http://{}", self.actor.address());
        let ask = Ask::post(path).form(fields).header("origin", &origin);
        self.ask(ask.header("sec-fetch-site", "same-origin")).await
    }

    /// Asks with the cookies that are kept, and keeps those of the answer.
    pub(crate) async fn ask(&mut self, ask: Ask) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let ask = if cookies.is_empty() { ask } else { ask.header("cookie", &cookies.join("; ")) };
        let answer = self.actor.send(ask).await;
        for cookie in answer.headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().expect("ASCII");
            let pair = cookie.split(';').next().and_then(|pair| pair.split_once('='));
            let (name, value) = pair.expect("a name and a value");
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// The value of a cookie that is kept.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }
}

/// The text of an answer.
pub(crate) fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.to_vec()).expect("UTF-8")
}

/// Names and values of the hidden fields of a page.
pub(crate) fn hidden(page: &str) -> Vec<(String, String)> {
    let inputs = page.split("<input type=\"hidden\" name=\"").skip(1);
    let field = |input: &str| {
        let (name, rest) = input.split_once('"')?;
        let value = rest.split_once("value=\"")?.1.split('"').next()?;
        Some((name.to_owned(), unescaped(value)))
    };
    inputs.filter_map(field).collect()
}

/// A value as it was before it stood between quotes.
pub(crate) fn unescaped(value: &str) -> String {
    let marks = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    marks.iter().fold(value.to_owned(), |text, (escaped, mark)| text.replace(escaped, mark))
}
