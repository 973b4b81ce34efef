//! The .NET SDK and the NuGet client in it.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::super::{
    hub::{Hub, Login},
    projects,
    wanted::apart,
};
use super::{Outcome, Sandbox, finish};

/// Programs of .NET neither ask nor tell anybody, and none outlives its command.
const QUIET: [(&str, &str); 9] = [
    ("DOTNET_NOLOGO", "1"),
    ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"),
    ("DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE", "true"),
    ("DOTNET_GENERATE_ASPNET_CERTIFICATE", "false"),
    ("DOTNET_CLI_USE_MSBUILD_SERVER", "0"),
    ("MSBUILDDISABLENODEREUSE", "1"),
    // Else a server of the compiler stays for ten minutes after the sandbox is gone, and with it whatever it has inherited.
    ("UseSharedCompilation", "false"),
    ("NUGET_CERT_REVOCATION_MODE", "offline"),
    // Nothing here asks for a culture, so ICU need not be there.
    ("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1"),
];

/// An SDK with packages, caches and configuration of its own.
#[derive(Debug)]
pub(crate) struct Dotnet {
    sandbox: Sandbox,
    root: PathBuf,
    framework: &'static str,
    /// Libraries that an old SDK wants and the machine has not.
    libraries: Option<PathBuf>,
}

impl Dotnet {
    pub(crate) fn new() -> Self {
        Self::with(root(), "net10.0", None)
    }

    /// An SDK of years ago.
    pub(crate) fn new_3_1() -> Self {
        let programs = apart("WHARFINGER_TEST_DOTNET_3_1");
        let libraries = programs.with_file_name("lib");
        Self::with(programs, "netcoreapp3.1", Some(libraries))
    }

    fn with(root: PathBuf, framework: &'static str, libraries: Option<PathBuf>) -> Self {
        let dotnet = Self { sandbox: Sandbox::new("dotnet"), root, framework, libraries };
        dotnet.configure(None, None);
        dotnet
    }

    /// Makes the feed with this index, as this person, the only source; or none.
    pub(crate) fn configure(&self, index: Option<&str>, login: Option<&Login>) {
        let source = index.map_or_else(String::new, |index| {
            format!("<add key=\"wharfinger\" value=\"{index}\" allowInsecureConnections=\"true\" />")
        });
        let credentials = login.map_or_else(String::new, |Login { name, secret }| {
            format!(
                "<packageSourceCredentials><wharfinger><add key=\"Username\" value=\"{name}\" />\
                 <add key=\"ClearTextPassword\" value=\"{secret}\" /></wharfinger></packageSourceCredentials>"
            )
        });
        self.configure_as(&format!(
            "<configuration><packageSources><clear />{source}</packageSources>{credentials}</configuration>\n"
        ));
    }

    /// Any `nuget.config`.
    pub(crate) fn configure_as(&self, text: &str) {
        self.sandbox.file("nuget.config", text);
    }

    /// The user's own `NuGet.Config`.
    pub(crate) fn configure_user(&self, text: &str) {
        fs::create_dir_all(self.sandbox.path("home/.nuget/NuGet")).unwrap();
        self.sandbox.file("home/.nuget/NuGet/NuGet.Config", text);
    }

    /// Forgets what was fetched before.
    pub(crate) fn forget(&self) {
        for folder in ["packages", "home/.local/share/NuGet"] {
            let _ = fs::remove_dir_all(self.sandbox.path(folder));
        }
    }

    /// A line of our own command line with the files of this client.
    pub(crate) fn wharfinger(&self, hub: &Hub, line: &str) -> Outcome {
        hub.command_line(&self.sandbox, line)
    }

    /// `dotnet` with these arguments.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Outcome {
        finish(self.command(self.root.join("dotnet")).args(arguments), b"")
    }

    /// Any command, with `dotnet` in it meaning this SDK.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = self.sandbox.command(program);
        isolate(&mut command, &self.sandbox, &self.root);
        if let Some(libraries) = &self.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        command
    }

    /// Packs the project `berth` under this id and version.
    pub(crate) fn pack(&self, id: &str, version: &str) -> PathBuf {
        self.pack_with(id, version, &[])
    }

    /// The same with so many bytes that no compression makes smaller.
    pub(crate) fn pack_large(&self, id: &str, version: &str, cargo: &[u8]) -> PathBuf {
        self.pack_with(id, version, cargo)
    }

    /// The project `berth`, a library, in a folder of this name.
    pub(crate) fn class_library(&self, folder: &str) -> PathBuf {
        let project = self.sandbox.path(folder);
        projects::copy("berth", &project, &[("net10.0", self.framework)]);
        project
    }

    fn pack_with(&self, id: &str, version: &str, cargo: &[u8]) -> PathBuf {
        let project = self.class_library(&format!("{id}-{version}"));
        if !cargo.is_empty() {
            fs::write(project.join("cargo.bin"), cargo).unwrap();
        }
        let mut command = self.command(self.root.join("dotnet"));
        command.current_dir(&project).args(["pack", "--output", "out"]);
        command.args([format!("-p:PackageId={id}"), format!("-p:Version={version}")]);
        finish(&mut command, b"").succeeds();
        project.join("out").join(format!("{id}.{version}.nupkg"))
    }

    /// Pushes a package to an index or a push address, with a key or without one.
    pub(crate) fn push(&self, package: &Path, to: &str, key: Option<&str>, more: &[&str]) -> Outcome {
        let package = package.display().to_string();
        let mut arguments = vec!["nuget", "push", &package, "--source", to];
        if self.libraries.is_none() {
            // The old one asks nobody to allow it.
            arguments.push("--allow-insecure-connections");
        }
        if let Some(key) = key {
            arguments.extend(["--api-key", key]);
        }
        arguments.extend(more);
        self.run(&arguments)
    }

    /// Makes a program that uses these packages, `(id, version)`; nothing is fetched yet.
    pub(crate) fn program(&self, packages: &[(&str, &str)]) -> PathBuf {
        let references: Vec<String> = packages
            .iter()
            .map(|(id, version)| format!("<PackageReference Include=\"{id}\" Version=\"{version}\" />"))
            .collect();
        self.program_with(&references.join("\n    "))
    }

    /// The same with any items of a project file.
    pub(crate) fn program_with(&self, items: &str) -> PathBuf {
        let project = self.sandbox.path("program");
        let _ = fs::remove_dir_all(&project);
        fs::create_dir(&project).unwrap();
        let text = format!(
            "<Project Sdk=\"Microsoft.NET.Sdk\">\n  <PropertyGroup>\n    <OutputType>Exe</OutputType>\n    \
             <TargetFramework>{}</TargetFramework>\n  </PropertyGroup>\n  <ItemGroup>\n    {items}\n  \
             </ItemGroup>\n</Project>\n",
            self.framework
        );
        fs::write(project.join("program.csproj"), text).unwrap();
        let main = "public static class Program { public static void Main() => \
                    System.Console.WriteLine(\"ship at \" + Harbour.Berth.Name); }\n";
        fs::write(project.join("Program.cs"), main).unwrap();
        project
    }

    /// A command of `dotnet` in a project.
    pub(crate) fn run_in(&self, project: &Path, arguments: &[&str]) -> Outcome {
        let mut command = self.command(self.root.join("dotnet"));
        finish(command.current_dir(project).args(arguments), b"")
    }

    /// Fetches what a project needs, all of it again.
    pub(crate) fn restore(&self, project: &Path) -> Outcome {
        self.forget();
        self.run_in(project, &["restore", "--force"])
    }

    /// The package in the global folder, once it was fetched.
    pub(crate) fn fetched(&self, id: &str, version: &str) -> PathBuf {
        let id = id.to_lowercase();
        self.sandbox.path("packages").join(&id).join(version).join(format!("{id}.{version}.nupkg"))
    }
}

/// What every program of .NET gets: the SDK it runs on, and folders of the sandbox.
pub(super) fn isolate(command: &mut Command, sandbox: &Sandbox, root: &Path) {
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([root.to_owned()].into_iter().chain(env::split_paths(&path))).unwrap();
    command.env("PATH", path).env("DOTNET_ROOT", root).envs(QUIET);
    command.env("NUGET_PACKAGES", sandbox.path("packages"));
}

/// Where the SDK lies: `DOTNET_ROOT`, else where the program in `PATH` really is.
pub(super) fn root() -> PathBuf {
    if let Some(root) = env::var_os("DOTNET_ROOT") {
        return PathBuf::from(root);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let program = env::split_paths(&path).map(|dir| dir.join("dotnet")).find(|path| path.is_file());
    let program = program.expect("dotnet was found before").canonicalize().unwrap();
    program.parent().unwrap().to_owned()
}
