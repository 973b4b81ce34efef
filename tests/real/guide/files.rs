//! What the guide says about generic files.

use super::super::{
    hub::{Hub, repository_root},
    sandbox::{Sandbox, finish},
    wanted::wanted,
};
use super::{at, read, section, shell_lines, whose};

#[test]
fn curl_lines_work_as_written() {
    if !wanted(&["curl"]) {
        return;
    }
    let page = read("files");
    let lines = shell_lines(section(&page, "## curl"));
    for start in
        ["curl -u \"alice:$TOKEN\" --fail-with-body --upload-file", "curl -u \"alice:$TOKEN\" -fL -O"]
    {
        assert!(lines.iter().any(|line| line.starts_with(start)), "no {start} in {lines:?}");
    }
    let (hub, sandbox) = (Hub::start(), Sandbox::new("curl"));
    std::fs::copy(repository_root().join("README.md"), sandbox.path("app-1.0.tar.gz")).unwrap();
    for line in lines {
        let mut shell = sandbox.command("sh");
        shell.env("TOKEN", &whose(line, &hub).secret).arg("-ec").arg(at(&hub, line));
        finish(&mut shell, b"").succeeds();
    }
    if wanted(&["wget"]) {
        for line in shell_lines(section(&page, "## wget")) {
            let mut shell = sandbox.command("sh");
            shell.env("TOKEN", &hub.member.secret).arg("-ec").arg(at(&hub, line));
            finish(&mut shell, b"").succeeds();
        }
    }
}
