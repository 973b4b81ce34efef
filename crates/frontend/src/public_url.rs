use std::borrow::Cow;

/// How clients reach this server.
#[derive(Debug, Clone, Copy)]
pub enum PublicUrl<'a> {
    /// Configured.
    Fixed(&'a str),
    /// As this very request reached us: scheme and authority.
    Asked {
        /// `http` or `https`.
        scheme: &'a str,
        /// Host and port.
        authority: &'a str,
    },
}

impl<'a> PublicUrl<'a> {
    /// `https://HOST`, without a slash at the end.
    #[must_use]
    pub fn origin(&self) -> Cow<'a, str> {
        match self {
            Self::Fixed(origin) => Cow::Borrowed(origin),
            Self::Asked { scheme, authority } => Cow::Owned(format!("{scheme}://{authority}")),
        }
    }

    /// `http` or `https`.
    #[must_use]
    pub fn scheme(&self) -> &'a str {
        match self {
            Self::Fixed(origin) => origin.split_once("://").map_or("https", |(scheme, _)| scheme),
            Self::Asked { scheme, .. } => scheme,
        }
    }

    /// Host and port alone: the `service` of a Bearer challenge.
    #[must_use]
    pub fn authority(&self) -> &'a str {
        match self {
            Self::Fixed(origin) => origin.split_once("://").map_or(*origin, |(_, authority)| authority),
            Self::Asked { authority, .. } => authority,
        }
    }
}
