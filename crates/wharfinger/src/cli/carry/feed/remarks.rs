//! What is said of a version besides giving it: that lists do not have it, and that it should no longer be used. Read as registrations
//! of NuGet write it, which is also how it stands in a file beside a package.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use api::packages::{Listing, ShowVersion};
use api::remarks::{Alternate, Deprecate, Deprecation, Reason, ShowDeprecation};
use api::versions::{SetVersionState, VersionState};
use api::{Ask, Nothing, PackageAt, VersionAt};
use domain::Permission;
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;

use super::super::Repository;
use super::super::account::Remarked;
use super::super::place::{below, whole_or_not};
use crate::cli::failure::Failure;
use crate::cli::manage::typed;

/// Longest message and longest name that the gateway takes, in characters.
const MESSAGE_CHARS_MAX: usize = 1024;
const NAME_CHARS_MAX: usize = 128;
/// The reasons as registrations have them; what else is said is the last one.
const REASONS: [(&str, Reason); 3] =
    [("Legacy", Reason::Legacy), ("CriticalBugs", Reason::CriticalBugs), ("Other", Reason::Other)];
/// The year in which what is unlisted was published, on feeds that say nothing else.
const UNLISTED_YEAR: &str = "1900-";
/// Any version, as a range.
const ANY: &str = "*";

/// What is said of a version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Remarks {
    unlisted: bool,
    deprecated: Option<Deprecated>,
}

/// Why a version should no longer be used, and what to use instead.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Deprecated {
    /// In the order of [`REASONS`].
    reasons: Vec<&'static str>,
    /// Empty if it says nothing.
    message: String,
    /// A package, and which of its versions.
    alternate: Option<(String, String)>,
}

/// Who is told here what is said of versions elsewhere.
pub(in super::super) struct Listener<'a> {
    repository: &'a Repository,
    dry_run: bool,
    /// Whether what was said before gives way.
    replace: bool,
    /// Why nothing may be said, asked once.
    refusal: OnceCell<Option<String>>,
}

impl Remarks {
    /// Reads what a registration says of a version: in its list of versions, or in the document of one.
    pub(super) fn read(entry: &Value) -> Self {
        let published = entry.get("published").and_then(Value::as_str).unwrap_or_default();
        let hidden = entry.get("listed") == Some(&Value::Bool(false));
        let deprecated = entry.get("deprecation").and_then(Value::as_object).map(Deprecated::read);
        Self { unlisted: hidden || published.starts_with(UNLISTED_YEAR), deprecated }
    }

    /// With what the other one says besides.
    pub(super) fn and(self, other: Self) -> Self {
        Self { unlisted: self.unlisted || other.unlisted, deprecated: self.deprecated.or(other.deprecated) }
    }

    pub(super) const fn is_nothing(&self) -> bool {
        !self.unlisted && self.deprecated.is_none()
    }

    /// As a file beside a package has it; `None` if nothing is said.
    fn document(&self) -> Option<String> {
        if self.is_nothing() {
            return None;
        }
        let mut document = Map::new();
        document.insert("listed".to_owned(), (!self.unlisted).into());
        if let Some(deprecated) = &self.deprecated {
            document.insert("deprecation".to_owned(), deprecated.document());
        }
        Some(format!("{:#}\n", Value::Object(document)))
    }

    /// Writes them beside the package that is at a path, or takes away what was written before. Gives what is new.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub(super) fn write_beside(
        &self,
        folder: &Path,
        package: &str,
        dry_run: bool,
    ) -> Result<Remarked, Failure> {
        let file = below(folder, &beside(package))?;
        let wrong = |error: std::io::Error| Failure::Other(format!("{}: {error}", file.display()));
        let there = match fs::read(&file) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(wrong(error)),
        };
        let wanted = self.document();
        if there.as_deref() == wanted.as_ref().map(String::as_bytes) {
            return Ok(Remarked::default());
        }
        match &wanted {
            _ if dry_run => {}
            Some(document) => whole_or_not(&file, |to| to.write_all(document.as_bytes()))?,
            None => fs::remove_file(&file).map_err(wrong)?,
        }
        Ok(Remarked { unlisted: self.unlisted, deprecated: self.deprecated.is_some() })
    }
}

/// The file beside a package that holds what is said of it.
pub(super) fn beside(package: &str) -> String {
    format!("{package}.json")
}

impl Deprecated {
    fn read(said: &Map<String, Value>) -> Self {
        let given = said.get("reasons").and_then(Value::as_array).into_iter().flatten();
        let given: Vec<&str> = given.filter_map(Value::as_str).collect();
        let is = |name: &str| given.iter().any(|reason| reason.eq_ignore_ascii_case(name));
        let message = said.get("message").and_then(Value::as_str).unwrap_or_default();
        let alternate = said.get("alternatePackage").and_then(|other| {
            let text = |name: &str| other.get(name).and_then(Value::as_str).map(name_of);
            let range = text("range").filter(|range| !range.is_empty());
            Some((text("id").filter(|id| !id.is_empty())?, range.unwrap_or_else(|| ANY.to_owned())))
        });
        Self { reasons: known_reasons(is), message: message_of(message), alternate }
    }

    /// As the gateway shows it.
    fn of(shown: &Deprecation) -> Self {
        let given = shown.reasons.as_deref().unwrap_or_default();
        let is = |name: &str| REASONS.iter().any(|(word, reason)| *word == name && given.contains(reason));
        let alternate = shown.alternate.as_ref().map(|other| {
            let range = other.range.as_ref().map_or(ANY, |range| range.as_str());
            (other.id.as_str().to_owned(), range.to_owned())
        });
        let message = shown.message.as_ref().map(|message| message.as_str().to_owned());
        Self { reasons: known_reasons(is), message: message.unwrap_or_default(), alternate }
    }

    /// As a registration has it.
    fn document(&self) -> Value {
        let mut document = Map::from_iter([("reasons".to_owned(), json!(self.reasons))]);
        if !self.message.is_empty() {
            document.insert("message".to_owned(), self.message.clone().into());
        }
        if let Some((id, range)) = &self.alternate {
            document.insert("alternatePackage".to_owned(), json!({ "id": id, "range": range }));
        }
        Value::Object(document)
    }

    /// As the gateway takes it.
    fn wanted(&self) -> Result<Deprecation, Failure> {
        let reasons = REASONS.into_iter().filter(|(word, _)| self.reasons.contains(word));
        let message = Some(&self.message).filter(|message| !message.is_empty());
        let alternate = self.alternate.as_ref().map(|(id, range)| {
            let range = Some(range).filter(|range| *range != ANY);
            let range = range.map(|range| typed("the range", range.clone())).transpose()?;
            Ok::<_, Failure>(Alternate { id: typed("the package to use instead", id.clone())?, range })
        });
        Ok(Deprecation {
            reasons: Some(reasons.map(|(_, reason)| reason).collect()),
            message: message.map(|message| typed("the message", message.clone())).transpose()?,
            alternate: alternate.transpose()?,
        })
    }
}

/// Those that are given, in one order; without any it is the last one.
fn known_reasons(is: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let known: Vec<&str> = REASONS.into_iter().map(|(word, _)| word).filter(|word| is(word)).collect();
    if known.is_empty() { vec!["Other"] } else { known }
}

/// A message as the gateway takes it: without control characters, and cut short where it is too long.
fn message_of(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let plain = text.trim().chars().map(|one| if one.is_control() && one != '\n' { ' ' } else { one });
    cut(plain, MESSAGE_CHARS_MAX)
}

fn name_of(text: &str) -> String {
    cut(text.trim().chars().filter(|letter| !letter.is_control()), NAME_CHARS_MAX)
}

fn cut(letters: impl Iterator<Item = char> + Clone, chars_max: usize) -> String {
    if letters.clone().count() <= chars_max {
        return letters.collect();
    }
    letters.take(chars_max.saturating_sub(1)).chain(['…']).collect()
}

impl<'a> Listener<'a> {
    pub(in super::super) fn new(repository: &'a Repository, dry_run: bool, replace: bool) -> Self {
        Self { repository, dry_run, replace, refusal: OnceCell::new() }
    }

    /// Says of a version here what is said of it there, as far as it is not said already. Gives what is new.
    ///
    /// # Errors
    /// Who carries it may not say it, or the gateway refuses it.
    pub(super) async fn tell(
        &self,
        (id, version): (&str, &str),
        remarks: &Remarks,
    ) -> Result<Remarked, Failure> {
        let package = PackageAt { repository: self.repository.path.clone(), package: id.to_owned() };
        let at = VersionAt { package, version: version.to_owned() };
        let mut new = Remarked::default();
        if remarks.unlisted && !self.is_unlisted(&at).await? {
            self.may().await?;
            if !self.dry_run {
                let state = VersionState { state: Listing::Unlisted };
                self.repository
                    .client
                    .call(&Ask::<SetVersionState>::new(at.clone(), Nothing {}, state))
                    .await?;
            }
            new.unlisted = true;
        }
        if let Some(deprecated) = &remarks.deprecated
            && self.is_new(&at, deprecated).await?
        {
            self.may().await?;
            if !self.dry_run {
                let ask = Ask::<Deprecate>::new(at, Nothing {}, deprecated.wanted()?);
                self.repository.client.call(&ask).await?;
            }
            new.deprecated = true;
        }
        Ok(new)
    }

    /// Whether a version is out of lists; one that is not there yet is not.
    async fn is_unlisted(&self, at: &VersionAt) -> Result<bool, Failure> {
        let ask = Ask::<ShowVersion>::new(at.clone(), Nothing {}, Nothing {});
        match self.repository.client.call(&ask).await {
            Ok(shown) => Ok(shown.answer.state == Listing::Unlisted),
            // Who may not look may not unlist either, and is told so by that.
            Err(Failure::Absent(_) | Failure::Refused(_)) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// Whether this is to be said: nothing is said yet, or something else that gives way.
    async fn is_new(&self, at: &VersionAt, deprecated: &Deprecated) -> Result<bool, Failure> {
        let ask = Ask::<ShowDeprecation>::new(at.clone(), Nothing {}, Nothing {});
        match self.repository.client.call(&ask).await {
            Ok(shown) => Ok(self.replace && Deprecated::of(&shown.answer) != *deprecated),
            Err(Failure::Absent(_) | Failure::Refused(_)) => Ok(true),
            Err(failure) => Err(failure),
        }
    }

    /// Refuses in the words of `explain` who may not say anything of versions.
    async fn may(&self) -> Result<(), Failure> {
        let ask = async || match self.repository.may(Permission::DeletePackage).await {
            Ok(()) => Ok(None),
            Err(Failure::Refused(why)) => Ok(Some(why.split_whitespace().collect::<Vec<_>>().join(" "))),
            Err(failure) => Err(failure),
        };
        match self.refusal.get_or_try_init(ask).await? {
            None => Ok(()),
            Some(why) => Err(Failure::Refused(why.clone())),
        }
    }
}

#[cfg(test)]
mod tests;
