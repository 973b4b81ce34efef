//! Somebody at the gateway: a person, an application or nobody, with the clients they use.

use std::net::{IpAddr, SocketAddr};

use super::answer::Answer;
use super::client::{Client, Dialect, basic};
use super::http::{Ask, Failure, Http};
use super::organisation::Login;

/// Who speaks, and the connection they keep open.
pub(crate) struct Actor {
    pub(crate) login: Option<Login>,
    http: Http,
}

impl Actor {
    pub(crate) fn new(address: SocketAddr, login: Option<Login>) -> Self {
        Self { login, http: Http::new(address) }
    }

    /// The same at another of this machine's addresses.
    pub(crate) fn bound_to(mut self, source: IpAddr) -> Self {
        self.http = self.http.bound_to(Some(source));
        self
    }

    /// The same without credentials, over a connection of its own.
    pub(crate) fn logged_out(&self) -> Self {
        Self { login: None, http: Http::new(self.http.address()).bound_to(self.http.source()) }
    }

    /// A client that this actor has just started.
    pub(crate) fn client(&self, dialect: Dialect) -> Client {
        let http = Http::new(self.http.address()).bound_to(self.http.source());
        Client::new(http, self.login.clone(), dialect)
    }

    pub(crate) fn docker(&self) -> Client {
        self.client(Dialect::Docker)
    }

    /// Sends a request with Basic credentials, if this is somebody.
    pub(crate) async fn send(&self, ask: Ask) -> Answer {
        self.http.send(self.signed(ask)).await
    }

    /// As [`Self::send`], for tests in which the server may be gone.
    pub(crate) async fn try_send(&self, ask: Ask) -> Result<Answer, Failure> {
        self.http.try_send(self.signed(ask)).await
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.http.address()
    }

    pub(crate) fn signed(&self, ask: Ask) -> Ask {
        match &self.login {
            Some(login) => ask.authorization(&basic(login)),
            None => ask,
        }
    }

    /// A bearer for this actor, from the token endpoint.
    pub(crate) async fn bearer(&self) -> String {
        let answer = self.asks_for_bearer().await.is(200);
        answer.json()["token"].as_str().expect("a token").to_owned()
    }

    /// What the token endpoint answers.
    pub(crate) async fn asks_for_bearer(&self) -> Answer {
        let scope = "scope=repository%3Ap%2Fteam%2Fapp%2Fweb%3Apull";
        self.send(Ask::get(format!("/v2/token?service=test&{scope}"))).await
    }

    pub(crate) fn name(&self) -> &str {
        &self.login.as_ref().expect("somebody").name
    }
}
