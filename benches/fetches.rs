//! What clients fetch most, published on a gateway and ready to be asked for: images, Maven files, NuGet documents.

use std::path::Path;

use crate::Outcome;
use crate::gateway::{Gateway, MANIFEST};
use crate::package::{noise, nupkg};

const FILE_BYTES: usize = 100_000;
/// As a library that has been around for a while.
const VERSIONS: u32 = 60;

/// One thing to fetch.
pub struct Fetch {
    /// What the table calls it.
    pub name: &'static str,
    /// Path on the gateway.
    pub path: String,
    /// `Authorization`, if the repository is private.
    pub authorization: Option<String>,
    /// Name of the same bytes among [`Build::files`].
    pub file: &'static str,
}

impl Fetch {
    /// The headers of the request.
    #[must_use]
    pub fn headers(&self) -> Vec<(&str, &str)> {
        let mut headers = vec![("accept", MANIFEST)];
        headers.extend(self.authorization.as_deref().map(|value| ("authorization", value)));
        headers
    }
}

/// A build of the gateway, running, with what is fetched from it.
pub struct Build {
    /// The process.
    pub gateway: Gateway,
    /// What can be fetched.
    pub fetches: Vec<Fetch>,
    /// The bytes of each, by [`Fetch::file`].
    pub files: Vec<(&'static str, Vec<u8>)>,
}

impl Build {
    /// Starts `program` with its data in the new directory `folder` and publishes everything; `under` is a command that runs it, such as
    /// a profiler's.
    ///
    /// # Errors
    /// If it does not come up or refuses a push.
    pub fn start(program: &Path, under: &[&str], folder: &Path) -> Outcome<Self> {
        std::fs::create_dir(folder)?;
        let gateway = Gateway::start_under(under, program, folder)?;
        let mut build = Self { gateway, fetches: Vec::new(), files: Vec::new() };
        build.push_images()?;
        build.push_packages()?;
        Ok(build)
    }

    fn push_images(&mut self) -> Outcome<()> {
        let manifest = self.gateway.push_image("private")?;
        self.gateway.push_image("public")?;
        self.files.push(("manifest", manifest));
        let (basic, bearer) = (Some(self.gateway.basic.clone()), Some(self.gateway.bearer()?));
        let tag = |repository: &str| format!("/v2/p/bench/{repository}/web/manifests/1");
        let fetch = |name, path, authorization, file| Fetch { name, path, authorization, file };
        self.fetches.extend([
            fetch("manifest by tag, anonymous", tag("public"), None, "manifest"),
            fetch("manifest by tag, Bearer, private", tag("private"), bearer.clone(), "manifest"),
            fetch("manifest by tag, Basic, private", tag("private"), basic, "manifest"),
        ]);
        for (name, file, bytes) in [
            ("blob 1 KiB, Bearer, private", "1k", 1 << 10),
            ("blob 1 MiB, Bearer, private", "1m", 1 << 20),
            ("blob 64 MiB, Bearer, private", "64m", 64 << 20),
        ] {
            let content = vec![b'x'; bytes];
            let digest = self.gateway.push_blob("private", &content)?;
            let path = format!("/v2/p/bench/private/web/blobs/{digest}");
            self.fetches.push(fetch(name, path, bearer.clone(), file));
            self.files.push((file, content));
        }
        Ok(())
    }

    fn push_packages(&mut self) -> Outcome<()> {
        for minor in 0..VERSIONS {
            let size = if minor == 0 { FILE_BYTES } else { 100 };
            let jar = noise(minor.into(), size);
            self.gateway.deploy(&format!("org/bench/app/1.{minor}/app-1.{minor}.jar"), &jar)?;
            let package = nupkg("Bench.App", &format!("1.{minor}.0"), minor.into(), size)?;
            self.gateway.push_package(&package)?;
        }
        for (name, file, path) in [
            ("jar of 100 kB, Basic", "jar", "/maven/p/bench/jars/org/bench/app/1.0/app-1.0.jar"),
            (".sha1 of a jar, Basic", "sha1", "/maven/p/bench/jars/org/bench/app/1.0/app-1.0.jar.sha1"),
            ("maven-metadata.xml, Basic", "metadata", "/maven/p/bench/jars/org/bench/app/maven-metadata.xml"),
            ("NuGet flat index, Basic", "flat", "/nuget/p/bench/feed/v3/flat/bench.app/index.json"),
            (
                "NuGet registration, Basic",
                "reg",
                "/nuget/p/bench/feed/v3/reg-gz-semver2/bench.app/index.json",
            ),
            (
                "nupkg of 100 kB, Basic",
                "nupkg",
                "/nuget/p/bench/feed/v3/flat/bench.app/1.0.0/bench.app.1.0.0.nupkg",
            ),
        ] {
            let authorization = Some(self.gateway.basic.clone());
            self.files.push((file, self.gateway.get(path)?));
            self.fetches.push(Fetch { name, path: path.to_owned(), authorization, file });
        }
        Ok(())
    }
}
