//! The manifest of a package: read once, when it is pushed.

use super::fault::{Doubt, Fault, Quoted};
use super::id::PackageId;
use super::metadata::{Metadata, PackageType};
use super::version::Version;
use super::xml::{self, Element};

mod dependencies;
mod licence;

/// Bounds of the gallery, in characters (docs/nuget.md 8).
const IDENTITY_CHARS_MAX: usize = 160;
const VERSION_CHARS_MAX: usize = 64;
const TITLE_CHARS_MAX: usize = 256;
const TEXT_CHARS_MAX: usize = 4000;
const NOTES_CHARS_MAX: usize = 35_000;
const URL_CHARS_MAX: usize = 4000;
const LANGUAGE_CHARS_MAX: usize = 20;
/// Longest SPDX expression, in characters.
const EXPRESSION_CHARS_MAX: usize = 500;
/// Most types of one package.
const TYPES_MAX: usize = 16;
/// The type of a package that holds symbols.
const SYMBOLS: &str = "SymbolsPackage";
/// Clients are at version 7; a package for version 21 is a mistake.
const CLIENT_MAJOR_MAX: u32 = 20;
/// What packages with a licence give as its address for old clients.
const LICENCE_PAGE: &str = "https://aka.ms/deprecateLicenseUrl";
const LICENCE_PAGES: &str = "https://licenses.nuget.org/";

/// A manifest that may be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Nuspec {
    /// Whose version it is.
    pub id: PackageId,
    /// Which version.
    pub version: Version,
    /// What the documents show; where its files lie is known once the package was looked into.
    pub metadata: Metadata,
    /// Path of the readme in the package.
    pub readme: Option<String>,
    /// Path of the icon in the package.
    pub icon: Option<String>,
    /// Path of the licence in the package.
    pub licence: Option<String>,
    /// Whether it says that the package holds symbols.
    pub symbols: bool,
    /// What is told to who pushes it.
    pub doubts: Vec<Doubt>,
}

impl Nuspec {
    /// Reads and checks a manifest.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let root = xml::parse(bytes).map_err(Fault::Xml)?;
        if root.name() != "package" {
            return Err(Fault::NotNuspec);
        }
        Fields(once(&root, "metadata")?).read()
    }
}

/// The element `metadata`.
#[derive(Clone, Copy)]
struct Fields<'a>(&'a Element);

impl Fields<'_> {
    fn read(self) -> Result<Nuspec, Fault> {
        let (id, version) = self.identity()?;
        let types = self.types()?;
        let groups = dependencies::read(self.0)?;
        let (licence_expression, licence) = self.licence()?;
        let doubts = licence::doubts(&licence_expression)?;
        let metadata = Metadata {
            id: id.display().to_owned(),
            version: version.full(),
            semver2: version.is_semver2() || groups.semver2,
            title: self.text("title", TITLE_CHARS_MAX)?,
            authors: self.text("authors", TEXT_CHARS_MAX)?,
            description: self.text("description", TEXT_CHARS_MAX)?,
            summary: self.text("summary", TEXT_CHARS_MAX)?,
            tags: self.text("tags", TEXT_CHARS_MAX)?,
            language: self.text("language", LANGUAGE_CHARS_MAX)?,
            project_url: self.url("projectUrl")?,
            icon_url: self.url("iconUrl")?,
            licence_url: self.url("licenseUrl")?,
            licence_expression,
            require_licence_acceptance: self.flag("requireLicenseAcceptance")?,
            min_client_version: self.min_client_version()?,
            types,
            groups: groups.all,
            pdbs: false,
            enclosed: super::metadata::Files::default(),
        };
        self.text("releaseNotes", NOTES_CHARS_MAX)?;
        let stands_alone = metadata.licence_expression.is_empty() && licence.is_none();
        let address = &metadata.licence_url;
        let agrees = address.is_empty()
            || address == LICENCE_PAGE
            || !metadata.licence_expression.is_empty() && address.starts_with(LICENCE_PAGES);
        if !stands_alone && !agrees {
            return Err(Fault::Licences);
        }
        let symbols = metadata.types.iter().any(|kind| kind.name.eq_ignore_ascii_case(SYMBOLS));
        let (readme, icon) = (self.path("readme")?, self.path("icon")?);
        Ok(Nuspec { id, version, metadata, readme, icon, licence, symbols, doubts })
    }

    fn identity(self) -> Result<(PackageId, Version), Fault> {
        let id = once(self.0, "id")?.text();
        let id = PackageId::parse(id).map_err(|_| Fault::Id(Quoted::new(id)))?;
        let version = once(self.0, "version")?.text();
        let version = Version::parse(version).map_err(|_| Fault::Version(Quoted::new(version)))?;
        let length = version.full().len();
        if length > VERSION_CHARS_MAX {
            return Err(Fault::TooLong { name: "version", chars_max: VERSION_CHARS_MAX });
        }
        if id.display().len().saturating_add(length) > IDENTITY_CHARS_MAX {
            return Err(Fault::IdentityTooLong { chars_max: IDENTITY_CHARS_MAX });
        }
        Ok((id, version))
    }

    /// The text of an element that may be there once; empty if it is not.
    fn text(self, name: &'static str, chars_max: usize) -> Result<String, Fault> {
        let mut all = self.0.all(name);
        let text = all.next().map(Element::text).unwrap_or_default();
        if all.next().is_some() {
            return Err(Fault::Once(name));
        }
        if text.len() > chars_max && text.chars().count() > chars_max {
            return Err(Fault::TooLong { name, chars_max });
        }
        Ok(text.to_owned())
    }

    fn url(self, name: &'static str) -> Result<String, Fault> {
        let text = self.text(name, URL_CHARS_MAX)?;
        let scheme =
            |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
        let address = (scheme("http://") || scheme("https://")) && !text.contains(char::is_whitespace);
        if text.is_empty() || address { Ok(text) } else { Err(Fault::Url(name)) }
    }

    fn flag(self, name: &'static str) -> Result<bool, Fault> {
        match self.text(name, URL_CHARS_MAX)?.to_ascii_lowercase().as_str() {
            "" | "false" | "0" => Ok(false),
            "true" | "1" => Ok(true),
            _ => Err(Fault::Flag(name)),
        }
    }

    /// A path in the package, as clients read it: packers on Windows write it with backslashes, and some begin it at the root.
    fn path(self, name: &'static str) -> Result<Option<String>, Fault> {
        let path = self.text(name, TEXT_CHARS_MAX)?.replace('\\', "/");
        let path = path.strip_prefix("./").unwrap_or(&path).trim_start_matches('/');
        Ok((!path.is_empty()).then(|| path.to_owned()))
    }

    fn min_client_version(self) -> Result<String, Fault> {
        let Some(text) = self.0.attribute("minClientVersion").map(str::trim).filter(|text| !text.is_empty())
        else {
            return Ok(String::new());
        };
        match Version::parse(text) {
            Ok(version) if version.major() <= CLIENT_MAJOR_MAX => Ok(version.normalised()),
            _ => Err(Fault::MinClientVersion),
        }
    }

    /// An SPDX expression, or the path of a file.
    fn licence(self) -> Result<(String, Option<String>), Fault> {
        let mut all = self.0.all("license");
        let Some(licence) = all.next() else { return Ok((String::new(), None)) };
        if all.next().is_some() {
            return Err(Fault::Once("license"));
        }
        let spdx =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '(' | ')' | ' ' | ':');
        let text = licence.text();
        let kind = licence.attribute("type").map(|kind| kind.trim().to_ascii_lowercase());
        match kind.as_deref() {
            Some("file") => Ok((String::new(), self.path("license")?)),
            Some("expression")
                if text.len() <= EXPRESSION_CHARS_MAX && !text.is_empty() && text.chars().all(spdx) =>
            {
                Ok((text.to_owned(), None))
            }
            _ => Err(Fault::Licence),
        }
    }

    fn types(self) -> Result<Vec<PackageType>, Fault> {
        let mut types = Vec::new();
        for element in self.0.all("packageTypes").flat_map(|types| types.all("packageType")) {
            let name = element.attribute("name").unwrap_or_default();
            let version = element.attribute("version").unwrap_or_default();
            let malformed = PackageId::parse(name).is_err()
                || !version.is_empty() && Version::parse(version).is_err()
                || types.len() == TYPES_MAX;
            if malformed {
                return Err(Fault::PackageType);
            }
            types.push(PackageType { name: name.to_owned(), version: version.to_owned() });
        }
        Ok(types)
    }
}

fn once<'a>(parent: &'a Element, name: &'static str) -> Result<&'a Element, Fault> {
    let mut all = parent.all(name);
    match (all.next(), all.next()) {
        (Some(element), None) => Ok(element),
        _ => Err(Fault::Once(name)),
    }
}

#[cfg(test)]
mod tests;
