//! What comes from Maven Central, fetched by Maven itself with the settings of whoever runs us.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    super::{PARTS, Part, Places, find},
    directory,
};
use crate::{
    error::{Error, Result},
    run::run,
};

/// The plug-in that copies and unpacks artifacts.
const DEPENDENCY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";

/// Maven itself. The zip holds one directory, called like that of the part.
pub(super) fn maven(part: &Part, version: &str, places: &Places) -> Result<()> {
    let into = directory(part, places)?;
    let beside = into.parent().unwrap_or(&into).display().to_string();
    let mut mvn = mvn("mvn", &into, &places.cache().join("m2"))?;
    mvn.arg(format!("{DEPENDENCY}:unpack"));
    mvn.arg(format!("-Dartifact=org.apache.maven:apache-maven:{version}:zip:bin"));
    run(mvn.arg(format!("-DoutputDirectory={beside}")))
}

/// A program of Java, `GROUP:NAME:VERSION`, and what it needs; last the script that starts its main class.
pub(super) fn jars(
    part: &Part,
    artifact: &str,
    (program, main): (&str, &str),
    places: &Places,
) -> Result<()> {
    let into = directory(part, places)?;
    let write =
        |path: &Path, text: &str| fs::write(path, text).map_err(Error::io(path.display().to_string()));
    write(&into.join("pom.xml"), &pom_with(artifact)?)?;
    let mut mvn = mvn("mvn", &into, &places.cache().join("m2"))?;
    mvn.arg(format!("{DEPENDENCY}:copy-dependencies")).arg("-DincludeScope=runtime");
    run(mvn.arg(format!("-DoutputDirectory={}", into.join("lib").display())))?;
    let bin = into.join("bin");
    fs::create_dir_all(&bin).map_err(Error::io(bin.display().to_string()))?;
    let script = bin.join(program);
    write(&script, &format!("#!/bin/sh\nexec java -cp '{}/lib/*' {main} \"$@\"\n", into.display()))?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755))
        .map_err(Error::io(script.display().to_string()))
}

/// Builds and deploys the project with that Maven and keeps everything it fetched.
pub(super) fn build(name: &str, project: &str, places: &Places) -> Result<()> {
    keep(name, project, places, |sources, repository| {
        let mut mvn = mvn(name, sources, repository)?;
        // What the project itself is must not be found where only Maven Central's files should be.
        mvn.arg("deploy").arg("-Dmaven.install.skip=true");
        run(mvn.arg(format!("-Dgateway=file://{}", sources.with_file_name("deployed").display())))
    })
}

/// Builds the project with sbt, which fetches itself too, and keeps the home of the user it was started by.
pub(super) fn sbt_build(project: &str, places: &Places) -> Result<()> {
    keep("sbt", project, places, |sources, home| {
        fs::create_dir_all(home).map_err(Error::io(home.display().to_string()))?;
        // An earlier part of this run may have brought it.
        let sbt = Places::look()?.find("sbt").ok_or_else(|| Error::Unfit("there is no sbt".to_owned()))?;
        let options = "-Dsbt.server.autostart=false -Dsbt.color=false -Dsbt.supershell=false";
        let mut sbt = Command::new(sbt);
        sbt.current_dir(sources).env("HOME", home);
        sbt.env("JAVA_TOOL_OPTIONS", format!("-Duser.home={} {options}", home.display()));
        run(sbt.args(["package", "makePom"]).stdin(Stdio::null()))
    })
}

/// Builds a copy of one of our projects, `(its sources, the directory to fill)`, and keeps what the build filled.
fn keep(
    builder: &str,
    project: &str,
    places: &Places,
    build: impl FnOnce(&Path, &Path) -> Result<()>,
) -> Result<()> {
    let into = find::build_directory(places.cache(), builder, project);
    // Built beside it, so that half of it is never taken for the whole.
    let work = places.cache().join("files").join(format!("{builder}-{project}.{}", std::process::id()));
    let (sources, filled) = (work.join("project"), work.join("filled"));
    let outcome = copy(&find::project_directory(project), &sources).and_then(|()| {
        build(&sources, &filled)?;
        fs::rename(&filled, &into).map_err(Error::io(into.display().to_string()))
    });
    let _ = fs::remove_dir_all(&work);
    outcome
}

/// The Maven of that part, in a directory, with a local repository of its own.
fn mvn(name: &str, directory: &Path, repository: &Path) -> Result<Command> {
    let mut command = Command::new(program(name)?);
    command.args(["--batch-mode", "--quiet"]).current_dir(directory);
    command.arg(format!("-Dmaven.repo.local={}", repository.display()));
    Ok(command)
}

fn program(name: &str) -> Result<PathBuf> {
    // An earlier part of this run may have brought it.
    let places = Places::look()?;
    let part = PARTS.iter().find(|part| part.name == name);
    let found = part.and_then(|part| places.find_of(part, "mvn"));
    found.ok_or_else(|| Error::Unfit(format!("there is no {name}")))
}

/// A project that is nothing but one dependency.
fn pom_with(artifact: &str) -> Result<String> {
    let unfit = || Error::Unfit(format!("{artifact} is no GROUP:NAME:VERSION"));
    let (group, rest) = artifact.split_once(':').ok_or_else(unfit)?;
    let (name, version) = rest.split_once(':').ok_or_else(unfit)?;
    Ok(format!(
        "<project><modelVersion>4.0.0</modelVersion>\
         <groupId>local</groupId><artifactId>local</artifactId><version>1</version><packaging>pom</packaging>\
         <dependencies><dependency><groupId>{group}</groupId><artifactId>{name}</artifactId>\
         <version>{version}</version></dependency></dependencies></project>\n"
    ))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let failed = |path: &Path| Error::io(path.display().to_string());
    fs::create_dir_all(to).map_err(failed(to))?;
    for entry in fs::read_dir(from).map_err(failed(from))? {
        let path = entry.map_err(failed(from))?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            fs::copy(&path, &target).map_err(failed(&path))?;
        }
    }
    Ok(())
}
