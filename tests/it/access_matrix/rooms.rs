//! The rows that belong to no protocol: token endpoint, health, metrics, set-up, management. Requests name things that do
//! not exist or bodies that cannot be, so that who is let in is seen by a 400 or a 404 and nothing changes.

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
    /// Who administers the project or the organisation; a limited token does neither.
    Managers,
    /// Who administers the organisation.
    Administrators,
    /// Nobody any more.
    Nobody,
}

const fn room(method: Method, target: &'static str, body: &'static str, to: To) -> Room {
    Room { method, target, body, to }
}

pub(super) fn all() -> Vec<Room> {
    use To::{Administrators, Anybody, Known, Managers, Nobody, Valid};
    let (get, put, post, delete) = (Method::GET, Method::PUT, Method::POST, Method::DELETE);
    vec![
        room(get.clone(), "/livez", "", Anybody),
        room(get.clone(), "/readyz", "", Anybody),
        room(get.clone(), "/metrics", "", Administrators),
        room(get.clone(), "/v2/token", "", Known),
        room(get.clone(), "/v2/token?scope=repository%3Ax%3Apull", "", Valid),
        room(post.clone(), "/v2/token", "service=x", Known),
        room(
            post.clone(),
            "/v2/token?scope=repository%3Ax%3Apull",
            "service=x&scope=repository%3Ax%3Apull",
            Valid,
        ),
        room(get.clone(), "/api/v1/me", "", Known),
        room(get.clone(), "/api/v1/tokens", "", Known),
        room(post.clone(), "/api/v1/tokens", "{}", Known),
        room(put.clone(), "/api/v1/tokens/00000000/state", "{\"state\":\"revoked\"}", Known),
        room(get.clone(), "/api/v1/principals/member:nobody/tokens", "", Administrators),
        room(post, "/api/v1/principals/member:nobody/tokens", "{}", Administrators),
        room(
            put.clone(),
            "/api/v1/principals/member:nobody/tokens/00000000/state",
            "{\"state\":\"revoked\"}",
            Administrators,
        ),
        room(
            put.clone(),
            "/api/v1/principals/member:nobody/suspended",
            "{\"suspended\":false}",
            Administrators,
        ),
        room(get.clone(), "/api/v1/organisation/grants", "", Administrators),
        room(put.clone(), "/api/v1/organisation/grants", "{}", Administrators),
        room(delete.clone(), "/api/v1/organisation/grants?to=member:nobody", "", Administrators),
        room(get.clone(), "/api/v1/projects/matrix/grants", "", Managers),
        room(put.clone(), "/api/v1/projects/matrix/grants", "{}", Managers),
        room(delete.clone(), "/api/v1/projects/matrix/grants?to=member:nobody", "", Managers),
        room(get.clone(), "/api/v1/repositories/matrix/oci-private/grants", "", Managers),
        room(put.clone(), "/api/v1/repositories/matrix/oci-private/grants", "{}", Managers),
        room(delete, "/api/v1/repositories/matrix/oci-private/grants?to=member:nobody", "", Managers),
        room(put.clone(), "/api/v1/repositories/matrix/oci-private/visibility", "{}", Managers),
        room(put, "/api/v1/repositories/matrix/oci-public/visibility", "{}", Managers),
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
            To::Managers => matches!(kind, Kind::Manager | Kind::Administrator),
            To::Administrators => kind == Kind::Administrator,
        };
        if let_in {
            assert!(within, "{what}");
        } else {
            assert_eq!(status, if kind.is_nobody() { 401 } else { 403 }, "{what}");
        }
    }
}
