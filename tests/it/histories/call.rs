//! What can be asked, and how it is written.

use std::fmt;

use domain::{Permission, Permissions, Timestamp};
use serde_json::{Value, json};

use crate::support::Ask;

/// A moment that has passed, one that tokens may end at, one that is later.
pub(super) const PAST: Moment = Moment("2020-01-01T00:00:00Z", 1_577_836_800_000);
pub(super) const TOKENS_END: Moment = Moment("2080-01-01T00:00:00Z", 3_471_292_800_000);
pub(super) const LATE: Moment = Moment("2090-01-01T00:00:00Z", 3_786_912_000_000);

/// A moment, as it is written and as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(&'static str, i64);

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(super) enum By {
    /// The token of this number, of those that were ever made.
    Token(usize),
    Nobody,
    /// Somebody with a token that nobody has.
    Wrong,
}

/// What a grant gives.
#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    Role(&'static str),
    Permissions(Permissions),
}

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) by: By,
    pub(super) call: Call,
    /// Whether its document has a field that there is not.
    pub(super) odd: bool,
}

/// A node and what may be done there.
pub(super) type On = (&'static str, Permissions);

/// Every change of the management that has to do with rights.
#[derive(Debug, Clone)]
pub(super) enum Call {
    PutProject {
        project: &'static str,
        access: Option<&'static str>,
    },
    DeleteProject {
        project: &'static str,
        confirm: bool,
        with: bool,
    },
    PutRepository {
        on: &'static str,
        format: &'static str,
        public: bool,
    },
    SetVisibility {
        on: &'static str,
        public: bool,
    },
    DeleteRepository {
        on: &'static str,
        confirm: bool,
    },
    PutPerson {
        who: &'static str,
        suspended: bool,
    },
    DeletePerson {
        who: &'static str,
        confirm: bool,
    },
    Suspend {
        who: &'static str,
        suspended: bool,
    },
    PutTeam {
        team: &'static str,
        members: Vec<&'static str>,
    },
    DeleteTeam {
        team: &'static str,
        confirm: bool,
    },
    SetMember {
        team: &'static str,
        who: &'static str,
        is_in: bool,
    },
    PutApplication {
        name: &'static str,
        requested: Option<Permissions>,
        authorised: Vec<&'static str>,
        suspended: bool,
    },
    DeleteApplication {
        name: &'static str,
        confirm: bool,
    },
    Authorise {
        project: &'static str,
        name: &'static str,
    },
    Withdraw {
        project: &'static str,
        name: &'static str,
    },
    PutRole {
        at: Option<&'static str>,
        role: &'static str,
        permissions: Permissions,
    },
    ResetRole {
        at: Option<&'static str>,
        role: &'static str,
    },
    DeleteRole {
        at: Option<&'static str>,
        role: &'static str,
        with: bool,
    },
    PutGrant {
        on: &'static str,
        to: &'static str,
        what: What,
        expires: Option<Moment>,
    },
    DeleteGrant {
        on: &'static str,
        to: &'static str,
        role: Option<&'static str>,
    },
    SetParticipant {
        project: &'static str,
        who: &'static str,
        roles: Vec<&'static str>,
        expires: Option<Moment>,
    },
    SetOwnPermissions {
        project: &'static str,
        who: &'static str,
        grants: Vec<On>,
    },
    RemoveParticipant {
        project: &'static str,
        who: &'static str,
    },
    MakeToken {
        of: Option<&'static str>,
        limits: Option<Vec<On>>,
        expires: Option<Moment>,
    },
    LowerToken {
        of: Option<&'static str>,
        token: usize,
        state: &'static str,
    },
}

impl Moment {
    pub(super) const fn at(self) -> Timestamp {
        Timestamp::from_millis(self.1)
    }

    fn word(moment: Option<Self>) -> Value {
        json!(moment.map(|moment| moment.0))
    }
}

/// The words of a set.
pub(super) fn words(permissions: Permissions) -> Vec<&'static str> {
    permissions.iter().map(Permission::as_str).collect()
}

fn limits(limits: &[On]) -> Value {
    let each = limits.iter().map(|(on, some)| json!({ "on": on, "permissions": words(*some) }));
    each.collect()
}

/// The path of a node's own resources.
pub(super) fn path_of(on: &str) -> String {
    match on.split_once('/') {
        Some(("", _)) => "organisation".to_owned(),
        Some(_) => format!("repositories/{on}"),
        None => format!("projects/{on}"),
    }
}

fn tokens_of(of: Option<&str>) -> String {
    of.map_or_else(|| "tokens".to_owned(), |of| format!("principals/{of}/tokens"))
}

impl Step {
    /// The request; `token` is the id of the one that the call names, `label` a name that no token has yet.
    pub(super) fn ask(&self, token: &str, label: &str) -> Ask {
        let (method, path, body) = self.call.request(token, label);
        let ask = Ask::new(method.parse().expect("a method"), format!("/api/v1/{path}"));
        match body {
            Some(mut body) => {
                if self.odd {
                    body["unheard"] = json!(true);
                }
                ask.json(&body)
            }
            None => ask,
        }
    }
}

impl Call {
    /// Whether a document comes along.
    pub(super) fn has_body(&self) -> bool {
        self.request("", "").2.is_some()
    }

    fn request(&self, token: &str, label: &str) -> (&'static str, String, Option<Value>) {
        self.of_nodes().or_else(|| self.of_subjects()).unwrap_or_else(|| self.of_rights(token, label))
    }

    fn of_nodes(&self) -> Option<(&'static str, String, Option<Value>)> {
        let gone = |path: String, name: &str, confirm: bool| {
            let confirm = if confirm { format!("confirm={name}") } else { String::new() };
            format!("{path}?{confirm}")
        };
        Some(match self {
            Self::PutProject { project, access } => {
                let body = access.map_or_else(|| json!({}), |access| json!({ "access": access }));
                ("PUT", format!("projects/{project}"), Some(body))
            }
            Self::DeleteProject { project, confirm, with } => {
                let path = gone(format!("projects/{project}"), project, *confirm);
                ("DELETE", format!("{path}&with_repositories={with}"), None)
            }
            Self::PutRepository { on, format, public } => {
                let body = json!({ "format": format, "visibility": visibility(*public) });
                ("PUT", format!("repositories/{on}"), Some(body))
            }
            Self::SetVisibility { on, public } => {
                let body = json!({ "visibility": visibility(*public) });
                ("PUT", format!("repositories/{on}/visibility"), Some(body))
            }
            Self::DeleteRepository { on, confirm } => {
                ("DELETE", gone(format!("repositories/{on}"), on, *confirm), None)
            }
            Self::DeletePerson { who, confirm } => {
                ("DELETE", gone(format!("people/{who}"), who, *confirm), None)
            }
            Self::DeleteTeam { team, confirm } => {
                ("DELETE", gone(format!("teams/{team}"), team, *confirm), None)
            }
            Self::DeleteApplication { name, confirm } => {
                ("DELETE", gone(format!("applications/{name}"), name, *confirm), None)
            }
            _ => return None,
        })
    }

    fn of_subjects(&self) -> Option<(&'static str, String, Option<Value>)> {
        Some(match self {
            Self::PutPerson { who, suspended } => {
                ("PUT", format!("people/{who}"), Some(json!({ "suspended": suspended })))
            }
            Self::Suspend { who, suspended } => {
                ("PUT", format!("principals/{who}/suspended"), Some(json!({ "suspended": suspended })))
            }
            Self::PutTeam { team, members } => {
                ("PUT", format!("teams/{team}"), Some(json!({ "members": members })))
            }
            Self::SetMember { team, who, is_in } => {
                let path = format!("teams/{team}/members/{who}");
                if *is_in { ("PUT", path, Some(json!({}))) } else { ("DELETE", path, None) }
            }
            Self::PutApplication { name, requested, authorised, suspended } => {
                let requested = requested.map(words);
                let body =
                    json!({ "requested": requested, "authorised": authorised, "suspended": suspended });
                ("PUT", format!("applications/{name}"), Some(body))
            }
            Self::Authorise { project, name } => {
                ("PUT", format!("projects/{project}/applications/{name}"), Some(json!({})))
            }
            Self::Withdraw { project, name } => {
                ("DELETE", format!("projects/{project}/applications/{name}"), None)
            }
            _ => return None,
        })
    }

    fn of_rights(&self, token: &str, label: &str) -> (&'static str, String, Option<Value>) {
        let role_at = |at: &Option<&str>, role: &str| format!("{}/roles/{role}", path_of(at.unwrap_or("/")));
        match self {
            Self::PutRole { at, role, permissions } => {
                ("PUT", role_at(at, role), Some(json!({ "permissions": words(*permissions) })))
            }
            Self::ResetRole { at, role } => ("POST", format!("{}/reset", role_at(at, role)), Some(json!({}))),
            Self::DeleteRole { at, role, with } => {
                ("DELETE", format!("{}?with_grants={with}", role_at(at, role)), None)
            }
            Self::PutGrant { on, to, what, expires } => {
                let mut body = json!({ "to": to, "expires": Moment::word(*expires) });
                match what {
                    What::Role(role) => body["role"] = json!(role),
                    What::Permissions(some) => body["permissions"] = json!(words(*some)),
                }
                ("PUT", format!("{}/grants", path_of(on)), Some(body))
            }
            Self::DeleteGrant { on, to, role } => {
                let role = role.map(|role| format!("&role={role}")).unwrap_or_default();
                ("DELETE", format!("{}/grants?to={to}{role}", path_of(on)), None)
            }
            Self::SetParticipant { project, who, roles, expires } => {
                let body = json!({ "roles": roles, "expires": Moment::word(*expires) });
                ("PUT", format!("projects/{project}/participants/{who}"), Some(body))
            }
            Self::SetOwnPermissions { project, who, grants } => {
                let path = format!("projects/{project}/participants/{who}/permissions");
                ("PUT", path, Some(json!({ "grants": limits(grants) })))
            }
            Self::RemoveParticipant { project, who } => {
                ("DELETE", format!("projects/{project}/participants/{who}"), None)
            }
            Self::MakeToken { of, limits: some, expires } => {
                let some = some.as_deref().map(limits);
                let body = json!({ "name": label, "limits": some, "expires": Moment::word(*expires) });
                ("POST", tokens_of(*of), Some(body))
            }
            Self::LowerToken { of, state, .. } => {
                let path = format!("{}/{token}/state", tokens_of(*of));
                ("PUT", path, Some(json!({ "state": state })))
            }
            other => panic!("{other:?} has no request"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (method, path, body) = self.call.request("TOKEN", "LABEL");
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        write!(f, "{:?}: {method} {path} {body}{}", self.by, if self.odd { " (odd)" } else { "" })
    }
}

pub(super) const fn visibility(public: bool) -> &'static str {
    if public { "public" } else { "private" }
}
