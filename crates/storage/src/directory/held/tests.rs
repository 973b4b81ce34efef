use domain::{CredentialChange, PrincipalKind, TokenId, TokenState, Visibility};

use crate::sql::{Load, Tx};
use crate::testing::{Bench, OCI, Place};
use crate::{DirectoryError as Error, Fault, InForce, NewToken, PersonSpec, Plan, behaviour};

/// No room but what the rows have, or room again.
async fn pages(bench: &Bench, sql: &'static str) {
    let set = move |tx: &mut dyn Tx| tx.each(sql, &[], &mut |_| Ok(()));
    bench.opened.storage.shared.database.write(Load::upkeep(1), set).await.expect("is set");
}

fn token(id: u64) -> NewToken {
    let sha256 = [u8::try_from(id % 251).expect("below 256"); 32];
    NewToken::full(TokenId::new(id), sha256, &format!("token {id}"))
}

/// Makes tokens until there is no room for one more.
async fn fill(bench: &Bench) -> Vec<TokenId> {
    let may = || bench.on_organisation(bench.actor());
    let mut made = Vec::new();
    for id in 1..900 {
        match bench.opened.directory.create_token_for(&may(), "member:alice", token(id)).await {
            Ok(_) => made.push(TokenId::new(id)),
            Err(Error::Fault(Fault::NoSpace { .. })) => return made,
            Err(other) => panic!("{other}"),
        }
    }
    panic!("there is room for everything");
}

async fn active(bench: &Bench, id: TokenId) -> bool {
    let facts = bench.credentials().await;
    facts.tokens.iter().any(|token| token.id == id && token.state == TokenState::Active)
}

async fn suspended(bench: &Bench) -> bool {
    let facts = bench.credentials().await;
    let named = |login: &domain::Login| login.as_str() == "alice";
    facts.principals.iter().any(|one| one.suspended && one.logins.iter().any(named))
}

async fn public(bench: &Bench) -> bool {
    bench.facts().await.grants.iter().any(|grant| grant.subject == domain::TeamId::ANYONE.into())
}

fn organisation() -> Plan {
    let person = |username: &str| PersonSpec {
        title: None,
        kind: PrincipalKind::Member,
        username: username.into(),
        email: None,
        password_hash: None,
        suspended: None,
        tokens: Vec::new(),
    };
    Plan { persons: vec![person("root"), person("alice")], ..behaviour::with_policy(OCI, "{}") }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_away_stays_so_until_it_is_stored_and_after_it() {
    let bench = Bench::with(Place::disk(), organisation()).await;
    let directory = &bench.opened.directory;
    directory.set_visibility(&bench.on("alpha/images"), Visibility::Public).await.expect("there is room");
    pages(&bench, "PRAGMA max_page_count = 1").await;
    let tokens = fill(&bench).await;
    let may = || bench.on_organisation(bench.actor());
    let mut held = None;
    for id in tokens {
        let InForce { stored, .. } = directory
            .set_token_state_of(&may(), "member:alice", id, TokenState::Revoked)
            .await
            .expect("is in force");
        assert!(!active(&bench, id).await);
        if !stored {
            held = Some(id);
            break;
        }
    }
    let held = held.expect("no room for so many changes");
    let done = directory.set_suspended(&may(), "member:alice", true).await.expect("is in force");
    assert_eq!((done.changed, done.stored), (true, false));
    let done = directory.set_visibility(&bench.on("alpha/images"), Visibility::Private).await;
    assert!(!done.expect("is in force").stored);
    assert!(suspended(&bench).await && !public(&bench).await);
    let again = directory.set_suspended(&may(), "member:alice", true).await.expect("is in force");
    assert_eq!((again.changed, again.stored), (false, true), "it is suspended already");
    let widened = directory.set_suspended(&may(), "member:alice", false).await;
    assert!(matches!(widened, Err(Error::Fault(Fault::NoSpace { .. }))), "nothing overtakes what waits");
    let told = bench.credentials_since(bench.point().await).await;
    let lowered = |change: &CredentialChange| matches!(change, CredentialChange::Token(id, _) if *id == held);
    assert!(told.iter().any(lowered), "{told:?}");
    assert_eq!(directory.unstored(), 3);

    pages(&bench, "PRAGMA max_page_count = 1000000").await;
    let done = directory.set_visibility(&bench.on("alpha/other"), Visibility::Public).await;
    assert!(done.expect("there is room").stored);
    assert_eq!(directory.unstored(), 0, "what waited went first");
    let bench = bench.reopened().await;
    assert!(!active(&bench, held).await && suspended(&bench).await);
    let grants = bench.facts().await.grants;
    let public = grants.iter().filter(|grant| grant.subject == domain::TeamId::ANYONE.into()).count();
    assert_eq!(public, 1, "the other one");
}
