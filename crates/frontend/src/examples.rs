//! One request per route, for the access matrix.

use ::http::Method;
use domain::{Permission, RightKind};

use crate::protocol::{Example, Needs};
use crate::protocols::all;

/// Every route of every protocol, and of the rooms beside them but the management API.
#[must_use]
pub fn examples() -> Vec<Example> {
    let protocols = all().into_iter().flat_map(|mounted| (mounted.examples)());
    protocols.chain(rooms()).collect()
}

fn rooms() -> [Example; 5] {
    let open =
        |name, method, path, headers, body| Example { name, method, path, needs: Needs::Open, headers, body };
    const FORM: &[(&str, &str)] = &[("content-type", "application/x-www-form-urlencoded")];
    [
        open("token", Method::GET, "/v2/token?scope=repository:p/{repository}/web:pull", &[], b""),
        open("token by form", Method::POST, "/v2/token", FORM, b"scope=registry:catalog:*"),
        open("livez", Method::GET, "/livez", &[], b""),
        open("readyz", Method::GET, "/readyz", &[], b""),
        Example {
            needs: Needs::Organisation(RightKind::Permission(Permission::AuditView)),
            ..open("metrics", Method::GET, "/metrics", &[], b"")
        },
    ]
}
