//! Identity tokens of machines, held against those who are believed and against the rules of projects. What is looked at comes in one
//! order: size, issuer, algorithm, key, signature, audience, times, rule (docs/api.md 8).

use std::borrow::Cow;

use auth::{IdentityToken, ProvedToken, ShownFor, TokenFault};
use storage::{Directory, IssuerRow, PublisherRow, RefusedExchange};

use crate::claims::{IssuerKind, Unfit, WantedClaims};
use crate::identities::Identities;
use crate::issuers::source;
use crate::problem::{Code, Fault};

/// Longest subject that is kept, in characters.
const SUBJECT_CHARS_MAX: usize = 256;

/// A token whose issuer signed it.
pub(crate) struct Found {
    pub(crate) issuer: IssuerRow,
    pub(crate) kind: IssuerKind,
    pub(crate) token: ProvedToken,
}

/// Why a token is not believed at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unproved {
    #[error(transparent)]
    Token(#[from] TokenFault),
    #[error("it names no issuer (`iss`)")]
    NoIssuer,
    #[error("its issuer (`iss`) is not known here")]
    UnknownIssuer,
}

/// Why a rule does not take a token.
pub(crate) struct Refused {
    /// For whoever shows it: of the rule it says nothing that they do not say themselves.
    pub(crate) why: Cow<'static, str>,
    /// The claim that does not fit, for those who administer the project.
    pub(crate) unfit: Option<Unfit>,
}

/// The token, if its issuer is believed here and signed it; else why not.
pub(crate) async fn proved(
    directory: &Directory,
    identities: &Identities,
    text: &str,
) -> Result<Result<Found, Unproved>, Fault> {
    let token = match IdentityToken::read(text) {
        Ok(token) => token,
        Err(fault) => return Ok(Err(fault.into())),
    };
    let Some(issuer) = token.issuer() else { return Ok(Err(Unproved::NoIssuer)) };
    let Some(issuer) = directory.issuer_of(issuer).await? else {
        return Ok(Err(Unproved::UnknownIssuer));
    };
    let keys = identities.keys.keys(&source(&issuer), token.key_id()).await;
    let keys = keys.map_err(|_| {
        let detail = "the keys of the token's issuer cannot be had at the moment";
        Fault::Told(Code::Unavailable, detail.into())
    })?;
    let kind = IssuerKind::parse(&issuer.kind);
    Ok(match token.prove(&keys) {
        Ok(token) => Ok(Found { issuer, kind, token }),
        Err(fault) => Err(fault.into()),
    })
}

/// Whether a rule takes a token that is genuine.
pub(crate) fn takes(identities: &Identities, rule: &PublisherRow, found: &Found) -> Result<(), Refused> {
    let no_publisher = || Refused { why: "no publisher takes the token".into(), unfit: None };
    if rule.issuer_id != found.issuer.id {
        let (wanted, found) = (rule.issuer.to_string(), Some(found.issuer.name.to_string()));
        return Err(Refused { unfit: Some(Unfit { claim: "iss".into(), wanted, found }), ..no_publisher() });
    }
    let unfit = |unfit: Unfit| Refused {
        why: format!("the publisher does not take the token: its claim `{}` does not fit", unfit.claim)
            .into(),
        unfit: Some(unfit),
    };
    let claims = found.token.claims();
    WantedClaims::parse(&rule.claims).fit(found.kind, claims).map_err(unfit)?;
    let ids = found.kind.ids(claims).map_err(unfit)?;
    match (&rule.pins, ids) {
        (Some(pinned), Some(ids)) if **pinned != *ids => {
            let (wanted, found) = (pinned.to_string(), Some(ids));
            Err(unfit(Unfit { claim: "the pinned ids".into(), wanted, found }))
        }
        (None, Some(_)) if rule.pin_until.is_some_and(|until| until <= identities.clock.now()) => {
            let why = "the publisher was not used for the first time within 7 days; an administrator has to put it again";
            Err(Refused { why: why.into(), unfit: None })
        }
        _ if rule.suspended => Err(no_publisher()),
        _ => Ok(()),
    }
}

impl Found {
    /// Whether it is for this server, and for now.
    pub(crate) fn check(&self, identities: &Identities, shown_for: ShownFor) -> Result<(), TokenFault> {
        let mut audiences = self.issuer.audiences();
        audiences.extend(identities.audience.as_deref());
        self.token.check(shown_for, &audiences, identities.clock.now())
    }

    /// Whom it is for.
    pub(crate) fn subject(&self) -> Box<str> {
        let subject = self.token.claims().text("sub").unwrap_or_default();
        let plain = subject.chars().filter(|letter| !letter.is_control());
        plain.take(SUBJECT_CHARS_MAX).collect::<String>().into()
    }

    /// What the audit keeps of it, if a rule or none does not take it.
    pub(crate) fn refused(
        &self,
        rule: Option<(domain::ProjectKey, Box<str>)>,
        refused: Refused,
    ) -> RefusedExchange {
        let (wanted, found) = refused.unfit.map_or((None, None), |unfit| {
            (Some((unfit.claim.into_owned().into(), unfit.wanted.into())), unfit.found.map(Into::into))
        });
        RefusedExchange {
            issuer: self.issuer.name.clone(),
            rule,
            subject: self.subject(),
            reason: refused.why.into(),
            wanted,
            found,
        }
    }
}
