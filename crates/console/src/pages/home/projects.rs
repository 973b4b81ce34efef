//! Projects that are mine, with what I am in them.

use api::Fault;
use api::projects::{ListProjects, Project};
use api::rights::{ListMyRights, RightsThere};
use domain::Permission;

use crate::visit::Visit;

/// Projects that are shown.
const ROWS: &str = "12";
/// Places that roles are looked for in: as many as there may be before the last of those projects, for most people.
const PLACES: &str = "100";

/// A project with what who looks is in it.
pub(super) struct Mine {
    pub(super) project: Project,
    /// Roles that were given there, or in their place what comes of what was given elsewhere, in a word.
    pub(super) role: String,
}

/// The first of the projects that who looks may know of.
pub(super) async fn of(visit: &Visit<'_>) -> Result<Vec<Mine>, Fault> {
    let projects = visit.read::<ListProjects>(&[], &[("limit", ROWS.into())]).await?.items;
    if projects.is_empty() {
        return Ok(Vec::new());
    }
    let rights = visit.read::<ListMyRights>(&[], &[("limit", PLACES.into())]).await?.items;
    let mine = |project: Project| Mine { role: role(visit, &project, &rights), project };
    Ok(projects.into_iter().map(mine).collect())
}

fn role(visit: &Visit<'_>, project: &Project, rights: &[RightsThere]) -> String {
    let key = &project.about.key;
    let there = rights.iter().find(|there| there.on == *key);
    let ways = there.into_iter().flat_map(|there| &there.via).filter(|way| way.on == *key);
    let mut roles: Vec<&str> = ways.filter_map(|way| way.role.as_deref()).collect();
    roles.sort_unstable();
    roles.dedup();
    if !roles.is_empty() {
        return roles.join(", ");
    }
    let (t, held) = (&visit.t.home, project.about.my_permissions.0);
    let word = if held.contains(Permission::AccessManage) {
        t.administers
    } else if held.contains(Permission::Publish) {
        t.publishes
    } else if held.contains(Permission::Read) {
        t.reads
    } else {
        t.reads_some
    };
    word.to_owned()
}
