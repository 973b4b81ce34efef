//! Explanations in words for people.

use domain::{Permission, Permissions, Reason};

use super::Case;
use crate::ways::{self, Way};

/// The answer as a sentence.
pub(super) fn of(case: &Case<'_>) -> String {
    let Case { who, may, on, .. } = case;
    let (may, explanation) = (may.as_str(), &case.explained.explanation);
    match explanation.reason {
        Reason::Granted => granted(case),
        Reason::Public => format!("Yes. Everybody may {may} on {on}, logged in or not."),
        Reason::NoGrant => no_grant(case),
        Reason::GrantExpired => expired(case),
        Reason::Ceiling => {
            let kind = who.split(':').next().unwrap_or_default();
            let ceiling = words(explanation.stages.ceiling);
            format!(
                "No. A {kind} can have no more than {ceiling}, whatever is granted; {may} is not among it."
            )
        }
        Reason::ApplicationRights => {
            let requested = explanation.stages.requested.map(|requested| requested.permissions);
            let requested = words(requested.unwrap_or_default());
            format!("No. {who} requests {requested}, and has nothing else; {may} is not among it.")
        }
        Reason::ApplicationProject => {
            format!("No. {who} requests {may}, but that is not authorised for {on}.")
        }
        Reason::TokenLimits => {
            let limits: Vec<String> = case.limits.iter().flatten().map(limit).collect();
            let limits = if limits.is_empty() { "nothing".to_owned() } else { limits.join(", ") };
            format!("No. {who} may {may} on {on}, but {} is limited to {limits}.", token(case))
        }
        Reason::Suspended => format!("No. {who} is suspended, and refused whatever is asked."),
        Reason::TokenRevoked => format!("No. {} was revoked.", capital(&token(case))),
        Reason::TokenDisabled => format!("No. {} is disabled.", capital(&token(case))),
        Reason::TokenExpired => format!("No. {} ran out.", capital(&token(case))),
        Reason::TokenEarly => format!("No. {} is not good yet.", capital(&token(case))),
        Reason::TokenAddress => match case.inquiry.address() {
            Some(from) => {
                format!("No. {} is not good from {from}, but from other addresses.", capital(&token(case)))
            }
            None => format!("No. {} is good from some addresses only.", capital(&token(case))),
        },
        Reason::NothingKnown => {
            format!("Nothing is known of {on}: it does not exist, or you may not know of it.")
        }
    }
}

fn granted(case: &Case<'_>) -> String {
    let (who, may, on) = (&case.who, case.may.as_str(), &case.on);
    match case.way(|way| way.sufficient) {
        Some((_, way)) => format!("Yes. {may} comes from {}.", source(way, who)),
        None => format!("Yes. {who} requests {may}, which is authorised for {on}."),
    }
}

fn no_grant(case: &Case<'_>) -> String {
    let (who, may, on) = (&case.who, case.may.as_str(), &case.on);
    let explanation = &case.explained.explanation;
    let granted = explanation.stages.granted;
    match case.way(|_| true) {
        Some((_, way)) if !granted.is_empty() => {
            let (held, source) = (words(granted), source(way, who));
            let more = if case.ways.len() > 1 { " and other grants" } else { "" };
            format!("No. {who} holds {held} on {on} by {source}{more}; {may} is not among it.")
        }
        _ => format!("No. No grant gives {who} anything on {on}."),
    }
}

fn expired(case: &Case<'_>) -> String {
    let (who, may) = (&case.who, case.may.as_str());
    let Some((_, way)) = case.way(|way| way.expired) else { return no_grant(case) };
    let ended = way.expires.map(|moment| domain::time::show_millis(moment.0)).unwrap_or_default();
    format!("No. {may} came from {}, which ended {ended}.", source(way, who))
}

/// A grant, and how somebody comes to it.
fn source(way: &Way, who: &str) -> String {
    let what = match (&way.role, &way.permissions) {
        (Some(role), _) => format!("role {role}"),
        (None, Some(some)) => format!("a grant of {}", words(some.0)),
        (None, None) => "a grant".to_owned(),
    };
    if way.to == ways::ORGANISATION {
        return format!("{what} of the organisation");
    }
    let granted = format!("{what} on {}, granted to {}", way.on, way.to);
    match way.through.as_slice() {
        _ if way.to == who => granted,
        [] => format!("{granted}, of which {who} is a member"),
        teams => format!("{granted}, of which {who} is a member through {}", teams.join(", ")),
    }
}

fn token(case: &Case<'_>) -> String {
    case.token.as_ref().map_or_else(|| "the credential".to_owned(), |token| format!("the token {token}"))
}

fn limit(limit: &crate::tokens::TokenLimit) -> String {
    format!("{} on {}", words(limit.permissions.0), limit.on.as_str())
}

/// Permissions between commas.
pub(super) fn words(some: Permissions) -> String {
    if some.is_empty() {
        return "nothing".to_owned();
    }
    some.iter().map(Permission::as_str).collect::<Vec<_>>().join(", ")
}

fn capital(text: &str) -> String {
    text.strip_prefix("the ").map_or_else(|| text.to_owned(), |rest| format!("The {rest}"))
}
