//! The least that would make a no a yes, if whoever asks could do it.

use domain::{Permission, Permissions, Reason, ResolvedNode, time};

use super::sentence::words;
use super::{Case, Remedy};

pub(super) fn of(case: &Case<'_>) -> Option<Remedy> {
    let (who, on, may) = (&case.who, &case.on, case.may);
    match case.explained.explanation.reason {
        Reason::NoGrant => grant(case),
        Reason::GrantExpired => renew(case).or_else(|| grant(case)),
        Reason::ApplicationProject if on != "/" && case.inquiry.could_grant(may) => {
            let (name, project) = (who.split_once(':')?.1, on.split('/').next()?);
            Some(Remedy {
                sentence: format!("Authorise what {who} requests in {project}."),
                command: format!("wharfinger app authorise {} --in {project}", quoted(name)),
            })
        }
        Reason::TokenLimits if case.explained.principal == case.inquiry.principal() => Some(Remedy {
            sentence: format!(
                "Use another token, or make one that is limited to {may} there.",
                may = may.as_str()
            ),
            command: format!("wharfinger token create NAME --limit {on}={}", may.as_str()),
        }),
        _ => None,
    }
}

/// What was granted once, granted again.
fn renew(case: &Case<'_>) -> Option<Remedy> {
    let (way, told) = case.way(|way| way.expired)?;
    let direct = told.to == case.who && told.on == case.on && Case::is_role(way);
    if !direct || !case.inquiry.could_grant(case.may) {
        return None;
    }
    let (to, role, on) = (&told.to, told.role.as_deref()?, &told.on);
    Some(Remedy {
        sentence: format!("Grant {to} the role {role} on {on} again."),
        command: format!("wharfinger grant put --to {} --on {on} --role {role}", quoted(to)),
    })
}

/// A grant of just this, unless the rules exclude it.
fn grant(case: &Case<'_>) -> Option<Remedy> {
    let (who, on, may) = (&case.who, &case.on, case.may);
    let explanation = &case.explained.explanation;
    let misplaced = may == Permission::DirectoryManage
        || may.organisation_only() && on != "/"
        || may == Permission::RepositoryCreate && on.contains('/') && on != "/";
    let beyond = !explanation.stages.ceiling.contains(may);
    // An external has something in projects only, and only once they were added there.
    let outside = (who.starts_with("collaborator:") || who.starts_with("guest:"))
        && (on == "/" || !explanation.ways.iter().any(Case::is_role));
    if misplaced || beyond || outside || !case.inquiry.could_grant(may) {
        return None;
    }
    // There is one grant of permissions at a node: a new one replaces it, and must take nothing away.
    let node = explanation.node.as_ref().map(ResolvedNode::node_id);
    let is_own = |way: &domain::Way| {
        !Case::is_role(way) && way.to == case.explained.principal.into() && Some(way.on) == node
    };
    let own = case.way(is_own).map(|(_, way)| way);
    let before = own.and_then(|way| way.permissions).map_or(Permissions::NONE, |some| some.0);
    if explanation.left_out > 0 || !before.iter().all(|one| case.inquiry.could_grant(one)) {
        return None;
    }
    let all = words(before.union(Permissions::of(&[may]))).replace(", ", ",");
    let ends = own.and_then(|way| way.expires);
    let ends = ends.map(|moment| format!(" --expires {}", time::show_millis(moment.0))).unwrap_or_default();
    Some(Remedy {
        sentence: format!("Grant {who} {} on {on}.", may.as_str()),
        command: format!("wharfinger grant put --to {} --on {on} --permissions {all}{ends}", quoted(who)),
    })
}

/// A word for a shell: as it is, or between quotes.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || ":-_.@/".contains(letter);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
