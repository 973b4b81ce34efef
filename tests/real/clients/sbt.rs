//! Sbt, which publishes by Ivy.

use std::{fs, path::PathBuf};

use super::super::{projects, wanted::apart};
use super::{Outcome, Sandbox, finish};

/// Sbt in the home of somebody who built such a project before, so that it fetches nothing.
#[derive(Debug)]
pub(crate) struct Sbt {
    sandbox: Sandbox,
    project: PathBuf,
}

impl Sbt {
    /// With the project `barge`.
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::new("sbt");
        let mut copy = sandbox.command("cp");
        copy.arg("-a").arg(apart("WHARFINGER_TEST_SBT_FILES").join(".")).arg(sandbox.path("home"));
        finish(&mut copy, b"").succeeds();
        let project = sandbox.path("barge");
        projects::copy("barge", &project, &[]);
        Self { sandbox, project }
    }

    /// Adds these lines to the `build.sbt` of the project.
    pub(crate) fn add(&self, lines: &str) {
        let build = self.project.join("build.sbt");
        let text = fs::read_to_string(&build).unwrap();
        fs::write(build, format!("{text}\n{lines}")).unwrap();
    }

    /// Commands in the project, one after the other, with this in `TOKEN`.
    pub(crate) fn run(&self, commands: &[&str], token: &str) -> Outcome {
        let home = self.sandbox.path("home");
        let options = format!(
            "-Duser.home={} -Dsbt.server.autostart=false -Dsbt.color=false -Dsbt.supershell=false \
             -XX:TieredStopAtLevel=1",
            home.display()
        );
        let mut sbt = self.sandbox.command("sbt");
        sbt.current_dir(&self.project).env("JAVA_TOOL_OPTIONS", options).env("TOKEN", token);
        finish(sbt.args(commands), b"")
    }
}
