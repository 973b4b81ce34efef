//! Random histories: everybody calls everything that has to do with rights, and a model says what is answered and who may do what
//! afterwards, by the definition as it is written (docs/access.md 2.1, docs/api.md 11). The same histories each time;
//! `WHARFINGER_TEST_SEED=N` tells others, `WHARFINGER_TEST_HISTORIES=N` that many of 200 calls. One that fails is told again
//! with ever fewer calls, and becomes a story.

use std::collections::BTreeMap;

use domain::{Caller, Permission, Permissions};
use proptest::collection::vec;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::Value;

use crate::support::client::basic;
use crate::support::organisation::Login;
use crate::support::{Ask, Http, Organisation, Server, named_number, token};

mod call;
mod chance;
mod rights;
mod rules;
mod stories;
mod world;

use call::{By, Call, Step, path_of, words};
use chance::step;
use world::{Token, World};

const SEED: u64 = 0x0ac1e;
/// Histories and calls of each, and in the long form.
const SHORT: (u32, usize) = (4, 50);
const CALLS_LONG: usize = 200;

/// A gateway, and what the model says of it.
struct Play {
    /// Ends with the play.
    _hub: Server,
    http: Http,
    world: World,
    /// Looks at everything, and is touched by nothing.
    eye: Login,
    /// What the application logs in as.
    client_ids: BTreeMap<String, String>,
    /// The calls so far.
    told: usize,
}

/// What the gateway says that is not as the model says.
type Differs = String;

#[test]
fn on_sqlite() {
    tell(false);
}

#[test]
fn on_postgres() {
    tell(true);
}

fn tell(postgres: bool) {
    let seed = named_number("WHARFINGER_TEST_SEED").unwrap_or_else(|| SEED + u64::from(postgres));
    let long = named_number("WHARFINGER_TEST_HISTORIES");
    let (cases, calls) = long.map_or(SHORT, |many| (u32::try_from(many).expect("fewer"), CALLS_LONG));
    println!("histories of WHARFINGER_TEST_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 400,
        max_shrink_time: 180_000,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let outcome = runner.run(&vec(step(), calls / 2..=calls), |steps| {
        play(postgres, &steps).map_err(|differs| TestCaseError::fail(format!("\n{differs}")))
    });
    if let Err(error) = outcome {
        panic!("WHARFINGER_TEST_SEED={seed}: {error}");
    }
}

/// One history, on a gateway of its own.
fn play(postgres: bool, steps: &[Step]) -> Result<(), Differs> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let Some(mut play) = Play::start(postgres).await? else { return Ok(()) };
        for step in steps {
            play.step(step).await?;
            play.compare().await.map_err(|differs| format!("after {step}: {differs}"))?;
        }
        play.explain().await
    })
}

impl Play {
    /// A gateway with somebody of each kind in it, all by calls.
    async fn start(postgres: bool) -> Result<Option<Self>, Differs> {
        let hub = if postgres {
            let Some(hub) = Server::on_postgres_tuned(Organisation::empty(), patient).await else {
                return Ok(None);
            };
            hub
        } else {
            Server::tuned(Organisation::empty(), patient).await
        };
        let (http, root) = (Http::new(hub.address()), hub.login("root"));
        let mut world = World::new();
        let owner = domain::PrincipalId::new(world.names["member:root"].get());
        let (login, secret) = (root.name.clone(), root.secret.clone());
        world.tokens.push(Token {
            owner,
            login,
            secret,
            limits: None,
            expires: None,
            state: 0,
            is_there: true,
        });
        let mut play = Self { _hub: hub, http, world, eye: root, client_ids: BTreeMap::new(), told: 0 };
        for call in stories::who_watches() {
            play.must(call).await?;
        }
        let token = play.world.tokens.pop().expect("the last token");
        play.eye = Login { name: token.login, secret: token.secret };
        for call in stories::who_and_what_there_is() {
            play.must(call).await?;
        }
        Ok(Some(play))
    }

    /// A call of the administrator, which nothing stands in the way of.
    async fn must(&mut self, call: Call) -> Result<(), Differs> {
        let step = Step { by: By::Token(0), call, odd: false };
        let status = self.step(&step).await?;
        if status < 300 { Ok(()) } else { Err(format!("{step}: {status}")) }
    }

    /// Asks, and holds the answer against the model's.
    async fn step(&mut self, step: &Step) -> Result<u16, Differs> {
        self.told += 1;
        let all = self.world.tokens.len();
        let lowered = match step.call {
            Call::LowerToken { token, .. } => token::id(&self.world.tokens[token % all].secret).to_owned(),
            _ => String::new(),
        };
        let mut ask = step.ask(&lowered, &format!("token {}", self.told));
        match step.by {
            By::Nobody => {}
            By::Wrong => {
                ask =
                    ask.authorization(&basic(&Login { name: "ann".to_owned(), secret: token::generate('p') }))
            }
            By::Token(number) => ask = ask.authorization(&signature(&self.world.tokens[number % all])),
        }
        let predicted = self.world.predict(step);
        let answer = self.http.send(ask).await;
        let status = answer.status.as_u16();
        let body = answer.json();
        let said =
            if status < 300 { Ok(status) } else { Err((status, body["code"].as_str().unwrap_or_default())) };
        if said != predicted {
            return Err(format!("{step}\nmust be {predicted:?}, is {answer}"));
        }
        if status < 300 {
            self.remember(&step.call, &body);
        }
        Ok(status)
    }

    /// What only the answer tells: secrets and client IDs.
    fn remember(&mut self, call: &Call, body: &Value) {
        let text = |field: &str| body[field].as_str().expect("a text").to_owned();
        match call {
            Call::PutApplication { name, .. } => {
                self.client_ids.insert(format!("application:{name}"), text("client_id"));
            }
            Call::MakeToken { .. } => {
                let owner = self.world.tokens.last().expect("a token").owner;
                let mut names = self.world.names.iter();
                let name = names.find(|(_, id)| **id == owner.into()).map(|(name, _)| name.clone());
                let name = name.expect("an owner");
                let login = self.client_ids.get(&name).cloned();
                let token = self.world.tokens.last_mut().expect("a token");
                token.login = login.unwrap_or_else(|| name.split(':').nth(1).unwrap_or_default().to_owned());
                token.secret = text("secret");
            }
            _ => {}
        }
    }

    async fn asked(&self, login: &Login, target: &str) -> (u16, Value) {
        let ask = Ask::get(format!("/api/v1/{target}")).authorization(&basic(login));
        let answer = self.http.send(ask).await;
        (answer.status.as_u16(), answer.json())
    }

    /// What everybody may everywhere, with each of their tokens and by whatever way, against the definition.
    async fn compare(&self) -> Result<(), Differs> {
        let nodes = self.world.nodes();
        for token in &self.world.tokens {
            let login = Login { name: token.login.clone(), secret: token.secret.clone() };
            let (status, rights) = self.asked(&login, "me/rights?limit=1000").await;
            let Some(caller) = self.world.caller(token) else {
                same(&format!("a token of {}", token.login), status, 401)?;
                continue;
            };
            same(&format!("the rights of {}", token.login), status, 200)?;
            let told = listed(&rights, "on");
            for (name, node) in &nodes {
                let told = told.get(name).cloned().unwrap_or_default();
                let held = words(self.world.held(&caller, *node));
                same(&format!("{} with {} on {name}", token.login, token::id(&token.secret)), told, held)?;
            }
            self.is_decided(&login, &caller).await?;
        }
        for (name, node) in nodes {
            let (status, access) =
                self.asked(&self.eye, &format!("{}/access?limit=1000", path_of(&name))).await;
            same(&name, status, 200)?;
            let told = listed(&access, "ref");
            let anyone = told.get("team:anyone").cloned().unwrap_or_default();
            same(
                &format!("anybody on {name}"),
                anyone.clone(),
                words(self.world.held(&Caller::anonymous(), node)),
            )?;
            for (who, id) in &self.world.names {
                let Some(fact) = self.world.principal(*id) else { continue };
                let full = Caller::assertion(fact.id, fact.kind, None, domain::TokenLimits::Full);
                let own = told.get(who).into_iter().flatten().chain(&anyone);
                let own: Permissions =
                    own.map(|word| Permission::parse(word).expect("a permission")).collect();
                same(&format!("{who} on {name}"), words(own), words(self.world.held(&full, node)))?;
            }
        }
        Ok(())
    }

    /// The gate itself, at the repositories.
    async fn is_decided(&self, login: &Login, caller: &Caller) -> Result<(), Differs> {
        for repository in &self.world.facts.repositories {
            let may = self.world.held(caller, repository.id.into()).contains(Permission::Read);
            let (status, _) = self.asked(login, &format!("repositories/{}", repository.path)).await;
            same(&format!("{} reads {}", login.name, repository.path), status, if may { 200 } else { 403 })?;
        }
        Ok(())
    }

    /// What is explained is what is held, for every token, place and permission.
    async fn explain(&self) -> Result<(), Differs> {
        for token in self.world.tokens.iter().filter(|token| token.is_there) {
            let mut names = self.world.names.iter();
            let who = names.find(|(_, id)| **id == token.owner.into()).map(|(name, _)| name).expect("a name");
            let (caller, id) = (self.world.caller(token), token::id(&token.secret));
            for (on, node) in self.world.nodes() {
                let held = caller.as_ref().map(|caller| self.world.held(caller, node)).unwrap_or_default();
                for may in Permission::ALL {
                    let query = format!("explain?who={who}&token={id}&may={}&on={on}", may.as_str());
                    let (status, told) = self.asked(&self.eye, &query).await;
                    same(&query, (status, &told["allowed"]), (200, &held.contains(may).into()))?;
                }
            }
        }
        Ok(())
    }
}

/// Tokens that are over are shown again and again, and projects are made by the dozen.
fn patient(config: &mut wharfinger::config::Config) {
    config.rates.new_projects_per_minute_max = 1_000_000;
    config.rates.changes_burst_max = 1_000_000;
    config.rates.reads_per_sec_max = 1_000_000;
    config.auth.failures_per_claim_max = 1_000_000;
    config.auth.failures_per_address_max = 1_000_000;
}

/// Permissions by a field of each item.
fn listed(page: &Value, by: &str) -> BTreeMap<String, Vec<String>> {
    let items = page["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let each = items.iter().map(|item| {
        let words = item["permissions"].as_array().expect("words").iter();
        let words = words.map(|word| word.as_str().expect("a word").to_owned());
        (item[by].as_str().expect("a name").to_owned(), words.collect())
    });
    each.collect()
}

fn same<T: PartialEq<U> + std::fmt::Debug, U: std::fmt::Debug>(
    what: &str,
    is: T,
    must: U,
) -> Result<(), Differs> {
    if is == must { Ok(()) } else { Err(format!("{what}: must be {must:?}, is {is:?}")) }
}

fn signature(token: &Token) -> String {
    basic(&Login { name: token.login.clone(), secret: token.secret.clone() })
}
