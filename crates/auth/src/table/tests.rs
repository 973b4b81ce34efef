use domain::{PolicyVersion, PrincipalKind};

use super::*;
use crate::testing::{principal, token as row};
use crate::token::{NewSecret, TokenKind, generate};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn table(principals: Vec<PrincipalCredentials>, tokens: Vec<TokenFact>) -> Table {
    Table::new(CredentialFacts { version: PolicyVersion::new(1), principals, tokens })
}

fn with_password(id: u32, logins: &[&str]) -> PrincipalCredentials {
    PrincipalCredentials {
        password_hash: Some("hash".into()),
        ..principal(id, PrincipalKind::Member, logins)
    }
}

fn who(table: &Table, new: &NewSecret) -> Option<u32> {
    table.by_token(new.text.expose(), None, NOW).map(|identity| identity.caller.principal().get())
}

fn named(table: &Table, name: &str) -> Option<u32> {
    table.by_name(name).map(|principal| principal.id().get())
}

#[test]
fn a_token_may_come_before_its_owner_and_works_when_both_are_there() {
    let new = generate(TokenKind::Person);
    let table = table(vec![], vec![row(&new, 16)]);
    assert_eq!(who(&table, &new), None);
    table.apply(vec![CredentialChange::Principal(
        PrincipalId::new(16),
        Some(principal(16, PrincipalKind::Member, &["alice"])),
    )]);
    assert_eq!(who(&table, &new), Some(16));
}

#[test]
fn the_tokens_of_a_removed_owner_are_dead_and_stay_so_when_the_name_returns() {
    let new = generate(TokenKind::Person);
    let table = table(vec![principal(16, PrincipalKind::Member, &["alice"])], vec![row(&new, 16)]);
    table.apply(vec![CredentialChange::Principal(PrincipalId::new(16), None)]);
    assert_eq!(who(&table, &new), None);
    let again = principal(17, PrincipalKind::Member, &["alice"]);
    table.apply(vec![CredentialChange::Principal(PrincipalId::new(17), Some(again))]);
    assert_eq!(who(&table, &new), None);
}

#[test]
fn a_login_name_moves_with_its_principal_in_any_order() {
    for swapped in [false, true] {
        let table = table(vec![with_password(16, &["alice", "a@x"]), with_password(17, &["bob"])], vec![]);
        assert_eq!((named(&table, "A@X"), named(&table, "bob")), (Some(16), Some(17)));
        let mut changes = vec![
            CredentialChange::Principal(PrincipalId::new(16), Some(with_password(16, &["alice"]))),
            CredentialChange::Principal(PrincipalId::new(17), Some(with_password(17, &["bob", "a@x"]))),
        ];
        if swapped {
            changes.reverse();
        }
        table.apply(changes);
        assert_eq!((named(&table, "a@x"), named(&table, "alice")), (Some(17), Some(16)));
    }
}

#[test]
fn applications_and_persons_without_password_cannot_be_looked_up_by_name() {
    let application =
        PrincipalCredentials { kind: PrincipalKind::Application, ..with_password(16, &["client"]) };
    let table = table(vec![application, principal(17, PrincipalKind::Guest, &["gus"])], vec![]);
    assert_eq!((named(&table, "client"), named(&table, "gus")), (None, None));
    table.apply(vec![CredentialChange::Principal(PrincipalId::new(17), Some(with_password(17, &["gus"])))]);
    assert_eq!(named(&table, "gus"), Some(17));
    table.apply(vec![CredentialChange::Principal(PrincipalId::new(17), None)]);
    assert_eq!(named(&table, "gus"), None);
}

#[test]
fn replacing_everything_leaves_only_what_is_named() {
    let (kept, gone) = (generate(TokenKind::Person), generate(TokenKind::Person));
    let alice = with_password(16, &["alice"]);
    let table = table(vec![alice.clone(), with_password(17, &["bob"])], vec![row(&kept, 16), row(&gone, 16)]);
    table.replace(CredentialFacts {
        version: PolicyVersion::new(2),
        principals: vec![alice],
        tokens: vec![row(&kept, 16)],
    });
    assert_eq!((who(&table, &kept), who(&table, &gone)), (Some(16), None));
    assert_eq!((named(&table, "alice"), named(&table, "bob")), (Some(16), None));
    assert_eq!((table.tokens.len(), table.principals.len()), (1, 1));
}

#[test]
fn other_limits_or_an_activation_make_a_new_record() {
    let new = generate(TokenKind::Application);
    let fact = row(&new, 16);
    let table = table(vec![principal(16, PrincipalKind::Application, &["client"])], vec![fact.clone()]);
    let put = |fact: TokenFact| table.apply(vec![CredentialChange::Token(fact.id, Some(fact))]);
    let limits = TokenLimits::Only(Arc::from([(domain::NodeId::new(20), domain::Permissions::NONE)]));
    put(TokenFact { limits: limits.clone(), ..fact.clone() });
    let identity = table.by_token(new.text.expose(), None, NOW).unwrap();
    assert_eq!(*identity.caller.limits(), limits);
    put(TokenFact { state: TokenState::Disabled, ..fact.clone() });
    assert_eq!(who(&table, &new), None);
    put(fact.clone());
    assert_eq!(who(&table, &new), Some(16));
    put(TokenFact { expires: Some(NOW), ..fact });
    assert_eq!(who(&table, &new), None, "expired at its very moment");
}

#[test]
fn last_used_is_told_once_a_minute_and_drained() {
    let new = generate(TokenKind::Person);
    let table = table(vec![principal(16, PrincipalKind::Member, &["alice"])], vec![row(&new, 16)]);
    let minute = u32::try_from(NOW.millis() / 60_000).unwrap();
    assert_eq!(table.drain_used(), []);
    for _ in 0..3 {
        assert_eq!(who(&table, &new), Some(16));
    }
    assert_eq!(table.drain_used(), [(new.id, minute)]);
    assert_eq!(who(&table, &new), Some(16));
    assert_eq!(table.drain_used(), [], "the same minute was told already");
    let later = NOW.plus_secs(60);
    assert!(table.by_token(new.text.expose(), None, later).is_some());
    assert!(table.by_handle(Handle::Token(new.id), later, NOW.plus_secs(120)).is_some());
    assert_eq!(table.drain_used(), [(new.id, minute + 2)], "through a bearer too, the newest counts");
    let unknown = generate(TokenKind::Person);
    assert_eq!(who(&table, &unknown), None);
    assert_eq!(table.drain_used(), [], "failures use nothing");
}
