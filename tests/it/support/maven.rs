//! What each real client of Maven repositories does, request by request: `deploy` and resolve of Maven 3, publications of
//! Gradle and of Bazel's rules_jvm_external (docs/maven.md 5 and 7).

use bytes::Bytes;
use futures_util::future::join_all;
use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use super::actor::Actor;
use super::answer::Answer;
use super::http::Ask;

/// The kinds of hashes, as the ends of their files.
pub(crate) const HASHES: [&str; 4] = ["md5", "sha1", "sha256", "sha512"];

/// One version of an artifact, as a build has made it.
#[derive(Debug, Clone)]
pub(crate) struct Built {
    pub(crate) group: String,
    pub(crate) artifact: String,
    pub(crate) version: String,
    /// What follows the version in names, and the bytes: `.jar`, `-sources.jar`, `.pom`.
    pub(crate) files: Vec<(String, Bytes)>,
}

/// A repository, as somebody's client sees it.
pub(crate) struct Jars<'a> {
    actor: &'a Actor,
    stranger: Actor,
    root: String,
}

/// The answer that ended the work.
pub(crate) type Step<T> = Result<T, Box<Answer>>;

impl Built {
    /// A jar and its POM; `text` makes the jar unlike others.
    pub(crate) fn new(coordinates: &str, text: &str) -> Self {
        let parts: Vec<&str> = coordinates.split(':').collect();
        let [group, artifact, version] = parts[..] else {
            panic!("GROUP:ARTIFACT:VERSION, not {coordinates}")
        };
        let files = vec![
            (".jar".to_owned(), Bytes::from(format!("PK jar of {coordinates}: {text}"))),
            (".pom".to_owned(), Bytes::from(pom(group, artifact, version))),
        ];
        Self { group: group.into(), artifact: artifact.into(), version: version.into(), files }
    }

    pub(crate) fn with(mut self, end: &str, bytes: &str) -> Self {
        self.files.push((end.to_owned(), Bytes::from(bytes.to_owned())));
        self
    }

    /// Directory of the artifact, without a slash at either end.
    pub(crate) fn directory(&self) -> String {
        format!("{}/{}", self.group.replace('.', "/"), self.artifact)
    }

    /// Path of a file; `shown` is the version in its name.
    pub(crate) fn path(&self, shown: &str, end: &str) -> String {
        format!("{}/{}/{}-{shown}{end}", self.directory(), self.version, self.artifact)
    }

    fn is_snapshot(&self) -> bool {
        self.version.ends_with("-SNAPSHOT")
    }

    /// Its version, with the build in the place of `SNAPSHOT`.
    pub(crate) fn expanded(&self, build: u32) -> String {
        self.version.replace("SNAPSHOT", &format!("20260102.0304{build:02}-{build}"))
    }
}

/// A POM with these coordinates.
pub(crate) fn pom(group: &str, artifact: &str, version: &str) -> String {
    format!(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><modelVersion>4.0.0</modelVersion>\
         <groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version></project>"
    )
}

/// The hash of some bytes, in digits.
pub(crate) fn hash(kind: &str, bytes: &[u8]) -> String {
    let hash: Vec<u8> = match kind {
        "md5" => Md5::digest(bytes).to_vec(),
        "sha1" => Sha1::digest(bytes).to_vec(),
        "sha256" => Sha256::digest(bytes).to_vec(),
        "sha512" => Sha512::digest(bytes).to_vec(),
        other => panic!("no hash: {other}"),
    };
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The texts of every element of this name, in order.
pub(crate) fn texts(document: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let pieces = document.split(&open).skip(1);
    pieces.filter_map(|piece| Some(piece.split_once(&close)?.0.to_owned())).collect()
}

impl Actor {
    /// The repository `PROJECT/REPOSITORY` through the eyes of this actor.
    pub(crate) fn jars(&self, repository: &str) -> Jars<'_> {
        Jars { actor: self, stranger: self.logged_out(), root: format!("/maven/p/{repository}") }
    }
}

impl Jars<'_> {
    /// Whole path of something in it.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}/{path}", self.root)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.actor.send(Ask::get(self.at(path))).await
    }

    pub(crate) async fn put(&self, path: &str, body: impl Into<Bytes>) -> Answer {
        self.actor.send(Ask::put(self.at(path)).body(body.into())).await
    }

    /// `mvn deploy` of Maven 3: build number, files each with two hashes, then metadata from the inside out.
    pub(crate) async fn mvn_deploy(&self, built: &Built) -> Step<u32> {
        let mut shown = built.version.clone();
        let mut build = 0;
        let of_version = format!("{}/{}/maven-metadata.xml", built.directory(), built.version);
        if built.is_snapshot() {
            let known = self.mvn_metadata(&of_version).await?;
            let last =
                known.and_then(|document| texts(&document, "buildNumber").first()?.parse::<u32>().ok());
            build = last.unwrap_or(0) + 1;
            shown = built.expanded(build);
        }
        for (end, bytes) in &built.files {
            self.put_hashed(&built.path(&shown, end), bytes, &["sha1", "md5"]).await?;
        }
        let of_artifact = format!("{}/maven-metadata.xml", built.directory());
        self.mvn_metadata(&of_artifact).await?;
        let written = if built.is_snapshot() { vec![of_version, of_artifact] } else { vec![of_artifact] };
        for path in written {
            self.put_hashed(&path, &self.merged(built), &["sha1", "md5"]).await?;
        }
        Ok(build)
    }

    /// A publication by Gradle: all four hashes, the module file, metadata last.
    pub(crate) async fn gradle_publish(&self, built: &Built) -> Step<()> {
        for (end, bytes) in &built.files {
            self.put_hashed(&built.path(&built.version, end), bytes, &["sha1", "md5", "sha256", "sha512"])
                .await?;
        }
        let of_artifact = format!("{}/maven-metadata.xml", built.directory());
        self.mvn_metadata(&of_artifact).await?;
        self.put_hashed(&of_artifact, &self.merged(built), &["sha1", "md5", "sha256", "sha512"]).await
    }

    /// A publication by rules_jvm_external: files side by side under the literal version, credentials unasked.
    pub(crate) async fn bazel_publish(&self, built: &Built) -> Step<()> {
        let files = built.files.iter().map(|(end, bytes)| {
            let path = built.path(&built.version, end);
            async move { self.put_hashed(&path, bytes, &HASHES).await }
        });
        for step in join_all(files).await {
            step?;
        }
        let of_artifact = format!("{}/maven-metadata.xml", built.directory());
        self.put_hashed(&of_artifact, &self.merged(built), &HASHES).await
    }

    /// A publication by sbt, which goes through Ivy: file by file under the literal version, POM first, each with two hashes and no
    /// metadata. Credentials come once they were asked for by the realm that the build names.
    pub(crate) async fn sbt_publish(&self, built: &Built) -> Step<()> {
        let (pom, rest): (Vec<_>, Vec<_>) = built.files.iter().partition(|(end, _)| end == ".pom");
        for (end, bytes) in pom.into_iter().chain(rest) {
            let path = built.path(&built.version, end);
            let challenged = self.stranger.send(Ask::put(self.at(&path)).body(bytes.clone())).await.is(401);
            assert!(challenged.must_have("www-authenticate").contains("realm=\"wharfinger\""));
            self.put_hashed(&path, bytes, &["sha1", "md5"]).await?;
        }
        Ok(())
    }

    /// What Maven does for a dependency: the newest build if it is a snapshot, then each file and its hash.
    pub(crate) async fn mvn_resolve(&self, built: &Built) -> Step<Vec<Bytes>> {
        let mut found = Vec::new();
        let of_version = format!("{}/{}/maven-metadata.xml", built.directory(), built.version);
        let metadata = if built.is_snapshot() { self.mvn_metadata(&of_version).await? } else { None };
        for (end, _) in &built.files {
            let shown = metadata.as_deref().and_then(|document| newest(document, end));
            let path = built.path(&shown.unwrap_or_else(|| built.version.clone()), end);
            found.push(self.mvn_fetch(&path).await?.ok_or_else(|| Box::new(unfound(&path)))?);
        }
        Ok(found)
    }

    /// Metadata with its hash as Maven reads them; `None` where there is none yet.
    pub(crate) async fn mvn_metadata(&self, path: &str) -> Step<Option<String>> {
        let document = self.mvn_fetch(path).await?;
        Ok(document.map(|bytes| String::from_utf8(bytes.to_vec()).expect("UTF-8")))
    }

    /// Without credentials at first, with them after a 401; then the hash, if no header has told it.
    async fn mvn_fetch(&self, path: &str) -> Step<Option<Bytes>> {
        let get = || Ask::get(self.at(path)).header("cache-control", "no-cache, no-store");
        let mut answer = self.stranger.send(get()).await;
        if answer.status == 401 && self.actor.login.is_some() {
            answer = self.actor.send(get()).await;
        }
        match answer.status.as_u16() {
            200 => {}
            404 => return Ok(None),
            _ => return Err(Box::new(answer)),
        }
        let told = answer.must_have("x-checksum-sha1");
        assert_eq!(told, hash("sha1", &answer.body), "{path}\n{answer}");
        Ok(Some(answer.body))
    }

    async fn put_hashed(&self, path: &str, bytes: &Bytes, hashes: &[&str]) -> Step<()> {
        self.must_put(path, bytes.clone()).await?;
        for kind in hashes {
            self.must_put(&format!("{path}.{kind}"), Bytes::from(hash(kind, bytes))).await?;
        }
        Ok(())
    }

    async fn must_put(&self, path: &str, bytes: Bytes) -> Step<()> {
        let put = Ask::put(self.at(path)).body(bytes);
        let answer = self.actor.send(put).await;
        if answer.status.is_success() { Ok(()) } else { Err(Box::new(answer)) }
    }

    /// What the client would make of the metadata: here it is only known not to matter.
    fn merged(&self, built: &Built) -> Bytes {
        let Built { group, artifact, version, .. } = built;
        Bytes::from(format!(
            "<metadata><groupId>{group}</groupId><artifactId>{artifact}</artifactId><versioning><release>{version}\
             </release><versions><version>{version}</version></versions></versioning></metadata>"
        ))
    }

    /// The versions of an artifact, after its metadata was seen to fit all its hashes, told in files and in headers.
    pub(crate) async fn versions(&self, directory: &str) -> Vec<String> {
        let path = format!("{directory}/maven-metadata.xml");
        let answer = self.get(&path).await;
        if answer.status == 404 {
            return Vec::new();
        }
        let answer = answer.is(200);
        for kind in HASHES {
            let expected = hash(kind, &answer.body);
            assert_eq!(answer.must_have(&format!("x-checksum-{kind}")), expected, "{path}");
            assert_eq!(self.get(&format!("{path}.{kind}")).await.is(200).body, expected, "{path}.{kind}");
        }
        texts(std::str::from_utf8(&answer.body).expect("UTF-8"), "version")
    }
}

/// The version in the name of the newest file that ends like this.
fn newest(document: &str, end: &str) -> Option<String> {
    let (classifier, extension) = match end.strip_prefix('-') {
        Some(rest) => rest.split_once('.')?,
        None => ("", end.strip_prefix('.')?),
    };
    let listed = texts(document, "snapshotVersion");
    let one = |listed: &str, name| texts(listed, name).into_iter().next().unwrap_or_default();
    let found = listed
        .iter()
        .find(|listed| one(listed, "classifier") == classifier && one(listed, "extension") == extension)?;
    Some(one(found, "value"))
}

/// In place of an answer that never came, or of a file that is not there.
fn unfound(path: &str) -> Answer {
    Answer::new(http::StatusCode::NOT_FOUND, http::HeaderMap::new(), path.to_owned())
}
