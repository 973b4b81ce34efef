use domain::{PrincipalId, PrincipalKind, TeamId};

/// Principals that are in the same computed teams. What they have through those is one precomputed mask per node, so that
/// a change to `anyone`, `everyone` or `org-members` touches no principal's own row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub(crate) enum Class {
    /// The anonymous principal itself.
    #[default]
    Anonymous = 0,
    /// Collaborators and guests: in `anyone` only.
    External = 1,
    /// Applications: in `everyone` too.
    Application = 2,
    /// Members: in `org-members` too.
    Member = 3,
}

/// How many classes there are.
pub(crate) const CLASSES: usize = 4;

impl Class {
    /// All, in the order of their masks.
    pub(crate) const ALL: [Self; CLASSES] =
        [Self::Anonymous, Self::External, Self::Application, Self::Member];

    /// The class of a kind (docs/access.md 2.3, "groups").
    pub(crate) const fn of(kind: PrincipalKind) -> Self {
        match kind {
            PrincipalKind::Member => Self::Member,
            PrincipalKind::Application => Self::Application,
            PrincipalKind::Collaborator | PrincipalKind::Guest => Self::External,
            PrincipalKind::Anonymous => Self::Anonymous,
        }
    }

    /// The subjects every principal of the class starts from.
    pub(crate) const fn roots(self) -> &'static [u32] {
        const ANYONE: u32 = TeamId::ANYONE.get();
        const EVERYONE: u32 = TeamId::EVERYONE.get();
        const ORG_MEMBERS: u32 = TeamId::ORG_MEMBERS.get();
        const ANONYMOUS: u32 = PrincipalId::ANONYMOUS.get();
        match self {
            Self::Anonymous => &[ANONYMOUS, ANYONE],
            Self::External => &[ANYONE],
            Self::Application => &[ANYONE, EVERYONE],
            Self::Member => &[ANYONE, EVERYONE, ORG_MEMBERS],
        }
    }
}

/// Whether a subject stands for a whole class rather than for somebody in particular.
pub(crate) fn is_class_subject(subject: u32) -> bool {
    Class::Member.roots().contains(&subject) || Class::Anonymous.roots().contains(&subject)
}
