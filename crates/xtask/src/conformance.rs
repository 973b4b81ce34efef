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

/// One run: its name, and what the suite is told besides the version.
struct Run {
    name: &'static str,
    version: &'static str,
    also: &'static [(&'static str, &'static str)],
    /// Checks that the version itself switches off.
    disabled_max: u32,
}

/// The published version, which leaves cancelling an upload out unless it is asked for, and the next one.
const RUNS: [Run; 3] = [
    Run { name: "1.1", version: "1.1", also: &[], disabled_max: 2 },
    Run {
        name: "1.1-cancel",
        version: "1.1",
        also: &[("OCI_API_BLOBS_UPLOAD_CANCEL", "true")],
        disabled_max: 0,
    },
    Run { name: "dev", version: "dev", also: &[], disabled_max: 0 },
];
/// How often each of them is told to one gateway: what the first leaves behind must not matter.
const ROUNDS: u32 = 2;

/// How many checks ended how, as the suite writes it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    checks: u32,
    failed: u32,
    errors: u32,
    skipped: u32,
    disabled: u32,
}

/// Runs the suite at `suite` for each version of the specification, on one private gateway.
pub(crate) fn conformance(suite: &str) -> Result<()> {
    let suite = fs::canonicalize(suite).map_err(Error::io(suite))?;
    run(&mut cargo(&["build", "--package", "wharfinger"]))?;
    let directory = env::temp_dir().join(format!("wharfinger-conformance-{}", std::process::id()));
    fs::create_dir(&directory).map_err(Error::io(directory.display().to_string()))?;
    let token = token(TokenOf::Application)?;
    let gateway = Gateway::start(&directory, "127.0.0.1:0", BOOTSTRAP, &[("CONFORMANCE_TOKEN", &token)])?;
    // All of them run, whatever the first one finds.
    let mut outcomes = Vec::new();
    for round in 1..=ROUNDS {
        for wanted in &RUNS {
            outcomes.push(one(
                &suite,
                &directory.join(format!("{}-{round}", wanted.name)),
                wanted,
                (&gateway, &token),
            ));
        }
    }
    println!("results: {}", directory.display());
    outcomes.into_iter().collect()
}

fn one(suite: &Path, directory: &Path, wanted: &Run, (gateway, token): (&Gateway, &str)) -> Result<()> {
    fs::create_dir(directory).map_err(Error::io(directory.display().to_string()))?;
    let mut command = Command::new(suite);
    command.current_dir(directory);
    command.envs([
        ("OCI_REGISTRY", gateway.address().to_string().as_str()),
        ("OCI_TLS", "disabled"),
        ("OCI_REPO1", "p/conf/a/img"),
        ("OCI_REPO2", "p/conf/b/img"),
        ("OCI_USERNAME", CLIENT_ID),
        ("OCI_PASSWORD", token),
        ("OCI_CACHE_AUTH", "true"),
        ("OCI_VERSION", wanted.version),
    ]);
    command.envs(wanted.also.iter().copied()).env("OCI_RESULTS_DIR", directory);
    // What it prints is long and is in its files; what it says of itself at the end is what counts.
    let log = directory.join("suite.log");
    let log = fs::File::create(&log).map_err(Error::io(log.display().to_string()))?;
    let errors = log.try_clone().map_err(Error::io("suite.log"))?;
    let passed = run(command.stdout(log).stderr(errors));
    let read = |name: &str| fs::read_to_string(directory.join(name)).map_err(Error::io(name));
    let counts = counts(&read("junit.xml")?)?;
    let results = read("results.yaml")?;
    println!("{}: {counts:?}", wanted.name);
    for line in worst(&results) {
        println!("  {line}");
    }
    passed?;
    let clean = counts.checks > 0 && counts.failed + counts.errors + counts.skipped == 0;
    if clean && counts.disabled <= wanted.disabled_max {
        return Ok(());
    }
    Err(Error::Unfit(format!("{}: more than {} checks did not pass", wanted.name, wanted.disabled_max)))
}

/// The totals, which only the report for build machines has.
fn counts(junit: &str) -> Result<Counts> {
    let head = junit.split_once("<testsuites ").map(|(_, rest)| rest.split('>').next().unwrap_or_default());
    let head = head.ok_or_else(|| Error::Unfit("junit.xml has no totals".to_owned()))?;
    let of = |name: &str| {
        let value = head.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split('"').next());
        value.and_then(|value| value.parse().ok()).unwrap_or_default()
    };
    Ok(Counts {
        checks: of("tests"),
        failed: of("failures"),
        errors: of("errors"),
        skipped: of("skipped"),
        disabled: of("disabled"),
    })
}

/// The interfaces and kinds of data of `results.yaml` that did not pass, a line each.
fn worst(results: &str) -> Vec<&str> {
    let lines = results.lines().skip_while(|line| line.trim() != "apis:").map(str::trim);
    let not = [": Skip", ": Disabled", ": FAIL", ": Error", ": Unknown"];
    lines.filter(|line| not.iter().any(|word| line.ends_with(word))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suites_own_reports_are_read() {
        let junit = "<testsuites tests=\"691\" errors=\"0\" failures=\"15\" skipped=\"1\" disabled=\"2\" time=\"1\">\n</testsuites>";
        let expected = Counts { checks: 691, failed: 15, errors: 0, skipped: 1, disabled: 2 };
        assert_eq!(counts(junit).ok(), Some(expected));
        assert!(counts("").is_err());
        let results = "config:\n  x: Skip\napis:\n  Ping: Pass\n  Referrers: FAIL\ndata:\n  Image: Pass\n";
        assert_eq!(worst(results), ["Referrers: FAIL"]);
    }
}
