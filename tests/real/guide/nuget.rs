//! What the guide says about dotnet and Paket.

use super::super::{
    clients::{Dotnet, Paket},
    hub::Hub,
    sandbox::finish,
    wanted::wanted,
};
use super::{at, blocks, read, section, shell_lines, whose};

const PAGE: &str = "nuget";

#[test]
fn dotnet_lines_work_as_written() {
    if !wanted(&["dotnet"]) {
        return;
    }
    let page = read(PAGE);
    let section = section(&page, "## dotnet");
    let lines: Vec<&str> =
        shell_lines(section).into_iter().filter(|line| line.starts_with("dotnet ")).collect();
    for words in ["nuget push", "nuget add source", "add package", "package search"] {
        assert!(lines.iter().any(|line| line.contains(words)), "no {words} in {lines:?}");
    }
    let [config] = blocks(section, "xml")[..] else { panic!("one nuget.config") };

    // Once with the source in the file and once with the source that the command adds.
    for with_file in [true, false] {
        let (hub, dotnet) = (Hub::start(), Dotnet::new());
        let project = dotnet.program(&[]);
        let empty = "<configuration><packageSources><clear /></packageSources></configuration>";
        dotnet.configure_as(&at(&hub, if with_file { config } else { empty }));
        let mut who = whose(if with_file { config } else { "" }, &hub);
        for line in &lines {
            if line.contains("add source") {
                if with_file {
                    continue;
                }
                who = whose(line, &hub);
            }
            if let Some((_, version)) = line.split_once("Acme.Web.").filter(|_| line.contains("nuget push")) {
                let (version, _) = version.split_once(".nupkg").unwrap();
                let package = dotnet.pack("Acme.Web", version);
                std::fs::copy(package, project.join(format!("Acme.Web.{version}.nupkg"))).unwrap();
            }
            let mut shell = dotnet.command("sh");
            shell.current_dir(&project).env("TOKEN", &who.secret);
            let outcome = finish(shell.arg("-ec").arg(at(&hub, line)), b"").succeeds();
            if line.contains("search") {
                outcome.says("Acme.Web");
            }
        }
    }
}

#[test]
fn paket_lines_work_as_written() {
    if !wanted(&["dotnet", "paket"]) {
        return;
    }
    let page = read(PAGE);
    let section = section(&page, "## Paket");
    let [dependencies] = blocks(section, "text")[..] else { panic!("one paket.dependencies") };
    let lines: Vec<&str> =
        shell_lines(section).into_iter().filter(|line| line.starts_with("paket ")).collect();
    assert!(lines.iter().any(|line| line.contains("paket install")), "no paket install in {lines:?}");
    assert!(lines.iter().any(|line| line.contains("paket push")), "no paket push in {lines:?}");

    let (hub, dotnet, paket) = (Hub::start(), Dotnet::new(), Paket::new());
    let to = format!("{}/package", hub.nuget("private-packages"));
    dotnet.push(&dotnet.pack("Acme.Web", "1.1.0"), &to, Some(&hub.member.secret), &[]).succeeds();
    paket.file("paket.dependencies", &at(&hub, dependencies));
    std::fs::copy(dotnet.pack("Acme.Web", "1.2.0"), paket.path("Acme.Web.1.2.0.nupkg")).unwrap();
    for line in lines {
        let mut shell = paket.command("sh");
        shell.env("TOKEN", &hub.member.secret).arg("-ec").arg(at(&hub, line));
        finish(&mut shell, b"").succeeds();
    }
}
