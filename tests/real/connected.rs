//! What `wharfinger connect` writes is what the clients read.

use super::{
    clients::{Client as _, Dotnet, Gradle, Maven, MavenVersion, Podman},
    hub::Hub,
    sandbox::finish,
    wanted::{wanted, wanted_of_all},
};

#[test]
fn podman_pushes_and_pulls_once_it_is_connected() {
    if !wanted(&["podman"]) {
        return;
    }
    let (podman, hub) = (Podman::new(), Hub::start());
    let reference = format!("{}/p/alpha/images/connected:1.0", hub.address);
    podman.make(&reference, "hello");
    podman.push(&reference).refused();
    podman.wharfinger(&hub, "connect podman --repository alpha/images --push").succeeds();
    podman.push(&reference).succeeds();
    podman.pull(&reference).succeeds();
    assert_eq!(podman.hello(&reference), "hello");
    podman.wharfinger(&hub, "connect podman --repository alpha/images --undo").succeeds();
    podman.pull(&reference).refused();
}

#[test]
fn dotnet_pushes_and_restores_once_it_is_connected() {
    if !wanted(&["dotnet"]) {
        return;
    }
    let (dotnet, hub) = (Dotnet::new(), Hub::start());
    // Only the configuration of the user names sources. Without any NuGet would write its own public one there, which no test asks.
    dotnet.configure_as("<configuration />\n");
    dotnet.configure_user("<configuration><packageSources><clear /></packageSources></configuration>\n");
    let package = dotnet.pack("Harbour.Berth", "1.0.0").display().to_string();
    dotnet
        .wharfinger(&hub, "connect dotnet --repository alpha/private-packages --push --id harbour")
        .succeeds();
    dotnet.run(&["nuget", "push", &package, "--source", "harbour"]).succeeds();
    dotnet.forget();
    let project = dotnet.program(&[("Harbour.Berth", "1.0.0")]);
    dotnet.run_in(&project, &["run"]).succeeds().says("ship at");
    dotnet
        .wharfinger(&hub, "connect dotnet --repository alpha/private-packages --undo --id harbour")
        .succeeds();
    dotnet.run(&["nuget", "push", &package, "--source", "harbour"]).fails();
}

#[test]
fn maven_deploys_once_it_is_connected() {
    if !wanted(&["java", "mvn-3.9", "mvn-3.9-files"]) {
        return;
    }
    let (maven, hub) = (Maven::new(MavenVersion::V3_9), Hub::start());
    let library = maven.project("library", "1.0", &hub.maven("jars"));
    let deploy = || finish(maven.shell(&library).args(["-c", "mvn deploy"]), b"");
    deploy().refused();
    maven.wharfinger(&hub, "connect mvn --repository alpha/jars --push --id wharfinger").succeeds();
    deploy().succeeds();
    maven.wharfinger(&hub, "connect mvn --repository alpha/jars --undo --id wharfinger").succeeds();
    deploy().refused();
}

#[test]
fn gradle_fetches_once_it_is_connected() {
    if !wanted_of_all(&["java", "mvn-3.9", "mvn-3.9-files", "gradle"]) {
        return;
    }
    let (maven, gradle, hub) = (Maven::new(MavenVersion::V3_9), Gradle::new(), Hub::start());
    let jars = hub.maven("jars");
    let library = maven.project("library", "1.0", &jars);
    maven.wharfinger(&hub, "connect mvn --repository alpha/jars --push --id wharfinger").succeeds();
    finish(maven.shell(&library).args(["-c", "mvn deploy"]), b"").succeeds();
    let repositories = format!(
        "repositories {{ maven {{ url = '{jars}'\ncredentials {{ username = alphaJarsUsername; password = alphaJarsPassword }} }} }}"
    );
    gradle.fetch(&repositories, &["org.example.harbour:core:1.0"]).fails();
    gradle.wharfinger(&hub, "connect gradle --repository alpha/jars").succeeds();
    gradle.fetch(&repositories, &["org.example.harbour:core:1.0"]).succeeds();
}
