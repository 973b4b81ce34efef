//! Space's cloud addresses, known by their host (docs/design.md 3): `maven.pkg.HOST/{org}/p/…`, `nuget.pkg.HOST/{org}/p/…`, and
//! `{org}.registry.HOST/p/…`, whose paths are the ordinary ones. Pure.

/// A request in one of Space's forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpaceForm<'a> {
    /// The organisation as the address names it.
    pub(crate) organisation: &'a str,
    /// `/{org}`: where the protocol seems mounted to this client.
    pub(crate) mount: &'a str,
    /// The path behind it.
    pub(crate) below: &'a str,
}

/// Reads `/{org}/p/…` on a host that begins with `prefix`; everything else there is no package address.
pub(crate) fn packages<'a>(authority: &str, prefix: &str, path: &'a str) -> Option<SpaceForm<'a>> {
    begins(authority, prefix)?;
    let (organisation, _) = path.strip_prefix('/')?.split_once('/')?;
    let (mount, below) = path.split_at_checked(organisation.len() + 1)?;
    let ours = !organisation.is_empty() && (below == "/p" || below.starts_with("/p/"));
    ours.then_some(SpaceForm { organisation, mount, below })
}

/// The organisation in `{org}.registry.HOST`, where `HOST` is how this server is reached. Another host that happens to look so
/// is nobody's form.
pub(crate) fn registry<'a>(authority: &'a str, public: &str) -> Option<&'a str> {
    let (organisation, rest) = authority.split_once('.')?;
    let host = begins(rest, "registry.")?;
    (!organisation.is_empty() && host.eq_ignore_ascii_case(public)).then_some(organisation)
}

/// How documents name a host of Space's form: only one that belongs to how this server is reached, so that a made-up `Host`
/// leads nobody elsewhere.
pub(crate) fn belongs(authority: &str, prefix: &str, public: &str) -> bool {
    begins(authority, prefix).is_some_and(|host| host.eq_ignore_ascii_case(public))
}

fn begins<'a>(authority: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = authority.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

#[cfg(test)]
mod tests;
