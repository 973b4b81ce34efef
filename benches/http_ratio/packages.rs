//! What Maven and NuGet clients fetch most, from private repositories with credentials.

use benches::Outcome;
use benches::gateway::Gateway;
use benches::package::{noise, nupkg};

use super::{Case, Served};

const FILE_BYTES: usize = 100_000;
/// As a library that has been around for a while.
const VERSIONS: u32 = 60;

/// Publishes what is fetched later; adds the cases and nginx's files, which are the gateway's own answers.
pub(super) fn prepare(gateway: &Gateway, cases: &mut Vec<Case>, files: &mut Vec<Served>) -> Outcome<()> {
    for minor in 0..VERSIONS {
        let size = if minor == 0 { FILE_BYTES } else { 100 };
        let jar = noise(minor.into(), size);
        gateway.deploy(&format!("org/bench/app/1.{minor}/app-1.{minor}.jar"), &jar)?;
        gateway.push_package(&nupkg("Bench.App", &format!("1.{minor}.0"), minor.into(), size)?)?;
    }
    for (name, file, path) in [
        ("jar of 100 kB, Basic", "jar", "/maven/p/bench/jars/org/bench/app/1.0/app-1.0.jar"),
        (".sha1 of a jar, Basic", "sha1", "/maven/p/bench/jars/org/bench/app/1.0/app-1.0.jar.sha1"),
        ("maven-metadata.xml, Basic", "metadata", "/maven/p/bench/jars/org/bench/app/maven-metadata.xml"),
        ("NuGet flat index, Basic", "flat", "/nuget/p/bench/feed/v3/flat/bench.app/index.json"),
        ("NuGet registration, Basic", "reg", "/nuget/p/bench/feed/v3/reg-gz-semver2/bench.app/index.json"),
        (
            "nupkg of 100 kB, Basic",
            "nupkg",
            "/nuget/p/bench/feed/v3/flat/bench.app/1.0.0/bench.app.1.0.0.nupkg",
        ),
    ] {
        let authorization = Some(gateway.basic.clone());
        files.push((file, gateway.get(path)?));
        cases.push(Case { name, path: path.to_owned(), authorization, file });
    }
    Ok(())
}
