use domain::{Organisation, Project, Repository};

use crate::applications::{
    Authorise, DeleteApplication, ListApplications, ListAuthorised, PutApplication, ShowApplication, Withdraw,
};
use crate::grants::{DeleteGrant, ListGrants, PutGrant};
use crate::me::ShowMe;
use crate::participants::RemoveParticipant;
use crate::patch::Patch;
use crate::people::{DeletePerson, ListPeople, PutPerson, ShowPerson};
use crate::principals::Suspend;
use crate::projects::{DeleteProject, ListProjects, PutProject, ShowProject};
use crate::repositories::{DeleteRepository, ListRepositories, PutRepository, SetVisibility, ShowRepository};
use crate::roles::{DeleteRole, ListRoles, PutRole, ResetRole, ShowRole};
use crate::router::{Api, Mounted, mount};
use crate::teams::{AddMember, DeleteTeam, ListTeams, PutTeam, RemoveMember, ShowTeam};
use crate::tokens::{
    CreateToken, CreateTokenOf, ListTokens, ListTokensOf, SetTokenState, SetTokenStateOf, ShowToken,
    ShowTokenOf,
};

/// THE list, one line an endpoint: router, description, access matrix and the command line's calls come from it.
#[must_use]
pub fn all() -> Vec<Mounted> {
    vec![
        mount::<crate::server::ShowServer>(),
        mount::<ShowMe>(),
        mount::<ListTokens>(),
        mount::<CreateToken>(),
        mount::<ShowToken>(),
        mount::<SetTokenState>(),
        mount::<ListTokensOf>(),
        mount::<CreateTokenOf>(),
        mount::<ShowTokenOf>(),
        mount::<SetTokenStateOf>(),
        mount::<Suspend>(),
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
        mount::<ListPeople>(),
        mount::<ShowPerson>(),
        mount::<PutPerson>(),
        mount::<Patch<PutPerson>>(),
        mount::<DeletePerson>(),
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
        mount::<RemoveParticipant>(),
    ]
}

impl Api {
    /// All endpoints of the list.
    #[must_use]
    pub fn new() -> Self {
        Self::of(&all())
    }
}

impl Default for Api {
    fn default() -> Self {
        Self::new()
    }
}
