//! What is said of versions after they were published.

use api::remarks::{
    Alternate, DeleteAdvisory, Deprecate, Deprecation, ListAdvisories, PutAdvisory, Reason, ShowAdvisory,
    ShowDeprecation, Undeprecate,
};
use api::{AdvisoryAt, Nothing, Paging, VersionAt};

use super::super::failure::Failure;
use super::super::flags::{Changing, Remote};
use super::super::nouns::packages::{AdvisoryCommand, AdvisoryName, ReasonWord};
use super::changing::{self, confirmed};
use super::nouns::path;
use super::typed;
use crate::config::Environment;
use crate::config::environment::read_document;

/// What is to be said of a version.
pub(super) struct Said {
    pub(super) reasons: Vec<ReasonWord>,
    pub(super) message: Option<String>,
    pub(super) alternate: Option<String>,
    pub(super) range: Option<String>,
}

impl From<ReasonWord> for Reason {
    fn from(word: ReasonWord) -> Self {
        match word {
            ReasonWord::Legacy => Self::Legacy,
            ReasonWord::CriticalBugs => Self::CriticalBugs,
            ReasonWord::Other => Self::Other,
        }
    }
}

impl Said {
    fn document(self) -> Result<Deprecation, Failure> {
        let range = self.range.map(|range| typed("--range", range)).transpose()?;
        let alternate = self.alternate.map(|id| Ok(Alternate { id: typed("--alternate", id)?, range }));
        let reasons: Vec<Reason> = self.reasons.into_iter().map(Into::into).collect();
        Ok(Deprecation {
            reasons: Some(reasons).filter(|reasons| !reasons.is_empty()),
            message: self.message.map(|text| typed("--message", text)).transpose()?,
            alternate: alternate.transpose()?,
        })
    }
}

pub(super) async fn show(at: VersionAt, remote: &Remote, environment: &Environment) -> Result<(), Failure> {
    changing::show::<ShowDeprecation>(at, remote, environment).await
}

pub(super) async fn deprecate(
    at: VersionAt,
    said: Said,
    changing: &Changing,
    environment: &Environment,
) -> Result<(), Failure> {
    let line = format!("whoever uses {} is told not to", at.version);
    changing::put::<Deprecate>((at, said.document()?), changing, &line, environment).await
}

pub(super) async fn undeprecate(
    at: VersionAt,
    changing: &Changing,
    environment: &Environment,
) -> Result<(), Failure> {
    let line = format!("nothing is said of {} any more", at.version);
    changing::act::<Undeprecate>(at, changing, &line, environment).await
}

pub(in crate::cli) async fn advisory(
    command: AdvisoryCommand,
    environment: &Environment,
) -> Result<(), Failure> {
    match command {
        AdvisoryCommand::List { repository, remote } => {
            let asked = (path(&repository)?, Paging::default());
            changing::list::<_, ListAdvisories>(asked, &["id", "summary", "changed_at"], &remote, environment)
                .await
        }
        AdvisoryCommand::Show { advisory, remote } => {
            changing::show::<ShowAdvisory>(advisory_at(advisory)?, &remote, environment).await
        }
        AdvisoryCommand::Put { advisory, document, changing } => {
            let wrong = |why: String| Failure::Usage(format!("{}: {why}", document.display()));
            let text = read_document(&document).map_err(|why| wrong(why.to_string()))?;
            let osv = serde_json::from_str(&text).map_err(|why| wrong(why.to_string()))?;
            let line = format!("{} is put", advisory.id);
            changing::put::<PutAdvisory>((advisory_at(advisory)?, osv), &changing, &line, environment).await
        }
        AdvisoryCommand::Delete { advisory, confirm, changing } => {
            confirmed(confirm, &advisory.id, &changing)?;
            let line = format!("{} is gone", advisory.id);
            let gone = (advisory_at(advisory)?, Nothing {});
            changing::delete::<DeleteAdvisory>(gone, &changing, &line, environment).await
        }
    }
}

fn advisory_at(named: AdvisoryName) -> Result<AdvisoryAt, Failure> {
    Ok(AdvisoryAt { repository: path(&named.repository)?, advisory: named.id })
}
