//! What each real client does, request by request, as its source and captures of it say: log-in, push and pull of
//! docker (classic image store), containerd, skopeo, crane and regctl.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use expect_test::Expect;
use futures_util::stream;
use serde_json::Value;

use super::answer::Answer;
use super::challenge::Challenge;
use super::http::{Ask, Http, encode};
use super::image::{self, DOCKER_LIST, DOCKER_MANIFEST, Image, OCI_INDEX, OCI_MANIFEST};
use super::organisation::Login;

/// Whose habits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Docker,
    Containerd,
    Skopeo,
    Crane,
    Regctl,
}

impl Dialect {
    pub(crate) const ALL: [Self; 5] =
        [Self::Docker, Self::Containerd, Self::Skopeo, Self::Crane, Self::Regctl];

    /// Whether it asks `GET /v2/` first and decides by that answer alone how it logs in.
    const fn pings(self) -> bool {
        matches!(self, Self::Docker | Self::Skopeo | Self::Crane)
    }
}

/// A client of one person, or of nobody, with the bearer it holds.
pub(crate) struct Client {
    http: Http,
    login: Option<Login>,
    dialect: Dialect,
    bearer: Option<String>,
    steps: Vec<String>,
}

/// What became of it: the last answer, and every step before.
#[must_use]
pub(crate) struct Outcome {
    succeeded: bool,
    answer: Answer,
    steps: Vec<String>,
    image: Option<Image>,
}

/// The answer that ended the work.
struct Stopped(Box<Answer>);

type Step<T> = Result<T, Stopped>;

impl Client {
    pub(crate) const fn new(http: Http, login: Option<Login>, dialect: Dialect) -> Self {
        Self { http, login, dialect, bearer: None, steps: Vec::new() }
    }

    /// `docker login`: the version check, a token without a scope, the version check with it.
    pub(crate) async fn login(mut self) -> Outcome {
        let outcome = self.log_in().await;
        self.outcome(outcome.map(|answer| (answer, None)))
    }

    /// Pushes an image to `PROJECT/REPOSITORY/IMAGE:TAG`.
    pub(crate) async fn push(mut self, reference: &str, image: &Image) -> Outcome {
        let outcome = self.pushing(reference, image).await;
        self.outcome(outcome.map(|answer| (answer, None)))
    }

    /// Pulls `PROJECT/REPOSITORY/IMAGE:TAG` or `…@DIGEST`.
    pub(crate) async fn pull(mut self, reference: &str) -> Outcome {
        let outcome = self.pulling(reference).await;
        self.outcome(outcome.map(|(answer, image)| (answer, Some(image))))
    }

    fn outcome(self, outcome: Step<(Answer, Option<Image>)>) -> Outcome {
        let (succeeded, answer, image) = match outcome {
            Ok((answer, image)) => (true, answer, image),
            Err(Stopped(answer)) => (false, *answer, None),
        };
        Outcome { succeeded, answer, steps: self.steps, image }
    }

    async fn log_in(&mut self) -> Step<Answer> {
        let first = self.send(Ask::get("/v2/")).await;
        if first.status != 401 {
            return Ok(first);
        }
        let challenge = Challenge::of(&first);
        let mut query = self.account();
        query.push(("client_id", "docker".to_owned()));
        query.push(("offline_token", "true".to_owned()));
        self.fetch_token(&challenge, query).await?;
        self.expect(Ask::get("/v2/"), &[200]).await
    }

    async fn pushing(&mut self, reference: &str, image: &Image) -> Step<Answer> {
        let (name, reference) = split(reference);
        self.prepare(&name, "pull,push").await?;
        if self.dialect == Dialect::Containerd {
            let head = Ask::head(format!("/v2/{name}/manifests/{reference}"));
            let accept = format!("{}, */*", image.media_type);
            self.expect(head.header("accept", &accept), &[200, 404]).await?;
        }
        for blob in image.blobs() {
            self.push_blob(&name, blob).await?;
        }
        let put = Ask::put(format!("/v2/{name}/manifests/{reference}"))
            .header("content-type", image.media_type)
            .body(image.manifest.clone());
        let answer = self.expect(put, &[201]).await?;
        assert_eq!(answer.must_have("docker-content-digest"), image.digest(), "\n{answer}");
        Ok(answer)
    }

    async fn push_blob(&mut self, name: &str, blob: &Bytes) -> Step<()> {
        let digest = image::sha256(blob);
        let target = format!("/v2/{name}/blobs/{digest}");
        if self.expect(Ask::head(&target), &[200, 404]).await?.status == 200 {
            return Ok(());
        }
        let mut post = Ask::post(format!("/v2/{name}/blobs/uploads/"));
        if self.dialect == Dialect::Crane {
            post = post.header("content-type", "application/json");
        }
        let begun = self.expect(post, &[202]).await?;
        let mut location = begun.must_have("location").to_owned();
        let whole = matches!(self.dialect, Dialect::Containerd | Dialect::Regctl);
        if !whole {
            let patch = Ask::patch(&location).header("content-type", "application/octet-stream");
            let patch = if self.dialect == Dialect::Docker {
                patch.chunked(stream::iter(halves(blob)))
            } else {
                patch.body(blob.clone())
            };
            let patched = self.expect(patch, &[202]).await?;
            assert_eq!(patched.must_have("range"), range_of(blob), "\n{patched}");
            location = patched.must_have("location").to_owned();
        }
        let separator = if location.contains('?') { '&' } else { '?' };
        let put = Ask::put(format!("{location}{separator}digest={}", encode(&digest)));
        let put = if whole {
            put.header("content-type", "application/octet-stream").body(blob.clone())
        } else {
            put
        };
        self.expect(put, &[201]).await?;
        if self.dialect == Dialect::Docker {
            self.expect(Ask::head(target), &[200]).await?;
        }
        Ok(())
    }

    async fn pulling(&mut self, reference: &str) -> Step<(Answer, Image)> {
        let (name, reference) = split(reference);
        self.prepare(&name, "pull").await?;
        let mut target = format!("/v2/{name}/manifests/{reference}");
        if matches!(self.dialect, Dialect::Docker | Dialect::Containerd | Dialect::Regctl) {
            let head = self.expect(self.accepting(Ask::head(&target)), &[200]).await?;
            target = format!("/v2/{name}/manifests/{}", head.must_have("docker-content-digest"));
        }
        let answer = self.expect(self.accepting(Ask::get(target)), &[200]).await?;
        let digest = answer.must_have("docker-content-digest");
        assert_eq!(image::sha256(&answer.body), digest, "\n{answer}");
        let manifest: Value = answer.json();
        let media_type = [OCI_MANIFEST, DOCKER_MANIFEST, OCI_INDEX, DOCKER_LIST]
            .into_iter()
            .find(|known| *known == answer.must_have("content-type"))
            .unwrap_or_else(|| panic!("an unknown type:\n{answer}"));
        let config = self.pull_blob(&name, &manifest["config"]).await?;
        let mut layers = Vec::new();
        for layer in manifest["layers"].as_array().into_iter().flatten() {
            layers.push(self.pull_blob(&name, layer).await?);
        }
        let image = Image { config, layers, manifest: answer.body.clone(), media_type };
        Ok((answer, image))
    }

    async fn pull_blob(&mut self, name: &str, described: &Value) -> Step<Bytes> {
        let digest = described["digest"].as_str().expect("a digest");
        let get = Ask::get(format!("/v2/{name}/blobs/{digest}"));
        let answer = if self.dialect == Dialect::Containerd {
            let get = get.header("range", "bytes=0-").header("accept-encoding", "zstd;q=1.0, gzip;q=0.8");
            self.expect(get, &[206]).await?
        } else {
            self.expect(get, &[200]).await?
        };
        assert_eq!(image::sha256(&answer.body), digest, "\n{answer}");
        assert!(answer.header("content-encoding").is_none(), "\n{answer}");
        Ok(answer.body)
    }

    fn accepting(&self, ask: Ask) -> Ask {
        let types = [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST];
        match self.dialect {
            // One line for each.
            Dialect::Docker => types.into_iter().fold(ask, |ask, some| ask.header("accept", some)),
            Dialect::Containerd => ask.header("accept", &format!("{}, */*", types.join(", "))),
            Dialect::Skopeo | Dialect::Crane | Dialect::Regctl => ask.header("accept", &types.join(",")),
        }
    }

    /// The version check of those clients that decide by it.
    async fn prepare(&mut self, name: &str, actions: &str) -> Step<()> {
        if !self.dialect.pings() {
            return Ok(());
        }
        let ping = self.expect(Ask::get("/v2/"), &[401]).await?;
        let challenge = Challenge::of(&ping);
        let mut query = self.account();
        query.push(("scope", format!("repository:{name}:{actions}")));
        self.fetch_token(&challenge, query).await
    }

    fn account(&self) -> Vec<(&'static str, String)> {
        let account = self.login.as_ref().map(|login| ("account", login.name.clone()));
        account.into_iter().collect()
    }

    async fn fetch_token(&mut self, challenge: &Challenge, more: Vec<(&str, String)>) -> Step<()> {
        let mut query = vec![("service", challenge.service.clone())];
        query.extend(more);
        let pairs: Vec<String> =
            query.iter().map(|(key, value)| format!("{key}={}", encode(value))).collect();
        let mut get = Ask::get(format!("{}?{}", self.local(&challenge.realm), pairs.join("&")));
        if let Some(login) = &self.login {
            get = get.authorization(&basic(login));
        }
        let answer = self.anonymously(get).await;
        self.keep_token(answer)
    }

    /// As containerd and regclient do it: by POST, whose answer holds the token as `access_token`.
    async fn post_for_token(&mut self, challenge: &Challenge) -> Step<()> {
        let scope = challenge.scope.clone().unwrap_or_default();
        let client = if self.dialect == Dialect::Regctl { "regclient" } else { "containerd-client" };
        let mut fields = vec![("service", challenge.service.as_str()), ("client_id", client)];
        fields.push(("scope", &scope));
        let login = self.login.clone();
        if let Some(login) = &login {
            fields.push(("grant_type", "password"));
            fields.push(("username", &login.name));
            fields.push(("password", &login.secret));
        }
        let post = Ask::post(self.local(&challenge.realm)).form(&fields);
        let answer = self.anonymously(post).await;
        self.keep_token(answer)
    }

    fn keep_token(&mut self, answer: Answer) -> Step<()> {
        if answer.status != 200 {
            return Err(Stopped(Box::new(answer)));
        }
        let token = answer.json();
        assert!(token.get("refresh_token").is_none(), "would be kept instead of the password:\n{answer}");
        assert!(token.get("issued_at").is_none(), "a skewed clock then breaks clients:\n{answer}");
        assert!(token["expires_in"].as_u64() >= Some(300), "\n{answer}");
        assert_eq!(token["token"], token["access_token"], "\n{answer}");
        self.bearer = token["token"].as_str().map(str::to_owned);
        assert!(self.bearer.as_ref().is_some_and(|bearer| !bearer.is_empty()), "\n{answer}");
        Ok(())
    }

    /// The realm must be on the same server.
    fn local(&self, realm: &str) -> String {
        let rest =
            realm.split_once("://").and_then(|(_, rest)| rest.strip_prefix(&self.http.address().to_string()));
        rest.unwrap_or_else(|| panic!("the realm {realm} is elsewhere")).to_owned()
    }

    /// Sends with the bearer; a client that reacts to refusals asks for a token and tries again.
    async fn send(&mut self, ask: Ask) -> Answer {
        let ask = match &self.bearer {
            Some(bearer) => ask.authorization(&format!("Bearer {bearer}")),
            None => ask,
        };
        self.anonymously(ask).await
    }

    async fn anonymously(&mut self, ask: Ask) -> Answer {
        let what = format!("{} {}", ask.method, ask.target.split('?').next().unwrap_or_default());
        let answer = self.http.send(ask).await;
        self.steps.push(format!("{what} {}", answer.status.as_u16()));
        answer
    }

    async fn expect(&mut self, ask: Ask, wanted: &[u16]) -> Step<Answer> {
        let wanted = |answer: &Answer| wanted.contains(&answer.status.as_u16());
        if self.dialect.pings() || self.bearer.is_some() {
            let answer = self.send(ask).await;
            return if wanted(&answer) { Ok(answer) } else { Err(Stopped(Box::new(answer))) };
        }
        // Nothing has been presented yet, and what is asked first has no body: it can be asked again.
        let again = Ask::new(ask.method.clone(), ask.target.clone());
        let again = ask.headers.iter().fold(again, |again, (name, value)| {
            again.header(name.as_str(), value.to_str().expect("a plain header"))
        });
        let answer = self.send(ask).await;
        if answer.status != 401 {
            return if wanted(&answer) { Ok(answer) } else { Err(Stopped(Box::new(answer))) };
        }
        let challenge = Challenge::of(&answer);
        if self.login.is_some() || self.dialect == Dialect::Regctl {
            self.post_for_token(&challenge).await?;
        } else {
            let scope = challenge.scope.clone().map(|scope| ("scope", scope));
            self.fetch_token(&challenge, scope.into_iter().collect()).await?;
        }
        let answer = self.send(again).await;
        if wanted(&answer) { Ok(answer) } else { Err(Stopped(Box::new(answer))) }
    }
}

impl Outcome {
    #[track_caller]
    pub(crate) fn done(&self) {
        assert!(self.succeeded, "{}\n{}", self.steps.join("\n"), self.answer);
    }

    /// It ended with exactly this answer.
    #[track_caller]
    pub(crate) fn refused(self, expected: &Expect) {
        assert!(!self.succeeded, "should have been refused:\n{}", self.steps.join("\n"));
        expected.assert_eq(&self.answer.to_string());
    }

    /// It ended with this status.
    #[track_caller]
    pub(crate) fn refused_with(self, status: u16) -> Answer {
        assert!(!self.succeeded, "should have been refused:\n{}", self.steps.join("\n"));
        assert_eq!(self.answer.status, status, "{}\n{}", self.steps.join("\n"), self.answer);
        self.answer
    }

    /// The pulled image is this one.
    #[track_caller]
    pub(crate) fn gives(self, image: &Image) {
        self.done();
        assert_eq!(self.image.as_ref(), Some(image), "{}", self.steps.join("\n"));
    }

    /// The requests and their statuses.
    #[track_caller]
    pub(crate) fn took(self, expected: &Expect) {
        let mut steps = self.steps.join("\n");
        for (before, mask) in
            [("/blobs/uploads/", "UPLOAD"), ("/blobs/sha256:", "…"), ("/manifests/sha256:", "…")]
        {
            steps = mask_word(&steps, before, mask);
        }
        expected.assert_eq(&format!("{steps}\n"));
    }
}

/// `Basic` with a name and a secret.
pub(crate) fn basic(login: &Login) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", login.name, login.secret)))
}

/// Name as clients write it, with the leading `p/`, and tag or digest.
fn split(reference: &str) -> (String, String) {
    let (name, reference) =
        reference.split_once('@').or_else(|| reference.rsplit_once(':')).expect("a tag or a digest");
    (format!("p/{name}"), reference.to_owned())
}

fn halves(blob: &Bytes) -> Vec<Bytes> {
    let middle = blob.len() / 2;
    let parts = [blob.slice(..middle), blob.slice(middle..)];
    parts.into_iter().filter(|part| !part.is_empty()).collect()
}

/// Both ends inclusive, without a unit; an empty upload is `0-0`.
fn range_of(blob: &Bytes) -> String {
    format!("0-{}", blob.len().saturating_sub(1))
}

fn mask_word(text: &str, before: &str, mask: &str) -> String {
    let mut masked = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(before) {
        let (head, tail) = rest.split_at(at + before.len());
        masked.push_str(head);
        let end = tail.find([' ', '\n']).unwrap_or(tail.len());
        if end > 0 {
            masked.push_str(mask);
        }
        rest = &tail[end..];
    }
    masked.push_str(rest);
    masked
}
