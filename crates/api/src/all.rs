use domain::{Organisation, Project, Repository};

use crate::grants::{DeleteGrant, ListGrants, PutGrant};
use crate::me::ShowMe;
use crate::participants::RemoveParticipant;
use crate::principals::Suspend;
use crate::repositories::SetVisibility;
use crate::router::{Api, Mounted, mount};
use crate::tokens::{
    CreateToken, CreateTokenOf, ListTokens, ListTokensOf, SetTokenState, SetTokenStateOf, ShowToken,
    ShowTokenOf,
};

/// THE list, one line an endpoint: router, description, access matrix and the command line's calls come from it.
#[must_use]
pub fn all() -> Vec<Mounted> {
    vec![
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
        mount::<SetVisibility>(),
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
