use std::collections::BTreeSet;
use std::sync::Arc;

use domain::System;

use super::Directory;
use super::change::{Author, Change};
use super::declared::Declared;
use super::merge::Merge;
use super::object::{Named, Object};
use super::plan::{Applied, Plan};
use crate::error::{DirectoryError, Error};
use crate::policy_cache::PolicyCache;
use crate::sql::{self, Tx, declared};

mod left;
mod machines;
mod nodes;
mod people;
mod teams;
mod tokens;
mod webhooks;

/// What memory calls the file that a gateway starts with.
pub(super) const BOOTSTRAP: &str = "bootstrap";
/// The field of memory that has the hash of a person's password.
const PASSWORD: &str = "password";

impl Directory {
    /// Brings what a plan names to the state it says, in one transaction, as far as nobody else changed it since the plan before;
    /// applying it again changes nothing.
    ///
    /// # Errors
    /// `Refused` with the name as the plan gives it, and nothing is applied.
    pub async fn apply(&self, system: &System, plan: Plan) -> Result<Applied, DirectoryError> {
        let policies = Arc::clone(&self.policies);
        let run = move |change: &mut Change<'_>| {
            let mut merge = Merge::new(change, BOOTSTRAP, None, None)?;
            apply(&mut merge, &policies, &plan)?;
            merge.finish()
        };
        Ok(self.change(Author::system(system), run).await?.0)
    }

    /// What is remembered of the plan before: whether a password is still the one it was is found out before the plan is applied,
    /// because it takes long; and what it referred to may be gone by now.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn remembered(&self, _system: &System) -> Result<Remembered, DirectoryError> {
        let read = |tx: &mut dyn Tx| {
            let all = declared::of_source(tx, BOOTSTRAP)?.into_iter();
            let passwords = all.filter(|one| &*one.field == PASSWORD);
            let passwords = passwords.map(|one| (one.object, one.value)).collect();
            let declared = Declared::load(tx, BOOTSTRAP)?;
            Ok(Remembered { passwords, names: declared.referred(), objects: objects(tx, &declared)? })
        };
        Ok(self.database.read(read).await?)
    }
}

/// What is remembered of the file that a gateway started with before.
#[derive(Debug, Default)]
pub struct Remembered {
    /// The hashes of the passwords that it gave, each with its person, such as `member:alice`.
    pub passwords: Vec<(Box<str>, Box<str>)>,
    /// Subjects and nodes that it referred to, in lower case; they may be gone.
    pub names: BTreeSet<String>,
    /// Issuers and webhooks that are there, or that it named: `issuer github`, `webhook ci on alpha/jars`.
    pub objects: BTreeSet<String>,
}

fn objects(tx: &mut dyn Tx, declared: &Declared) -> Result<BTreeSet<String>, Error> {
    let named = declared.objects().into_iter().map(|(name, _)| name.into_string());
    let mut objects: BTreeSet<String> = named
        .filter(|name| matches!(Named::parse(name), Some(Named::Issuer(_) | Named::Webhook { .. })))
        .collect();
    objects.extend(sql::issuers::after(tx, "", u32::MAX)?.iter().map(|row| Object::issuer(&row.name).name));
    for (node, name) in sql::webhooks::names(tx)? {
        let on = sql::nodes::node_name(tx, node)?;
        objects.extend(on.map(|on| Object::webhook(&name, &on).name));
    }
    Ok(objects)
}

pub(super) fn apply(merge: &mut Merge<'_, '_>, policies: &PolicyCache, plan: &Plan) -> Result<(), Error> {
    if let Some(spec) = &plan.organisation {
        nodes::organisation(merge, spec)?;
    }
    plan.issuers.iter().try_for_each(|spec| machines::issuer(merge, spec))?;
    for spec in &plan.projects {
        nodes::project(merge, policies, spec)?;
    }
    for spec in &plan.roles {
        nodes::organisation_role(merge, spec)?;
    }
    for spec in &plan.persons {
        people::person(merge, spec)?;
    }
    for spec in &plan.applications {
        people::application(merge, spec)?;
    }
    // Teams first, members after: they may name each other.
    for spec in &plan.teams {
        teams::make(merge, spec)?;
    }
    teams::all_members(merge, &plan.teams)?;
    // Those with an application of their own first: the plan may give that more. An application that one names takes part by a grant.
    publishers(merge, plan, true)?;
    plan.grants.iter().try_for_each(|spec| teams::grant(merge, spec))?;
    publishers(merge, plan, false)?;
    plan.all_webhooks().iter().try_for_each(|(on, spec)| webhooks::webhook(merge, on, spec))?;
    if !merge.is_seed() {
        left::others(merge, plan)?;
        left::own(merge)?;
    }
    Ok(())
}

fn publishers(merge: &mut Merge<'_, '_>, plan: &Plan, own: bool) -> Result<(), Error> {
    for project in &plan.projects {
        // One that is gone, or that the caller may not see, took its rules along.
        let Some(row) = sql::nodes::project(merge.change.tx, &project.key)? else { continue };
        if merge.is_gone(&Object::project(&project.key)) {
            continue;
        }
        for spec in project.publishers.iter().filter(|spec| spec.wanted.application.is_none() == own) {
            machines::publisher(merge, (row.id, &row.key), spec)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
