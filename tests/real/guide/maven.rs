//! What the guide says about Maven and what else builds with its repositories.

use super::super::{
    clients::{Gradle, Maven, MavenVersion, Sbt},
    hub::{Hub, Login},
    plain::Plain,
    sandbox::{Outcome, Sandbox, finish},
    wanted::{wanted, wanted_of_all},
};
use super::{at, blocks, read, section, shell_lines};

const PAGE: &str = "maven";

/// What the guide says to write for an application.
const CLIENT_ID: &str = "<username>6f1d9c52-84c1-4f0e-9d8a-9b1c2f7a3e10</username>";

#[test]
fn mvn_lines_work_as_written() {
    if !wanted(MavenVersion::V3_9.parts()) {
        return;
    }
    let page = read(PAGE);
    let section = section(&page, "## mvn");
    let [settings, addresses] = blocks(section, "xml")[..] else { panic!("settings.xml and pom.xml") };
    assert!(section.contains(CLIENT_ID), "no client ID in {section}");
    let as_application = settings.replace("<username>alice</username>", CLIENT_ID);
    let lines = shell_lines(section);
    assert!(lines.contains(&"mvn deploy"), "no mvn deploy in {lines:?}");

    let hub = Hub::start();
    let maven = Maven::new(MavenVersion::V3_9);
    let paste = |settings: &str, project: &std::path::Path, line: &str, who: &Login| -> Outcome {
        maven.write_home("settings.xml", &at(&hub, settings));
        let mut shell = maven.shell(project);
        finish(shell.env("TOKEN", &who.secret).arg("-ec").arg(line), b"")
    };
    for (settings, who, version) in
        [(settings, &hub.member, "1.0"), (as_application.as_str(), &hub.application, "1.1")]
    {
        let library = maven.project("library", version, &hub.maven("jars"));
        maven.replace_repositories(&library, &at(&hub, addresses));
        for line in &lines {
            paste(settings, &library, line, who).succeeds();
        }
        let visitor = maven.project("visitor", version, &hub.maven("jars"));
        maven.replace_repositories(&visitor, &at(&hub, addresses));
        maven.forget();
        paste(settings, &visitor, "mvn compile", who).succeeds();
        paste(settings, &library, "mvn deploy", &hub.limited).refused();
    }
    // What is public wants no login.
    let library = maven.project("library", "2.0", &hub.maven("public-jars"));
    maven.deploy(&library, Some(&hub.member)).succeeds();
    let visitor = maven.project("visitor", "2.0", &hub.maven("public-jars"));
    maven.forget();
    paste("<settings/>", &visitor, "mvn compile", &hub.member).succeeds();
}

#[test]
fn gradle_block_works_as_written() {
    if !wanted(MavenVersion::V3_9.parts()) || !wanted_of_all(&["gradle"]) {
        return;
    }
    let page = read(PAGE);
    let [repositories] = blocks(section(&page, "## Gradle"), "groovy")[..] else { panic!("one block") };
    let (hub, maven, gradle) = (Hub::start(), Maven::new(MavenVersion::V3_9), Gradle::new());
    for (repository, version) in [("jars", "1.0"), ("public-jars", "2.0")] {
        let library = maven.project("library", version, &hub.maven(repository));
        maven.deploy(&library, Some(&hub.member)).succeeds();
        let app = format!("org.example.harbour:app:{version}");
        gradle.fetch_with_token(&at(&hub, repositories), &[&app], &hub.member.secret).succeeds();
        assert!(gradle.fetched().join(format!("core-{version}.jar")).is_file(), "{version} was not fetched");
    }
}

#[test]
fn coursier_line_works_as_written() {
    if !wanted(&["coursier"]) || !wanted(MavenVersion::V3_9.parts()) {
        return;
    }
    let page = read(PAGE);
    let [line] = shell_lines(section(&page, "## coursier"))[..] else { panic!("one line") };
    let (hub, maven) = (Hub::start(), Maven::new(MavenVersion::V3_9));
    let library = maven.project("library", "1.0", &hub.maven("jars"));
    maven.deploy(&library, Some(&hub.member)).succeeds();
    let sandbox = Sandbox::new("coursier-line");
    let mut shell = sandbox.command("sh");
    let home = sandbox.path("home");
    shell.env("JAVA_TOOL_OPTIONS", format!("-Duser.home={} -XX:TieredStopAtLevel=1", home.display()));
    shell.env("COURSIER_CACHE", sandbox.path("cache")).env("TOKEN", &hub.member.secret);
    finish(shell.arg("-ec").arg(at(&hub, line)), b"").succeeds().says("core-1.0.jar");
}

/// A snapshot under its literal name is published as often as it is built, a release once.
#[test]
fn sbt_lines_work_as_written() {
    if !wanted_of_all(&["java", "sbt", "sbt-files"]) {
        return;
    }
    let page = read(PAGE);
    let [lines] = blocks(section(&page, "## sbt"), "scala")[..] else { panic!("one build.sbt") };
    let (hub, sbt) = (Hub::start(), Sbt::new());
    sbt.add(&at(&hub, lines));
    // Its Java sends a wrong login twenty times, and calls the answer so.
    sbt.run(&["publish"], "wrong").fails().says("Server redirected too many");
    let release = r#"set version := "1.0""#;
    sbt.run(&["publish", "publish", release, "publish"], &hub.member.secret).succeeds();
    let plain = Plain::new(&hub, &hub.member);
    for (version, file) in [("1.0-SNAPSHOT", "barge-1.0-SNAPSHOT"), ("1.0", "barge-1.0")] {
        for kind in ["jar", "pom"] {
            let path = format!("{}/org/example/barge/barge/{version}/{file}.{kind}", hub.maven("jars"));
            plain.get(&path).is(200);
        }
    }
}
