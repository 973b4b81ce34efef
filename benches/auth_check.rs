//! Who is calling: what a request pays for that, with a million tokens of 200,000 principals in the table, and what they cost to keep.
//!
//! `cargo bench -p benches --bench auth_check`
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark makes its own data, prints its figures and may stop at what it did not expect"
)]

mod cpu_time;

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use auth::testing::NoDirectUse;
use auth::{
    Audience, AuthLimits, Authenticator, Credentials, KeyRing, Secret, TokenKind, credentials, describe,
    generate, hash_password,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cpu_time::CpuTime;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use domain::{
    BoxFuture, Changes, Clock, CredentialChange, CredentialFacts, FactSource, Login, Networks, Origin,
    PolicyPoint, PrincipalCredentials, PrincipalId, PrincipalKind, RequestId, SourceError, Timestamp,
    TokenFact, TokenLimits, TokenState,
};
use sha2::{Digest as _, Sha256};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TOKENS: usize = 1_000_000;
const PRINCIPALS: u32 = 200_000;
const FIRST_PRINCIPAL: u32 = 16;
const PASSWORD: &str = "correct horse";
const PEER: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));

/// Makes the facts anew for each load, so that only the table stays in memory.
struct Generated {
    texts: Arc<Vec<[u8; 62]>>,
    password_hash: Arc<str>,
}

/// The system's clock, as in the product.
struct SystemClock;

fn main_benches(criterion: &mut Criterion<CpuTime>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let texts = Arc::new(texts());
    let before = resident_bytes();
    let auth = open(&runtime, &texts);
    settle();
    let megabytes = resident_bytes().saturating_sub(before) / 1_000_000;
    println!("memory of {TOKENS} tokens and {PRINCIPALS} principals: {megabytes} MB");

    let mut group = criterion.benchmark_group("auth");
    group.bench_function("yardstick: SHA-256 of one token", |bencher| {
        bencher.iter(|| black_box(Sha256::digest(black_box(&texts[0]))));
    });
    let headers: Vec<Vec<u8>> =
        (0..TOKENS).step_by(7).map(|at| basic_header(&login(owner(at)), text(&texts, at))).collect();
    let mut next = 0;
    group.bench_function("header: Basic with a token", |bencher| {
        bencher.iter(|| {
            next = (next + 1) % headers.len();
            black_box(credentials(&[&headers[next]], &[]))
        });
    });
    let hot: Vec<Credentials> = (0..100).map(|at| read(&headers[at])).collect();
    group.bench_function("token: one of 100, hot", |bencher| {
        bencher.iter(|| {
            next = (next + 1) % hot.len();
            black_box(auth.authenticate_now(&hot[next], PEER, Audience::Packages))
        });
    });
    // The request was just read, but its token, the place in the table and the owner are in no cache: far apart, never twice.
    let cold = |next: &mut usize| {
        *next = (*next + 50_021) % headers.len();
        headers[*next].clone()
    };
    group.bench_function("token: any of 1,000,000", |bencher| {
        bencher.iter_batched(
            || read(&cold(&mut next)),
            |token| black_box(auth.authenticate_now(&token, PEER, Audience::Packages)),
            BatchSize::NumIterations(64),
        );
    });
    group.bench_function("token: header and check, any of 1,000,000", |bencher| {
        bencher.iter_batched(
            || cold(&mut next),
            |header| black_box(auth.authenticate_now(&read(&header), PEER, Audience::Packages)),
            BatchSize::NumIterations(64),
        );
    });
    let wrong = read(&basic_header("nobody", generate(TokenKind::Person).text.expose()));
    group.bench_function("token: wrong, counted", |bencher| {
        bencher.iter(|| black_box(auth.authenticate_now(&wrong, PEER, Audience::Packages)));
    });
    let tokens: Vec<Credentials> = (0..100_000).map(|_| read(&cold(&mut next))).collect();
    bearers(&mut group, &auth, &tokens);
    passwords(&mut group, &runtime, &auth);
    group.finish();
}

type Group<'a> = criterion::BenchmarkGroup<'a, CpuTime>;

fn bearers(group: &mut Group<'_>, auth: &Authenticator, tokens: &[Credentials]) {
    let identities: Vec<_> = tokens
        .iter()
        .filter_map(|token| auth.authenticate_now(token, PEER, Audience::Oci).and_then(Result::ok))
        .collect();
    let mut next = 0;
    group.bench_function("bearer: issue", |bencher| {
        bencher.iter(|| {
            next = (next + 1) % identities.len();
            black_box(auth.issue_bearer(&identities[next]))
        });
    });
    let given: Vec<Credentials> = identities
        .iter()
        .map(|identity| Credentials::Bearer(Secret::new(auth.issue_bearer(identity).text)))
        .collect();
    group.bench_function("bearer: open and check, hot", |bencher| {
        bencher.iter(|| {
            next = (next + 1) % 100;
            black_box(auth.authenticate_now(&given[next], PEER, Audience::Oci))
        });
    });
    group.bench_function("bearer: open and check, any of 100,000", |bencher| {
        bencher.iter(|| {
            next = (next + 1) % given.len();
            black_box(auth.authenticate_now(&given[next], PEER, Audience::Oci))
        });
    });
}

fn passwords(group: &mut Group<'_>, runtime: &tokio::runtime::Runtime, auth: &Authenticator) {
    let header = basic_header(&login(FIRST_PRINCIPAL), PASSWORD);
    let origin = Origin { request: RequestId(1), address: PEER, agent: None };
    runtime
        .block_on(auth.authenticate(read(&header), &origin, Audience::Packages, &NoDirectUse))
        .expect("the password is right");
    let cached = read(&header);
    group.bench_function("password: cached", |bencher| {
        bencher.iter(|| black_box(auth.authenticate_now(&cached, PEER, Audience::Packages)));
    });
}

fn open(runtime: &tokio::runtime::Runtime, texts: &Arc<Vec<[u8; 62]>>) -> Arc<Authenticator> {
    let password_hash = hash_password(&Secret::new(PASSWORD.to_owned())).expect("a hash").into();
    let source = Arc::new(Generated { texts: Arc::clone(texts), password_hash });
    let keys = Arc::new(KeyRing::generate());
    let opened = Authenticator::open(source, keys, Arc::new(SystemClock), AuthLimits::default());
    runtime.block_on(opened).expect("the facts are in memory")
}

fn texts() -> Vec<[u8; 62]> {
    (0..TOKENS)
        .map(|_| generate(TokenKind::Person).text.expose().as_bytes().try_into().expect("62 characters"))
        .collect()
}

fn text(texts: &[[u8; 62]], at: usize) -> &str {
    std::str::from_utf8(&texts[at]).expect("ASCII")
}

fn owner(at: usize) -> u32 {
    FIRST_PRINCIPAL + u32::try_from(at).expect("a million") % PRINCIPALS
}

fn login(owner: u32) -> String {
    format!("person-{owner}")
}

fn basic_header(name: &str, secret: &str) -> Vec<u8> {
    format!("Basic {}", STANDARD.encode(format!("{name}:{secret}"))).into_bytes()
}

fn read(header: &[u8]) -> Credentials {
    credentials(&[header], &[]).expect("well-formed")
}

/// What was only needed to build goes back to the system a moment after, when somebody allocates again.
fn settle() {
    for _ in 0..200 {
        std::thread::sleep(Duration::from_millis(10));
        drop(black_box(vec![1_u8; 1 << 20]));
    }
}

/// Resident memory of this process.
fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).map_or(0, |pages| pages * 4096)
}

impl FactSource<CredentialFacts> for Generated {
    fn load(&self) -> BoxFuture<'_, Result<(PolicyPoint, CredentialFacts), SourceError>> {
        let principals = (FIRST_PRINCIPAL..FIRST_PRINCIPAL + PRINCIPALS).map(|id| PrincipalCredentials {
            id: PrincipalId::new(id),
            kind: PrincipalKind::Member,
            suspended: false,
            logins: vec![Login::parse(&login(id)).expect("a login name")],
            // One in ten has a password; all the others came by an identity provider or are applications.
            password_hash: (id - FIRST_PRINCIPAL).is_multiple_of(10).then(|| Arc::from(&*self.password_hash)),
            must_change: false,
            generation: 1,
        });
        let tokens = (0..self.texts.len()).map(|at| {
            let (_, id, sha256) = describe(text(&self.texts, at)).expect("a token");
            let owner = PrincipalId::new(owner(at));
            TokenFact {
                id,
                sha256,
                owner,
                limits: TokenLimits::Full,
                not_before: None,
                expires: None,
                networks: Networks::default(),
                state: TokenState::Active,
                rule: None,
            }
        });
        let facts = CredentialFacts {
            principals: principals.collect(),
            tokens: tokens.collect(),
            ..CredentialFacts::default()
        };
        Box::pin(std::future::ready(Ok((PolicyPoint::default(), facts))))
    }

    fn changes_since(
        &self,
        reached: PolicyPoint,
    ) -> BoxFuture<'_, Result<Changes<CredentialChange>, SourceError>> {
        Box::pin(std::future::ready(Ok(Changes::Each { reached, changes: Vec::new() })))
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the bench pays for the real clock, as a request does")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = main_benches
}
criterion_main!(benches);
