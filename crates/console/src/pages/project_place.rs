//! A project, as the pages of its parts begin: where one is, and which parts there are for who looks.

use api::projects::{Project, ShowProject};
use api::{Code, Fault};
use domain::Permission;

use crate::frame::{Crumb, Tab};
use crate::visit::Visit;

/// A part of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// What is in it.
    Repositories,
    /// Who takes part.
    Participants,
    /// What each role may.
    Roles,
    /// Which machines get short-lived tokens in it.
    Publishers,
    /// What was fetched and made in it.
    Usage,
    /// What was done in it.
    Audit,
    /// What it is called, and who may read in it.
    Settings,
}

/// A project with the way to one of its parts.
pub(super) struct Place {
    pub(super) project: Project,
    pub(super) crumbs: Vec<Crumb>,
    pub(super) tabs: Vec<Tab>,
}

impl Place {
    /// The project that the address begins with.
    ///
    /// # Errors
    /// As `GET /projects/{project}` answers.
    pub(super) async fn of(visit: &Visit<'_>, part: Part) -> Result<Self, Fault> {
        let project = visit.read::<ShowProject>(&[visit.name(0)], &[]).await?;
        let tabs = tabs(visit, &project, part);
        let key = &project.about.key;
        let mut crumbs =
            vec![Crumb::projects(visit), Crumb { text: key.clone(), href: Some(format!("/p/{key}")) }];
        let current = tabs.iter().find(|tab| tab.current);
        crumbs.extend(current.map(|tab| Crumb { text: tab.text.to_owned(), href: None }));
        Ok(Self { project, crumbs, tabs })
    }

    /// One step further: a page that belongs to the part.
    pub(super) fn then(mut self, text: &str) -> Self {
        let part = self.tabs.iter().find(|tab| tab.current).map(|tab| tab.href.clone());
        if let Some(last) = self.crumbs.last_mut() {
            last.href = part;
        }
        self.crumbs.push(Crumb { text: text.to_owned(), href: None });
        self
    }

    /// Refuses a part that who looks may not see.
    ///
    /// # Errors
    /// `Denied`.
    pub(super) fn insist(&self) -> Result<(), Fault> {
        if self.tabs.iter().any(|tab| tab.current) {
            return Ok(());
        }
        Err(Fault::Told(Code::Denied, "it does not exist, or you may not do this there".into()))
    }

    /// Its key.
    pub(super) fn key(&self) -> &str {
        &self.project.about.key
    }
}

/// The parts of a project, as far as who looks may see them.
pub(super) fn tabs(visit: &Visit<'_>, project: &Project, part: Part) -> Vec<Tab> {
    let t = visit.t;
    let of = project.about.repositories_by_format.as_ref();
    let count = of.map(|of| visit.language.number(of.values().sum()));
    let href = format!("/p/{}", project.about.key);
    let current = part == Part::Repositories;
    let mut tabs = vec![Tab { text: t.projects.repositories, href: href.clone(), count, current }];
    let held = project.about.my_permissions.0;
    let manages = held.contains(Permission::AccessManage);
    let deletes = held.contains(Permission::RepositoryDelete) && manages;
    let sets = held.contains(Permission::RepositorySettings) || deletes;
    let further = [
        (Part::Participants, t.participants.title, "participants", manages),
        (Part::Roles, t.roles.title, "roles", manages),
        (Part::Publishers, t.publishers.title, "publishers", manages),
        (Part::Usage, t.usage.title, "usage", held.contains(Permission::AuditView)),
        (Part::Audit, t.audit.title, "audit", held.contains(Permission::AuditView)),
        (Part::Settings, t.settings.title, "settings", sets),
    ];
    tabs.extend(further.into_iter().filter(|(.., may)| *may).map(|(of, text, path, _)| Tab {
        text,
        href: format!("{href}/-/{path}"),
        count: None,
        current: of == part,
    }));
    tabs
}
