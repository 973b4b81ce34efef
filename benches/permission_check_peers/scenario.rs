//! What all three can say: users in groups, groups granted actions on projects and on repositories in projects. Small
//! enough for the slowest.

use std::collections::BTreeMap;

/// How large it is.
pub(crate) const USERS: u32 = 1_000;
pub(crate) const GROUPS: u32 = 100;
pub(crate) const GROUPS_PER_USER: u32 = 5;
pub(crate) const PROJECTS: u32 = 20;
pub(crate) const REPOSITORIES: u32 = 200;
pub(crate) const GRANTS: u32 = 600;

/// The actions, weakest first; who has one has those before it, so nobody publishes without reading.
pub(crate) const ACTIONS: [&str; 4] = ["read", "publish", "overwrite", "delete-package"];

/// Users, groups, projects and repositories are numbers here; each engine names them in its own way.
pub(crate) struct Scenario {
    /// Group → users.
    pub(crate) groups: Vec<Vec<u32>>,
    /// Repository → project.
    pub(crate) repositories: Vec<u32>,
    /// (Group, node) → how many of the actions.
    pub(crate) grants: BTreeMap<(u32, Node), usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Node {
    Project(u32),
    Repository(u32),
}

/// May this user do this there?
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    pub(crate) user: u32,
    pub(crate) action: usize,
    pub(crate) repository: u32,
}

/// Numbers that look random and never change.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(end)).expect("below a u32")
    }
}

impl Scenario {
    pub(crate) fn new() -> Self {
        let mut dice = Dice(1);
        let mut groups = vec![Vec::new(); as_index(GROUPS)];
        for user in 0..USERS {
            for _ in 0..GROUPS_PER_USER {
                groups[as_index(dice.below(GROUPS))].push(user);
            }
        }
        for users in &mut groups {
            users.sort_unstable();
            users.dedup();
        }
        let repositories = (0..REPOSITORIES).map(|_| dice.below(PROJECTS)).collect();
        let mut grants = BTreeMap::new();
        while grants.len() < as_index(GRANTS) {
            // One grant in six is for a whole project.
            let node = match dice.below(6) {
                0 => Node::Project(dice.below(PROJECTS)),
                _ => Node::Repository(dice.below(REPOSITORIES)),
            };
            grants.insert((dice.below(GROUPS), node), 1 + as_index(dice.below(4)));
        }
        Self { groups, repositories, grants }
    }
}

pub(crate) fn questions(count: u32) -> Vec<Question> {
    let mut dice = Dice(2);
    let question = |_| Question {
        user: dice.below(USERS),
        action: as_index(dice.below(4)),
        repository: dice.below(REPOSITORIES),
    };
    (0..count).map(question).collect()
}

pub(crate) fn as_index(number: u32) -> usize {
    usize::try_from(number).expect("an index")
}
