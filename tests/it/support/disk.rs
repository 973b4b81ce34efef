//! A small disk, for stories of what does not fit.

use std::fs;
use std::io::{Write as _, stderr};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Room for a gateway and some small content, in MiB.
pub(crate) const DISK_MIB: usize = 24;

/// A file system of its own; taken away with this value.
#[derive(Debug)]
pub(crate) struct Disk(PathBuf);

impl Disk {
    /// `None` and a line on standard error for everybody but root, who alone may have one.
    pub(crate) fn mount(path: &Path) -> Option<Self> {
        fs::create_dir(path).expect("a folder");
        let size = format!("size={DISK_MIB}m,mode=0700");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(path).output();
        if mounted.expect("mount").status.success() {
            return Some(Self(path.to_owned()));
        }
        assert!(std::env::var_os("CI").is_none(), "a small disk can be mounted");
        let here = std::thread::current();
        let story = here.name().unwrap_or("a story");
        let _ = writeln!(stderr(), "NOT RUN {story}: only root may mount a small disk");
        None
    }

    /// Takes all the room there is, in a file of this name.
    pub(crate) fn fill(&self, name: &str) -> PathBuf {
        let filler = self.0.join(name);
        let mut file = fs::File::create(&filler).expect("a file");
        while file.write_all(&[0; 4096]).is_ok() {}
        filler
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // At once for everybody who comes, whoever still has a file open.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// The file below a folder of data that has these bytes.
pub(crate) fn stored_file(data: &Path, bytes: &[u8]) -> PathBuf {
    let shards = fs::read_dir(data.join("blobs")).expect("a folder of blobs");
    let files = shards.flat_map(|shard| fs::read_dir(shard.expect("a shard").path()).expect("a shard"));
    let mut paths = files.map(|file| file.expect("a file").path());
    paths.find(|path| fs::read(path).is_ok_and(|there| there == bytes)).expect("the file is there")
}
