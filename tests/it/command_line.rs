//! What all verbs of the command line have in common: as what answers are shown, how changes are made, who one is.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use crate::support::Folder;
use crate::support::organisation::Organisation;
use crate::support::process::{Launch, Process, Said, command};

mod answers;
mod completion;
mod connect;
mod golden;
mod progress;
mod sessions;
mod versions;

/// Somebody at a shell, with a home of their own.
struct Desk<'p> {
    process: &'p Process,
    folder: &'p Folder,
    token: Option<String>,
}

async fn team(folder: &Folder) -> (Organisation, Process) {
    let organisation = Organisation::team();
    let process = Launch::new(folder.root()).organisation(folder.root(), &organisation).start().await;
    (organisation, process)
}

impl<'p> Desk<'p> {
    fn of(name: &str, organisation: &Organisation, process: &'p Process, folder: &'p Folder) -> Self {
        Self { process, folder, token: Some(organisation.login(name).secret) }
    }

    fn server(&self) -> String {
        format!("http://{}", self.process.address)
    }

    fn run(&self, line: &str) -> Said {
        self.run_with(line, "")
    }

    /// With this on standard input.
    fn run_with(&self, line: &str, input: &str) -> Said {
        let mut command = command(self.folder.root());
        command.args(line.split_whitespace()).env("HOME", self.folder.path("home"));
        command.env("PATH", format!("{}:/usr/bin:/bin", self.folder.path("bin").display()));
        if let Some(token) = &self.token {
            command.env("WHARFINGER_TOKEN", token).env("WHARFINGER_SERVER", self.server());
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        // Whoever does not read it has closed it, which is no failure of the test.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        let output = child.wait_with_output().expect("an end");
        Said {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

/// A program in the folder that the commands of [`Desk`] find first.
fn program(folder: &Folder, name: &str, script: &str) {
    fs::create_dir_all(folder.path("bin")).expect("a folder");
    let path = folder.path("bin").join(name);
    fs::write(&path, script).expect("a script");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("chmod");
}
