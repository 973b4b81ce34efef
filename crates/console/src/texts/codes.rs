//! What failures are called; the details beside them are said by the operations, in English.

use api::Code;

use crate::look::Language;

impl Language {
    /// What a failure is called.
    pub(crate) const fn title(self, code: Code) -> &'static str {
        match self {
            Self::English => code.title(),
            Self::German => german(code),
        }
    }
}

const fn german(code: Code) -> &'static str {
    match code {
        Code::Malformed => "Die Anfrage ist nicht lesbar",
        Code::Invalid => "Etwas ist nicht so, wie es sein muss",
        Code::UnknownField => "Dieses Feld gibt es nicht",
        Code::UnknownParameter => "Diesen Parameter gibt es nicht",
        Code::NotAuthenticated => "Nicht angemeldet",
        Code::BadCredentials => "Die Zugangsdaten gelten nicht",
        Code::Denied => "Es existiert nicht, oder du darfst das dort nicht",
        Code::MustChangePassword => "Ändere zuerst dein Passwort",
        Code::BeyondOwn => "Das hast du selbst nicht",
        Code::WiderThanToken => "So weit reicht dein Token nicht",
        Code::CrossSite => "Eine fremde Seite darf das nicht",
        Code::NotFresh => "Dein Passwort muss gerade erst eingegeben sein",
        Code::NoRule => "Kein Herausgeber nimmt dieses Token",
        Code::OwnTokens => "Anwendungen machen sich keine Token",
        Code::Absent => "Es existiert nicht",
        Code::NoRoute => "Diesen Pfad gibt es nicht",
        Code::Method => "Der Pfad kennt andere Methoden",
        Code::Slow => "Die Anfrage kam zu langsam",
        Code::NameTaken => "Der Name ist vergeben",
        Code::UnknownName => "Einen der Namen gibt es nicht",
        Code::Rule => "Eine Regel verbietet es",
        Code::Expired => "Es ist vorbei",
        Code::AmbiguousRule => "Mehrere Herausgeber nehmen dieses Token",
        Code::WeakPassword => "Das Passwort ließe sich erraten",
        Code::BadCursor => "Die Liste geht dort nicht weiter",
        Code::Stale => "Andere ändern gerade dasselbe",
        Code::LastAdmin => "Danach verwaltete es niemand mehr",
        Code::Builtin => "Es gehört zu jeder Installation",
        Code::InUse => "Etwas anderes braucht es",
        Code::NotEmpty => "Es ist etwas darin",
        Code::Cycle => "Ein Team wäre in sich selbst",
        Code::FormatFixed => "Ein Repository behält sein Format",
        Code::PlanChanged => "Inzwischen täte es etwas anderes",
        Code::PlanConflict => "Zeilen des Plans stehen im Weg",
        Code::TestFailed => "Eine Prüfung des Plans träfe nicht zu",
        Code::Confirm => "Es muss mit dem Namen bestätigt werden",
        Code::AlreadyMade => "Dasselbe wurde schon verlangt und ist getan",
        Code::PreconditionFailed => "Es ist nicht mehr so, wie es war, als du es geöffnet hast",
        Code::TooLarge => "Das ist zu groß",
        Code::NotJson => "Der Inhalt muss JSON sein",
        Code::Misdirected => "Unter diesem Namen ist der Server nicht bekannt",
        Code::KeyReused => "Der Schlüssel war für eine andere Anfrage",
        Code::Throttled => "Zu viele Versuche",
        Code::Busy => "Du tust so viel auf einmal, wie man darf",
        Code::Internal => "Der Server hat versagt",
        Code::Unavailable => "Im Moment geht das nicht",
        Code::NotYetInForce => "Eine Änderung ist gespeichert und gilt noch nicht",
        Code::AuditUnavailable => "Das Protokoll nimmt nichts mehr auf",
        Code::NotConfirmed => "Gespeichert, aber noch nicht von jedem Knoten bestätigt",
        Code::NoSpace => "Es ist kein Platz mehr",
    }
}
