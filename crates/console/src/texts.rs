//! What pages say: one table, a row each with its words in every language. A row without one of them does not compile.
//!
//! Short, plain, second person; verbs on buttons; what cannot be undone says so (docs/console.md 5). `{name}` is filled by the filter `with`.

use crate::look::Language;

/// Rows of a part of the table: `name: "English", "Deutsch";`.
macro_rules! texts {
    ($(#[$doc:meta])* $part:ident { $($name:ident: $english:literal, $german:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $part {
            $(pub(crate) $name: &'static str,)*
        }

        impl $part {
            /// In English.
            pub(crate) const ENGLISH: Self = Self { $($name: $english,)* };
            /// In German.
            pub(crate) const GERMAN: Self = Self { $($name: $german,)* };
        }
    };
}

/// The parts of the table: one line each.
macro_rules! parts {
    ($($name:ident: $part:ident;)*) => {
        $(mod $name;)*

        /// Everything that pages say, in one language.
        #[derive(Debug)]
        pub(crate) struct Texts {
            $(pub(crate) $name: $name::$part,)*
        }

        static ENGLISH: Texts = Texts { $($name: $name::$part::ENGLISH,)* };
        static GERMAN: Texts = Texts { $($name: $name::$part::GERMAN,)* };
    };
}

mod codes;

parts! {
    applications: ApplicationTexts;
    audit: AuditTexts;
    common: Common;
    connect: ConnectTexts;
    directory: DirectoryTexts;
    doors: DoorTexts;
    faults: FaultTexts;
    grants: GrantTexts;
    guide: GuideTexts;
    home: HomeTexts;
    log_ins: LogInTexts;
    operations: OperationTexts;
    organisation: OrganisationTexts;
    packages: PackageTexts;
    participants: ParticipantTexts;
    people: PeopleTexts;
    profile: ProfileTexts;
    projects: ProjectTexts;
    publishers: PublisherTexts;
    roles: RoleTexts;
    settings: SettingTexts;
    teams: TeamTexts;
    tokens: TokenTexts;
    usage: UsageTexts;
    versions: VersionTexts;
}

impl Language {
    /// What pages say in it.
    pub(crate) const fn texts(self) -> &'static Texts {
        match self {
            Self::English => &ENGLISH,
            Self::German => &GERMAN,
        }
    }
}
