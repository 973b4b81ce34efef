//! How pages look and in which language they speak: chosen by cookie, else as the browser says.

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// A language of the table of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
}

impl Theme {
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// As the cookie and the document have it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text)
    }

    /// What the document pins, if it does.
    pub(crate) fn pinned(self) -> Option<&'static str> {
        (self != Self::System).then(|| self.as_str())
    }
}

impl Language {
    pub(crate) const ALL: [Self; 2] = [Self::English, Self::German];

    /// Its tag (BCP 47).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// What it calls itself.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.as_str() == text)
    }

    /// The one that a browser likes best of those we have (RFC 9110 §12.5.4); English if it likes none.
    pub(crate) fn accepted(header: &str) -> Self {
        let weighed = header.split(',').filter_map(|part| {
            let mut parts = part.split(';').map(str::trim);
            let primary = parts.next()?.split('-').next()?;
            let weight =
                parts.find_map(|text| text.strip_prefix("q=")).map_or(Some(1.0), |text| text.parse().ok());
            Some((Self::parse(&primary.to_ascii_lowercase())?, weight.filter(|weight: &f32| *weight > 0.0)?))
        });
        // The first of those that are liked equally.
        weighed
            .reduce(|best, next| if next.1 > best.1 { next } else { best })
            .map(|(language, _)| language)
            .unwrap_or_default()
    }
}
