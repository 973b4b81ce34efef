//! Credentials as clients send them, against a source and a clock the tests move.

mod again;
mod bearers;
mod direct;
mod passwords;
mod revocation;
mod rules;
mod secrets;
mod sessions;
mod throttling;
mod tokens;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{Networks, PrincipalId, PrincipalKind, RequestId, TokenState, Who};

use super::*;
use crate::direct::{Direct, DirectFault, DirectUse, ShownIdentityToken, Untaken};
use crate::header::credentials;
use crate::testing::{ManualClock, MemoryCredentials, NoDirectUse, principal, token as row};
use crate::token::{NewSecret, TokenKind, generate};

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const ALICE: u32 = 16;
const ROBOT: u32 = 17;
const PASSWORD: &str = "correct horse";

/// The gateway's side of a test: alice (member, e-mail alias, password), an application, and what is behind them.
struct House {
    source: Arc<MemoryCredentials>,
    clock: Arc<ManualClock>,
    auth: Arc<Authenticator>,
    alice: NewSecret,
    robot: NewSecret,
}

impl House {
    async fn new() -> Self {
        Self::with(AuthLimits::default()).await
    }

    async fn with(limits: AuthLimits) -> Self {
        let (source, clock) = (MemoryCredentials::new(), ManualClock::new());
        let mut alice = principal(ALICE, PrincipalKind::Member, &["alice", "alice@example.org"]);
        alice.password_hash = Some(password_hash().into());
        source.put_principal(alice);
        source.put_principal(principal(ROBOT, PrincipalKind::Application, &["5f3a-client"]));
        let (of_alice, of_robot) = (generate(TokenKind::Person), generate(TokenKind::Application));
        source.put_token(row(&of_alice, ALICE));
        source.put_token(row(&of_robot, ROBOT));
        let keys = Arc::new(KeyRing::generate());
        let auth = Authenticator::open(Arc::clone(&source) as _, keys, Arc::clone(&clock) as _, limits);
        let auth = auth.await.unwrap();
        Self { source, clock, auth, alice: of_alice, robot: of_robot }
    }

    /// Brings the last change of the source into force.
    async fn in_force(&self, point: PolicyPoint) {
        self.auth.refresh_to(point).await.unwrap();
    }

    async fn ask(&self, credentials: Credentials) -> Result<Identity, AuthError> {
        self.auth.authenticate(credentials, &at(HOME), Audience::Oci, &NoDirectUse).await
    }

    async fn basic(&self, name: &str, secret: &str) -> Result<Identity, AuthError> {
        self.ask(basic(name, secret)).await
    }

    /// Without waiting; panics if a password would have to be verified.
    fn now(&self, credentials: &Credentials) -> Result<Identity, AuthError> {
        self.auth.authenticate_now(credentials, Some(HOME), Audience::Oci).expect("decided at once")
    }

    /// As [`Self::now`], and what it says about alice.
    fn knows(&self, credentials: &Credentials) -> bool {
        self.now(credentials).is_ok_and(|identity| identity.caller.principal() == PrincipalId::new(ALICE))
    }
}

/// One for all tests: argon2 is slow on purpose.
fn password_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| password::hash_password(&Secret::new(PASSWORD.to_owned())).unwrap())
}

fn basic(name: &str, secret: &str) -> Credentials {
    let value = format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")));
    credentials(&[value.as_bytes()], &[]).unwrap()
}

fn at(address: IpAddr) -> Origin {
    Origin { request: RequestId(1), address: Some(address), agent: None }
}

fn bearer(text: &str) -> Credentials {
    credentials(&[format!("Bearer {text}").as_bytes()], &[]).unwrap()
}

fn api_key(value: &str) -> Credentials {
    credentials(&[], &[value.as_bytes()]).unwrap()
}

/// Principal, what was presented, through which token.
fn seen(identity: &Identity) -> (u32, Presented, Option<TokenId>) {
    (identity.caller.principal().get(), identity.presented, identity.caller.token())
}

const WRONG: AuthError = AuthError::Invalid { bearer: false };
const WRONG_BEARER: AuthError = AuthError::Invalid { bearer: true };
