//! Maven, in each of its lines.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::super::{
    hub::{Hub, Login},
    projects,
    wanted::apart,
};
use super::{Outcome, Sandbox, finish};

/// Nobody watches, and the projects have no tests.
const QUICK: [&str; 3] = ["--batch-mode", "--no-transfer-progress", "-Dmaven.test.skip=true"];

/// Which Maven.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Version {
    /// What the distribution has: 3.8 in Debian 12.
    Distribution,
    V3_9,
    V4,
}

/// A Maven with a local repository and settings of its own. What it would fetch from Maven Central, which is plug-ins, it
/// takes from files that were fetched before.
#[derive(Debug)]
pub(crate) struct Maven {
    version: Version,
    sandbox: Sandbox,
    program: PathBuf,
    files: PathBuf,
}

impl Version {
    /// The parts that it needs.
    pub(crate) const fn parts(self) -> &'static [&'static str] {
        match self {
            Self::Distribution => &["java", "mvn", "mvn-files"],
            Self::V3_9 => &["java", "mvn-3.9", "mvn-3.9-files"],
            Self::V4 => &["java", "mvn-4", "mvn-4-files"],
        }
    }
}

impl Maven {
    pub(crate) fn new(version: Version) -> Self {
        let (program, files) = match version {
            Version::Distribution => (PathBuf::from("mvn"), "WHARFINGER_TEST_MAVEN_FILES"),
            Version::V3_9 => {
                (apart("WHARFINGER_TEST_MAVEN_3_9").join("mvn"), "WHARFINGER_TEST_MAVEN_3_9_FILES")
            }
            Version::V4 => (apart("WHARFINGER_TEST_MAVEN_4").join("mvn"), "WHARFINGER_TEST_MAVEN_4_FILES"),
        };
        Self { version, sandbox: Sandbox::new("mvn"), program, files: apart(files) }
    }

    /// The same, with the files that a build of other plug-ins takes.
    pub(crate) fn with_files(version: Version, variable: &str) -> Self {
        Self { files: apart(variable), ..Self::new(version) }
    }

    /// A copy of one of the test projects that uses the repository at this address, with this version instead of
    /// `1.0-SNAPSHOT`.
    pub(crate) fn project(&self, name: &str, version: &str, repository: &str) -> PathBuf {
        let (_, short) = repository.rsplit_once('/').unwrap();
        let project = self.sandbox.path(&format!("{name}-{version}-{short}"));
        let _ = fs::remove_dir_all(&project);
        projects::copy(name, &project, &[("1.0-SNAPSHOT", version), ("${gateway}", repository)]);
        project
    }

    /// Builds the project and deploys it to its repository.
    pub(crate) fn deploy(&self, project: &Path, login: Option<&Login>) -> Outcome {
        self.goals(project, login, &["deploy"])
    }

    /// Runs goals in a project, with these options.
    pub(crate) fn goals(&self, project: &Path, login: Option<&Login>, arguments: &[&str]) -> Outcome {
        let settings = self.settings(login, "central", &format!("file://{}", self.files.display()));
        self.run(project, &settings, arguments)
    }

    /// Deploys one file with a POM of its own under another version than that says.
    pub(crate) fn deploy_file(
        &self,
        repository: &str,
        (file, pom): (&Path, &Path),
        version: &str,
        login: &Login,
    ) -> Outcome {
        let goal = [
            "deploy:deploy-file".to_owned(),
            format!("-Dfile={}", file.display()),
            format!("-DpomFile={}", pom.display()),
            format!("-Dversion={version}"),
            format!("-Durl={repository}"),
            "-DrepositoryId=wharfinger".to_owned(),
        ];
        self.goals(&self.sandbox.path("."), Some(login), &goal.each_ref().map(String::as_str))
    }

    /// Whether it shows more of a refused upload than the status: the client of Maven 4 does not read such an answer.
    pub(crate) const fn reads_refusals(&self) -> bool {
        !matches!(self.version, Version::V4)
    }

    /// Compiles a project that uses what others have deployed, all of which it fetches again.
    pub(crate) fn compile(&self, project: &Path, login: Option<&Login>) -> Outcome {
        self.forget();
        self.update(project, login)
    }

    /// Calls a goal by its prefix, which the plug-ins of `org.example.harbour` may have, in a project.
    pub(crate) fn call(&self, project: &Path, goal: &str, login: Option<&Login>) -> Outcome {
        self.forget();
        self.goals(project, login, &[goal, "--update-snapshots"])
    }

    /// Forgets what was deployed from here or fetched, but for plug-ins.
    pub(crate) fn forget(&self) {
        let _ = fs::remove_dir_all(self.repository().join("org/example"));
    }

    /// As [`Self::compile`], but it only looks for newer snapshots than it has.
    pub(crate) fn update(&self, project: &Path, login: Option<&Login>) -> Outcome {
        self.goals(project, login, &["compile", "--update-snapshots"])
    }

    /// Builds a project with an empty local repository, everything from the one at `gateway`, plug-ins too.
    pub(crate) fn build_cold(&self, project: &Path, gateway: &str, login: &Login) -> Outcome {
        let _ = fs::remove_dir_all(self.repository());
        let settings = self.settings(Some(login), "*", gateway);
        self.run(project, &settings, &["package"])
    }

    fn run(&self, project: &Path, settings: &Path, arguments: &[&str]) -> Outcome {
        let mut command = self.command(&self.program, project);
        finish(command.args(QUICK).arg("--settings").arg(settings).args(arguments), b"")
    }

    fn command(&self, program: &Path, project: &Path) -> Command {
        let mut command = self.sandbox.command(program);
        // Java takes the home of a user from elsewhere than HOME; the rest makes it start faster.
        let home = self.sandbox.path("home");
        let options = format!("-Duser.home={} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC", home.display());
        command.env("MAVEN_OPTS", options).current_dir(project);
        command
    }

    /// A shell in a project, where `mvn` means this Maven with the `settings.xml` of [`Self::write_home`]. From 3.9 on.
    pub(crate) fn shell(&self, project: &Path) -> Command {
        let mut command = self.command(Path::new("sh"), project);
        let path = env::var_os("PATH").unwrap_or_default();
        let own = self.program.parent().unwrap().to_owned();
        let path = env::join_paths([own].into_iter().chain(env::split_paths(&path))).unwrap();
        // What a person has not: the files instead of Maven Central, as settings of the whole machine.
        let machine = self.settings(None, "central", &format!("file://{}", self.files.display()));
        let arguments = format!("{} --global-settings {}", QUICK.join(" "), machine.display());
        command.env("PATH", path).env("MAVEN_ARGS", arguments);
        command
    }

    /// A file in `~/.m2`.
    pub(crate) fn write_home(&self, name: &str, text: &str) {
        fs::create_dir_all(self.sandbox.path("home/.m2")).unwrap();
        self.sandbox.file(&format!("home/.m2/{name}"), text);
    }

    /// Puts these elements where the `pom.xml` of a test project says where it is deployed to or fetches from.
    pub(crate) fn replace_repositories(&self, project: &Path, elements: &str) {
        let pom = project.join("pom.xml");
        let mut text = fs::read_to_string(&pom).unwrap();
        for element in ["distributionManagement", "repositories"] {
            let (start, end) = (format!("<{element}>"), format!("</{element}>"));
            if let Some((before, rest)) = text.split_once(&start) {
                let (_, after) = rest.split_once(&end).unwrap();
                text = format!("{before}{after}");
            }
        }
        fs::write(pom, text.replace("</project>", &format!("{elements}\n</project>"))).unwrap();
    }

    /// A `settings.xml` with this login, if there is one, and a mirror of `mirror_of`.
    fn settings(&self, login: Option<&Login>, mirror_of: &str, mirror: &str) -> PathBuf {
        let repository = self.repository();
        let server = login.map_or_else(String::new, |Login { name, secret }| {
            format!(
                "<server><id>wharfinger</id><username>{name}</username><password>{secret}</password></server>"
            )
        });
        let text = format!(
            "<settings>\n<localRepository>{}</localRepository>\n<servers>{server}</servers>\n<mirrors>\
             <mirror><id>wharfinger</id><mirrorOf>{mirror_of}</mirrorOf><url>{mirror}</url></mirror>\
             </mirrors>\n<pluginGroups><pluginGroup>org.example.harbour</pluginGroup></pluginGroups>\n</settings>\n",
            repository.display()
        );
        self.sandbox.file("settings.xml", &text)
    }

    /// A line of our own command line with the files of this client.
    pub(crate) fn wharfinger(&self, hub: &Hub, line: &str) -> Outcome {
        hub.command_line(&self.sandbox, line)
    }

    /// The local repository.
    pub(crate) fn repository(&self) -> PathBuf {
        self.sandbox.path("repository")
    }

    /// What this Maven thinks of each of these versions and the next: lines like `1.0-rc1 < 1.0`.
    pub(crate) fn compare(&self, versions: &[&str]) -> Outcome {
        let libraries = self.program.parent().unwrap().with_file_name("lib").join("*");
        let mut java = self.sandbox.command("java");
        java.arg("-cp").arg(libraries).arg("org.apache.maven.artifact.versioning.ComparableVersion");
        finish(java.args(versions), b"")
    }

    /// What the built project prints when it runs, with what it was built with.
    pub(crate) fn run_visitor(&self, project: &Path, version: &str) -> String {
        let mut paths = vec![project.join("target/classes")];
        for name in ["app", "core"] {
            let jar = format!("org/example/harbour/{name}/{version}/{name}-{version}.jar");
            paths.push(self.repository().join(jar));
        }
        let mut java = self.sandbox.command("java");
        java.arg("-cp").arg(env::join_paths(paths).unwrap()).arg("org.example.visitor.Visitor");
        finish(&mut java, b"").succeeds().text
    }
}
