//! Packages from elsewhere into a repository, and out of one into plain files: docs/guide/import.md.

use std::fs;
use std::path::Path;

use crate::support::process::{Said, run};
use crate::support::{Folder, Organisation, Server};

mod exports;
mod folders;
mod refusals;
mod remarks;
mod resuming;
mod servers;
mod shelf;

/// Two projects with a repository of each format, of which alice is a member; pat publishes in both, rita reads.
fn team() -> Organisation {
    let formats = [("jars", "maven"), ("feed", "nuget"), ("files", "files"), ("images", "oci")];
    let all =
        ["from", "to"].into_iter().flat_map(|project| formats.map(|(name, format)| (project, name, format)));
    let organisation = all.fold(Organisation::team(), |organisation, (project, name, format)| {
        organisation.repository(&format!("{project}/{name}"), format, "private", "")
    });
    organisation
        .role("member:alice", "project-member", "from")
        .role("member:alice", "project-member", "to")
        .may("member:pat", "read publish", "to")
        .may("member:rita", "read", "to")
        .token("alice", "carrier", &[("to/files", "publish"), ("to/images", "publish")])
}

/// Somebody at a shell who moves packages.
struct Porter<'h> {
    hub: &'h Server,
    folder: &'h Folder,
    who: &'h str,
}

impl Porter<'_> {
    fn run(&self, line: &str) -> Said {
        self.run_with(line, &[])
    }

    /// With these variables besides.
    fn run_with(&self, line: &str, variables: &[(&str, &str)]) -> Said {
        let (server, token) = (format!("http://{}", self.hub.address()), self.hub.login(self.who).secret);
        let own = [("WHARFINGER_SERVER", &*server), ("WHARFINGER_TOKEN", &*token)];
        let arguments: Vec<&str> = line.split_whitespace().collect();
        run(self.folder.root(), &arguments, &[&own, variables].concat())
    }
}

/// The lines of what was said, in an order of their own: many are carried at a time.
fn lines(said: &Said) -> Vec<&str> {
    let mut lines: Vec<&str> = said.out.lines().collect();
    lines.sort_unstable();
    lines
}

fn write(folder: &Folder, path: &str, bytes: impl AsRef<[u8]>) {
    let file = folder.path(path);
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(file, bytes).expect("a file");
}

/// All files below a folder, by their paths.
fn tree(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(root).expect("below").display().to_string());
            }
        }
    }
    found.sort();
    found
}
