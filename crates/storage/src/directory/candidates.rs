//! Who could be added to a project: names, and nothing else about anybody.

use domain::{AccessManage, Granted, Limit, Project, ProjectId};

use super::Directory;
use super::listing::{Words, filled};
use crate::error::{DirectoryError, Error};
use crate::sql::Tx;
use crate::sql::participants::{self as rows, ParticipantRow as Row};

/// Somebody, or a team, who could be added to a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateRow {
    /// `member:alice`, `team:releasers`.
    pub reference: Box<str>,
    /// What people call it.
    pub title: Box<str>,
}

/// What teams are called among kinds; behind those of all principals.
const TEAM: &str = "team";

impl Directory {
    /// Who could be added to the project of the proof and has these words in name or title, by kind and name: neither who is
    /// suspended or has a grant on it, nor what is named after a project that the caller need not know. At most `limit`, however
    /// many there are; looks through the names of all until it has them.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn candidates(
        &self,
        may: &Granted<AccessManage, Project>,
        query: Option<Box<str>>,
        limit: Limit,
    ) -> Result<Vec<CandidateRow>, DirectoryError> {
        let project = may.node().id();
        let read = move |tx: &mut dyn Tx| {
            let next = |last: Option<&Row>, limit| {
                let after = last.map_or(("", ""), |last| (&*last.kind, &*last.key));
                to_add(tx, project, after, limit)
            };
            let words = Words::of(query.as_deref());
            let found = filled(limit, next, |row| words.are_in(&[&row.name, &row.title]))?;
            let shown = found.into_iter().map(|row| CandidateRow {
                reference: format!("{}:{}", row.kind, row.name).into(),
                title: row.title,
            });
            Ok(shown.collect())
        };
        Ok(self.database.read(read).await?)
    }
}

fn to_add(
    tx: &mut dyn Tx,
    project: ProjectId,
    (kind, key): (&str, &str),
    limit: u32,
) -> Result<Vec<Row>, Error> {
    if kind == TEAM {
        return rows::teams_to_add(tx, project, key, limit);
    }
    let mut found = rows::principals_to_add(tx, project, (kind, key), limit)?;
    let room = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(limit));
    if room > 0 {
        found.extend(rows::teams_to_add(tx, project, "", room)?);
    }
    Ok(found)
}
