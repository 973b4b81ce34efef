#[cfg(not(loom))]
use std::collections::{VecDeque, hash_map::Entry};
use std::sync::Arc;

use domain::Timestamp;

use super::{Model, Touched};
use crate::class::{CLASSES, Class, is_class_subject};
use crate::ids::{IdMap, IdSet, sorted};

/// Which teams a subject is in at a moment, transitively. Remembers what it found for each team, so it serves one compilation only.
#[derive(Debug)]
pub(crate) struct Closure<'a> {
    model: &'a Model,
    at: Timestamp,
    above: IdMap<Arc<[u32]>>,
}

/// How a principal comes to each team it is in: from which subject, by a shortest way.
#[cfg(not(loom))]
#[derive(Debug)]
pub(crate) struct Reach {
    principal: u32,
    /// What is begun with comes from itself.
    from: IdMap<u32>,
}

/// Per class: the computed teams and every team they are in, ascending.
pub(crate) type ClassSubjects = [Vec<u32>; CLASSES];

impl<'a> Closure<'a> {
    /// At the present moment of the model, or a later one.
    pub(crate) fn new(model: &'a Model, at: Timestamp) -> Self {
        Self { model, at, above: IdMap::default() }
    }

    /// The row of a principal: itself and every team it is in, other than through the computed teams, ascending.
    ///
    /// A project's computed team is left out while no grant names it: a team that is `project-member` of thousands of
    /// projects would otherwise put all of them into the row of each of its members, to no effect.
    pub(crate) fn subjects_of(&mut self, principal: u32) -> Vec<u32> {
        let mut subjects = vec![principal];
        let model = self.model;
        for team in model.containers_of(principal, self.at) {
            subjects.extend_from_slice(&self.above(team));
        }
        sorted(subjects)
    }

    /// The same for each class of principals.
    pub(crate) fn class_subjects(&mut self) -> ClassSubjects {
        Class::ALL.map(|class| {
            let roots = class.roots().iter().copied();
            sorted(
                roots
                    .flat_map(|root| self.above(root).to_vec())
                    .chain(class.roots().iter().copied())
                    .collect(),
            )
        })
    }

    /// A subject's teams and itself. Teams may contain each other in a circle.
    fn above(&mut self, subject: u32) -> Arc<[u32]> {
        if let Some(known) = self.above.get(&subject) {
            return Arc::clone(known);
        }
        let mut seen = IdSet::default();
        let mut open = vec![subject];
        while let Some(one) = open.pop() {
            if seen.insert(one) {
                open.extend(self.model.containers_of(one, self.at));
            }
        }
        let found: Vec<u32> = seen.into_iter().filter(|one| self.model.is_kept(*one)).collect();
        let found: Arc<[u32]> = sorted(found).into();
        self.above.insert(subject, Arc::clone(&found));
        found
    }
}

#[cfg(not(loom))]
impl Reach {
    /// Whether the principal is, or is in, this subject.
    pub(super) fn has(&self, subject: u32) -> bool {
        self.from.contains_key(&subject)
    }

    /// The teams between the principal and a subject, from the principal's side; `None` if it is not reached.
    pub(crate) fn between(&self, subject: u32) -> Option<Vec<u32>> {
        let mut teams = Vec::new();
        let mut one = subject;
        loop {
            let from = *self.from.get(&one)?;
            if one != subject && one != self.principal {
                teams.push(one);
            }
            if from == one {
                teams.reverse();
                return Some(teams);
            }
            one = from;
        }
    }
}

impl Model {
    /// How a principal of a class comes to every team it is in now, be it as nobody in particular.
    #[cfg(not(loom))]
    pub(crate) fn reach(&self, principal: u32, class: Class) -> Reach {
        let mut from = IdMap::default();
        let roots = [principal].into_iter().chain(class.roots().iter().copied());
        let roots = roots.chain(Class::Anonymous.roots().iter().copied());
        let mut open: VecDeque<(u32, u32)> = roots.map(|root| (root, root)).collect();
        while let Some((subject, parent)) = open.pop_front() {
            if let Entry::Vacant(entry) = from.entry(subject) {
                entry.insert(parent);
                open.extend(self.containers_of(subject, self.now).map(|team| (team, subject)));
            }
        }
        Reach { principal, from }
    }

    /// Finds everybody at or below the touched subjects.
    pub(super) fn spread(&self, touched: &mut Touched) {
        let mut seen = IdSet::default();
        let mut open: Vec<u32> = touched.take_subjects().into_iter().collect();
        while let Some(subject) = open.pop() {
            if !seen.insert(subject) {
                continue;
            }
            if is_class_subject(subject) {
                touched.classes = true;
            } else if self.principals.contains_key(&subject) {
                touched.principals.insert(subject);
            }
            open.extend_from_slice(self.members.get(&subject).map_or(&[], Vec::as_slice));
            for project in self.team_projects.get(&subject).map_or(&[][..], Vec::as_slice) {
                open.extend_from_slice(self.holders.get(project).map_or(&[], Vec::as_slice));
            }
        }
    }

    fn containers_of(&self, subject: u32, at: Timestamp) -> impl Iterator<Item = u32> {
        let teams = self.containers.get(&subject).map_or(&[][..], Vec::as_slice);
        teams.iter().copied().filter(move |team| at <= self.now || self.is_in_for_so_long(subject, *team, at))
    }

    /// Whether a subject that is in a team now is in it at a later moment too: in the computed team of a project as long as a
    /// grant makes it a member there, in any other for good.
    fn is_in_for_so_long(&self, subject: u32, team: u32, at: Timestamp) -> bool {
        if self.members.get(&team).is_some_and(|members| members.binary_search(&subject).is_ok()) {
            return true;
        }
        self.team_projects.get(&team).into_iter().flatten().any(|project| {
            let mut grants = self.live_at(*project, at);
            grants.any(|grant| grant.subject.get() == subject && self.is_project_member(grant))
        })
    }

    fn is_kept(&self, subject: u32) -> bool {
        !self.team_projects.contains_key(&subject) || self.subject_grants.contains_key(&subject)
    }
}
