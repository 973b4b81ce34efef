//! An issuer of identity tokens on loopback, which lies if it is told to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Clock as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wharfinger::SystemClock;

/// What is wrong with what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lie {
    /// Nothing.
    None,
    /// It says that it is somebody else.
    OtherIssuer,
    /// Its keys are at a place of somebody else's that is not public.
    KeysElsewhere,
    /// It says more than anybody reads.
    Huge,
    /// It never answers.
    Silent,
    /// It sends elsewhere.
    Redirect,
    /// It answers that it failed.
    Failing,
    /// It answers with what is no JSON.
    Babble,
    /// It has no keys.
    NoKeys,
    /// It does so only where codes are exchanged: never answers, says more than anybody reads, sends elsewhere, takes no code.
    SilentExchange,
    /// As it says.
    HugeExchange,
    /// As it says.
    RedirectedExchange,
    /// As it says.
    RefusedExchange,
    /// It says who it is when it sends people back.
    SaysIssuer,
}

/// An issuer.
#[derive(Clone)]
pub(crate) struct Issuer {
    inner: Arc<Inner>,
}

struct Inner {
    url: String,
    state: Mutex<State>,
}

struct State {
    lie: Lie,
    key: EcdsaKeyPair,
    key_id: String,
    /// How often each path was asked for.
    asked: HashMap<String, usize>,
    tokens: u64,
    /// What codes are good for: however often they are shown, for it is none of the honest ones.
    codes: HashMap<String, String>,
    /// The last exchange of a code: its head, and its form.
    exchange: (String, String),
}

impl Issuer {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = State {
            lie: Lie::None,
            key: new_key(),
            key_id: "key-1".to_owned(),
            asked: HashMap::new(),
            tokens: 0,
            codes: HashMap::new(),
            exchange: (String::new(), String::new()),
        };
        let issuer = Self { inner: Arc::new(Inner { url, state: Mutex::new(state) }) };
        let serving = issuer.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = serving.clone();
                tokio::spawn(async move { serving.answer(stream).await });
            }
        });
        issuer
    }

    pub(crate) fn url(&self) -> &str {
        &self.inner.url
    }

    /// From now on it lies so.
    pub(crate) fn lies(&self, lie: Lie) {
        self.with(|state| state.lie = lie);
    }

    /// From now on it signs with another key, and says so.
    pub(crate) fn rotates(&self, key_id: &str) {
        self.with(|state| {
            state.key = new_key();
            state.key_id = key_id.to_owned();
        });
    }

    /// How often its keys were fetched.
    pub(crate) fn key_fetches(&self) -> usize {
        self.asked("/keys")
    }

    /// How often it was asked where they are.
    pub(crate) fn discoveries(&self) -> usize {
        self.asked("/.well-known/openid-configuration")
    }

    fn asked(&self, path: &str) -> usize {
        self.with(|state| state.asked.get(path).copied().unwrap_or_default())
    }

    /// Its keys, as others keep them who do not fetch.
    pub(crate) fn keys(&self) -> Value {
        self.with(|state| json!({ "keys": [state.jwk()] }))
    }

    /// Claims that are good for `audience` now; each token has an id of its own.
    pub(crate) fn claims(&self, audience: &str) -> Value {
        let number = self.with(|state| {
            state.tokens += 1;
            state.tokens
        });
        let now = now_secs();
        json!({
            "iss": self.url(), "aud": audience, "sub": "job-7", "jti": format!("token-{number}"),
            "iat": now, "nbf": now, "exp": now + 300,
        })
    }

    /// A token that says this.
    pub(crate) fn signs(&self, claims: &Value) -> String {
        let header = self.with(|state| json!({ "alg": "ES256", "kid": state.key_id, "typ": "JWT" }));
        self.signs_with(&header, claims)
    }

    /// The same below a header of its own.
    pub(crate) fn signs_with(&self, header: &Value, claims: &Value) -> String {
        let text = format!("{}.{}", part(header), part(claims));
        let signature =
            self.with(|state| state.key.sign(&SystemRandom::new(), text.as_bytes()).expect("signs"));
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    /// From now on a code is good for this token.
    pub(crate) fn gives(&self, code: &str, token: String) {
        self.with(|state| state.codes.insert(code.to_owned(), token));
    }

    /// Head and form of the last exchange of a code.
    pub(crate) fn exchange(&self) -> (String, String) {
        self.with(|state| state.exchange.clone())
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.inner.state.lock().expect("the state"))
    }

    async fn answer(&self, mut stream: TcpStream) {
        let mut head = vec![0; 8192];
        let Ok(count @ 1..) = stream.read(&mut head).await else { return };
        let head = String::from_utf8_lossy(&head[..count]).into_owned();
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let lie = self.with(|state| {
            *state.asked.entry(path.clone()).or_default() += 1;
            state.lie
        });
        if path == "/token" {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            let length: usize = length.unwrap_or_default();
            let (before, form) = head.split_once("\r\n\r\n").expect("a whole head");
            let (before, mut form) = (before.to_owned(), form.to_owned());
            while form.len() < length {
                let mut more = vec![0; 8192];
                let Ok(count @ 1..) = stream.read(&mut more).await else { return };
                form.push_str(&String::from_utf8_lossy(&more[..count]));
            }
            self.with(|state| state.exchange = (before, form));
        }
        if lie == Lie::Silent || (lie == Lie::SilentExchange && path == "/token") {
            // Until the other side has enough.
            let mut rest = [0; 64];
            while matches!(stream.read(&mut rest).await, Ok(1..)) {}
            return;
        }
        let (status, more, body) = self.says(&path, lie);
        let length = body.len();
        let answer = format!("HTTP/1.1 {status}\r\n{more}content-length: {length}\r\n\r\n{body}");
        let _ = stream.write_all(answer.as_bytes()).await;
    }

    fn says(&self, path: &str, lie: Lie) -> (&'static str, String, String) {
        let good = |document: Value| ("200 OK", String::new(), document.to_string());
        match (path, lie) {
            (_, Lie::Failing) => ("500 Internal Server Error", String::new(), String::new()),
            (_, Lie::Babble) => ("200 OK", String::new(), "<html>".to_owned()),
            ("/.well-known/openid-configuration", Lie::Redirect) => {
                ("302 Found", format!("location: {}/elsewhere\r\n", self.url()), String::new())
            }
            ("/.well-known/openid-configuration" | "/elsewhere", _) => {
                let issuer = if lie == Lie::OtherIssuer { "https://issuer.example" } else { self.url() };
                let keys = match lie {
                    Lie::KeysElsewhere => "http://127.0.0.1:9/keys".to_owned(),
                    _ => format!("{}/keys", self.url()),
                };
                good(json!({
                    "issuer": issuer,
                    "jwks_uri": keys,
                    "authorization_endpoint": format!("{}/authorize?tenant=1", self.url()),
                    "token_endpoint": format!("{}/token", self.url()),
                    "authorization_response_iss_parameter_supported": lie == Lie::SaysIssuer,
                }))
            }
            ("/keys", Lie::Huge) => ("200 OK", String::new(), " ".repeat(300 << 10)),
            ("/keys", Lie::NoKeys) => good(json!({ "keys": [] })),
            ("/keys", _) => good(self.keys()),
            ("/token", Lie::HugeExchange) => ("200 OK", String::new(), " ".repeat(65 << 10)),
            ("/token", Lie::RedirectedExchange) => {
                ("302 Found", format!("location: {}/keys\r\n", self.url()), String::new())
            }
            ("/token", Lie::RefusedExchange) => {
                ("400 Bad Request", String::new(), json!({ "error": "invalid_grant" }).to_string())
            }
            ("/token", _) => {
                let (_, form) = self.exchange();
                let code = form.split('&').find_map(|pair| pair.strip_prefix("code="));
                let code = code.unwrap_or_default().to_owned();
                match self.with(|state| state.codes.get(&code).cloned()) {
                    Some(token) => good(json!({
                        "access_token": "an access token", "token_type": "Bearer", "id_token": token,
                    })),
                    None => {
                        ("400 Bad Request", String::new(), json!({ "error": "invalid_grant" }).to_string())
                    }
                }
            }
            _ => ("404 Not Found", String::new(), String::new()),
        }
    }
}

impl State {
    fn jwk(&self) -> Value {
        let point = &self.key.public_key().as_ref()[1..];
        let [x, y] = [&point[..32], &point[32..]].map(|half| URL_SAFE_NO_PAD.encode(half));
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.key_id, "x": x, "y": y })
    }
}

/// Seconds since 1970.
pub(crate) fn now_secs() -> i64 {
    SystemClock.now().millis() / 1000
}

/// As it stands in a token.
pub(crate) fn part(document: &Value) -> String {
    URL_SAFE_NO_PAD.encode(document.to_string())
}

fn new_key() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key")
}
