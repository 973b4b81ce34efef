use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::TokenFact;

use super::*;
use crate::identity_token::TokenFault;

const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmVk";

/// Somebody who looks at identity tokens and says what they are told to.
struct Looks {
    says: Mutex<Result<Direct, DirectFault>>,
    asked: AtomicUsize,
}

impl DirectUse for Looks {
    fn shown<'a>(&'a self, shown: ShownIdentityToken<'a>) -> BoxFuture<'a, Result<Direct, DirectFault>> {
        assert_eq!(shown.origin.address, Some(HOME));
        self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::ready(*self.says.lock().unwrap()))
    }
}

impl Looks {
    fn says(&self, says: Result<Direct, DirectFault>) {
        *self.says.lock().unwrap() = says;
    }

    async fn ask(&self, house: &House, credentials: Credentials) -> Result<Identity, AuthError> {
        house.auth.authenticate(credentials, &at(HOME), Audience::Oci, self).await
    }

    async fn basic(&self, house: &House, name: &str, secret: &str) -> Result<Identity, AuthError> {
        self.ask(house, basic(name, secret)).await
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// A house in which identity tokens stand for a token of the application, for so many seconds.
async fn taking(secs: i64) -> (House, Arc<Looks>, NewSecret) {
    let house = House::new().await;
    let stood_for = generate(TokenKind::ShortLived);
    house.in_force(house.source.put_token(row(&stood_for, ROBOT))).await;
    let direct = Direct { token: stood_for.id, until: house.clock.now().plus_secs(secs) };
    let looks = Arc::new(Looks { says: Mutex::new(Ok(direct)), asked: AtomicUsize::new(0) });
    (house, looks, stood_for)
}

#[tokio::test]
async fn it_is_looked_at_once_and_good_wherever_a_token_is() {
    let (house, looks, stood_for) = taking(3600).await;
    let as_robot = (ROBOT, Presented::IdentityToken, Some(stood_for.id));
    assert_eq!(seen(&looks.basic(&house, "anything", TOKEN).await.unwrap()), as_robot);
    assert_eq!(seen(&house.now(&basic("anything", TOKEN)).unwrap()), as_robot);
    assert_eq!(looks.asked(), 1);
    for credentials in [bearer(TOKEN), api_key(TOKEN), basic("", TOKEN)] {
        assert_eq!(seen(&looks.ask(&house, credentials).await.unwrap()), as_robot);
    }
    assert_eq!(looks.asked(), 2, "without a name it is the same one, whatever the header");
    assert_eq!(house.auth.last_used().len(), 1, "a use of the token that it stands for");
    for audience in [Audience::Management, Audience::Administration] {
        let managing = house.auth.authenticate(bearer(TOKEN), &at(HOME), audience, &*looks).await;
        assert_eq!(managing.unwrap_err(), AuthError::Untaken { bearer: true, why: Untaken::Place });
    }
}

#[tokio::test]
async fn it_ends_by_itself_and_with_what_it_stands_for_and_so_does_a_bearer_made_of_it() {
    let (house, looks, stood_for) = taking(120).await;
    let identity = looks.ask(&house, bearer(TOKEN)).await.unwrap();
    let made = house.auth.issue_bearer(&identity);
    assert_eq!(made.expires_in_secs, 120);
    house.in_force(house.source.set_token_state(stood_for.id, TokenState::Revoked)).await;
    assert_eq!(house.now(&bearer(&made.text)).unwrap_err(), WRONG_BEARER);
    // Whoever looks is asked again: it may stand for another by now.
    let another = generate(TokenKind::ShortLived);
    let fact = TokenFact { owner: PrincipalId::new(ALICE), ..row(&another, ROBOT) };
    house.in_force(house.source.put_token(fact)).await;
    looks.says(Ok(Direct { token: another.id, until: house.clock.now().plus_secs(60) }));
    assert_eq!(
        seen(&looks.ask(&house, bearer(TOKEN)).await.unwrap()),
        (ALICE, Presented::IdentityToken, Some(another.id))
    );
    house.clock.advance_secs(60);
    let over = Untaken::Unfit(TokenFault::Over);
    looks.says(Err(over.into()));
    let asked = looks.asked();
    assert_eq!(
        looks.ask(&house, bearer(TOKEN)).await.unwrap_err(),
        AuthError::Untaken { bearer: true, why: over }
    );
    assert_eq!(looks.asked(), asked + 1);
}

#[tokio::test]
async fn what_another_node_made_a_moment_ago_is_found() {
    let (house, looks, _) = taking(60).await;
    let made = generate(TokenKind::ShortLived);
    house.source.put_token(row(&made, ROBOT));
    looks.says(Ok(Direct { token: made.id, until: house.clock.now().plus_secs(60) }));
    assert_eq!(looks.ask(&house, bearer(TOKEN)).await.unwrap().caller.token(), Some(made.id));
    let nobodys =
        Direct { token: generate(TokenKind::ShortLived).id, until: house.clock.now().plus_secs(60) };
    looks.says(Ok(nobodys));
    let refused = looks.basic(&house, "x", TOKEN).await.unwrap_err();
    assert_eq!(refused, AuthError::Untaken { bearer: false, why: Untaken::NoRule });
}

#[tokio::test]
async fn failures_are_counted_but_for_those_that_are_over() {
    let limits = AuthLimits { failures_per_address_max: 3, ..AuthLimits::default() };
    let house = House::with(limits).await;
    let over = Untaken::Unfit(TokenFault::Over);
    let looks = Arc::new(Looks { says: Mutex::new(Err(over.into())), asked: AtomicUsize::new(0) });
    for _ in 0..5 {
        assert_eq!(
            looks.ask(&house, bearer(TOKEN)).await.unwrap_err(),
            AuthError::Untaken { bearer: true, why: over }
        );
    }
    looks.says(Err(Untaken::Issuer.into()));
    for _ in 0..3 {
        let refused = looks.ask(&house, bearer(TOKEN)).await.unwrap_err();
        assert_eq!(refused, AuthError::Untaken { bearer: true, why: Untaken::Issuer });
    }
    assert!(matches!(looks.ask(&house, bearer(TOKEN)).await.unwrap_err(), AuthError::Throttled { .. }));
    // A good one is let in all the same, and one that nobody could look at is no failure.
    looks.says(Err(DirectFault::Unavailable));
    assert_eq!(looks.ask(&house, bearer(TOKEN)).await.unwrap_err(), AuthError::Unavailable);
    let robot = Direct { token: house.robot.id, until: house.clock.now().plus_secs(60) };
    looks.says(Ok(robot));
    assert!(looks.ask(&house, bearer(TOKEN)).await.is_ok());
}
