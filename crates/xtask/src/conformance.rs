//! `cargo xtask conformance`: the OCI conformance suite against a fresh gateway.
//!
//! The suite is in no package registry, so the developer builds it from a copy of
//! `opencontainers/distribution-spec`: `cd conformance && go build -o conformance .`

use std::{env, fs, path::Path, process::Command};

use crate::{
    error::{Error, Result},
    gateway::{Gateway, TokenOf, token},
    run::{cargo, run},
};

const CLIENT_ID: &str = "0c0ffee0-0000-4000-8000-000000000001";

const BOOTSTRAP: &str = r#"
[organisation]
name = "conformance"

[[projects]]
key = "conf"

[[projects.repositories]]
name = "a"
format = "oci"
visibility = "private"

[[projects.repositories]]
name = "b"
format = "oci"
visibility = "private"

[[applications]]
name = "suite"
client_id = "0c0ffee0-0000-4000-8000-000000000001"
requested = ["read", "publish", "overwrite", "delete-package"]
authorised = ["conf"]

[[applications.tokens]]
name = "main"
secret_env = "CONFORMANCE_TOKEN"
"#;

/// Runs the suite at `suite` twice, for the published version of the specification and for the next one.
pub(crate) fn conformance(suite: &str) -> Result<()> {
    let suite = fs::canonicalize(suite).map_err(Error::io(suite))?;
    run(&mut cargo(&["build", "--package", "wharfinger"]))?;
    let directory = env::temp_dir().join(format!("wharfinger-conformance-{}", std::process::id()));
    fs::create_dir(&directory).map_err(Error::io(directory.display().to_string()))?;
    // Both versions run, whatever the first one finds.
    let outcomes = ["1.1", "dev"].map(|version| one(&suite, &directory, version));
    println!("results: {}", directory.display());
    outcomes.into_iter().collect()
}

fn one(suite: &Path, directory: &Path, version: &str) -> Result<()> {
    let directory = directory.join(version);
    fs::create_dir(&directory).map_err(Error::io(directory.display().to_string()))?;
    let token = token(TokenOf::Application)?;
    let gateway = Gateway::start(&directory, "127.0.0.1:0", BOOTSTRAP, &[("CONFORMANCE_TOKEN", &token)])?;
    let mut command = Command::new(suite);
    command.current_dir(&directory);
    command.envs([
        ("OCI_REGISTRY", gateway.address().to_string().as_str()),
        ("OCI_TLS", "disabled"),
        ("OCI_REPO1", "p/conf/a/img"),
        ("OCI_REPO2", "p/conf/b/img"),
        ("OCI_USERNAME", CLIENT_ID),
        ("OCI_PASSWORD", &token),
        ("OCI_CACHE_AUTH", "true"),
        ("OCI_VERSION", version),
    ]);
    run(command.env("OCI_RESULTS_DIR", &directory))
}
