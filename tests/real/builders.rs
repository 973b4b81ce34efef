//! Builds that push an image themselves, without an engine: jib for Maven, and the SDK of .NET.

use std::fs;

use super::{
    clients::{Client as _, Crane, Dotnet, Maven, MavenVersion},
    hub::{Hub, Login},
    sandbox::{Outcome, finish, unique},
    wanted::{wanted, wanted_of_all},
};

/// Pushes the image that the others are built on, and gives the text in it.
fn base(crane: &Crane, hub: &Hub, image: &str) -> String {
    let hello = unique();
    crane.login(&hub.address, &hub.member.name, &hub.member.secret).succeeds();
    crane.make(image, &hello);
    crane.push(image).succeeds();
    hello
}

/// The image is what was built on top of its base.
fn stands_on(crane: &Crane, image: &str, hello: &str, file: &str) {
    crane.pull(image).succeeds();
    assert_eq!(crane.hello(image), hello, "{image} stands on another base");
    crane.files(image).succeeds().says(file);
}

#[test]
fn jib_builds_on_a_private_image_and_pushes() {
    if !wanted_of_all(&["jib-files"]) || !wanted(MavenVersion::V3_9.parts()) || !wanted(&["crane", "umoci"]) {
        return;
    }
    let (hub, crane) = (Hub::start(), Crane::new());
    let from = hub.private("base:1.0");
    let hello = base(&crane, &hub, &from);
    let maven = Maven::with_files(MavenVersion::V3_9, "WHARFINGER_TEST_JIB_FILES");
    let project = maven.project("boat", "1.0", &hub.maven("jars"));
    let build = |to: &str, who: &Login| -> Outcome {
        let mut arguments =
            ["compile", "jib:build", "-DsendCredentialsOverHttp=true"].map(str::to_owned).to_vec();
        for (image, at) in [("from", from.as_str()), ("to", to)] {
            arguments.push(format!("-Djib.{image}.image={at}"));
            arguments.push(format!("-Djib.{image}.auth.username={}", who.name));
            arguments.push(format!("-Djib.{image}.auth.password={}", who.secret));
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        maven.goals(&project, None, &arguments)
    };
    // Into the repository of the base, where its layers are, and into another, where they are mounted.
    for to in [hub.private("boat:1.0"), hub.public("boat:1.0"), hub.other("boat:1.0")] {
        build(&to, &hub.member).succeeds();
        stands_on(&crane, &to, &hello, "app/classes/org/example/boat/Boat.class");
    }
    build(&hub.private("boat:2.0"), &hub.application).succeeds();
    build(&hub.private("boat:3.0"), &hub.limited).refused();
    build(&hub.private("boat:3.0"), &Login { secret: "wrong".to_owned(), ..hub.member.clone() }).refused();
}

#[test]
fn dotnet_publishes_a_container() {
    if !wanted_of_all(&["dotnet", "crane", "umoci"]) {
        return;
    }
    let (hub, crane, dotnet) = (Hub::start(), Crane::new(), Dotnet::new());
    let from = hub.private("base:1.0");
    let hello = base(&crane, &hub, &from);
    let project = dotnet.program(&[]);
    let main = "System.Console.WriteLine(\"a boat\");\n";
    fs::write(project.join("Program.cs"), main).unwrap();
    let publish = |repository: &str, tag: &str, who: &Login| -> Outcome {
        let mut command = dotnet.command("dotnet");
        command.current_dir(&project).args(["publish", "-t:PublishContainer", "-r", "linux-x64"]);
        command.args(["--self-contained", "false"]).arg(format!("-p:ContainerBaseImage={from}"));
        command.arg(format!("-p:ContainerRegistry={}", hub.address));
        command
            .arg(format!("-p:ContainerRepository={repository}"))
            .arg(format!("-p:ContainerImageTag={tag}"));
        command.env("DOTNET_CONTAINER_INSECURE_REGISTRIES", &hub.address);
        command.env("DOTNET_CONTAINER_REGISTRY_UNAME", &who.name);
        finish(command.env("DOTNET_CONTAINER_REGISTRY_PWORD", &who.secret), b"")
    };
    for repository in ["images", "public-images"] {
        let name = format!("p/alpha/{repository}/boat");
        publish(&name, "1.0", &hub.member).succeeds();
        stands_on(&crane, &format!("{}/{name}:1.0", hub.address), &hello, "app/program.dll");
        publish(&name, "1.1", &hub.application).succeeds();
    }
    publish("p/alpha/images/boat", "2.0", &hub.limited).refused();
    publish("p/alpha/images/boat", "2.0", &Login { secret: "wrong".to_owned(), ..hub.member.clone() })
        .fails();
}
