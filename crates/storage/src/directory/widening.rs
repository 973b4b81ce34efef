//! Which changes of a field may give somebody more than they have now. Where that cannot be told from the values, they do.

use std::collections::BTreeSet;

use domain::Networks;

/// How memory writes that a token is good from the start.
pub(super) const AT_ONCE: &str = "at once";
/// How memory writes that a token is good from everywhere.
pub(super) const EVERYWHERE: &str = "everywhere";

/// Whether a field is a list whose elements carry rights.
pub(super) fn adds_rights(field: &str) -> bool {
    matches!(field, "members" | "permissions" | "authorised")
}

/// Whether somebody may have more once a field is `wanted` instead of `present`; both as memory writes them.
pub(super) fn widens(field: &str, present: &str, wanted: &str) -> bool {
    match field {
        "visibility" => wanted == "public",
        "access" | "new_projects" => wanted == "internal",
        "suspended" => wanted == "false",
        "active" => wanted == "true",
        // Written so that the later one sorts behind the earlier one, and `never` behind both.
        "expires" => wanted > present,
        "not_before" => present != AT_ONCE && (wanted == AT_ONCE || wanted < present),
        "cidrs" => !networks(wanted).within(&networks(present)),
        "permissions" | "requested" | "events" => {
            let has: BTreeSet<&str> = present.split(' ').collect();
            wanted == "everything"
                || (present != "everything" && wanted.split(' ').any(|one| !has.contains(one)))
        }
        "direct" => wanted == "true",
        "limits" | "password" | "secret" | "email" => true,
        // Of who vouches for machines, of rules by which they get tokens, and of who is told what happens.
        "url" | "audiences" | "jwks" | "issuer" | "application" | "claims" | "on" => true,
        _ => false,
    }
}

/// As memory writes them.
fn networks(text: &str) -> Networks {
    if text == EVERYWHERE { Networks::default() } else { Networks::parse(text).unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::widens;

    #[test]
    fn what_may_give_more_is_told_from_the_values() {
        for (field, present, wanted, more) in [
            ("visibility", "private", "public", true),
            ("visibility", "public", "private", false),
            ("access", "closed", "internal", true),
            ("new_projects", "internal", "closed", false),
            ("suspended", "true", "false", true),
            ("expires", "2030-01-01T00:00:00.000Z", "never", true),
            ("expires", "never", "2030-01-01T00:00:00.000Z", false),
            ("expires", "2030-01-01T00:00:00.000Z", "2031-01-01T00:00:00.000Z", true),
            ("not_before", "2030-01-01T00:00:00.000Z", "at once", true),
            ("not_before", "2030-01-01T00:00:00.000Z", "2029-01-01T00:00:00.000Z", true),
            ("not_before", "at once", "2030-01-01T00:00:00.000Z", false),
            ("cidrs", "10.0.0.0/8", "everywhere", true),
            ("cidrs", "10.0.0.0/8", "10.0.0.0/8 192.0.2.0/24", true),
            ("cidrs", "everywhere", "10.0.0.0/8", false),
            ("cidrs", "10.0.0.0/8 192.0.2.0/24", "10.1.0.0/16", false),
            ("permissions", "read publish", "read", false),
            ("permissions", "read", "read publish", true),
            ("requested", "read", "everything", true),
            ("requested", "everything", "read", false),
            ("events", "package.published", "package.published audit", true),
            ("events", "package.published audit", "audit", false),
            ("active", "false", "true", true),
            ("active", "true", "false", false),
            ("title", "a", "b", false),
            ("policy", "{}", "{\"immutable\":[]}", false),
        ] {
            assert_eq!(widens(field, present, wanted), more, "{field}: {present} -> {wanted}");
        }
    }
}
