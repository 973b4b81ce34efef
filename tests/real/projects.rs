//! The projects that the stories build. They lie beside this file as a developer would have them.

use std::{fs, path::Path};

use super::hub::repository_root;

/// Copies a project, with some words replaced by others.
pub(crate) fn copy(project: &str, to: &Path, replaced: &[(&str, &str)]) {
    copy_folder(&repository_root().join("tests/real/projects").join(project), to, replaced);
}

fn copy_folder(from: &Path, to: &Path, replaced: &[(&str, &str)]) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target, replaced);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            let text = replaced.iter().fold(text, |text, (old, new)| text.replace(old, new));
            fs::write(target, text).unwrap();
        }
    }
}
