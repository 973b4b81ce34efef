//! `/organisation/login-providers`: who vouches for people (docs/api.md 9).

use auth::{ClientSecret, IssuerSource, SourceId};
use domain::{DirectoryManage, Granted, Organisation, OrganisationManage, RepositoryName};
use storage::LoginProviderRow;

use crate::at::LoginProviderAt;
use crate::change::Change;
use crate::endpoint::{Ask, Cx, Done, Endpoint, May as _, Meta, Method, Nothing};
use crate::page::{Page, Paging};
use crate::problem::{Code, Fault};

mod documents;

pub use documents::{
    About, ClientSecretText, Group, GroupShown, LoginProvider, LoginProviderTested, LoginProviderToTest,
    LoginProviderWanted, MakesWord, ReadClaims,
};

/// `GET /organisation/login-providers`
pub enum ListLoginProviders {}

/// `GET /organisation/login-providers/{provider}`
pub enum ShowLoginProvider {}

/// `PUT /organisation/login-providers/{provider}`
pub enum PutLoginProvider {}

/// `DELETE /organisation/login-providers/{provider}`
pub enum DeleteLoginProvider {}

/// `POST /organisation/login-providers/{provider}/test`
pub enum TestLoginProvider {}

/// What is asked of a provider that nothing else is said of, and the claim that new people are named by.
const SCOPES: [&str; 2] = ["openid", "profile"];
const NAME_CLAIM: &str = "preferred_username";

/// What a change to a provider may answer.
const FAULTS: &[Code] = &[
    Code::Absent,
    Code::Rule,
    Code::InUse,
    Code::UnknownName,
    Code::LastAdmin,
    Code::NotFresh,
    Code::Stale,
    Code::NotYetInForce,
];

impl Endpoint for ListLoginProviders {
    const META: Meta = Meta {
        id: "login_provider_list",
        method: Method::Get,
        path: "/organisation/login-providers",
        summary: "Lists who vouches for people, by name.",
        since: "0.1",
        audit: &[],
        faults: &[Code::BadCursor],
        cli: Some("login-provider list"),
    };
    type At = ();
    type Query = Paging;
    type Body = Nothing;
    type Answer = Page<LoginProvider>;
    type May = Granted<OrganisationManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Page<LoginProvider>>, Fault> {
        let name = |text: &str| RepositoryName::parse(text).ok().map(|name| name.as_str().into());
        let rows = cx.directory.login_providers(&may, ask.query.after(name)?, ask.query.limit()).await?;
        Ok(Done::read(ask.query.page(&rows, |row| row.provider.name.to_string(), documents::shown)))
    }
}

impl Endpoint for ShowLoginProvider {
    const META: Meta = Meta {
        id: "login_provider_show",
        method: Method::Get,
        path: "/organisation/login-providers/{provider}",
        summary: "Shows who vouches for people; never the secret.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent],
        cli: Some("login-provider show"),
    };
    const CONDITIONAL: bool = true;
    type At = LoginProviderAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = LoginProvider;
    type May = Granted<OrganisationManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<LoginProvider>, Fault> {
        Ok(Done::shown(documents::shown(&cx.directory.login_provider(&may, &ask.at.provider).await?)))
    }
}

impl Endpoint for PutLoginProvider {
    const META: Meta = Meta {
        id: "login_provider_put",
        method: Method::Put,
        path: "/organisation/login-providers/{provider}",
        summary: "Lets people log in by a provider, or sets how; what makes people or puts them into teams takes `directory-manage` \
                  too. Issuer and client stay while people are linked. Without a secret it keeps the one it has.",
        since: "0.1",
        audit: &["login-provider.put"],
        faults: FAULTS,
        cli: Some("login-provider put"),
    };
    const CONDITIONAL: bool = true;
    type At = LoginProviderAt;
    type Query = Nothing;
    type Body = LoginProviderWanted;
    type Answer = LoginProvider;
    type May = Granted<OrganisationManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<LoginProvider>, Fault> {
        cx.fresh_if(true)?;
        // Who may not make people and fill teams does not let somebody else do it.
        if ask.body.make != MakesWord::Never || !ask.body.groups.is_empty() {
            Granted::<DirectoryManage, Organisation>::ask(&cx.gate, &()).map(drop)?;
        }
        let wanted = wanted(cx, &ask.at.provider, &ask.body)?;
        let only_if = ask.only_if.of(documents::shown);
        let (row, made, force) =
            cx.directory.put_login_provider(&may, &ask.at.provider, wanted, only_if).await?;
        Ok(Done::put(documents::shown(&row), made.then(|| ask.at.path()), force))
    }
}

impl Endpoint for DeleteLoginProvider {
    const META: Meta = Meta {
        id: "login_provider_delete",
        method: Method::Delete,
        path: "/organisation/login-providers/{provider}",
        summary: "Lets nobody log in by a provider any more: the sessions that it began end, whom people are there is forgotten, and \
                  they leave the teams that its groups put them into.",
        since: "0.1",
        audit: &["login-provider.delete"],
        faults: FAULTS,
        cli: Some("login-provider delete"),
    };
    const CONDITIONAL: bool = true;
    type At = LoginProviderAt;
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Change;
    type May = Granted<OrganisationManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<Change>, Fault> {
        cx.fresh_if(true)?;
        let only_if = ask.only_if.of(documents::shown);
        Ok(Done::told(cx.directory.remove_login_provider(&may, &ask.at.provider, only_if).await?))
    }
}

impl Endpoint for TestLoginProvider {
    const META: Meta = Meta {
        id: "login_provider_test",
        method: Method::Post,
        path: "/organisation/login-providers/{provider}/test",
        summary: "Asks a provider for its configuration and its keys now: the one there is, or one that it is to be, before it is put.",
        since: "0.1",
        audit: &[],
        faults: &[Code::Absent, Code::Rule],
        cli: Some("login-provider test"),
    };
    type At = LoginProviderAt;
    type Query = Nothing;
    type Body = LoginProviderToTest;
    type Answer = LoginProviderTested;
    type May = Granted<OrganisationManage, Organisation>;

    async fn call(cx: &Cx, may: Self::May, ask: &Ask<Self>) -> Result<Done<LoginProviderTested>, Fault> {
        let source = match &ask.body.issuer {
            Some(issuer) => source_of(0, issuer.as_str(), ask.body.private),
            None => source(&cx.directory.login_provider(&may, &ask.at.provider).await?),
        };
        let rule = |why: String| Fault::Told(Code::Rule, why.into());
        let keys = cx.identities.keys.fetch(&source).await.map_err(|why| rule(why.to_string()))?;
        let log_in = keys.log_in().ok_or_else(|| rule(NO_LOG_IN.to_owned()))?;
        Ok(Done::read(LoginProviderTested {
            keys: keys.count() as u64,
            authorization_endpoint: log_in.authorization.to_string(),
            token_endpoint: log_in.token.to_string(),
        }))
    }
}

/// What is wrong with an issuer at which nobody can log in.
pub(crate) const NO_LOG_IN: &str =
    "its configuration names no `authorization_endpoint` and `token_endpoint` that can be used";

/// What it is to be, as far as that can be told without asking anybody.
fn wanted(cx: &Cx, name: &str, body: &LoginProviderWanted) -> Result<storage::LoginProviderWanted, Fault> {
    let rule = |why: String| Fault::Told(Code::Rule, why.into());
    if let Some(why) = cx.identities.keys.refusal(&source_of(0, body.issuer.as_str(), body.private)) {
        return Err(rule(format!("nobody can be asked at the issuer: {why}")));
    }
    let mut scopes: Vec<&str> = body.scopes.iter().map(|scope| scope.as_str()).collect();
    if scopes.is_empty() {
        scopes.extend(SCOPES);
    }
    scopes.sort_unstable();
    scopes.dedup();
    if !scopes.contains(&"openid") {
        return Err(rule("`scopes` must have `openid`, or the provider says nobody's name".to_owned()));
    }
    if body.claims.groups.is_none() && !body.groups.is_empty() {
        return Err(rule("`claims.groups` must say which claim holds the groups".to_owned()));
    }
    let secret = body.client_secret.as_ref().map(ClientSecretText::parsed).transpose();
    let secret = secret.map_err(|why| Fault::field("/client_secret", why.to_string()))?;
    let title = body.title.as_ref().map_or(name, |title| title.as_str());
    Ok(storage::LoginProviderWanted {
        title: title.into(),
        issuer: body.issuer.as_str().into(),
        client_id: body.client_id.as_str().into(),
        secret: secret.map(|secret: ClientSecret| secret.seal(&cx.hooks.keys).into()),
        scopes: scopes.join(" ").into(),
        name_claim: body.claims.name.as_ref().map_or(NAME_CLAIM, |claim| claim.as_str()).into(),
        groups_claim: body.claims.groups.as_ref().map(|claim| claim.as_str().into()),
        make: body.make.makes(),
        private: body.private,
        groups: body.groups.iter().map(Group::pair).collect(),
    })
}

/// Whose keys, and where they are.
pub(crate) fn source(row: &LoginProviderRow) -> IssuerSource {
    source_of(row.provider.id, &row.provider.issuer, row.provider.private)
}

fn source_of(id: i64, issuer: &str, private: bool) -> IssuerSource {
    IssuerSource { id: SourceId::People(id), url: issuer.into(), private, jwks: None }
}
