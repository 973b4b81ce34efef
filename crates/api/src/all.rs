use domain::{Organisation, Project, Repository};

use crate::access::ListAccess;
use crate::applications::{
    Authorise, DeleteApplication, ListApplications, ListAuthorised, PutApplication, ShowApplication, Withdraw,
};
use crate::at::{At, Names};
use crate::audit::{ListEvents, ListOwnEvents, ShowHead};
use crate::by_words::FindByWords;
use crate::candidates::ListCandidates;
use crate::dependents::ListDependents;
use crate::exchange::ExchangeToken;
use crate::explain::Explain;
use crate::export::{Export, ExportProject};
use crate::folders::ListFolder;
use crate::formats::ListFormats;
use crate::garbage::ListGarbage;
use crate::grants::{DeleteGrant, ListGrants, PutGrant};
use crate::health::{ListWorkers, ShowHealth};
use crate::invitations::{Invite, ListInvitations, Redeem, WithdrawInvitation};
use crate::issuers::{DeleteIssuer, ListIssuers, PutIssuer, ShowIssuer, TestIssuer};
use crate::jobs::{CancelJob, ListJobs, ShowJob, StartJob};
use crate::leaks::ReportLeaks;
use crate::linked_identities::{ListOwnIdentities, UnlinkIdentity};
use crate::login_providers::{
    DeleteLoginProvider, ListLoginProviders, PutLoginProvider, ShowLoginProvider, TestLoginProvider,
};
use crate::me::ShowMe;
use crate::newest::{FindDigest, ListNewest};
use crate::nodes::ListNodes;
use crate::organisation::{PutOrganisation, ShowOrganisation};
use crate::packages::{ListFiles, ListPackages, ShowPackage, ShowVersion};
use crate::participants::{ListParticipants, RemoveParticipant, SetOwnPermissions, SetParticipant};
use crate::passwords::{ChangePassword, EndSessions, SetPassword, SetTitle};
use crate::patch::Patch;
use crate::people::{DeletePerson, ListPeople, PutPerson, ShowPerson};
use crate::pins::PinVersion;
use crate::plans::{ApplyPlan, MakePlan};
use crate::policies::{self, PolicySchema};
use crate::principals::Suspend;
use crate::projects::{DeleteProject, ListProjects, PutProject, ShowProject};
use crate::publishers::{DeletePublisher, ListPublishers, PutPublisher, ShowPublisher, TryPublisher};
use crate::remarks::{
    DeleteAdvisory, Deprecate, ListAdvisories, PutAdvisory, ShowAdvisory, ShowDeprecation, Undeprecate,
};
use crate::repositories::{DeleteRepository, ListRepositories, PutRepository, SetVisibility, ShowRepository};
use crate::rights::{ListMyRights, ListRightsOf};
use crate::roles::{DeleteRole, ListRoles, PutRole, ResetRole, ShowRole};
use crate::router::{Api, Mounted, mount};
use crate::search::FindPackages;
use crate::sessions::{EndOtherSessions, EndSession, ListSessions, SignIn, SignOut};
use crate::teams::{AddMember, DeleteTeam, ListTeams, PutTeam, RemoveMember, ShowTeam};
use crate::tokens::{
    CreateToken, CreateTokenOf, ListTokens, ListTokensOf, PutToken, PutTokenOf, RotateToken, RotateTokenOf,
    SetTokenState, SetTokenStateOf, ShowToken, ShowTokenOf,
};
use crate::tombstones::{LiftTombstone, ListTombstones};
use crate::usage::{ShowMyUsage, ShowUsage};
use crate::version_details::ShowDetails;
use crate::version_list::ListVersions;
use crate::versions::{DeletePackage, DeleteVersion, SetVersionState};
use crate::webhooks::{
    DeleteWebhook, HasWebhooks, HookAt, HookDeliveryAt, ListDeliveries, ListWebhooks, PutWebhook, Redeliver,
    ShowWebhook, TestWebhook,
};

/// THE list, one line an endpoint: router, description, access matrix and the command line's calls come from it.
#[must_use]
pub fn all() -> Vec<Mounted> {
    let mut all = vec![
        mount::<crate::server::ShowServer>(),
        mount::<ShowMe>(),
        mount::<ChangePassword>(),
        mount::<SetTitle>(),
        mount::<SignIn>(),
        mount::<SignOut>(),
        mount::<ListSessions>(),
        mount::<EndOtherSessions>(),
        mount::<EndSession>(),
        mount::<ShowOrganisation>(),
        mount::<PutOrganisation>(),
        mount::<Patch<PutOrganisation>>(),
        mount::<ListTokens>(),
        mount::<CreateToken>(),
        mount::<ShowToken>(),
        mount::<SetTokenState>(),
        mount::<RotateToken>(),
        mount::<PutToken>(),
        mount::<ListTokensOf>(),
        mount::<CreateTokenOf>(),
        mount::<ShowTokenOf>(),
        mount::<SetTokenStateOf>(),
        mount::<RotateTokenOf>(),
        mount::<PutTokenOf>(),
        mount::<ReportLeaks>(),
        mount::<Suspend>(),
        mount::<EndSessions>(),
        mount::<ListGrants<Organisation>>(),
        mount::<PutGrant<Organisation>>(),
        mount::<DeleteGrant<Organisation>>(),
        mount::<ListGrants<Project>>(),
        mount::<PutGrant<Project>>(),
        mount::<DeleteGrant<Project>>(),
        mount::<ListGrants<Repository>>(),
        mount::<PutGrant<Repository>>(),
        mount::<DeleteGrant<Repository>>(),
        mount::<ListProjects>(),
        mount::<ShowProject>(),
        mount::<PutProject>(),
        mount::<Patch<PutProject>>(),
        mount::<DeleteProject>(),
        mount::<ListFormats>(),
        mount::<ListRepositories>(),
        mount::<ShowRepository>(),
        mount::<PutRepository>(),
        mount::<Patch<PutRepository>>(),
        mount::<SetVisibility>(),
        mount::<DeleteRepository>(),
        mount::<ListRoles<Organisation>>(),
        mount::<ShowRole<Organisation>>(),
        mount::<PutRole<Organisation>>(),
        mount::<ResetRole<Organisation>>(),
        mount::<DeleteRole<Organisation>>(),
        mount::<ListRoles<Project>>(),
        mount::<ShowRole<Project>>(),
        mount::<PutRole<Project>>(),
        mount::<ResetRole<Project>>(),
        mount::<DeleteRole<Project>>(),
    ];
    all.extend(packages());
    all.extend(people());
    all.extend(questions());
    all.extend(machines());
    all.extend(webhooks::<Organisation>());
    all.extend(webhooks::<Project>());
    all.extend(webhooks::<Repository>());
    all
}

/// Those of packages, their versions and the names that stay reserved.
fn packages() -> Vec<Mounted> {
    vec![
        mount::<FindPackages>(),
        mount::<FindByWords>(),
        mount::<ListNewest>(),
        mount::<FindDigest>(),
        mount::<ListPackages>(),
        mount::<ShowPackage>(),
        mount::<ListDependents>(),
        mount::<ListVersions>(),
        mount::<ShowVersion>(),
        mount::<ShowDetails>(),
        mount::<ListFiles>(),
        mount::<ListFolder>(),
        mount::<DeletePackage>(),
        mount::<DeleteVersion>(),
        mount::<SetVersionState>(),
        mount::<PinVersion>(),
        mount::<ListTombstones>(),
        mount::<LiftTombstone>(),
        mount::<ShowDeprecation>(),
        mount::<Deprecate>(),
        mount::<Undeprecate>(),
        mount::<ListAdvisories>(),
        mount::<ShowAdvisory>(),
        mount::<PutAdvisory>(),
        mount::<DeleteAdvisory>(),
    ]
}

/// Those that ask how it is, who may do what, and why, and who did what.
fn questions() -> Vec<Mounted> {
    vec![
        mount::<ShowHealth>(),
        mount::<ListWorkers>(),
        mount::<ListGarbage>(),
        mount::<ListNodes>(),
        mount::<ListJobs>(),
        mount::<ShowJob>(),
        mount::<StartJob>(),
        mount::<CancelJob>(),
        mount::<ListMyRights>(),
        mount::<ListRightsOf>(),
        mount::<Explain>(),
        mount::<ListAccess<Organisation>>(),
        mount::<ListAccess<Project>>(),
        mount::<ListAccess<Repository>>(),
        mount::<ListEvents<Organisation>>(),
        mount::<ListEvents<Project>>(),
        mount::<ListEvents<Repository>>(),
        mount::<ListOwnEvents>(),
        mount::<ShowHead>(),
        mount::<ShowMyUsage>(),
        mount::<ShowUsage<Organisation>>(),
        mount::<ShowUsage<Project>>(),
        mount::<ShowUsage<Repository>>(),
    ]
}

/// Those of machines that show who they are.
fn machines() -> Vec<Mounted> {
    vec![
        mount::<ListIssuers>(),
        mount::<ShowIssuer>(),
        mount::<PutIssuer>(),
        mount::<DeleteIssuer>(),
        mount::<TestIssuer>(),
        mount::<ListLoginProviders>(),
        mount::<ShowLoginProvider>(),
        mount::<PutLoginProvider>(),
        mount::<DeleteLoginProvider>(),
        mount::<TestLoginProvider>(),
        mount::<ListOwnIdentities>(),
        mount::<UnlinkIdentity>(),
        mount::<ListPublishers>(),
        mount::<ShowPublisher>(),
        mount::<PutPublisher>(),
        mount::<DeletePublisher>(),
        mount::<TryPublisher>(),
        mount::<ExchangeToken>(),
    ]
}

/// Those of people, teams and applications.
fn people() -> Vec<Mounted> {
    vec![
        mount::<ListPeople>(),
        mount::<ShowPerson>(),
        mount::<PutPerson>(),
        mount::<Patch<PutPerson>>(),
        mount::<DeletePerson>(),
        mount::<SetPassword>(),
        mount::<ListInvitations>(),
        mount::<Invite>(),
        mount::<WithdrawInvitation>(),
        mount::<Redeem>(),
        mount::<ListTeams>(),
        mount::<ShowTeam>(),
        mount::<PutTeam>(),
        mount::<Patch<PutTeam>>(),
        mount::<DeleteTeam>(),
        mount::<crate::members::ListMembers>(),
        mount::<AddMember>(),
        mount::<RemoveMember>(),
        mount::<ListApplications>(),
        mount::<ShowApplication>(),
        mount::<PutApplication>(),
        mount::<Patch<PutApplication>>(),
        mount::<DeleteApplication>(),
        mount::<ListAuthorised>(),
        mount::<Authorise>(),
        mount::<Withdraw>(),
        mount::<ListParticipants>(),
        mount::<ListCandidates>(),
        mount::<SetParticipant>(),
        mount::<SetOwnPermissions>(),
        mount::<RemoveParticipant>(),
        mount::<MakePlan>(),
        mount::<ApplyPlan>(),
        mount::<Export>(),
        mount::<ExportProject>(),
    ]
}

/// Those of the webhooks of a node.
fn webhooks<N: HasWebhooks>() -> [Mounted; 8]
where
    HookAt<N>: At + Names<N> + Clone,
    HookDeliveryAt<N>: At + Names<N>,
{
    [
        mount::<ListWebhooks<N>>(),
        mount::<ShowWebhook<N>>(),
        mount::<PutWebhook<N>>(),
        mount::<Patch<PutWebhook<N>>>(),
        mount::<DeleteWebhook<N>>(),
        mount::<TestWebhook<N>>(),
        mount::<ListDeliveries<N>>(),
        mount::<Redeliver<N>>(),
    ]
}

impl Api {
    /// All endpoints of the list, for repositories of whatever formats.
    #[must_use]
    pub fn new() -> Self {
        Self::of(&all())
    }

    /// All endpoints of the list, for repositories of these formats.
    #[must_use]
    pub fn with(policies: &[PolicySchema]) -> Self {
        let mut api = Self::new();
        let bodies = api.routes.iter_mut().map(|route| &mut route.shapes.body);
        policies::place(policies, &mut api.definitions, bodies);
        api
    }
}

impl Default for Api {
    fn default() -> Self {
        Self::new()
    }
}
