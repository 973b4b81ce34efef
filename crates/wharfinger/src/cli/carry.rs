//! `wharfinger import` and `wharfinger export FORMAT`: packages from elsewhere into a repository, and out of one into plain files
//! (docs/guide/import.md).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::counts::CountsAsked;
use api::explain::{Explain, Question};
use api::repositories::ShowRepository;
use api::{Ask, Nothing, OneRight};
use clap::{Args, ValueEnum};
use domain::{Permission, RepositoryPath};
use serde_json::json;
use url::Url;

use super::client::Client;
use super::failure::Failure;
use super::flags::{Form, Remote};
use super::manage::typed;
use super::{session, terminal};
use crate::config::Environment;

mod account;
mod content;
mod feed;
mod images;
mod journal;
mod place;
mod run;
mod sums;
mod target;
mod tree;
mod web;

use account::Account;
use feed::remarks::Listener;
use feed::{Kinds, Packages};
use images::layout::{Layouts, is_layout};
use images::registry::Registry;
use images::{Images, Sink, Source};
use journal::Journal;
use place::Place;
use run::run;
use target::Target;
use tree::{Files, Layout};
use web::{Login, Web};

/// Which packages, by the word of their format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatWord {
    Maven,
    Nuget,
    Oci,
    Files,
}

/// What is imported from where.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// What kind of packages
    #[arg(value_enum)]
    format: FormatWord,
    /// A folder, or the address of a list of Maven's, of a feed's index or of a registry
    source: String,
    /// The repository that they are put into
    #[arg(long, value_name = "PROJECT/REPOSITORY")]
    to: String,
    /// Who you are at the source; the password is in WHARFINGER_SOURCE_SECRET or on standard input
    #[arg(long, value_name = "NAME")]
    source_user: Option<String>,
    /// Read the password or token for the source from standard input
    #[arg(long)]
    source_secret_stdin: bool,
    /// Certificates (PEM) to trust at the source instead of the system's
    #[arg(long, value_name = "FILE")]
    source_ca_file: Option<PathBuf>,
    /// What the image is called, of the layout of one
    #[arg(long, value_name = "IMAGE")]
    name: Option<String>,
    #[command(flatten)]
    how: How,
    #[command(flatten)]
    remote: Remote,
}

/// What of all there is, and how.
#[derive(Debug, Clone, Args)]
pub(super) struct How {
    /// Only this image, package, file or folder; may be repeated
    #[arg(long, value_name = "NAME", requires = "format")]
    only: Vec<String>,
    /// Say what would be taken, and change nothing
    #[arg(long, requires = "format")]
    dry_run: bool,
    /// Put other content in the place of what is there, where that may be
    #[arg(long, requires = "format")]
    replace: bool,
    /// Note in this file what is done, and pass over what was done before
    #[arg(long, value_name = "FILE", requires = "format")]
    resume: Option<PathBuf>,
    /// At most so many at a time
    #[arg(long, value_name = "NUMBER", requires = "format", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=16))]
    parallel: u8,
}

/// Packages that are written as plain files.
#[derive(Debug, Args)]
pub(super) struct Exported {
    /// The packages of a repository instead, as plain files
    #[arg(value_enum, requires_all = ["repository", "to"], conflicts_with_all = ["on", "token_hashes"])]
    format: Option<FormatWord>,
    /// The repository: PROJECT/REPOSITORY
    repository: Option<String>,
    /// The folder that they are written to
    #[arg(long, value_name = "FOLDER", requires = "format")]
    to: Option<PathBuf>,
    #[command(flatten)]
    how: How,
}

/// A repository of the gateway.
struct Repository {
    client: Arc<Client>,
    path: RepositoryPath,
    mount: &'static str,
}

pub(super) async fn import(flags: Import, environment: &Environment) -> Result<(), Failure> {
    let login = source_login(&flags, environment)?;
    let to =
        Repository::find(&flags.remote, environment, flags.format, &flags.to, Permission::Publish).await?;
    let from = Origin::read(&flags, login)?;
    let what = json!({ "wharfinger": "import", "from": from.name(), "to": to.name() });
    let account = account(&flags.how, &flags.remote.form, &what)?;
    let outcome = imported(&flags, &from, &to, &account).await;
    account.close(outcome)
}

/// Whether the packages of a repository are meant, and not what is administered.
pub(super) fn is_asked(flags: &Exported) -> bool {
    flags.format.is_some()
}

pub(super) async fn export(
    flags: &Exported,
    remote: &Remote,
    environment: &Environment,
) -> Result<(), Failure> {
    let (Some(format), Some(repository), Some(to)) = (flags.format, &flags.repository, &flags.to) else {
        return Err(Failure::Usage("say which format, repository and folder".to_owned()));
    };
    let from = Repository::find(remote, environment, format, repository, Permission::Read).await?;
    let what = json!({ "wharfinger": "export", "from": from.name(), "to": to.display().to_string() });
    let account = account(&flags.how, &remote.form, &what)?;
    let outcome = exported(format, &from, to, &flags.how, &account).await;
    account.close(outcome)
}

/// Where packages are imported from.
enum Origin {
    Folder(PathBuf),
    Web(Arc<Web>, Url),
}

impl Origin {
    fn read(flags: &Import, login: Option<Login>) -> Result<Self, Failure> {
        if flags.source.starts_with("http://") || flags.source.starts_with("https://") {
            let wrong = |_| Failure::Usage(format!("`{}` is no address", flags.source));
            let url = Url::parse(&flags.source).map_err(wrong)?;
            if !url.username().is_empty() || url.password().is_some() {
                let why = "name and password do not belong into an address: see --source-user";
                return Err(Failure::Usage(why.to_owned()));
            }
            let web = Web::new(&url, login, flags.source_ca_file.clone());
            return Ok(Self::Web(Arc::new(web), url));
        }
        let folder = PathBuf::from(&flags.source);
        match std::fs::metadata(&folder) {
            Ok(found) if found.is_dir() => Ok(Self::Folder(folder)),
            Ok(_) => Err(Failure::Usage(format!("{} is no folder", folder.display()))),
            Err(error) => Err(Failure::Absent(format!("{}: {error}", folder.display()))),
        }
    }

    /// As a later run with the same words has it.
    fn name(&self) -> String {
        match self {
            Self::Folder(folder) => {
                folder.canonicalize().unwrap_or_else(|_| folder.clone()).display().to_string()
            }
            Self::Web(_, url) => url.to_string(),
        }
    }
}

impl Repository {
    /// Asks whether one may, and what it is, so that what cannot be is refused before anything is read.
    async fn find(
        remote: &Remote,
        environment: &Environment,
        format: FormatWord,
        path: &str,
        right: Permission,
    ) -> Result<Self, Failure> {
        let client = Arc::new(session::client(&remote.at, environment)?);
        let path = super::manage::nouns::path(path)?;
        let possible = format.to_possible_value();
        let wanted = possible.as_ref().map_or("", |value| value.get_name());
        let known = frontend::descriptors().into_iter().find(|one| one.known.format.as_str() == wanted);
        let found = Self { client, path, mount: known.map_or("", |one| one.known.mount) };
        found.may(right).await?;
        let ask = Ask::<ShowRepository>::new(found.path.clone(), CountsAsked { counts: false }, Nothing {});
        match found.client.call(&ask).await {
            Ok(shown) if shown.answer.format != wanted => {
                let (path, has) = (&found.path, &shown.answer.format);
                Err(Failure::Usage(format!("{path} is a repository of the format {has}, not {wanted}")))
            }
            // Who may only publish is not shown what it is.
            Ok(_) | Err(Failure::Refused(_)) => Ok(found),
            Err(failure) => Err(failure),
        }
    }

    /// Refuses in the words of `explain` what would be refused a thousand times.
    async fn may(&self, right: Permission) -> Result<(), Failure> {
        let query = Question {
            who: None,
            token: None,
            may: OneRight(right),
            on: typed("the repository", self.path.to_string())?,
            address: None,
        };
        let told = self.client.call(&Ask::<Explain>::new((), query, Nothing {})).await?.answer;
        if told.allowed {
            return Ok(());
        }
        let remedy = told.remedy.map(|remedy| format!("\n{}\n  {}", remedy.sentence, remedy.command));
        Err(Failure::Refused(format!("{}{}", told.sentence, remedy.unwrap_or_default())))
    }

    fn name(&self) -> String {
        format!("{}/{}", self.client.server(), self.path)
    }

    /// The path below which its content lies.
    fn base(&self) -> String {
        format!("{}/p/{}/", self.mount, self.path)
    }

    fn target(&self) -> Target {
        Target::new(Arc::clone(&self.client), self.base())
    }

    fn url(&self) -> Result<Url, Failure> {
        let text = format!("{}{}", self.client.server(), self.base());
        Url::parse(&text).map_err(|_| Failure::Usage(format!("`{text}` is no address")))
    }
}

async fn imported(flags: &Import, from: &Origin, to: &Repository, account: &Account) -> Result<(), Failure> {
    let place = Place::Repository(to.target());
    match flags.format {
        FormatWord::Maven => files(Layout::Maven, from, &place, &flags.how, account).await,
        FormatWord::Files => files(Layout::Plain, from, &place, &flags.how, account).await,
        FormatWord::Nuget => {
            let how = &flags.how;
            let listener = || Some(Listener::new(to, how.dry_run, how.replace));
            packages(listener, from, &place, how, account).await
        }
        FormatWord::Oci => {
            let source = match from {
                Origin::Folder(folder) => Source::Layouts(layouts(folder, flags.name.clone())),
                Origin::Web(web, url) => Source::Registry(Registry::new(Arc::clone(web), url)?),
            };
            images(&source, &Sink::Repository(to.target()), &flags.how, account).await
        }
    }
}

async fn exported(
    format: FormatWord,
    from: &Repository,
    to: &Path,
    how: &How,
    account: &Account,
) -> Result<(), Failure> {
    let web = Arc::new(Web::of_gateway(Arc::clone(&from.client)));
    let place = Place::Folder(to.to_owned());
    let url = from.url()?;
    match format {
        FormatWord::Maven => files(Layout::Maven, &Origin::Web(web, url), &place, how, account).await,
        FormatWord::Files => files(Layout::Plain, &Origin::Web(web, url), &place, how, account).await,
        FormatWord::Nuget => {
            let index = url.join("v3/index.json").map_err(|_| Failure::Other(url.to_string()))?;
            packages(|| None, &Origin::Web(web, index), &place, how, account).await
        }
        FormatWord::Oci => {
            let source = Source::Registry(Registry::new(web, &url)?);
            let sink = Sink::Layouts(Layouts { root: to.to_owned(), name: None });
            images(&source, &sink, how, account).await
        }
    }
}

async fn files(
    layout: Layout,
    from: &Origin,
    to: &Place,
    how: &How,
    account: &Account,
) -> Result<(), Failure> {
    // What a gateway takes of documents about versions belongs to artifacts that are there.
    let documents_last = layout == Layout::Maven && matches!(to, Place::Repository(_));
    let passes: &[Option<bool>] = if documents_last { &[Some(false), Some(true)] } else { &[None] };
    for documents in passes {
        let wanted = |path: &str| {
            let is_meant = documents.is_none_or(|documents| tree::is_document(path) == documents);
            is_meant && (how.only.is_empty() || how.only.iter().any(|one| lies_in(path, one)))
        };
        let files = Files { layout, to, account, replace: how.replace };
        let find = async |finds| match from {
            Origin::Folder(folder) => tree::local::find(layout, folder, wanted, finds).await,
            Origin::Web(web, url) => {
                let mut root = url.clone();
                if !root.path().ends_with('/') {
                    root.set_path(&format!("{}/", url.path()));
                }
                tree::listing::find(layout, web, &root, wanted, finds).await
            }
        };
        let carry = async |entry: &tree::Entry| files.carry(entry).await;
        run(how.parallel.into(), account, find, |entry| entry.path.clone(), carry).await?;
    }
    Ok(())
}

/// Whether a path is that of a file or in that of a folder.
fn lies_in(path: &str, one: &str) -> bool {
    let rest = path.strip_prefix(one.trim_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

async fn packages<'a>(
    listener: impl Fn() -> Option<Listener<'a>>,
    from: &Origin,
    to: &'a Place,
    how: &'a How,
    account: &'a Account,
) -> Result<(), Failure> {
    // Symbols belong to a package that is there.
    for kinds in [Kinds::Packages, Kinds::Symbols] {
        if let (Kinds::Symbols, Origin::Web(..), Place::Repository(_)) = (kinds, from, to) {
            account.asked_for_symbols(false);
        }
        let (listener, replace) = (listener(), how.replace);
        let packages = Packages { kinds, to, account, listener, only: &how.only, replace };
        let find = async |finds| match from {
            Origin::Folder(folder) => feed::find(kinds, folder, finds).await,
            Origin::Web(web, url) => feed::remote::find(kinds, (web, url), &how.only, finds).await,
        };
        let carry = async |package: &feed::Package| packages.carry(package).await;
        run(how.parallel.into(), account, find, |package| package.name.clone(), carry).await?;
    }
    Ok(())
}

async fn images(from: &Source, to: &Sink, how: &How, account: &Account) -> Result<(), Failure> {
    let images = Images { from, to, account, replace: how.replace };
    let find = async |finds| from.find(&how.only, finds).await;
    let carry = async |one: &images::Pointed| images.carry(one).await;
    run(how.parallel.into(), account, find, images::Pointed::name, carry).await
}

/// The layout of one image, called as is said or as its folder is; or all layouts below a folder.
fn layouts(folder: &Path, name: Option<String>) -> Layouts {
    let own = || {
        let name = folder.canonicalize().ok()?.file_name()?.to_str()?.to_ascii_lowercase();
        is_layout(folder).then_some(name)
    };
    Layouts { root: folder.to_owned(), name: name.or_else(own) }
}

fn account(how: &How, form: &Form, what: &serde_json::Value) -> Result<Account, Failure> {
    let journal = how.resume.as_deref().map(|path| Journal::open(path, what)).transpose()?;
    Ok(Account::new(*form, how.dry_run, journal))
}

/// Who one is at the source.
fn source_login(flags: &Import, environment: &Environment) -> Result<Option<Login>, Failure> {
    let secret = if flags.source_secret_stdin {
        Some(terminal::secret_from_input()?)
    } else {
        environment.get("WHARFINGER_SOURCE_SECRET").map(str::to_owned)
    };
    match (flags.source_user.clone(), secret) {
        (Some(user), Some(secret)) => Ok(Some(Login::Basic { user, secret })),
        (None, Some(secret)) => Ok(Some(Login::Token(secret))),
        (None, None) => Ok(None),
        (Some(_), None) => {
            let why =
                "--source-user needs a password: in WHARFINGER_SOURCE_SECRET, or with --source-secret-stdin";
            Err(Failure::Usage(why.to_owned()))
        }
    }
}
