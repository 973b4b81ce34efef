//! Who vouches for people: providers of log-ins.

use domain::{Granted, Limit, NodeId, Organisation, OrganisationManage, TeamId};

use super::change::{Author, Change};
use super::event::{Document, Event, ObjectKind, Turn};
use super::listing::judged;
use super::{Directory, InForce, OnlyIf, principals, sessions};
use crate::error::{DirectoryError, DirectoryRule, Error};
use crate::model::{LoginProvider, LoginProviderRow, Makes};
use crate::sql::directory as rows;
use crate::sql::login_providers::{self as sql, ProviderSet};
use crate::sql::records::ChangedKind;
use crate::sql::{Tx, linked_identities, organisation, subjects};

/// Most providers there are.
const PROVIDERS_MAX: u64 = 16;
/// Most groups of one that put people into teams.
const GROUPS_MAX: usize = 256;

/// What a provider is to be.
#[derive(Debug, Clone)]
pub struct LoginProviderWanted {
    /// What people call it.
    pub title: Box<str>,
    /// What its tokens say that it is.
    pub issuer: Box<str>,
    /// What it calls us.
    pub client_id: Box<str>,
    /// The secret by which it knows us, sealed; `None` for the present one.
    pub secret: Option<Box<str>>,
    /// What is asked of it, separated by spaces.
    pub scopes: Box<str>,
    /// The claim that a new person is named by.
    pub name_claim: Box<str>,
    /// The claim that holds groups.
    pub groups_claim: Option<Box<str>>,
    /// Whom it makes of somebody nobody is linked to.
    pub make: Makes,
    /// Whether its host may have an address that is not public.
    pub private: bool,
    /// Which of its groups puts people into which team, by value and name.
    pub groups: Vec<(Box<str>, Box<str>)>,
}

impl Directory {
    /// Providers by name, after `after`.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn login_providers(
        &self,
        _may: &Granted<OrganisationManage, Organisation>,
        after: Option<Box<str>>,
        limit: Limit,
    ) -> Result<Vec<LoginProviderRow>, DirectoryError> {
        let read = move |tx: &mut dyn Tx| {
            let providers = sql::after(tx, after.as_deref().unwrap_or_default(), limit.rows())?;
            providers.into_iter().map(|provider| row_of(tx, provider)).collect()
        };
        Ok(self.database.read(read).await?)
    }

    /// A provider by its name.
    ///
    /// # Errors
    /// `Absent` if there is none.
    pub async fn login_provider(
        &self,
        _may: &Granted<OrganisationManage, Organisation>,
        name: &str,
    ) -> Result<LoginProviderRow, DirectoryError> {
        self.login_provider_called(name).await?.ok_or(DirectoryError::Absent)
    }

    /// A provider by its name, whoever asks: they log in by it.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn login_provider_called(
        &self,
        name: &str,
    ) -> Result<Option<LoginProviderRow>, DirectoryError> {
        let name = name.to_owned();
        let read = move |tx: &mut dyn Tx| {
            let provider = sql::named(tx, &name)?;
            provider.map(|provider| row_of(tx, provider)).transpose()
        };
        Ok(self.database.read(read).await?)
    }

    /// Name and title of all providers, whoever asks: they would log in.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn login_provider_titles(&self) -> Result<Vec<(Box<str>, Box<str>)>, DirectoryError> {
        Ok(self.database.read(|tx: &mut dyn Tx| sql::titles(tx)).await?)
    }

    /// Makes a provider or sets what one is; tells whether it was made.
    ///
    /// # Errors
    /// `Precondition`, `Refused` for an issuer that another one has, without a secret, for too many, and for groups whose team is
    /// computed or lies in `org-admins`, `Unknown` for teams there are not, `Forbidden` for another issuer or client while people are
    /// linked.
    pub async fn put_login_provider(
        &self,
        may: &Granted<OrganisationManage, Organisation>,
        name: &str,
        wanted: LoginProviderWanted,
        only_if: OnlyIf<LoginProviderRow>,
    ) -> Result<(LoginProviderRow, bool, InForce), DirectoryError> {
        let name: Box<str> = name.into();
        let put = move |change: &mut Change<'_>| {
            let present = found(change.tx, &name)?;
            judged(&only_if, present.as_ref())?;
            put(change, (&name, present.as_ref()), &wanted)?;
            Ok((found(change.tx, &name)?.ok_or(Error::Absent)?, present.is_none()))
        };
        let ((row, made), force) = self.change(Author::of(may), put).await?;
        Ok((row, made, force))
    }

    /// Takes a provider away, with whom people are there, the sessions it began, and the memberships that its groups gave.
    ///
    /// # Errors
    /// `Absent`, `Precondition`, `Forbidden` for who came in by it and has no password, and where the last administrator would go.
    pub async fn remove_login_provider(
        &self,
        may: &Granted<OrganisationManage, Organisation>,
        name: &str,
        only_if: OnlyIf<LoginProviderRow>,
    ) -> Result<InForce, DirectoryError> {
        let name: Box<str> = name.into();
        let remove = move |change: &mut Change<'_>| {
            let row = found(change.tx, &name)?.ok_or(Error::Absent)?;
            judged(&only_if, Some(&row))?;
            remove(change, &row)
        };
        Ok(self.change(Author::of(may), remove).await?.1)
    }

    /// Seals the secret of a provider otherwise, if it is still the one that was read.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn reseal_login_provider(
        &self,
        provider: &LoginProvider,
        sealed: String,
    ) -> Result<(), DirectoryError> {
        let (id, old) = (provider.id, provider.secret.clone());
        Ok(self.database.write(move |tx: &mut dyn Tx| sql::reseal(tx, id, (&old, &sealed))).await?)
    }
}

fn found(tx: &mut dyn Tx, name: &str) -> Result<Option<LoginProviderRow>, Error> {
    let provider = sql::named(tx, name)?;
    provider.map(|provider| row_of(tx, provider)).transpose()
}

fn row_of(tx: &mut dyn Tx, provider: LoginProvider) -> Result<LoginProviderRow, Error> {
    let groups = sql::groups(tx, provider.id)?;
    Ok(LoginProviderRow { provider, groups })
}

fn put(
    change: &mut Change<'_>,
    (name, present): (&str, Option<&LoginProviderRow>),
    wanted: &LoginProviderWanted,
) -> Result<(), Error> {
    if sql::of_issuer(change.tx, &wanted.issuer)?.is_some_and(|other| *other.name != *name) {
        return Err(Error::refused("another provider has this issuer"));
    }
    let groups = teams_of(change.tx, &wanted.groups)?;
    match present {
        Some(present) => set(change, present, wanted, &groups),
        None => make(change, name, wanted, &groups),
    }
}

/// The teams that groups put people into: `org-admins` only if it is named itself.
fn teams_of(tx: &mut dyn Tx, groups: &[(Box<str>, Box<str>)]) -> Result<Vec<(Box<str>, TeamId)>, Error> {
    if groups.len() > GROUPS_MAX {
        return Err(Error::refused("a provider has at most 256 groups that put people into teams"));
    }
    let inside = subjects::inside(tx, TeamId::ORG_ADMINS)?;
    let mut teams = Vec::with_capacity(groups.len());
    for (value, name) in groups {
        let unknown = || Error::Unknown(format!("team:{name}").into());
        let team = rows::team_named(tx, name)?.ok_or_else(unknown)?;
        if team.builtin && team.id != TeamId::ORG_ADMINS {
            return Err(Error::refused(format!("the members of team:{name} are computed")));
        }
        if inside.contains(&team.id.into()) {
            let why = format!("team:{name} is in team:org-admins, which a group has to name itself");
            return Err(Error::refused(why));
        }
        teams.push((value.clone(), team.id));
    }
    Ok(teams)
}

fn make(
    change: &mut Change<'_>,
    name: &str,
    wanted: &LoginProviderWanted,
    groups: &[(Box<str>, TeamId)],
) -> Result<(), Error> {
    if sql::counted(change.tx)? >= PROVIDERS_MAX {
        return Err(Error::refused("there are 16 providers already"));
    }
    let secret = wanted.secret.as_deref();
    let secret = secret.ok_or_else(|| Error::refused("a new provider needs its `client_secret`"))?;
    let made = (change.author().id(), change.now);
    if !sql::insert(change.tx, name, &wanted.set((secret, change.now)), made)? {
        return Err(Error::Exists);
    }
    let row = sql::named(change.tx, name)?.ok_or(Error::Absent)?;
    sql::set_groups(change.tx, row.id, groups)?;
    let row = row_of(change.tx, row)?;
    happened(change, "login-provider.put", &row, Turn::Made(described(&row)))
}

fn set(
    change: &mut Change<'_>,
    present: &LoginProviderRow,
    wanted: &LoginProviderWanted,
    groups: &[(Box<str>, TeamId)],
) -> Result<(), Error> {
    let provider = &present.provider;
    let is_other = provider.issuer != wanted.issuer || provider.client_id != wanted.client_id;
    if is_other && provider.linked > 0 {
        let why = "people are linked to it, so its issuer and its client stay; make another provider";
        return Err(Error::forbidden(DirectoryRule::InUse, why));
    }
    let secret = wanted.secret.as_deref().map(|secret| (secret, change.now));
    sql::set(change.tx, provider.id, &wanted.set(secret.unwrap_or((&provider.secret, provider.secret_at))))?;
    sql::set_groups(change.tx, provider.id, groups)?;
    let row = sql::named(change.tx, &provider.name)?.ok_or(Error::Absent)?;
    let row = row_of(change.tx, row)?;
    if row == *present {
        return Ok(());
    }
    let turn = Turn::Changed { before: described(present), after: described(&row) };
    happened(change, "login-provider.put", &row, turn)
}

fn remove(change: &mut Change<'_>, row: &LoginProviderRow) -> Result<(), Error> {
    let LoginProvider { id, name, .. } = &row.provider;
    keep_own_way(change, name)?;
    let before = rows::active_administrators(change.tx)?;
    for team in sql::clear_memberships(change.tx, *id)? {
        change.mark(ChangedKind::Team, team.get().into())?;
    }
    principals::keep_an_administrator(change, before)?;
    sessions::end_by_provider(change, name, None)?;
    sql::delete(change.tx, *id)?;
    happened(change, "login-provider.delete", row, Turn::Gone(described(row)))
}

/// Refuses to take away the way by which who asks came in, unless they could come in by a password.
pub(super) fn keep_own_way(change: &mut Change<'_>, provider: &str) -> Result<(), Error> {
    let credential = change.author().credential();
    let came_in = sessions::provider_of(change.tx, credential)?;
    if came_in.as_deref() != Some(provider) || has_password(change)? {
        return Ok(());
    }
    let why = "you came in by it and have no password: set one before";
    Err(Error::forbidden(DirectoryRule::InUse, why))
}

/// Whether who asks can log in by a password.
pub(super) fn has_password(change: &mut Change<'_>) -> Result<bool, Error> {
    let Some(id) = change.author().principal() else { return Ok(false) };
    let row = rows::principal(change.tx, id)?;
    let has = row.is_some_and(|row| row.password_hash.is_some());
    Ok(has && organisation::organisation(change.tx)?.password_log_in)
}

/// Links somebody to a subject of a provider, unless one of the two is linked there.
pub(super) fn link(
    change: &mut Change<'_>,
    row: &LoginProviderRow,
    (principal, subject): (domain::PrincipalId, &str),
) -> Result<bool, Error> {
    let provider = &row.provider;
    let (whom, who) = ((&*provider.issuer, subject), (principal, change.now));
    if !linked_identities::insert(change.tx, provider.id, whom, who)? {
        return Ok(false);
    }
    linked(change, row, (principal, subject), true)?;
    Ok(true)
}

/// Tells the audit that somebody is linked, or not any more.
pub(super) fn linked(
    change: &mut Change<'_>,
    row: &LoginProviderRow,
    (principal, subject): (domain::PrincipalId, &str),
    is_linked: bool,
) -> Result<(), Error> {
    let owner = super::names::subject_text(change.tx, principal.into())?;
    let document = Document::default().with("subject", subject);
    let (action, turn) = if is_linked {
        ("identity.link", Turn::Made(document))
    } else {
        ("identity.unlink", Turn::Gone(document))
    };
    let (node, kind) = (NodeId::ORGANISATION, ObjectKind::LoginProvider);
    let LoginProvider { id, name, .. } = &row.provider;
    change.happened(&Event { action, node, kind, object: *id, name, of: Some(&owner), turn })
}

fn happened(change: &mut Change<'_>, action: &str, row: &LoginProviderRow, turn: Turn) -> Result<(), Error> {
    let (node, kind) = (NodeId::ORGANISATION, ObjectKind::LoginProvider);
    let LoginProvider { id, name, .. } = &row.provider;
    change.happened(&Event { action, node, kind, object: *id, name, of: None, turn })
}

/// For the audit: everything that can be set, and of the secret only when it was.
fn described(row: &LoginProviderRow) -> Document {
    let provider = &row.provider;
    let groups: Vec<String> =
        row.groups.iter().map(|(value, team)| format!("{value} → team:{team}")).collect();
    Document::default()
        .with("title", &*provider.title)
        .with("issuer", &*provider.issuer)
        .with("client_id", &*provider.client_id)
        .secret("client_secret", true)
        .moment("client_secret_at", Some(provider.secret_at))
        .with("scopes", &*provider.scopes)
        .with("name_claim", &*provider.name_claim)
        .with("groups_claim", provider.groups_claim.as_deref())
        .with("make", provider.make.as_str())
        .with("private", provider.private)
        .with("groups", groups)
}

impl LoginProviderWanted {
    fn set<'a>(&'a self, secret: (&'a str, domain::Timestamp)) -> ProviderSet<'a> {
        ProviderSet {
            title: &self.title,
            issuer: &self.issuer,
            client_id: &self.client_id,
            secret,
            scopes: &self.scopes,
            name_claim: &self.name_claim,
            groups_claim: self.groups_claim.as_deref(),
            make: self.make,
            private: self.private,
        }
    }
}
