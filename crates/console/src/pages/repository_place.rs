//! A repository, as the pages of its parts begin.

use api::Fault;
use api::repositories::{Repository, ShowRepository};
use domain::{Permission, Permissions};

use crate::caller::UNCOUNTED;
use crate::frame::{Crumb, Tab};
use crate::visit::Visit;

/// A part of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// What is in it.
    Packages,
    /// Who has rights on it.
    Access,
    /// What was fetched of it and made in it.
    Usage,
    /// What happened at it and in it.
    Audit,
    /// What it is, and its policy.
    Settings,
}

/// A repository with the way to one of its parts.
pub(super) struct Place {
    pub(super) shown: Repository,
    /// What it is told apart by.
    pub(super) etag: String,
    pub(super) crumbs: Vec<Crumb>,
    pub(super) tabs: Vec<Tab>,
}

impl Place {
    /// The repository that the address begins with, for who may see this part of it.
    ///
    /// # Errors
    /// As `GET /repositories/{project}/{repository}` answers; `Denied` for a part that who looks may not see.
    pub(super) async fn of(visit: &Visit<'_>, part: Part) -> Result<Self, Fault> {
        let names = [visit.name(0), visit.name(1)];
        let told = visit.show::<ShowRepository>(&names, UNCOUNTED).await?;
        let (shown, etag) = (told.answer, told.etag);
        let tabs = tabs(visit, &shown, part);
        let path = &shown.about.path;
        let (project, name) = path.split_once('/').unwrap_or((path, ""));
        let mut crumbs = vec![
            Crumb::projects(visit),
            Crumb { text: project.to_owned(), href: Some(format!("/p/{project}")) },
            Crumb { text: name.to_owned(), href: Some(format!("/p/{path}")) },
        ];
        let current = tabs.iter().find(|tab| tab.current);
        let current = current.ok_or(Fault::Told(
            api::Code::Denied,
            "it does not exist, or you may not do this there".into(),
        ))?;
        crumbs.push(Crumb { text: current.text.to_owned(), href: None });
        Ok(Self { shown, etag, crumbs, tabs })
    }

    /// Project and name.
    pub(super) fn path(&self) -> &str {
        &self.shown.about.path
    }

    /// What who looks may do there.
    pub(super) fn held(&self) -> Permissions {
        self.shown.about.my_permissions.map_or(Permissions::NONE, |rights| rights.0)
    }
}

/// The parts of a repository, as far as who looks may see them.
pub(super) fn tabs(visit: &Visit<'_>, shown: &Repository, part: Part) -> Vec<Tab> {
    let t = visit.t;
    let href = format!("/p/{}", shown.about.path);
    let held = shown.about.my_permissions.map_or(Permissions::NONE, |rights| rights.0);
    let sets = held.contains(Permission::RepositorySettings) || held.contains(Permission::RepositoryDelete);
    let parts = [
        (Part::Packages, t.settings.packages, "", true),
        (Part::Access, t.common.access, "/-/access", held.contains(Permission::AccessManage)),
        (Part::Usage, t.usage.title, "/-/usage", true),
        (Part::Audit, t.audit.title, "/-/audit", held.contains(Permission::AuditView)),
        (Part::Settings, t.settings.title, "/-/settings", sets),
    ];
    let tab = |(of, text, path, _): (Part, &'static str, &str, bool)| Tab {
        text,
        href: format!("{href}{path}"),
        count: None,
        current: of == part,
    };
    parts.into_iter().filter(|(.., may)| *may).map(tab).collect()
}
