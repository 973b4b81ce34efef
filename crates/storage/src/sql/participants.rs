//! Statements about who takes part in a project: whoever has a grant on it or on a repository of it, but for `anyone`.

use domain::{ProjectId, SubjectId};

use super::row::{row, select};
use super::{Tx, Value, rows, rows_while};
use crate::error::Error;

/// Somebody, or a team, in a project.
#[derive(Debug, Clone)]
pub(crate) struct ParticipantRow {
    pub(crate) id: SubjectId,
    /// Of a principal, or `team`.
    pub(crate) kind: Box<str>,
    /// The folded name, by which lists go on.
    pub(crate) key: Box<str>,
    pub(crate) name: Box<str>,
    pub(crate) title: Box<str>,
}

row! {
    ParticipantRow {
        id: "s.id",
        kind: "coalesce(p.kind, 'team')",
        key: "coalesce(p.name_key, t.name_key)",
        name: "coalesce(p.name, t.name)",
        title: "coalesce(p.title, t.title)",
    }
}

/// Which participants.
pub(crate) struct ParticipantsAsked<'q> {
    pub(crate) project: ProjectId,
    /// Those with this role; all, if it is empty.
    pub(crate) role: &'q str,
    /// Those of this kind; all, if it is empty.
    pub(crate) kind: &'q str,
    /// This one alone.
    pub(crate) who: Option<SubjectId>,
    /// Kind and folded name behind which they begin.
    pub(crate) after: (&'q str, &'q str),
}

/// Participants by kind and folded name, the first so many; of those that are found, where not all are. All there are have to be put in
/// order for it: that is done once, however few are found.
pub(crate) fn participants(
    tx: &mut dyn Tx,
    asked: &ParticipantsAsked<'_>,
    most: usize,
    is_found: Option<&dyn Fn(&ParticipantRow) -> bool>,
) -> Result<Vec<ParticipantRow>, Error> {
    let sql = select!(
        ParticipantRow,
        "FROM (SELECT DISTINCT g.subject AS id FROM \"grant\" g LEFT JOIN role r ON r.id = g.role \
         WHERE (g.node = $1 OR g.node IN (SELECT node FROM repository WHERE project = $1)) AND g.subject <> 1 \
         AND (CAST($2 AS TEXT) = '' OR r.name = $2) AND (CAST($3 AS BIGINT) < 0 OR g.subject = $3)) s \
         LEFT JOIN principal p ON p.subject = s.id LEFT JOIN team t ON t.subject = s.id \
         WHERE (coalesce(p.kind, 'team'), coalesce(p.name_key, t.name_key)) > ($4, $5) \
         AND (CAST($6 AS TEXT) = '' OR coalesce(p.kind, 'team') = $6) ORDER BY 2, 3 LIMIT $7"
    );
    let who = asked.who.map_or(Value::Int(-1), |who| who.get().into());
    let (kind, key) = asked.after;
    let looked_at = if is_found.is_some() { i64::MAX } else { i64::try_from(most).unwrap_or(i64::MAX) };
    let values = [
        asked.project.get().into(),
        asked.role.into(),
        who,
        kind.into(),
        key.into(),
        asked.kind.into(),
        looked_at.into(),
    ];
    let mut found = Vec::new();
    rows_while(tx, sql, &values, |row| {
        found.extend(Some(row).filter(|row| is_found.is_none_or(|is_found| is_found(row))));
        Ok(found.len() < most)
    })?;
    Ok(found)
}

/// Principals who could be added to a project, by kind and folded name, after those of `after`: nobody who is suspended or has a grant
/// on it, and no application that goes with a publisher, which is of its project and named after it.
pub(crate) fn principals_to_add(
    tx: &mut dyn Tx,
    project: ProjectId,
    (kind, key): (&str, &str),
    limit: u32,
) -> Result<Vec<ParticipantRow>, Error> {
    let sql = select!(
        ParticipantRow,
        "FROM (SELECT c.subject AS id FROM principal c \
         WHERE c.kind <> 'anonymous' AND c.suspended = 0 AND (c.kind, c.name_key) > ($1, $2) \
         AND NOT EXISTS (SELECT 1 FROM \"grant\" g WHERE g.subject = c.subject AND g.node = $3) \
         AND NOT EXISTS (SELECT 1 FROM publisher u WHERE u.application = c.subject AND u.own_application = 1) \
         ORDER BY c.kind, c.name_key LIMIT $4) s \
         JOIN principal p ON p.subject = s.id LEFT JOIN team t ON t.subject = s.id ORDER BY 2, 3"
    );
    rows(tx, sql, &[kind.into(), key.into(), project.get().into(), limit.into()], Ok)
}

/// Teams that could be added to a project, by folded name, after `after`: none that has a grant on it, not `anyone`, and none that is
/// computed for a project, which is named after it.
pub(crate) fn teams_to_add(
    tx: &mut dyn Tx,
    project: ProjectId,
    after: &str,
    limit: u32,
) -> Result<Vec<ParticipantRow>, Error> {
    let sql = select!(
        ParticipantRow,
        "FROM (SELECT c.subject AS id FROM team c \
         WHERE c.subject <> 1 AND c.project IS NULL AND c.name_key > $1 \
         AND NOT EXISTS (SELECT 1 FROM \"grant\" g WHERE g.subject = c.subject AND g.node = $2) \
         ORDER BY c.name_key LIMIT $3) s \
         JOIN team t ON t.subject = s.id LEFT JOIN principal p ON p.subject = s.id ORDER BY 2, 3"
    );
    rows(tx, sql, &[after.into(), project.get().into(), limit.into()], Ok)
}

/// How many participants have each role, by its name; without one, who has permissions of their own.
pub(crate) fn counted(tx: &mut dyn Tx, project: ProjectId) -> Result<Vec<(Box<str>, u64)>, Error> {
    rows(
        tx,
        "SELECT coalesce(r.name, ''), count(DISTINCT g.subject) FROM \"grant\" g LEFT JOIN role r ON r.id = g.role \
         WHERE (g.node = $1 OR g.node IN (SELECT node FROM repository WHERE project = $2)) AND g.subject <> 1 \
         GROUP BY coalesce(r.name, '') ORDER BY 1",
        &[project.get().into(), project.get().into()],
        |row| Ok((row.text(0)?.into(), row.count(1)?)),
    )
}
