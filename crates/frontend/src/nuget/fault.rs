//! What is wrong with a package, each in words that its maker can act on. The client prints them as the reason phrase.

use std::fmt;

/// Longest quotation from a package in a message, in characters.
const QUOTED_CHARS_MAX: usize = 80;

/// Why a package is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// No end of a central directory where it belongs.
    #[error("the package is not a ZIP file, or its end is missing")]
    NotZip,
    /// Structures of the archive contradict each other.
    #[error("the ZIP file is damaged: {0}")]
    Damaged(&'static str),
    /// 64-bit structures.
    #[error("the package uses ZIP64, which packages below 4 GB do not need")]
    Zip64,
    /// More files than clients take.
    #[error("the package holds more than {entries_max} files")]
    TooManyEntries {
        /// The bound.
        entries_max: usize,
    },
    /// A central directory beyond its bound.
    #[error("the file list of the package is longer than {bytes_max} bytes")]
    DirectoryTooLarge {
        /// The bound, in bytes.
        bytes_max: u64,
    },
    /// A file with a password.
    #[error("{0} is encrypted")]
    Encrypted(Quoted),
    /// A compression that clients cannot undo.
    #[error("{0} is neither stored nor deflated")]
    Method(Quoted),
    /// The header before the file says something else than the directory.
    #[error("the two headers of {0} differ")]
    HeadersDiffer(Quoted),
    /// Not a relative path in its shortest form.
    #[error("{0} is not a plain relative path")]
    Path(Quoted),
    /// Two files that are one on some system.
    #[error("the package holds {0} twice")]
    Duplicate(Quoted),
    /// A time stamp that clients on Windows refuse to extract.
    #[error("{0} was changed in the future")]
    Future(Quoted),
    /// Larger, once expanded, than any honest package.
    #[error("the package expands to more than is plausible")]
    Bomb,
    /// The content is not as long as declared, or not what its checksum says.
    #[error("{0} does not have the declared length and checksum")]
    Content(Quoted),
    /// A file that is read whole is too long.
    #[error("{name} is longer than {bytes_max} bytes")]
    FileTooLarge {
        /// Which.
        name: Quoted,
        /// The bound, in bytes.
        bytes_max: u64,
    },
    /// None or several in the root.
    #[error("the package must have exactly one .nuspec file in its root")]
    Nuspecs,
    /// Not well-formed, a document type, entities, too deep or too many elements.
    #[error("the nuspec is not plain well-formed XML: {0}")]
    Xml(&'static str),
    /// Another kind of XML.
    #[error("the nuspec must be <package><metadata>")]
    NotNuspec,
    /// An element that must be there once.
    #[error("the nuspec must have exactly one <{0}>")]
    Once(&'static str),
    /// Not an id.
    #[error("the id {0} is not made of letters, digits and '_' with single '.' or '-' inside, at most 100")]
    Id(Quoted),
    /// Not a version.
    #[error("{0} is not a version")]
    Version(Quoted),
    /// A text beyond its bound.
    #[error("<{name}> is longer than {chars_max} characters")]
    TooLong {
        /// Which element.
        name: &'static str,
        /// The bound, in characters.
        chars_max: usize,
    },
    /// Id and version together beyond their bound.
    #[error("<id> and <version> together are longer than {chars_max} characters")]
    IdentityTooLong {
        /// The bound, in characters.
        chars_max: usize,
    },
    /// A link that is no web address.
    #[error("<{0}> must be an http or https address")]
    Url(&'static str),
    /// A truth value that is none.
    #[error("<{0}> must be true or false")]
    Flag(&'static str),
    /// No range, or one that published packages may not have.
    #[error("the dependency {id} has a version range that is {what}")]
    Range {
        /// Of which dependency.
        id: Quoted,
        /// In which way it is wrong.
        what: &'static str,
    },
    /// Twice in one group.
    #[error("the dependency {0} is named twice for one framework")]
    DependencyTwice(Quoted),
    /// More of something than any honest package has.
    #[error("the nuspec has more than {most} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The bound.
        most: usize,
    },
    /// Flat dependencies beside groups.
    #[error("<dependencies> mixes groups and single dependencies")]
    DependenciesMixed,
    /// A framework that is too long or has control characters.
    #[error("a targetFramework is malformed")]
    Framework,
    /// A type that is too long, or too many of them.
    #[error("a packageType is malformed")]
    PackageType,
    /// Symbols go elsewhere.
    #[error(
        "this is a symbols package: push it beside its package as .snupkg, made with SymbolPackageFormat=snupkg"
    )]
    Symbols,
    /// A package, or something else, where symbols belong.
    #[error(
        "this is no symbols package: its packageType must be SymbolsPackage, as SymbolPackageFormat=snupkg makes it"
    )]
    NotSymbols,
    /// Something among symbols that is none.
    #[error("a symbols package holds .pdb files alone, and {0} is none")]
    NoSymbols(Quoted),
    /// Not a single symbol file.
    #[error("the symbols package holds no .pdb file")]
    WithoutSymbols,
    /// More symbol files than one package may have.
    #[error("the symbols package holds more than {most} .pdb files")]
    TooManySymbols {
        /// The bound.
        most: usize,
    },
    /// A PDB of Windows, or something under that name.
    #[error("{0} is no portable PDB, build it with DebugType=portable")]
    NotPortable(Quoted),
    /// Needs a client that does not exist.
    #[error("minClientVersion must be a version that some client has")]
    MinClientVersion,
    /// Two licences.
    #[error("<licenseUrl> contradicts <license>")]
    Licences,
    /// Of another type than expression or file, or unreadable.
    #[error("<license> must be an SPDX expression or a file of the package")]
    Licence,
    /// Well-formed by its characters, but no expression.
    #[error("the licence {0} is no SPDX expression")]
    Expression(Quoted),
    /// Named in the nuspec, absent in the package.
    #[error("<{element}> names {name}, which is not in the package")]
    NoSuchFile {
        /// By which element.
        element: &'static str,
        /// What it names.
        name: Quoted,
    },
    /// An icon of another type.
    #[error("the icon must be a PNG or JPEG image")]
    Icon,
    /// A readme or licence with bytes that no text has.
    #[error("{0} must be a text file")]
    NotText(Quoted),
    /// A readme or licence under another ending than it may have.
    #[error("{0} must end in {1}")]
    Ending(Quoted, &'static str),
    /// What has to be kept for the documents is too much.
    #[error("the metadata of the package is longer than {bytes_max} bytes")]
    MetadataTooLarge {
        /// The bound, in bytes.
        bytes_max: usize,
    },
}

/// What may be meant, and is told as a warning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Doubt {
    /// Clients do not know it either.
    #[error("SPDX lists no licence or exception {0}")]
    UnknownLicence(Quoted),
    /// Another name was given to it since.
    #[error("SPDX no longer lists {0} as the name of a licence or exception")]
    OldLicence(Quoted),
}

/// Text of a package in a message: shortened, printable ASCII alone, because it goes into a reason phrase and a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Quoted(Box<str>);

impl Quoted {
    pub(crate) fn new(text: &str) -> Self {
        let printable = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
        let mut quoted: String = text.chars().take(QUOTED_CHARS_MAX).map(printable).collect();
        if text.chars().nth(QUOTED_CHARS_MAX).is_some() {
            quoted.push_str("...");
        }
        Self(quoted.into())
    }
}

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.0)
    }
}
