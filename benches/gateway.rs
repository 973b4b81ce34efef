//! A gateway for a benchmark: the release binary with one project, a private and a public repository, one token.

use std::path::Path;
use std::process::Command;

use crate::package::form;
use crate::{Outcome, Server, binary, free_address, on_core, send};
use base64::Engine as _;

/// The running gateway and what a client needs.
pub struct Gateway {
    /// The process.
    pub server: Server,
    /// `Authorization: Basic` of the member who may do everything in the project.
    pub basic: String,
}

impl Gateway {
    /// Starts it on core 0 with its data below `folder`, the access log off.
    ///
    /// # Errors
    /// If the binary is missing or does not come up.
    pub fn start(folder: &Path) -> Outcome<Self> {
        Self::start_under(&[], &binary()?, folder)
    }

    /// The same where its member administers the organisation too.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_administered(folder: &Path) -> Outcome<Self> {
        Self::start_of(&[], &binary()?, folder, &format!("{BOOTSTRAP}{ADMINISTERED}"))
    }

    /// The same with an organisation of its own, in which `bench` is a member; `BENCH_TOKEN` has its token, `BENCH_PASSWORD` is [`PASSWORD`].
    /// What an earlier one left in the folder is taken as it is.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_organised(folder: &Path, organisation: &str) -> Outcome<Self> {
        Self::start_of(&[], &binary()?, folder, organisation)
    }

    /// As [`start`](Self::start), of any build's binary and run by the command `under`, such as a profiler's.
    ///
    /// # Errors
    /// If it does not come up.
    pub fn start_under(under: &[&str], program: &Path, folder: &Path) -> Outcome<Self> {
        Self::start_of(under, program, folder, BOOTSTRAP)
    }

    fn start_of(under: &[&str], program: &Path, folder: &Path, organisation: &str) -> Outcome<Self> {
        let (token, bootstrap, data) =
            (folder.join("token"), folder.join("bootstrap.toml"), folder.join("data"));
        let is_there = data.try_exists()?;
        if !is_there {
            let secret = Command::new(program).args(["token", "generate", "person"]).output()?.stdout;
            std::fs::write(&token, String::from_utf8(secret)?.trim())?;
            std::fs::write(&bootstrap, organisation)?;
        }
        let secret = std::fs::read_to_string(token)?;
        let address = free_address()?;
        let mut command = on_core(0, under.first().map_or(program, Path::new));
        if !under.is_empty() {
            command.args(under.iter().skip(1)).arg(program);
        }
        command.arg("serve").arg("--listen").arg(address.to_string()).arg("--data").arg(data);
        if !is_there {
            command.arg("--bootstrap").arg(bootstrap);
        }
        command.env("BENCH_TOKEN", &secret).env("BENCH_PASSWORD", PASSWORD);
        command.env("WHARFINGER__LOG__LEVEL", "warn").env("WHARFINGER__CONNECTIONS__PER_ADDRESS_MAX", "4096");
        let server = Server::start(command, address, "/readyz")?;
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("bench:{secret}"));
        Ok(Self { server, basic: format!("Basic {basic}") })
    }

    /// A bearer of the token endpoint for that member.
    ///
    /// # Errors
    /// If the endpoint refuses.
    pub fn bearer(&self) -> Outcome<String> {
        let asked = send(
            self.server.address,
            "GET",
            "/v2/token?scope=repository:x:pull",
            &[("authorization", &self.basic)],
            &[],
        )?;
        let text = String::from_utf8(asked.body)?;
        let token = text.split("\"token\":\"").nth(1).and_then(|rest| rest.split('"').next());
        Ok(format!("Bearer {}", token.ok_or("no token in the answer")?))
    }

    /// Puts a file into the Maven repository `jars`.
    ///
    /// # Errors
    /// If the gateway does not answer 201.
    pub fn deploy(&self, path: &str, bytes: &[u8]) -> Outcome<()> {
        let path = format!("/maven/p/bench/jars/{path}");
        let answer = send(self.server.address, "PUT", &path, &[("authorization", &self.basic)], bytes)?;
        if answer.status == 201 { Ok(()) } else { Err(format!("{path}: {}", answer.head).into()) }
    }

    /// Pushes a package into the NuGet feed `feed`.
    ///
    /// # Errors
    /// If the gateway does not answer 201.
    pub fn push_package(&self, nupkg: &[u8]) -> Outcome<()> {
        let (content_type, body) = form(nupkg);
        let headers = [("authorization", self.basic.as_str()), ("content-type", content_type.as_str())];
        let answer = send(self.server.address, "PUT", "/nuget/p/bench/feed/v3/package/", &headers, &body)?;
        if answer.status == 201 { Ok(()) } else { Err(format!("push: {}", answer.head).into()) }
    }

    /// The body of a GET with credentials.
    ///
    /// # Errors
    /// If the gateway does not answer 200.
    pub fn get(&self, path: &str) -> Outcome<Vec<u8>> {
        let answer = send(self.server.address, "GET", path, &[("authorization", &self.basic)], &[])?;
        if answer.status == 200 { Ok(answer.body) } else { Err(format!("{path}: {}", answer.head).into()) }
    }

    /// Pushes bytes as a blob in one request and gives its digest.
    ///
    /// # Errors
    /// If the gateway does not answer 201.
    pub fn push_blob(&self, repository: &str, bytes: &[u8]) -> Outcome<String> {
        let digest = sha256(bytes);
        let path = format!("/v2/p/bench/{repository}/web/blobs/uploads/?digest={digest}");
        let answer = send(self.server.address, "POST", &path, &[("authorization", &self.basic)], bytes)?;
        if answer.status == 201 { Ok(digest) } else { Err(format!("blob: {}", answer.head).into()) }
    }

    /// Pushes a manifest of one layer under the tag `1` and gives its bytes.
    ///
    /// # Errors
    /// If the gateway does not answer 201.
    pub fn push_image(&self, repository: &str) -> Outcome<Vec<u8>> {
        let config = self.push_blob(repository, b"{}")?;
        let layer = self.push_blob(repository, &[7; 1024])?;
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{config}","size":2}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{layer}","size":1024}}]}}"#
        );
        let path = format!("/v2/p/bench/{repository}/web/manifests/1");
        let headers = [("authorization", self.basic.as_str()), ("content-type", MANIFEST)];
        let answer = send(self.server.address, "PUT", &path, &headers, manifest.as_bytes())?;
        if answer.status == 201 {
            Ok(manifest.into_bytes())
        } else {
            Err(format!("manifest: {}", answer.head).into())
        }
    }
}

/// `sha256:<hex>` of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    let hash: [u8; 32] = sha2::Sha256::digest(bytes).into();
    domain::Digest::sha256(hash).to_string()
}

/// Media type of the image manifests pushed here.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// What people of a benchmark log in with.
pub const PASSWORD: &str = "the lanterns of a bench";

const BOOTSTRAP: &str = r#"
[organisation]
name = "bench"

[[projects]]
key = "bench"

[[projects.repositories]]
name = "private"
format = "oci"
visibility = "private"

[[projects.repositories]]
name = "public"
format = "oci"
visibility = "public"

[[projects.repositories]]
name = "jars"
format = "maven"
visibility = "private"

[[projects.repositories]]
name = "feed"
format = "nuget"
visibility = "private"

[[members]]
username = "bench"
email = "bench@example.org"

[[members.tokens]]
name = "bench"
secret_env = "BENCH_TOKEN"

[[grants]]
to = "member:bench"
role = "project-admin"
on = "bench"
"#;

const ADMINISTERED: &str = r#"
[[teams]]
name = "org-admins"
members = ["member:bench"]
"#;
