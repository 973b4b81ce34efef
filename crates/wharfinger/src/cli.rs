//! The command line: what can be typed, and which room does it.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use crate::config::Environment;

mod apply;
mod asking;
mod audit;
mod backup;
mod calls;
mod carry;
pub(crate) mod client;
mod completion;
mod connect;
mod examples;
pub(crate) mod failure;
mod flags;
mod grants;
mod identities;
mod jobs;
mod local;
mod login;
mod login_providers;
mod manage;
mod nouns;
mod output;
mod pages;
mod participants;
mod progress;
mod serve;
mod session;
mod setup;
mod terminal;
mod tokens;
mod usage;
mod version;
mod webhooks;

use asking::{Question, RightsCommand, Within};
use audit::AuditCommand;
use backup::{BackupCommand, DatabaseCommand};
use connect::Connect;
pub use failure::Failure;
use flags::{Changing, Doing, Remote};
use grants::{GrantCommand, GrantName};
use identities::{ExchangeFlags, IssuerCommand, PublisherCommand};
use jobs::JobCommand;
use login::{Login, Logout};
use login_providers::LoginProviderCommand;
use manage::raw::ApiRequest;
use nouns::packages::{AdvisoryCommand, PackageCommand, TombstoneCommand};
use nouns::{
    AppCommand, FormatCommand, GarbageCommand, NodeCommand, OrganisationCommand, PersonCommand,
    ProjectCommand, RepositoryCommand, RoleCommand, TeamCommand, WorkerCommand,
};
use participants::ParticipantCommand;
use tokens::TokenCommand;
use usage::UsageFlags;
use version::Version;
use webhooks::WebhookCommand;

/// A package registry for OCI images, Maven, NuGet and generic files in one program.
#[derive(Debug, Parser)]
#[command(name = "wharfinger", version, after_help = failure::EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the gateway
    Serve(Serve),
    #[command(flatten)]
    Other(Box<Verb>),
}

/// What ends by itself.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Makes the first administrator, a project and a token, with the code that `serve` printed
    Setup(Setup),
    /// Reads or shows the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Makes, verifies and restores backups, while no gateway works on the data
    #[command(subcommand)]
    Backup(BackupCommand),
    /// Moves all rows to another database, while no gateway works on them
    #[command(subcommand, name = "db")]
    Database(DatabaseCommand),
    /// Logs in to a gateway: the other verbs take the token from then on
    Login(Login),
    /// Logs out of a gateway, and revokes the token that `login` made
    Logout(Logout),
    /// Gives a package manager access, by a token of its own in the files that it reads
    Connect(Connect),
    /// Asks a gateway whether it is ready; exits with 0 if it is
    Healthcheck(Healthcheck),
    /// Makes, lists, rotates, disables and revokes permanent tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Suspends and resumes people and applications
    #[command(subcommand)]
    Principal(PrincipalCommand),
    /// Puts, deletes and lists grants
    #[command(subcommand)]
    Grant(GrantCommand),
    /// Adds people, applications and teams to a project, shows them and takes them out
    #[command(subcommand)]
    Participant(ParticipantCommand),
    /// Shows and sets what holds for everybody
    #[command(subcommand)]
    Organisation(OrganisationCommand),
    /// Makes, shows, changes and deletes projects
    #[command(subcommand)]
    Project(ProjectCommand),
    /// Shows what repositories can hold
    #[command(subcommand)]
    Format(FormatCommand),
    /// Makes, shows, changes and deletes repositories
    #[command(subcommand)]
    Repository(RepositoryCommand),
    /// Shows packages
    #[command(subcommand)]
    Package(PackageCommand),
    /// Shows, puts and deletes what is known of weaknesses of packages
    #[command(subcommand)]
    Advisory(AdvisoryCommand),
    /// Shows what goes on without being asked
    #[command(subcommand)]
    Worker(WorkerCommand),
    /// Shows what is freed
    #[command(subcommand)]
    Garbage(GarbageCommand),
    /// Asks for long work, shows it and takes it back
    #[command(subcommand)]
    Job(JobCommand),
    /// Shows the processes that answer with the same rows
    #[command(subcommand)]
    Node(NodeCommand),
    /// Shows and frees names that were removed and stay reserved
    #[command(subcommand)]
    Tombstone(TombstoneCommand),
    /// Sets what roles hold
    #[command(subcommand)]
    Role(RoleCommand),
    /// Makes, shows, changes and deletes members, collaborators and guests
    #[command(subcommand)]
    Person(PersonCommand),
    /// Makes, shows, changes and deletes teams
    #[command(subcommand)]
    Team(TeamCommand),
    /// Makes, shows, changes and deletes applications, and lets them into projects
    #[command(subcommand)]
    App(AppCommand),
    /// Brings a gateway to what a file says, and shows first what that changes and for whom
    Apply(apply::Apply),
    /// Writes what is there as a file that can be applied; or the packages of a repository as plain files
    Export(Export),
    /// Takes packages from a folder or another server into a repository
    Import(carry::Import),
    /// Tells others over HTTP what happens: makes, shows, tests and deletes webhooks
    #[command(subcommand)]
    Webhook(WebhookCommand),
    /// Says who vouches for machines: makes, shows, tests and deletes issuers of identity tokens
    #[command(subcommand)]
    Issuer(IssuerCommand),
    /// Says who vouches for people: makes, shows, tests and deletes providers of log-ins (OpenID Connect)
    #[command(subcommand)]
    LoginProvider(LoginProviderCommand),
    /// Lets machines have short-lived tokens: makes, shows, tries and deletes publishers
    #[command(subcommand)]
    Publisher(PublisherCommand),
    /// Exchanges the token of an issuer for a short-lived one of the gateway
    Exchange(ExchangeFlags),
    /// Tells whether somebody may do something somewhere, and why
    Explain(Question),
    /// Shows what somebody may do, and who may do what at a node
    #[command(subcommand)]
    Rights(RightsCommand),
    /// Sets your password with a code that an administrator gave you; reads the password from standard input
    Redeem {
        /// The code, which begins with whfi_
        code: String,
        #[command(flatten)]
        doing: Doing,
    },
    /// Shows who the token says you are, and changes what is yours
    Me(Me),
    /// Shows what happened, and whether anybody changed what is said of it
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Shows what was fetched and made, day by day, and what there is
    Usage(UsageFlags),
    /// Sends one request to the API, and says the answer as it came
    Api(ApiRequest),
    /// Shows the release, here or of a server; shows, deletes and pins the versions of packages
    Version(Version),
    /// Writes a manual page for each command into a directory
    Man {
        /// The directory; it is made if it is not there
        dir: PathBuf,
    },
    /// Prints the completion script of a shell, which completes names too
    Completion {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// Flags of `serve`, stable from the first release. Each wins over the file and the environment.
#[derive(Debug, Default, Args)]
struct Serve {
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Directory of the data [default: ./wharfinger-data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The address that clients use, such as https://registry.example.org
    #[arg(long, value_name = "URL", value_parser = server_url)]
    public_url: Option<crate::config::ServerUrl>,
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Organisation, projects, people, grants and tokens to make (TOML); applying it twice changes nothing
    #[arg(long, value_name = "FILE")]
    bootstrap: Option<PathBuf>,
    /// Apply the bootstrap file and exit, without serving anything
    #[arg(long)]
    bootstrap_only: bool,
}

#[derive(Debug, Args)]
struct Setup {
    /// The code that `serve` printed
    code: String,
    /// The gateway [default: http://127.0.0.1:8080]
    #[arg(long, value_name = "URL", value_parser = server_url)]
    server: Option<crate::config::ServerUrl>,
    /// User name of the first administrator
    #[arg(long, default_value = "admin")]
    username: String,
    /// Read a password for the administrator from standard input; without it there is only the token
    #[arg(long)]
    password_stdin: bool,
    /// Certificates (PEM) to trust instead of the system's
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Reads the configuration, says what is wrong with it, starts nothing
    Check(ConfigFile),
    /// Shows the configuration in force as TOML
    Print {
        #[command(flatten)]
        file: ConfigFile,
        /// Show the commented file with all defaults instead
        #[arg(long)]
        defaults: bool,
    },
}

#[derive(Debug, Args)]
struct ConfigFile {
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Check this bootstrap file too
    #[arg(long, value_name = "FILE")]
    bootstrap: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Healthcheck {
    /// The gateway [default: where the configuration says it listens]
    #[arg(long, value_name = "URL", value_parser = server_url)]
    server: Option<crate::config::ServerUrl>,
    /// Configuration file (TOML)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Two things that leave a gateway: what is administered, and packages.
#[derive(Debug, Args)]
struct Export {
    #[command(flatten)]
    packages: carry::Exported,
    #[command(flatten)]
    administered: apply::ExportFlags,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
struct Me {
    #[command(subcommand)]
    command: Option<MeCommand>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Subcommand)]
enum MeCommand {
    /// Shows what you may do with this token, wherever you may do anything
    Rights {
        #[command(flatten)]
        within: Within,
    },
    /// Changes your password: reads the present one and the new one, a line each, from standard input
    Password {
        /// Your user name; a token changes no password
        #[arg(long)]
        username: String,
        #[command(flatten)]
        doing: Doing,
    },
    /// Sets what people call you
    Title {
        /// Such as "Alice Liddell"
        title: String,
        #[command(flatten)]
        doing: Doing,
    },
    /// Lists your sessions in browsers
    Sessions {
        #[command(flatten)]
        remote: Remote,
    },
    /// Ends one of your sessions in browsers
    EndSession {
        /// Its id, as the list tells it
        session: String,
        #[command(flatten)]
        changing: Changing,
    },
    /// Ends all your sessions in browsers
    LogoutEverywhere {
        #[command(flatten)]
        changing: Changing,
    },
    /// Lists whom you are at providers of log-ins
    Identities {
        #[command(flatten)]
        remote: Remote,
    },
    /// Unlinks you from a provider of log-ins
    Unlink {
        /// Its name
        provider: String,
        #[command(flatten)]
        changing: Changing,
    },
}

#[derive(Debug, Subcommand)]
enum PrincipalCommand {
    /// Refuses everything of somebody from the next request on
    Suspend {
        /// Such as member:alice or application:build-server
        principal: String,
        #[command(flatten)]
        changing: Changing,
    },
    /// Takes a suspension back
    Resume {
        /// Such as member:alice or application:build-server
        principal: String,
        #[command(flatten)]
        changing: Changing,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum VisibilityWord {
    Public,
    Private,
}

/// Reads the arguments, does what they say, and gives the exit code (`--help` lists them).
pub fn run(arguments: Vec<OsString>, environment: Environment) -> ExitCode {
    if completion::answered(&arguments, &environment, Cli::command) {
        return ExitCode::SUCCESS;
    }
    // In a thread that ends: a gateway would keep for years what the whole command line takes to be read, most of a megabyte.
    let read = std::thread::spawn(|| read(arguments));
    let Ok(read) = read.join() else { return ExitCode::FAILURE };
    let cli = match read {
        Ok(cli) => cli,
        // Help and version come this way too and are no failures.
        Err(said) => {
            let code = if said.use_stderr() { Failure::Usage(String::new()).exit_code() } else { 0 };
            return said.print().map_or(ExitCode::FAILURE, |()| ExitCode::from(code));
        }
    };
    // Apart: a gateway would stand for years on the frame of all that ends by itself.
    let done = match cli.command {
        Command::Serve(flags) => serve::serve(flags, environment),
        Command::Other(verb) => dispatch(*verb, environment),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&format!("wharfinger: {failure}"));
            ExitCode::from(failure.exit_code())
        }
    }
}

fn read(arguments: Vec<OsString>) -> Result<Cli, clap::Error> {
    let mut command = examples::shown_in(Cli::command());
    let matches = command.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

fn dispatch(verb: Verb, environment: Environment) -> Result<(), Failure> {
    match verb {
        Verb::Setup(flags) => local::wait_for(setup::setup(&flags)),
        Verb::Config(ConfigCommand::Check(flags)) => local::check(&flags, environment),
        Verb::Config(ConfigCommand::Print { file, defaults }) => local::print(&file, defaults, environment),
        Verb::Backup(command) => backup::backup(command, environment),
        Verb::Database(command) => backup::database(command, environment),
        Verb::Healthcheck(flags) => local::wait_for(local::healthcheck(&flags, environment)),
        Verb::Login(flags) => local::wait_for(login::login(flags, &environment)),
        Verb::Logout(flags) => local::wait_for(login::logout(flags, &environment)),
        Verb::Connect(flags) => local::wait_for(connect::connect(flags, &environment)),
        Verb::Token(TokenCommand::Generate { kind, form }) => local::generate(kind, form),
        Verb::Token(command) => local::wait_for(manage::tokens::token(command, &environment)),
        Verb::Principal(command) => local::wait_for(manage::principal(command, &environment)),
        Verb::Grant(command) => local::wait_for(manage::grant(command, &environment)),
        Verb::Participant(command) => {
            local::wait_for(manage::participants::participant(command, &environment))
        }
        Verb::Organisation(command) => {
            local::wait_for(manage::organisation::organisation(command, &environment))
        }
        Verb::Project(command) => local::wait_for(manage::nouns::project(command, &environment)),
        Verb::Package(command) => local::wait_for(manage::packages::package(command, &environment)),
        Verb::Garbage(command) => local::wait_for(manage::nouns::garbage(command, &environment)),
        Verb::Worker(command) => local::wait_for(manage::nouns::worker(command, &environment)),
        Verb::Job(command) => local::wait_for(manage::jobs::job(command, &environment)),
        Verb::Node(NodeCommand::List { remote }) => {
            local::wait_for(manage::nouns::nodes(&remote, &environment))
        }
        Verb::Advisory(command) => local::wait_for(manage::remarks::advisory(command, &environment)),
        Verb::Tombstone(command) => local::wait_for(manage::packages::tombstone(command, &environment)),
        Verb::Repository(command) => local::wait_for(manage::nouns::repository(command, &environment)),
        Verb::Role(command) => local::wait_for(manage::nouns::role(command, &environment)),
        Verb::Person(command) => local::wait_for(manage::people::person(command, &environment)),
        Verb::Team(command) => local::wait_for(manage::people::team(command, &environment)),
        Verb::App(command) => local::wait_for(manage::people::app(command, &environment)),
        Verb::Apply(flags) => local::wait_for(apply::apply(flags, &environment)),
        Verb::Export(flags) => local::wait_for(export(flags, &environment)),
        Verb::Import(flags) => local::wait_for(carry::import(flags, &environment)),
        Verb::Webhook(command) => local::wait_for(manage::webhooks::webhook(command, &environment)),
        Verb::Issuer(command) => local::wait_for(manage::identities::issuer(command, &environment)),
        Verb::LoginProvider(command) => {
            local::wait_for(manage::login_providers::login_provider(command, &environment))
        }
        Verb::Publisher(command) => local::wait_for(manage::identities::publisher(command, &environment)),
        Verb::Exchange(flags) => local::wait_for(manage::identities::exchange(flags, &environment)),
        Verb::Explain(question) => local::wait_for(manage::asking::explain(question, &environment)),
        Verb::Rights(command) => local::wait_for(manage::asking::rights(command, &environment)),
        Verb::Audit(command) => local::wait_for(manage::audit::audit(command, &environment)),
        Verb::Usage(flags) => local::wait_for(manage::usage::usage(flags, &environment)),
        Verb::Format(FormatCommand::List { remote }) => {
            local::wait_for(manage::nouns::formats(&remote, &environment))
        }
        Verb::Redeem { code, doing } => {
            local::wait_for(manage::passwords::redeem(code, &doing, &environment))
        }
        Verb::Me(me) => local::wait_for(manage::passwords::me(me, &environment)),
        Verb::Api(request) => local::wait_for(manage::raw::send(request, &environment)),
        Verb::Version(asked) => local::wait_for(version::show(asked, &environment)),
        Verb::Man { dir } => pages::write(examples::shown_in(Cli::command()), &dir),
        Verb::Completion { shell } => completion::script(shell),
    }
}

async fn export(flags: Export, environment: &Environment) -> Result<(), Failure> {
    if carry::is_asked(&flags.packages) {
        return carry::export(&flags.packages, &flags.administered.remote, environment).await;
    }
    apply::export(flags.administered, environment).await
}

fn server_url(text: &str) -> Result<crate::config::ServerUrl, &'static str> {
    crate::config::ServerUrl::parse(text).ok_or("it must be an address such as https://registry.example.org")
}

#[cfg(test)]
mod tests;
