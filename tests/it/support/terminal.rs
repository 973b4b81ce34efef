//! The binary at a real terminal, which the program `script` makes.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::process::binary;

/// What makes a terminal.
const SCRIPT: &str = "/usr/bin/script";

/// A command at a terminal of its own.
pub(crate) struct Terminal {
    child: Child,
    keyboard: ChildStdin,
    screen: ChildStdout,
    shown: Vec<u8>,
    /// Up to where it was looked at.
    seen: usize,
}

impl Terminal {
    /// Starts a line of the binary in a folder; `None` where there is no program to make a terminal with.
    pub(crate) fn start(folder: &Path, line: &str, variables: &[(&str, &str)]) -> Option<Self> {
        if !Path::new(SCRIPT).is_file() {
            return None;
        }
        // What shows something else than was expected would be waited for for ever.
        let mut command = Command::new("timeout");
        let line = format!("{} {line}", binary().display());
        command.args(["--kill-after=5", "120", SCRIPT, "-q", "-e", "-c", &line, "/dev/null"]);
        command.current_dir(folder).env_clear().env("HOME", folder.join("home")).env("PATH", "/usr/bin:/bin");
        command.env("SHELL", "/bin/sh").env("TERM", "xterm").envs(variables.iter().copied());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a terminal");
        let (keyboard, screen) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        Some(Self { child, keyboard, screen, shown: Vec::new(), seen: 0 })
    }

    /// Waits until this stands there, behind what was waited for before.
    #[track_caller]
    pub(crate) fn shows(&mut self, text: &str) {
        let mut byte = [0];
        let stands = |shown: &[u8]| shown.ends_with(text.as_bytes()) && shown.len() >= text.len();
        while !stands(&self.shown[self.seen..]) {
            let read = self.screen.read(&mut byte).expect("a screen");
            assert_eq!(read, 1, "it ended without {text:?}: {}", String::from_utf8_lossy(&self.shown));
            self.shown.push(byte[0]);
        }
        self.seen = self.shown.len();
    }

    pub(crate) fn types(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).expect("a reader");
    }

    /// All that it has shown, once it has ended well.
    #[track_caller]
    pub(crate) fn ends(mut self) -> String {
        self.screen.read_to_end(&mut self.shown).expect("a screen");
        let shown = String::from_utf8_lossy(&self.shown).into_owned();
        assert!(self.child.wait().expect("an end").success(), "{shown}");
        shown
    }
}
