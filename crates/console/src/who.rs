//! People, applications and teams, as pages show them.

use crate::caller::encoded;
use crate::texts::Texts;

/// Somebody, or a team.
pub(crate) struct Who {
    /// `member:alice`
    pub(crate) reference: String,
    /// `alice`
    pub(crate) name: String,
    /// What people call them.
    pub(crate) title: String,
}

impl Who {
    /// Somebody by their reference, who is called this.
    pub(crate) fn of(reference: &str, title: &str) -> Self {
        let name = reference.split_once(':').map_or(reference, |(_, name)| name);
        Self { reference: reference.to_owned(), name: name.to_owned(), title: title.to_owned() }
    }

    /// Somebody of whom no more is known than their reference.
    pub(crate) fn named(reference: &str) -> Self {
        let who = Self::of(reference, "");
        Self { title: who.name.clone(), ..who }
    }

    fn kind(&self) -> &str {
        self.reference.split_once(':').map_or("", |(kind, _)| kind)
    }

    /// Whether they come from outside.
    pub(crate) fn is_external(&self) -> bool {
        matches!(self.kind(), "collaborator" | "guest")
    }

    /// Whether rights can be given to them one by one: to who comes from outside, and to programs.
    pub(crate) fn has_own_permissions(&self) -> bool {
        self.is_external() || self.kind() == "application"
    }

    /// Whether what they have in a project is set among its participants: what all members have follows who may read in it.
    pub(crate) fn is_set_here(&self) -> bool {
        self.reference != "team:org-members"
    }

    /// The only role of who comes from outside.
    pub(crate) fn fixed_role(&self) -> Option<&str> {
        self.is_external().then(|| self.kind())
    }

    /// How the mark beside the name looks.
    pub(crate) fn class(&self) -> &'static str {
        match self.kind() {
            "application" => "app",
            "team" => "team",
            "collaborator" | "guest" => "ext",
            _ => "",
        }
    }

    /// What stands in the mark.
    pub(crate) fn initial(&self) -> String {
        self.title.chars().next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default()
    }

    /// What they are, where it is not what most are.
    pub(crate) fn kind_in(&self, t: &Texts) -> Option<&'static str> {
        match self.kind() {
            "application" => Some(t.common.kind_application),
            "team" => Some(t.common.kind_team),
            "collaborator" => Some(t.common.kind_collaborator),
            "guest" => Some(t.common.kind_guest),
            _ => None,
        }
    }

    /// Whether the name is not what people call them.
    pub(crate) fn is_otherwise_called(&self) -> bool {
        self.name != self.title
    }

    /// The reference as a part of an address.
    pub(crate) fn part(&self) -> String {
        encoded(&self.reference)
    }
}
