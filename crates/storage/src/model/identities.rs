use domain::{Permissions, Timestamp, TokenId};

/// An issuer of identity tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerRow {
    /// Never used again.
    pub id: i64,
    /// Its name.
    pub name: Box<str>,
    /// What its tokens say that it is.
    pub url: Box<str>,
    /// Which claims its tokens have.
    pub kind: Box<str>,
    /// One a line.
    pub(crate) audiences: Box<str>,
    /// Whether its host may have an address that is not public.
    pub private: bool,
    /// Keys that are not fetched: a document.
    pub jwks: Option<Box<str>>,
    /// Rules that name it.
    pub rules: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A rule by which a machine gets tokens of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublisherRow {
    /// Never used again.
    pub id: i64,
    /// Key of its project.
    pub project: Box<str>,
    /// Its name there.
    pub name: Box<str>,
    /// Name of the issuer.
    pub issuer: Box<str>,
    /// Whose id that is.
    pub issuer_id: i64,
    /// Which claims its tokens have.
    pub kind: Box<str>,
    /// Name of the application that owns the tokens.
    pub application: Box<str>,
    /// Whether that was made with the rule and goes with it.
    pub own_application: bool,
    /// Whether the application is known, and refused.
    pub suspended: bool,
    /// What the claims must be: a document.
    pub claims: Box<str>,
    /// Where its tokens are good, as people write it.
    pub on: Vec<Box<str>>,
    /// What for.
    pub permissions: Permissions,
    /// For how long.
    pub minutes: u32,
    /// Ids that the first success named: a document.
    pub pins: Option<Box<str>>,
    /// Without a success before then it lapses.
    pub pin_until: Option<Timestamp>,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// The token of ours that stands for identity tokens which are shown as they are, where those are taken.
    pub direct: Option<TokenId>,
    /// Rises with every change.
    pub revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

impl IssuerRow {
    /// Whom its tokens may be for besides this server itself.
    #[must_use]
    pub fn audiences(&self) -> Vec<&str> {
        self.audiences.lines().collect()
    }
}
