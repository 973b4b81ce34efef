use domain::Timestamp;

/// A provider of log-ins, but for its groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginProvider {
    /// Never used again.
    pub id: i64,
    /// Its name.
    pub name: Box<str>,
    /// What people call it.
    pub title: Box<str>,
    /// What its tokens say that it is.
    pub issuer: Box<str>,
    /// What it calls us.
    pub client_id: Box<str>,
    /// The secret by which it knows us, sealed.
    pub secret: Box<str>,
    /// When that was set.
    pub secret_at: Timestamp,
    /// What is asked of it, separated by spaces.
    pub scopes: Box<str>,
    /// The claim that a new person is named by.
    pub name_claim: Box<str>,
    /// The claim that holds groups; `None` if none does.
    pub groups_claim: Option<Box<str>>,
    /// Whom it makes of somebody nobody is linked to.
    pub make: Makes,
    /// Whether its host may have an address that is not public.
    pub private: bool,
    /// People who are linked to somebody there.
    pub linked: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A provider of log-ins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginProviderRow {
    /// All but its groups.
    pub provider: LoginProvider,
    /// Which of its groups puts people into which team, by value and name.
    pub groups: Vec<(Box<str>, Box<str>)>,
}

/// Whom a provider makes of somebody nobody is linked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Makes {
    /// Nobody.
    Never,
    /// A member.
    Member,
    /// A guest.
    Guest,
}

/// Whom somebody is at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedIdentityRow {
    /// Name of the provider.
    pub provider: Box<str>,
    /// What people call it.
    pub title: Box<str>,
    /// Whom it knows them as.
    pub subject: Box<str>,
    /// Since when.
    pub linked_at: Timestamp,
    /// When they last came in by it.
    pub used_at: Option<Timestamp>,
}

impl Makes {
    /// In order.
    pub const ALL: [Self; 3] = [Self::Never, Self::Member, Self::Guest];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Member => "member",
            Self::Guest => "guest",
        }
    }

    /// Reads the word; one that this release does not know makes nobody.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|makes| makes.as_str() == word).unwrap_or(Self::Never)
    }
}
