//! What the organisation says of itself that decides about requests.

/// What the organisation says about log-ins; what the configuration forbids it cannot allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogInRules {
    /// Whether passwords are good for anything.
    pub passwords: bool,
    /// Whether they are good where packages are fetched and published, too.
    pub passwords_on_packages: bool,
    /// Whether a name that comes along with a token must be one of its owner's.
    pub strict_user_names: bool,
}

impl Default for LogInRules {
    fn default() -> Self {
        Self { passwords: true, passwords_on_packages: true, strict_user_names: true }
    }
}

/// What addresses of Space's forms call the organisation: its name, then its other names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganisationNames {
    /// Its name, and its other names.
    pub names: Vec<Box<str>>,
    /// Whether who is nobody is shown what is public on the first page of the console.
    pub public_landing: bool,
}
