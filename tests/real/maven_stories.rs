//! What people do with jars, told once and done by each Maven.

use std::{fs, path::Path};

use super::{
    chance::noise,
    clients::{Maven, MavenVersion},
    hub::{Hub, Login},
    sandbox::Outcome,
    wanted::wanted,
};

mod cold;
mod order;
mod others;

const SNAPSHOT: &str = "1.0-SNAPSHOT";

/// Bytes of a file that is refused: more than the sockets of both sides take before somebody reads.
const LARGE_BYTES: usize = 30 << 20;

/// A parent and two modules: snapshots, each newer one found, then the release; by password, token and application.
fn snapshots_then_a_release(maven: &Maven, hub: &Hub) {
    let jars = hub.maven("jars");
    let library = maven.project("library", SNAPSHOT, &jars);
    maven.deploy(&library, Some(&hub.password)).succeeds();
    let visitor = maven.project("visitor", SNAPSHOT, &jars);
    maven.compile(&visitor, Some(&hub.application)).succeeds();
    assert_eq!(maven.run_visitor(&visitor, SNAPSHOT), saying("berth", SNAPSHOT));

    rename_berth(&library);
    maven.deploy(&library, Some(&hub.member)).succeeds();
    maven.update(&visitor, Some(&hub.password)).succeeds();
    assert_eq!(maven.run_visitor(&visitor, SNAPSHOT), saying("new berth", SNAPSHOT));

    let library = maven.project("library", "1.0", &jars);
    maven.deploy(&library, Some(&hub.application)).succeeds();
    let visitor = maven.project("visitor", "1.0", &jars);
    maven.compile(&visitor, Some(&hub.member)).succeeds();
    assert_eq!(maven.run_visitor(&visitor, "1.0"), saying("berth", "1.0"));
}

/// A release stays as it was first deployed, and Maven says why.
fn a_release_is_deployed_once(maven: &Maven, hub: &Hub) {
    let jars = hub.maven("jars");
    let library = maven.project("library", "1.0", &jars);
    maven.deploy(&library, Some(&hub.member)).succeeds();
    rename_berth(&library);
    let refused = maven.deploy(&library, Some(&hub.member)).fails().says("409");
    if maven.reads_refusals() {
        refused.says("never replaces it");
    }
    let visitor = maven.project("visitor", "1.0", &jars);
    maven.compile(&visitor, Some(&hub.member)).succeeds();
    assert_eq!(maven.run_visitor(&visitor, "1.0"), saying("berth", "1.0"));
}

/// A token that only publishes deploys releases and snapshots, for which Maven reads metadata, and fetches nothing.
fn publisher_deploys_and_fetches_nothing(maven: &Maven, hub: &Hub) {
    let jars = hub.maven("jars");
    let library = maven.project("library", "1.0", &jars);
    maven.deploy(&library, Some(&hub.publisher)).succeeds();
    let library = maven.project("library", SNAPSHOT, &jars);
    maven.deploy(&library, Some(&hub.publisher)).succeeds();
    rename_berth(&library);
    maven.deploy(&library, Some(&hub.publisher)).succeeds();

    let visitor = maven.project("visitor", SNAPSHOT, &jars);
    maven.compile(&visitor, Some(&hub.publisher)).refused().says("403");
    maven.compile(&visitor, Some(&hub.member)).succeeds();
    assert_eq!(maven.run_visitor(&visitor, SNAPSHOT), saying("new berth", SNAPSHOT));
}

/// Without a login everything of a public repository is there, nothing of a private one, and nothing is deployed.
fn stranger_builds_with_public_jars(maven: &Maven, hub: &Hub) {
    let (public, private) = (hub.maven("public-jars"), hub.maven("jars"));
    let library = maven.project("library", "1.0", &public);
    maven.deploy(&library, None).refused().says("401");
    maven.deploy(&library, Some(&hub.application)).succeeds();
    maven.deploy(&maven.project("library", "1.0", &private), Some(&hub.application)).succeeds();
    let visitor = maven.project("visitor", "1.0", &public);
    maven.compile(&visitor, None).succeeds();
    assert_eq!(maven.run_visitor(&visitor, "1.0"), saying("berth", "1.0"));
    maven.compile(&maven.project("visitor", "1.0", &private), None).refused().says("401");
}

/// Whoever may not is told so, in words that Maven shows.
fn refusals_are_told(maven: &Maven, hub: &Hub) {
    let (public, private) = (hub.maven("public-jars"), hub.maven("jars"));
    let library = maven.project("library", "1.0", &public);
    maven.deploy(&library, Some(&hub.member)).succeeds();
    let wrong = Login { secret: hub.application.secret.clone(), ..hub.member.clone() };
    // Wrong credentials are wrong on a public repository too, so that nobody believes they were right.
    wrong_login_is_told(maven.deploy(&library, Some(&wrong)));
    let refused = maven.deploy(&library, Some(&hub.outsider)).refused().says("403");
    if maven.reads_refusals() {
        refused.says("you lack the permission");
    }
    maven.compile(&maven.project("visitor", "1.0", &public), Some(&hub.outsider)).succeeds();

    let visitor = maven.project("visitor", "1.0", &private);
    wrong_login_is_told(maven.compile(&visitor, Some(&wrong)));
    maven.compile(&visitor, Some(&hub.limited)).refused().says("403").says("you may not use it");
    let visitor = maven.project("visitor", "1.0", &hub.maven("nothing"));
    maven.compile(&visitor, Some(&hub.member)).refused().says("403");
}

/// A large file that is refused ends in a status, and not in a connection that breaks.
fn large_refused_file_ends_in_a_status(maven: &Maven, hub: &Hub) {
    let jars = hub.maven("jars");
    let library = maven.project("library", "1.0", &jars);
    let resources = library.join("core/src/main/resources");
    fs::create_dir_all(&resources).unwrap();
    fs::write(resources.join("large.bin"), noise(LARGE_BYTES)).unwrap();
    let wrong = Login { secret: "wrong".to_owned(), ..hub.member.clone() };
    // Without the parent, whose refusal would come first.
    let core = library.join("core");
    let forbidden = maven.deploy(&core, Some(&hub.limited)).refused().says("403");
    for refused in [forbidden, wrong_login_is_told(maven.deploy(&core, Some(&wrong)))] {
        for broken in ["reset", "Broken pipe", "Premature", "closed"] {
            assert!(!refused.text.contains(broken), "{refused}");
        }
    }
    maven.deploy(&core, Some(&hub.member)).succeeds();
}

/// A wrong login, as each Maven says it: the client of Maven 4 tries three times and then speaks of that.
#[track_caller]
fn wrong_login_is_told(outcome: Outcome) -> Outcome {
    let outcome = outcome.fails();
    let words = ["password or token is wrong", "too many authentication attempts"];
    assert!(words.iter().any(|word| outcome.text.contains(word)), "{outcome}");
    outcome
}

/// The source of the library says something else.
fn rename_berth(library: &Path) {
    let source = library.join("core/src/main/java/org/example/harbour/Berth.java");
    let text = fs::read_to_string(&source).unwrap();
    fs::write(&source, text.replace("berth of", "new berth of")).unwrap();
}

fn saying(berth: &str, version: &str) -> String {
    format!("ship at {berth} of {version}, not only {berth} of {version}\n")
}

/// Runs a story with a fresh gateway and a fresh Maven, if it is wanted here.
fn tell(version: MavenVersion, told: impl FnOnce(&Maven, &Hub)) {
    if wanted(version.parts()) {
        told(&Maven::new(version), &Hub::start());
    }
}

/// The stories of one Maven, each a test of its own.
macro_rules! stories {
    ($module:ident, $version:expr, [$($story:ident),+ $(,)?]) => {
        mod $module {
            use super::*;

            $(
                #[test]
                fn $story() {
                    tell($version, super::$story);
                }
            )+
        }
    };
    ($module:ident, $version:expr) => {
        stories!(
            $module,
            $version,
            [
                snapshots_then_a_release,
                a_release_is_deployed_once,
                publisher_deploys_and_fetches_nothing,
                stranger_builds_with_public_jars,
                refusals_are_told,
                large_refused_file_ends_in_a_status,
            ]
        );
    };
}

stories!(files, MavenVersion::V3_9, [a_patched_jar_is_deployed_by_itself]);
stories!(mvn, MavenVersion::Distribution);
stories!(mvn_3_9, MavenVersion::V3_9);
stories!(mvn_4, MavenVersion::V4);

#[test]
fn rows_in_postgres_do_as_well() {
    if wanted(MavenVersion::V3_9.parts())
        && let Some(hub) = Hub::start_on_postgres()
    {
        snapshots_then_a_release(&Maven::new(MavenVersion::V3_9), &hub);
    }
}

/// nicoulaj/checksum-maven-plugin#66: hashes that a build attaches as files of their own, which Maven 3.9 sends side by side with
/// the files they are of (MRESOLVER-319).
#[test]
fn attached_hashes_are_deployed_with_their_files() {
    if !wanted(MavenVersion::V3_9.parts()) || !wanted(&["hashed-files"]) {
        return;
    }
    let hub = Hub::start();
    let maven = Maven::with_files(MavenVersion::V3_9, "WHARFINGER_TEST_HASHED_FILES");
    for version in [SNAPSHOT, "1.0", "1.1"] {
        let hashed = maven.project("hashed", version, &hub.maven("jars"));
        maven.deploy(&hashed, Some(&hub.publisher)).succeeds();
    }
}

/// A jar of somebody else's, patched, with the POM it came with: the version is another than the POM says. That is a contradiction
/// where the layout is strict, and taken where it is not.
fn a_patched_jar_is_deployed_by_itself(maven: &Maven, hub: &Hub) {
    let project = maven.project("library", "1.0", &hub.maven("jars"));
    let (jar, pom) = (project.join("core.jar"), project.join("core/pom.xml"));
    fs::write(&jar, "patched").unwrap();
    let deploy = |repository: &str| {
        maven.deploy_file(&hub.maven(repository), (&jar, &pom), "1.0-patched", &hub.member)
    };
    let refused = deploy("jars").fails().says("400");
    if maven.reads_refusals() {
        refused.says("the POM says version 1.0, its path 1.0-patched");
    }
    deploy("loose-jars").succeeds();
}

/// A plug-in is found by its prefix and without a version: the metadata of its group and of itself say what both are.
#[test]
fn a_plug_in_is_called_by_its_prefix() {
    if !wanted(MavenVersion::V3_9.parts()) || !wanted(&["plug-in-files"]) {
        return;
    }
    let hub = Hub::start();
    let jars = hub.maven("jars");
    let maven = Maven::with_files(MavenVersion::V3_9, "WHARFINGER_TEST_PLUG_IN_FILES");
    // Deployed late, the older release is not the newest.
    for version in ["1.0", "1.2", "1.1"] {
        let plug_in = maven.project("plugin", version, &jars);
        maven.deploy(&plug_in, Some(&hub.publisher)).succeeds();
    }
    let caller = maven.project("caller", "1.0", &jars);
    maven.call(&caller, "harbour:hello", Some(&hub.member)).succeeds().says("hello from the harbour of 1.2");
    maven
        .call(&caller, "harbour:1.1:hello", Some(&hub.member))
        .succeeds()
        .says("hello from the harbour of 1.1");
    maven.call(&caller, "harbour:hello", Some(&hub.outsider)).fails();
}
