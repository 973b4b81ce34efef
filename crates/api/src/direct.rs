//! Identity tokens that are shown in place of a token of ours: which rule takes one as it is (docs/api.md 8, Direct).

use auth::{Direct, DirectFault, DirectUse, ShownFor, ShownIdentityToken, Untaken};
use domain::{BoxFuture, Origin, ProjectKey};
use storage::{Directory, DirectoryError, PublisherRow};

use crate::identities::Identities;
use crate::problem::{Code, Fault};
use crate::proving::{self, Found, Refused, Unproved};

/// How often the rules are read again, because one was changed meanwhile.
const TRIES: usize = 3;

/// Looks at identity tokens that are shown in place of a token of ours.
pub struct DirectTokens {
    directory: Directory,
    identities: Identities,
}

impl DirectTokens {
    /// Where rules and issuers are, and what else it takes.
    #[must_use]
    pub const fn new(directory: Directory, identities: Identities) -> Self {
        Self { directory, identities }
    }

    async fn direct(&self, shown: ShownIdentityToken<'_>) -> Result<Direct, DirectFault> {
        let proved = proving::proved(&self.directory, &self.identities, shown.text.expose()).await;
        let found = proved.map_err(unavailable)?.map_err(|unproved| match unproved {
            Unproved::Token(fault) => Untaken::Unproved(fault),
            Unproved::NoIssuer | Unproved::UnknownIssuer => Untaken::Issuer,
        })?;
        found.check(&self.identities, ShownFor::Direct).map_err(Untaken::Unfit)?;
        let until = found.token.taken_until().map_err(Untaken::Unfit)?;
        for _ in 0..TRIES {
            let rule = self.rule(&found, shown).await?;
            // What was read is not so any more if there is none.
            let Some(token) = rule.direct else { continue };
            match self.pinned(rule, &found, shown.origin).await {
                Ok(()) => return Ok(Direct { token, until }),
                Err(DirectoryError::Stale) => {}
                Err(error) => return Err(unavailable(error)),
            }
        }
        Err(DirectFault::Unavailable)
    }

    /// The rule that takes it: the only one, or the one among several that the user name says.
    async fn rule(&self, found: &Found, shown: ShownIdentityToken<'_>) -> Result<PublisherRow, DirectFault> {
        let Some(lookup) = found.kind.lookup(found.token.claims()) else {
            return Err(Untaken::NoRule.into());
        };
        let rules = self.directory.publishers_for(found.issuer.id, &lookup).await.map_err(unavailable)?;
        let (mut fitting, mut refusal) = (Vec::new(), None);
        for rule in rules.into_iter().filter(|rule| rule.direct.is_some()) {
            match proving::takes(&self.identities, &rule, found) {
                Ok(()) => fitting.push(rule),
                Err(refused) => refusal = Some((rule, refused)),
            }
        }
        if fitting.len() > 1 {
            let name = shown.name.unwrap_or_default();
            fitting.retain(|rule| name.eq_ignore_ascii_case(&format!("{}/{}", rule.project, rule.name)));
        } else if fitting.is_empty() {
            self.note(found, refusal, shown.origin).await?;
            return Err(Untaken::NoRule.into());
        }
        fitting.pop().ok_or_else(|| Untaken::Ambiguous.into())
    }

    /// Keeps for the administrators of a project why a rule of theirs did not take a genuine token.
    async fn note(
        &self,
        found: &Found,
        refusal: Option<(PublisherRow, Refused)>,
        origin: &Origin,
    ) -> Result<(), DirectFault> {
        let Some((rule, refused)) = refusal else { return Ok(()) };
        let named = ProjectKey::parse(&rule.project).ok().map(|key| (key, rule.name));
        let noted = found.refused(named, refused);
        self.directory.note_refused_exchange(noted, origin).await.map_err(unavailable)
    }

    /// The first success says which ids the names mean.
    async fn pinned(&self, rule: PublisherRow, found: &Found, origin: &Origin) -> Result<(), DirectoryError> {
        let ids = found.kind.ids(found.token.claims()).ok().flatten();
        match ids {
            Some(ids) if rule.pins.is_none() => self.directory.pin_publisher(rule, ids.into(), origin).await,
            _ => Ok(()),
        }
    }
}

impl DirectUse for DirectTokens {
    fn shown<'a>(&'a self, shown: ShownIdentityToken<'a>) -> BoxFuture<'a, Result<Direct, DirectFault>> {
        Box::pin(self.direct(shown))
    }
}

/// Whoever shows it is told to come again; the log is told why.
fn unavailable(why: impl Into<Fault>) -> DirectFault {
    let why = why.into();
    if why.code() != Code::Unavailable {
        tracing::error!(error = ?why, "an identity token cannot be looked at");
    }
    DirectFault::Unavailable
}
