//! `cargo xtask screenshots`: the pictures of the README, taken of a gateway that was filled for them.

use std::{env, fs, process::Command};

use crate::{
    error::{Error, Result},
    gateway::{Gateway, TokenOf, token},
    parts,
    run::{cargo, root, run},
};

const PASSWORD: &str = "seven bells and a lantern";

/// Starts a gateway in a temporary directory, fills it, and writes `docs/pictures`.
pub(crate) fn screenshots() -> Result<()> {
    run(&mut cargo(&["build", "--package", "wharfinger"]))?;
    let (node, chromium) = (parts::one("node")?, parts::one("chromium")?);
    let modules = parts::folder("playwright")?;
    let folder = root().join("tests").join("console");
    let world = folder.join("pictures.toml");
    let bootstrap = fs::read_to_string(&world).map_err(Error::io(world.display().to_string()))?;
    let directory = env::temp_dir().join(format!("wharfinger-pictures-{}", std::process::id()));
    fs::create_dir(&directory).map_err(Error::io(directory.display().to_string()))?;
    let token = token(TokenOf::Person)?;
    let secrets = [("DORA_PASSWORD", PASSWORD), ("DORA_TOKEN", token.as_str())];
    let gateway = Gateway::start(&directory, "127.0.0.1:0", &bootstrap, &secrets)?;
    let mut shots = Command::new(node);
    shots.arg(folder.join("shots.mjs")).arg(format!("http://{}", gateway.address()));
    shots.args(["--as", "dora", "--password", PASSWORD, "--token", &token, "--to"]);
    shots.arg(root().join("docs").join("pictures"));
    shots.env("NODE_MODULES", modules).env("CHROMIUM", chromium);
    run(&mut shots)?;
    drop(gateway);
    fs::remove_dir_all(&directory).map_err(Error::io(directory.display().to_string()))
}
