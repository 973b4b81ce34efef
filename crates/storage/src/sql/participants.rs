//! Statements about who takes part in a project: whoever has a grant on it or on a repository of it, but for `anyone`.

use domain::{ProjectId, SubjectId};

use super::row::{row, select};
use super::{Tx, rows};
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

/// Participants by kind and folded name, after those of `after`; of a role, unless that is empty.
pub(crate) fn participants_after(
    tx: &mut dyn Tx,
    project: ProjectId,
    role: &str,
    (kind, key): (&str, &str),
    limit: u32,
) -> Result<Vec<ParticipantRow>, Error> {
    let sql = select!(
        ParticipantRow,
        "FROM (SELECT DISTINCT g.subject AS id FROM \"grant\" g LEFT JOIN role r ON r.id = g.role \
         WHERE (g.node = $1 OR g.node IN (SELECT node FROM repository WHERE project = $2)) AND g.subject <> 1 \
         AND ($3 = '' OR r.name = $4)) s \
         LEFT JOIN principal p ON p.subject = s.id LEFT JOIN team t ON t.subject = s.id \
         WHERE (coalesce(p.kind, 'team'), coalesce(p.name_key, t.name_key)) > ($5, $6) ORDER BY 2, 3 LIMIT $7"
    );
    let project = project.get();
    let values =
        [project.into(), project.into(), role.into(), role.into(), kind.into(), key.into(), limit.into()];
    rows(tx, sql, &values, Ok)
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
