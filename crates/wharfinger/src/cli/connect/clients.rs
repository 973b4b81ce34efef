//! What the files of each client say of a gateway.

use std::path::PathBuf;

use clap::ValueEnum;

use super::draft::Draft;
use crate::cli::failure::Failure;
use crate::config::{Environment, ServerUrl};

mod containers;
mod gradle;
mod maven;
mod nuget;
mod paket;
mod sbt;

/// A program that reads or publishes packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Program {
    Docker,
    Podman,
    Mvn,
    Gradle,
    Sbt,
    Dotnet,
    Paket,
}

/// What a client is to know.
#[derive(Debug, Clone)]
pub(super) struct Access {
    /// What its entry is called.
    pub(super) id: String,
    pub(super) server: ServerUrl,
    /// The address of the repository, if there is one.
    pub(super) url: Option<String>,
    pub(super) user: String,
    pub(super) secret: String,
}

/// A file that a client reads.
pub(super) struct Target {
    pub(super) path: PathBuf,
    /// Whose file it is: then the whole of it is ours.
    pub(super) own: bool,
    pub(super) editor: &'static dyn Editor,
}

/// Puts an entry into a text and takes it out again. An absent file is an empty text.
pub(super) trait Editor {
    /// Whether the entry is there, ours or not.
    ///
    /// # Errors
    /// What is wrong with the text, for people.
    fn has(&self, text: &str, access: &Access) -> Result<bool, String>;

    /// Puts it there, in place of one that is there.
    ///
    /// # Errors
    /// What is wrong with the text, for people.
    fn put(&self, draft: &mut Draft, access: &Access) -> Result<(), String>;

    /// Takes it out.
    ///
    /// # Errors
    /// What is wrong with the text, for people.
    fn take(&self, draft: &mut Draft, access: &Access) -> Result<(), String>;

    /// What in this text keeps the client from using the entry.
    fn warnings(&self, _text: &str, _access: &Access) -> Vec<String> {
        Vec::new()
    }
}

impl Program {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Mvn => "mvn",
            Self::Gradle => "gradle",
            Self::Sbt => "sbt",
            Self::Dotnet => "dotnet",
            Self::Paket => "paket",
        }
    }

    /// Whether its entry is about one repository and not about the gateway.
    pub(super) const fn needs_repository(self) -> bool {
        matches!(self, Self::Dotnet | Self::Paket)
    }

    /// What its entry is called, unless it is said: by the host for programs that know no other names, and as the program allows.
    pub(super) fn id(self, server: &ServerUrl, node: &str) -> String {
        let words: Vec<&str> = node.split(|letter: char| !letter.is_ascii_alphanumeric()).collect();
        let named = words.iter().any(|word| !word.is_empty());
        match self {
            Self::Docker | Self::Podman | Self::Paket => server.authority().to_owned(),
            _ if !named => "wharfinger".to_owned(),
            // Gradle derives the names of properties from it, which have letters and digits only.
            Self::Gradle => named_by_letter(camel(&words)),
            Self::Mvn | Self::Sbt | Self::Dotnet => named_by_letter(node.replace('/', "-")),
        }
    }

    pub(super) fn is_id(self, id: &str) -> bool {
        let first = id.bytes().next();
        let letters = |extra: &'static [u8]| {
            id.bytes().all(|byte| byte.is_ascii_alphanumeric() || extra.contains(&byte))
        };
        let named = first.is_some_and(|byte| byte.is_ascii_alphabetic()) && id.len() <= 128;
        match self {
            Self::Docker | Self::Podman | Self::Paket => false,
            Self::Gradle => named && letters(b""),
            Self::Mvn | Self::Sbt | Self::Dotnet => named && letters(b"-_."),
        }
    }

    /// The files it reads.
    ///
    /// # Errors
    /// Wrong use, if the environment does not say where they are.
    pub(super) fn targets(self, access: &Access, environment: &Environment) -> Result<Vec<Target>, Failure> {
        let homeless = || Failure::Usage("HOME does not say where the files are".to_owned());
        let home = environment.get("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
        let home = home.ok_or_else(homeless)?;
        let variable = |name: &str| environment.get(name).map(PathBuf::from);
        let config = variable("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
        let one = |path: PathBuf, editor| vec![Target { path, own: false, editor }];
        Ok(match self {
            Self::Docker => {
                let folder = variable("DOCKER_CONFIG").unwrap_or_else(|| home.join(".docker"));
                one(folder.join("config.json"), &containers::Auths)
            }
            Self::Podman => {
                let file = variable("REGISTRY_AUTH_FILE");
                one(file.unwrap_or_else(|| config.join("containers/auth.json")), &containers::Auths)
            }
            Self::Mvn => one(home.join(".m2/settings.xml"), &maven::Settings),
            Self::Gradle => {
                let folder = variable("GRADLE_USER_HOME").unwrap_or_else(|| home.join(".gradle"));
                one(folder.join("gradle.properties"), &gradle::Properties)
            }
            Self::Sbt => sbt::targets(&home.join(".sbt/1.0"), access),
            Self::Dotnet => one(home.join(".nuget/NuGet/NuGet.Config"), &nuget::Config),
            Self::Paket => one(config.join("Paket/paket.config"), &paket::Config),
        })
    }

    /// The credential helper that keeps its logins in place of its files, if it has one.
    ///
    /// # Errors
    /// The file that would say so cannot be read.
    pub(super) fn helper(self, targets: &[Target], access: &Access) -> Result<Option<String>, Failure> {
        match (self, targets.first()) {
            (Self::Docker | Self::Podman, Some(target)) => {
                let found = super::file::Found::read(&target.path)?;
                Ok(containers::helper(found.text.as_deref().unwrap_or_default(), access))
            }
            _ => Ok(None),
        }
    }

    /// What is to be written into a build, or typed next.
    pub(super) fn next(self, access: &Access) -> String {
        let Access { id, server, url, .. } = access;
        let anywhere = || frontend::address_for(self.word(), server.as_str(), "PROJECT/REPOSITORY");
        let url = url.clone().or_else(|| Some(anywhere()?.1)).unwrap_or_default();
        match self {
            Self::Docker | Self::Podman => {
                format!("{} pull {id}/p/PROJECT/REPOSITORY/IMAGE:TAG", self.word())
            }
            Self::Mvn => maven::next(id, &url),
            Self::Gradle => gradle::next(id, &url, server.is_tls()),
            Self::Sbt => sbt::next(id, &url, server.is_tls()),
            Self::Dotnet => {
                format!("dotnet package search WORDS --source {id}\ndotnet nuget push FILE --source {id}")
            }
            Self::Paket => format!("in paket.dependencies:\n    source {url}"),
        }
    }
}

/// `alphaPublicJars` of `alpha/public-jars`.
fn camel(words: &[&str]) -> String {
    let mut name = String::new();
    for word in words {
        let mut letters = word.chars();
        let first = letters.next();
        if name.is_empty() {
            name.extend(first);
        } else {
            name.extend(first.map(|letter| letter.to_ascii_uppercase()));
        }
        name.push_str(letters.as_str());
    }
    name
}

/// Neither a property nor an element of XML begins with a digit.
fn named_by_letter(name: String) -> String {
    if name.starts_with(|letter: char| letter.is_ascii_digit()) { format!("r{name}") } else { name }
}
