//! The rows that belong neither to a protocol nor to the management: token endpoint, health, metrics, set-up.

use http::Method;

use super::Kind;
use crate::support::Ask;

/// One request of one route beside the protocols.
pub(super) struct Room {
    method: Method,
    target: &'static str,
    body: &'static str,
    to: To,
}

/// Who is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum To {
    /// Everybody, whatever they present.
    Anybody,
    /// Nobody in particular as well; wrong credentials are wrong.
    Valid,
    /// Whoever proves who they are.
    Known,
    /// Who administers the organisation.
    Administrators,
    /// Nobody any more.
    Nobody,
}

const fn room(method: Method, target: &'static str, body: &'static str, to: To) -> Room {
    Room { method, target, body, to }
}

pub(super) fn all() -> Vec<Room> {
    use To::{Administrators, Anybody, Known, Nobody, Valid};
    let (get, post) = (Method::GET, Method::POST);
    vec![
        room(get.clone(), "/livez", "", Anybody),
        room(get.clone(), "/readyz", "", Anybody),
        room(get.clone(), "/metrics", "", Administrators),
        room(get.clone(), "/v2/token", "", Known),
        room(get.clone(), "/v2/token?scope=repository%3Ax%3Apull", "", Valid),
        room(post.clone(), "/v2/token", "service=x", Known),
        room(post, "/v2/token?scope=repository%3Ax%3Apull", "service=x&scope=repository%3Ax%3Apull", Valid),
        room(get.clone(), "/api/openapi.json", "", Anybody),
        room(get.clone(), "/api/problems/beyond-own", "", Anybody),
        room(get, "/api/v1/nothing", "", Known),
        // There is an administrator, so the room of the set-up is closed to all.
        room(Method::POST, "/api/v1/setup", "{\"code\":\"x\",\"username\":\"mallory\"}", Nobody),
    ]
}

impl Room {
    pub(super) fn name(&self) -> String {
        let target = self.target.replace("/api/v1", "");
        format!("{} {}", self.method, target.split("?to").next().unwrap_or_default())
    }

    pub(super) fn ask(&self) -> Ask {
        let ask = Ask::new(self.method.clone(), self.target).body(self.body);
        match self.body.as_bytes().first() {
            Some(b'{') => ask.header("content-type", "application/json"),
            Some(_) => ask.header("content-type", "application/x-www-form-urlencoded"),
            None => ask,
        }
    }

    pub(super) fn check(&self, status: u16, kind: Kind) {
        let what = format!("{} as {kind:?}: {status}", self.name());
        let within = !matches!(status, 401 | 403) && status < 500;
        if self.to == To::Anybody {
            return assert_eq!(status, 200, "{what}");
        }
        if self.to == To::Nobody {
            return assert!(matches!(status, 401 | 404), "{what}");
        }
        // Bearers of the token endpoint are good for images and nothing else.
        let stray = matches!(kind, Kind::Bearer | Kind::AnonymousBearer) && !self.target.starts_with("/v2/");
        if stray || !kind.is_valid() {
            return assert_eq!(status, 401, "{what}");
        }
        // Nobody's bearer buys another one of nobody's, asked for a scope or not.
        if kind == Kind::AnonymousBearer && self.target.starts_with("/v2/token") {
            return assert_eq!(status, 200, "{what}");
        }
        let let_in = match self.to {
            To::Nobody => false,
            To::Anybody | To::Valid => true,
            To::Known => !kind.is_nobody(),
            To::Administrators => kind == Kind::Administrator,
        };
        if let_in {
            assert!(within, "{what}");
        } else {
            assert_eq!(status, if kind.is_nobody() { 401 } else { 403 }, "{what}");
        }
    }
}
