//! Other clients of Maven repositories: coursier, Gradle.

use super::super::{
    clients::{Coursier, Gradle, Maven, MavenVersion},
    hub::{Hub, Login},
    wanted::{wanted, wanted_of_all},
};

/// A module, whose other module and parent come along.
const APP: &str = "org.example.harbour:app:1.0";

#[test]
fn coursier_fetches_what_maven_deployed() {
    if !wanted(MavenVersion::V3_9.parts()) || !wanted(&["coursier"]) {
        return;
    }
    let hub = Hub::start();
    let (public, private) = (hub.maven("public-jars"), hub.maven("jars"));
    deploy(&hub);

    let coursier = Coursier::new();
    for who in [&hub.member, &hub.application, &hub.password] {
        let fetched = coursier.fetch(&private, APP, Some(who)).succeeds();
        let fetched = fetched.says("/app-1.0.jar").says("/core-1.0.jar");
        assert_eq!(fetched.text.lines().filter(|line| line.starts_with('/')).count(), 2, "{fetched}");
    }
    coursier.fetch(&public, APP, None).succeeds().says("/app-1.0.jar").says("/core-1.0.jar");
    coursier.fetch(&private, APP, None).refused();
    let wrong = Login { secret: hub.member.secret.clone(), ..hub.application.clone() };
    coursier.fetch(&private, APP, Some(&wrong)).refused();
    coursier.fetch(&private, APP, Some(&hub.limited)).refused();
    coursier.fetch(&private, "org.example.harbour:app:9.9", Some(&hub.member)).fails().says("not found");
}

#[test]
fn gradle_fetches_what_maven_deployed() {
    if !wanted(MavenVersion::V3_9.parts()) || !wanted_of_all(&["gradle"]) {
        return;
    }
    let hub = Hub::start();
    let (public, private) = (hub.maven("public-jars"), hub.maven("jars"));
    deploy(&hub);

    let gradle = Gradle::new();
    let repositories = |url: &str, login: Option<&Login>| {
        let credentials = login.map_or_else(String::new, |Login { name, secret }| {
            format!("credentials {{ username '{name}'; password '{secret}' }}")
        });
        format!("repositories {{ maven {{ url '{url}'; {credentials} }} }}")
    };
    for who in [&hub.member, &hub.application, &hub.password] {
        gradle.fetch(&repositories(&private, Some(who)), &[APP]).succeeds();
        for jar in ["app-1.0.jar", "core-1.0.jar"] {
            assert!(gradle.fetched().join(jar).is_file(), "{jar} was not fetched");
        }
    }
    gradle.fetch(&repositories(&public, None), &[APP]).succeeds();
    gradle.fetch(&repositories(&private, None), &[APP]).refused().says("401");
    let wrong = Login { secret: hub.member.secret.clone(), ..hub.application.clone() };
    gradle.fetch(&repositories(&private, Some(&wrong)), &[APP]).refused().says("401");
    gradle.fetch(&repositories(&private, Some(&hub.limited)), &[APP]).refused().says("403");
}

/// The library, released in both repositories.
fn deploy(hub: &Hub) {
    let maven = Maven::new(MavenVersion::V3_9);
    for repository in ["jars", "public-jars"] {
        let library = maven.project("library", "1.0", &hub.maven(repository));
        maven.deploy(&library, Some(&hub.member)).succeeds();
    }
}
