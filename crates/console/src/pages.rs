//! THE list of pages, one line each.

use api::Fault;
use domain::BoxFuture;

use crate::door::Answer;
use crate::visit::Visit;

mod access;
mod access_lists;
mod applications;
mod audit;
mod connect;
mod deleting;
mod doors;
mod guide;
mod home;
mod issuers;
mod lists;
mod log_in_with;
mod login_providers;
mod look;
mod operations;
mod organisation;
mod packages;
mod participant;
mod participants;
mod participants_to_add;
mod people;
mod policy_form;
mod preview;
mod profile;
mod project_place;
mod project_settings;
mod projects;
mod publishers;
mod reference;
mod repository_access;
mod repository_place;
mod repository_settings;
mod robots;
mod role;
mod roles;
mod search;
mod teams;
mod tokens;
mod usage;
mod what_if;

/// A page: a file of this folder has one or a few of them.
pub(crate) trait Page: Send + Sync + 'static {
    /// Its address, with names in braces.
    const PATH: &'static str;
    /// Whether it has a form, which is sent to the same address.
    const SENDS: bool = false;

    /// Shows it; where something was sent, does that.
    fn serve(visit: &mut Visit<'_>) -> impl Future<Output = Result<Answer, Fault>> + Send;
}

/// A page without its type.
pub(crate) struct Mounted {
    pub(crate) path: &'static str,
    pub(crate) sends: bool,
    pub(crate) serve: for<'v, 'a> fn(&'v mut Visit<'a>) -> BoxFuture<'v, Result<Answer, Fault>>,
}

fn mount<P: Page>() -> Mounted {
    Mounted { path: P::PATH, sends: P::SENDS, serve: |visit| Box::pin(P::serve(visit)) }
}

/// Every page of the console.
pub(crate) fn all() -> Vec<Mounted> {
    let mut all = projects();
    all.extend(people());
    all.extend(of_the_program());
    all
}

/// Pages that say the same to everybody, of what this program is.
fn of_the_program() -> Vec<Mounted> {
    vec![
        mount::<robots::Robots>(),
        mount::<guide::Guide>(),
        mount::<guide::PageOfGuide>(),
        mount::<reference::Operations>(),
        mount::<reference::OperationsOf>(),
        mount::<reference::Document>(),
        mount::<reference::Problem>(),
    ]
}

/// The doors, what is for everybody, and projects with what is in them.
fn projects() -> Vec<Mounted> {
    vec![
        mount::<home::Home>(),
        mount::<doors::LogIn>(),
        mount::<log_in_with::LogInWith>(),
        mount::<log_in_with::LogInBack>(),
        mount::<doors::LogOut>(),
        mount::<doors::SetUp>(),
        mount::<doors::Password>(),
        mount::<doors::Invitation>(),
        mount::<look::Look>(),
        mount::<search::Search>(),
        mount::<projects::Projects>(),
        mount::<projects::NewProject>(),
        mount::<projects::Project>(),
        mount::<projects::NewRepository>(),
        mount::<participants::Participants>(),
        mount::<participants_to_add::AddParticipants>(),
        mount::<participant::Participant>(),
        mount::<participant::RemoveParticipant>(),
        mount::<roles::Roles>(),
        mount::<role::NewRole>(),
        mount::<role::RoleOf>(),
        mount::<project_settings::ProjectSettings>(),
        mount::<project_settings::DeleteProject>(),
        mount::<repository_access::RepositoryAccess>(),
        mount::<repository_settings::RepositorySettings>(),
        mount::<repository_settings::DeleteRepository>(),
        mount::<access::Access>(),
        mount::<access_lists::Of>(),
        mount::<access_lists::OfWho>(),
        mount::<access_lists::To>(),
        mount::<access_lists::ToNode>(),
        mount::<what_if::WhatIf>(),
        mount::<packages::Repository>(),
        mount::<connect::Connect>(),
        mount::<packages::ChangeVersion>(),
        mount::<packages::DeleteVersion>(),
        mount::<packages::DeleteVersions>(),
        mount::<packages::DeletesPackage>(),
        mount::<packages::Tombstones>(),
        mount::<packages::UsedBy>(),
        mount::<packages::Below>(),
    ]
}

/// What is one's own, people and what acts for them, and what is of the whole organisation.
fn people() -> Vec<Mounted> {
    vec![
        mount::<tokens::Tokens>(),
        mount::<tokens::NewToken>(),
        mount::<tokens::Sessions>(),
        mount::<people::Members>(),
        mount::<people::NewMember>(),
        mount::<people::Member>(),
        mount::<people::DeleteMember>(),
        mount::<teams::Teams>(),
        mount::<teams::NewTeam>(),
        mount::<teams::Team>(),
        mount::<teams::DeletesTeam>(),
        mount::<applications::Applications>(),
        mount::<applications::NewApplication>(),
        mount::<applications::Application>(),
        mount::<applications::NewApplicationToken>(),
        mount::<applications::DeletesApplication>(),
        mount::<audit::OfOrganisation>(),
        mount::<audit::OfProject>(),
        mount::<audit::OfRepository>(),
        mount::<audit::Own>(),
        mount::<usage::OfOrganisation>(),
        mount::<usage::OfProject>(),
        mount::<usage::OfRepository>(),
        mount::<operations::Operations>(),
        mount::<organisation::Organisation>(),
        mount::<issuers::NewIssuer>(),
        mount::<issuers::Issuer>(),
        mount::<issuers::DeletesIssuer>(),
        mount::<publishers::Publishers>(),
        mount::<publishers::NewPublisher>(),
        mount::<publishers::Publisher>(),
        mount::<publishers::DeletesPublisher>(),
        mount::<login_providers::NewLoginProvider>(),
        mount::<login_providers::LoginProvider>(),
        mount::<login_providers::DeletesLoginProvider>(),
        mount::<profile::Profile>(),
        mount::<profile::Unlinks>(),
    ]
}
