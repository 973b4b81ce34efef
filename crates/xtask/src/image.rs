//! The static program and the container image around it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    error::{Error, Result},
    parts::Places,
    run::{cargo, root, run, target_directory},
};

/// `cargo xtask image`: builds the static program for release and the image `wharfinger` around it.
pub(crate) fn image() -> Result<()> {
    let program = static_program(true)?;
    let context = target_directory().join("image");
    lay_out(&program, &context)?;
    let places = Places::look()?;
    let Some(builder) = ["buildah", "podman", "docker"].into_iter().find_map(|name| places.find(name)) else {
        return Err(Error::Unfit(format!("no buildah, podman or docker to build {}", context.display())));
    };
    let mut command = Command::new(builder);
    command.args(["build", "--tag", "wharfinger", "--file", "deploy/Containerfile"]);
    run(command.arg(&context).current_dir(root()))
}

/// Builds the program so that it needs no library and no loader, and gives its path.
pub(crate) fn static_program(release: bool) -> Result<PathBuf> {
    // The target is named, although it is our own, so that procedural macros keep being built as usual.
    let target = format!("{}-unknown-linux-gnu", env::consts::ARCH);
    let flags = env::var_os("RUSTFLAGS").unwrap_or_default().into_string().unwrap_or_default();
    let mut command = cargo(&["build", "--package", "wharfinger", "--target", &target]);
    if release {
        command.arg("--release");
    }
    run(command.env("RUSTFLAGS", format!("{flags} -C target-feature=+crt-static")))?;
    let profile = if release { "release" } else { "debug" };
    Ok(target_directory().join(target).join(profile).join("wharfinger"))
}

fn lay_out(program: &Path, context: &Path) -> Result<()> {
    fs::create_dir_all(context.join("data")).map_err(Error::io(context.display().to_string()))?;
    fs::copy(program, context.join("wharfinger")).map_err(Error::io(program.display().to_string()))?;
    Ok(())
}
