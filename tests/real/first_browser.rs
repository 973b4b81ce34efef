//! The first minutes in a browser: from the code that the gateway prints to an image, a jar and a package that were pushed with lines of
//! Connect, each as it stands there.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::{
    clients::{Docker, Dotnet, Maven, MavenVersion},
    console::Flow,
    hub::{Server, free_address, serve},
    sandbox::{Sandbox, finish},
    wanted::wanted,
};

/// Longest time that all of it may take, with builds of three kinds.
const WITHIN: Duration = Duration::from_secs(300);

/// The blocks of a page of Connect for one program, each with its label.
struct Pasted<'l>(Vec<(&'l str, &'l str)>);

impl<'l> Pasted<'l> {
    /// Of the repository whose clients this program is one of.
    fn of(lines: &'l Value, program: &str) -> Self {
        let all = lines.as_object().into_iter().flat_map(serde_json::Map::values);
        let clients = all.filter_map(Value::as_array).flatten();
        let client = clients.into_iter().find(|client| client["program"] == program);
        let client = client.unwrap_or_else(|| panic!("no {program} in {lines:#}"));
        let blocks = client["blocks"].as_array().into_iter().flatten();
        Self(blocks.filter_map(|block| Some((block["label"].as_str()?, block["text"].as_str()?))).collect())
    }

    /// What stands under a label that ends so, in its order.
    fn under(&self, end: &str) -> Vec<&'l str> {
        self.0.iter().filter(|(label, _)| label.ends_with(end)).map(|(_, text)| *text).collect()
    }
}

#[test]
fn lines_of_connect_lead_from_the_code_to_an_image_a_jar_and_a_package() {
    let parts =
        [&["chromium", "node", "playwright", "docker", "dotnet"][..], MavenVersion::V3_9.parts()].concat();
    if !wanted(&parts) {
        return;
    }
    let (address, sandbox) = (free_address(), Sandbox::new("first-browser"));
    let mut command = serve(&sandbox, address);
    let server = Server::start(sandbox, &mut command, address);
    let printed = server.line("wharfinger setup ");
    let code = printed.split("wharfinger setup ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let arguments = ["--code", code.expect("a code"), "--project", "harbour"].map(str::to_owned);
    let docker = Docker::start();
    let begun = Instant::now();
    let login = ("keeper".to_owned(), "the lanterns of a keeper".to_owned());
    let flow = Flow { origin: format!("http://{address}"), name: "first", login };
    let done = flow.done(&arguments);
    let in_browser = begun.elapsed();
    let lines = &done["lines"];

    let script = Pasted::of(lines, "docker").under("").join("\n");
    assert!(script.contains("docker push"), "{script}");
    finish(docker.command("sh").args(["-ec", &script]), b"").succeeds();
    let pushed_image = begun.elapsed();

    let (maven, mvn) = (Maven::new(MavenVersion::V3_9), Pasted::of(lines, "mvn"));
    maven.write_home("settings.xml", &mvn.under("settings.xml").concat());
    let project = maven.project("library", "1.0", "/nowhere");
    maven.replace_repositories(&project, &mvn.under("pom.xml").join("\n"));
    let commands: Vec<&str> =
        mvn.0.iter().filter(|(label, _)| !label.ends_with(".xml")).map(|(_, text)| *text).collect();
    finish(maven.shell(&project).args(["-ec", &commands.join("\n")]), b"").succeeds();
    let deployed = begun.elapsed();

    let (dotnet, net) = (Dotnet::new(), Pasted::of(lines, "dotnet"));
    let project = dotnet.class_library("berth");
    let script = net.0.iter().filter(|(_, text)| !text.contains("add package")).map(|(_, text)| *text);
    let script = script.collect::<Vec<_>>().join("\n");
    assert!(script.contains("dotnet nuget push"), "{script}");
    finish(dotnet.command("sh").current_dir(&project).args(["-ec", &script]), b"").succeeds();
    let all = begun.elapsed();
    println!(
        "from the code to tokens {in_browser:.1?}, an image pushed {pushed_image:.1?}, a jar deployed {deployed:.1?}, a package pushed {all:.1?}"
    );
    assert!(all < WITHIN, "{all:?}");
}
