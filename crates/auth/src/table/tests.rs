use domain::{Changes, FactSource as _, PolicyPoint, PrincipalKind, Reason};
use futures_util::FutureExt as _;

use proptest::prelude::*;

use super::*;
use crate::identity::Claimed;
use crate::testing::{MemoryCredentials, principal, token as row};
use crate::token::{NewSecret, TokenKind, generate};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
const ANYWHERE: Peer<'static> = Peer { address: None, agent: None };

fn table(principals: Vec<PrincipalCredentials>, tokens: Vec<TokenFact>) -> Table {
    Table::new(CredentialFacts { principals, tokens, ..CredentialFacts::default() })
}

fn with_password(id: u32, logins: &[&str]) -> PrincipalCredentials {
    PrincipalCredentials {
        password_hash: Some("hash".into()),
        ..principal(id, PrincipalKind::Member, logins)
    }
}

fn who(table: &Table, new: &NewSecret) -> Option<u32> {
    table.by_token(new.text.expose(), None, ANYWHERE, NOW).map(|identity| identity.caller.principal().get())
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
fn credentials_that_fail_name_only_who_is_there() {
    let (new, other) = (generate(TokenKind::Person), generate(TokenKind::Person));
    let rows = vec![TokenFact { state: TokenState::Disabled, ..row(&new, 16) }];
    let mut eve = with_password(17, &["eve"]);
    eve.suspended = true;
    let table = table(vec![with_password(16, &["alice", "a@x"]), eve], rows);
    assert_eq!(table.label(PrincipalId::new(16)).as_deref(), Some("member:alice"));
    assert_eq!(table.label(PrincipalId::new(99)), None);
    let basic = |name: &str, secret: &str| table.claimed(&crate::header::from_form(name, secret), None, NOW);
    let alice = Claimed { principal: Some(PrincipalId::new(16)), ..Claimed::default() };
    assert_eq!(basic("A@X", "wrong"), alice);
    let suspended = Some(Reason::Suspended);
    assert_eq!(
        basic("eve", "wrong"),
        Claimed { principal: Some(PrincipalId::new(17)), token: None, refused: suspended }
    );
    let by_token = Claimed { token: Some(new.id), refused: Some(Reason::TokenDisabled), ..alice };
    assert_eq!(basic("whoever", new.text.expose()), by_token);
    assert_eq!(basic("alice", other.text.expose()), Claimed::default());
    assert_eq!(basic("correct horse battery staple", ""), Claimed::default());
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
    let tokens = vec![row(&kept, 16)];
    table.replace(CredentialFacts { principals: vec![alice], tokens, ..CredentialFacts::default() });
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
    let identity = table.by_token(new.text.expose(), None, ANYWHERE, NOW).unwrap();
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
    let used = |minute| TokenUse { token: new.id, minute, address: None, agent: None };
    assert_eq!(table.drain_used(), [used(minute)]);
    assert_eq!(who(&table, &new), Some(16));
    assert_eq!(table.drain_used(), [], "the same minute was told already");
    let later = NOW.plus_secs(60);
    assert!(table.by_token(new.text.expose(), None, ANYWHERE, later).is_some());
    assert!(table.by_handle(Handle::Token(new.id), later, Shown::By(ANYWHERE), NOW.plus_secs(120)).is_some());
    assert_eq!(table.drain_used(), [used(minute + 2)], "through a bearer too, the newest counts");
    let unknown = generate(TokenKind::Person);
    assert_eq!(who(&table, &unknown), None);
    assert_eq!(table.drain_used(), [], "failures use nothing");
}

/// One administrative act.
#[derive(Debug, Clone)]
enum Act {
    PutPrincipal {
        id: u32,
        logins: Vec<usize>,
        suspended: bool,
        password: bool,
        generation: u32,
    },
    RemovePrincipal(u32),
    PutToken {
        token: usize,
        owner: u32,
        state: TokenState,
        expired: bool,
    },
    SetState(usize, TokenState),
    RemoveToken(usize),
    Rebuild,
    /// What was done so far comes into force.
    Refresh,
}

const LOGINS: [&str; 5] =
    ["alice", "bob", "a@example.org", "Dave", "a-name-that-is-longer-than-what-fits-in-place@example.org"];
const TOKENS: usize = 4;

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let id = || 16_u32..20;
    let state =
        || prop_oneof![Just(TokenState::Active), Just(TokenState::Disabled), Just(TokenState::Revoked)];
    let logins = prop::collection::vec(0..LOGINS.len(), 0..3);
    let act = prop_oneof![
        4 => (id(), logins, any::<bool>(), any::<bool>(), 0_u32..3).prop_map(
            |(id, logins, suspended, password, generation)| Act::PutPrincipal { id, logins, suspended, password, generation }
        ),
        1 => id().prop_map(Act::RemovePrincipal),
        4 => (0..TOKENS, id(), state(), any::<bool>())
            .prop_map(|(token, owner, state, expired)| Act::PutToken { token, owner, state, expired }),
        2 => (0..TOKENS, state()).prop_map(|(token, state)| Act::SetState(token, state)),
        1 => (0..TOKENS).prop_map(Act::RemoveToken),
        1 => Just(Act::Rebuild),
        4 => Just(Act::Refresh),
    ];
    prop::collection::vec(act, 1..60)
}

fn perform(source: &MemoryCredentials, tokens: &[NewSecret], act: &Act) {
    match act {
        Act::PutPrincipal { id, logins, suspended, password, generation } => {
            // A login name belongs to one principal: the others lose it in the same transaction.
            let logins: Vec<&str> = logins.iter().map(|at| LOGINS[*at]).collect();
            for other in (16..20).filter(|other| other != id) {
                source.edit_principal(PrincipalId::new(other), |facts| {
                    facts
                        .logins
                        .retain(|login| !logins.iter().any(|name| name.eq_ignore_ascii_case(login.as_str())));
                });
            }
            source.put_principal(PrincipalCredentials {
                suspended: *suspended,
                password_hash: password.then(|| Arc::from("hash")),
                generation: *generation,
                ..principal(*id, PrincipalKind::Member, &logins)
            });
        }
        Act::RemovePrincipal(id) => drop(source.remove_principal(PrincipalId::new(*id))),
        Act::PutToken { token, owner, state, expired } => {
            let expires = expired.then_some(NOW);
            source.put_token(TokenFact { state: *state, expires, ..row(&tokens[*token], *owner) });
        }
        Act::SetState(token, state) => drop(source.set_token_state(tokens[*token].id, *state)),
        Act::RemoveToken(token) => drop(source.remove_token(tokens[*token].id)),
        Act::Rebuild => drop(source.demand_rebuild()),
        Act::Refresh => {}
    }
}

/// Everything the table answers about these tokens and principals.
fn answers(table: &Table, tokens: &[NewSecret]) -> Vec<Option<u32>> {
    let id = |identity: Option<Identity>| identity.map(|identity| identity.caller.principal().get());
    let mut all = Vec::new();
    for new in tokens {
        all.push(id(table.by_token(new.text.expose(), None, ANYWHERE, NOW)));
        all.push(id(table.by_handle(Handle::Token(new.id), NOW, Shown::By(ANYWHERE), NOW)));
        all.extend(LOGINS.map(|name| id(table.by_token(new.text.expose(), Some(name), ANYWHERE, NOW))));
    }
    for principal in 16..20 {
        all.extend((0..3).map(|generation| {
            id(table.by_handle(
                Handle::Password(PrincipalId::new(principal), generation),
                NOW,
                Shown::By(ANYWHERE),
                NOW,
            ))
        }));
    }
    all.extend(LOGINS.map(|name| named(table, name)));
    all
}

/// The same from the rows, in the plainest words there are.
fn expected(facts: &CredentialFacts, tokens: &[NewSecret]) -> Vec<Option<u32>> {
    let find = |id: PrincipalId| facts.principals.iter().find(|facts| facts.id == id);
    let good = |id: PrincipalId| find(id).filter(|facts| !facts.suspended);
    let has = |facts: &PrincipalCredentials, name: &str| {
        facts.logins.iter().any(|login| login.as_str() == name.to_ascii_lowercase())
    };
    let mut all = Vec::new();
    for new in tokens {
        let fact = facts.tokens.iter().find(|fact| fact.id == new.id);
        let live = fact.filter(|fact| fact.state == TokenState::Active && fact.expires.is_none());
        let owner = live.and_then(|fact| good(fact.owner));
        all.extend([owner.map(|facts| facts.id.get()); 2]);
        all.extend(LOGINS.map(|name| owner.filter(|facts| has(facts, name)).map(|facts| facts.id.get())));
    }
    for id in 16..20 {
        let owner = good(PrincipalId::new(id));
        all.extend((0..3).map(|generation| owner.filter(|facts| facts.generation == generation).map(|_| id)));
    }
    let person =
        |name: &str| facts.principals.iter().find(|facts| facts.password_hash.is_some() && has(facts, name));
    all.extend(LOGINS.map(|name| person(name).map(|facts| facts.id.get())));
    all
}

proptest! {
    #[test]
    fn after_any_history_the_table_says_what_the_rows_say(acts in acts()) {
        let source = MemoryCredentials::new();
        let tokens: Vec<NewSecret> = (0..TOKENS).map(|_| generate(TokenKind::Person)).collect();
        let load = || source.load().now_or_never().unwrap().unwrap().1;
        let table = Table::new(load());
        let mut point = PolicyPoint::default();
        for act in acts.iter().chain([&Act::Refresh]) {
            perform(&source, &tokens, act);
            if !matches!(act, Act::Refresh) {
                continue;
            }
            match source.changes_since(point).now_or_never().unwrap().unwrap() {
                Changes::Each { reached, changes } => {
                    point = reached;
                    table.apply(changes);
                }
                Changes::Rebuild => {
                    let (reached, facts) = source.load().now_or_never().unwrap().unwrap();
                    point = reached;
                    table.replace(facts);
                }
            }
            let rows = load();
            prop_assert_eq!(answers(&table, &tokens), expected(&rows, &tokens));
            prop_assert_eq!(answers(&Table::new(rows), &tokens), answers(&table, &tokens));
        }
    }
}
