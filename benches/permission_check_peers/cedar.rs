//! The scenario for Cedar, in the two ways its guides show: one policy for each grant, and one policy for each action that
//! looks at attributes of the resource. The second is the quicker by far, as Cedar evaluates every policy that could apply.

use std::collections::{BTreeMap, HashMap, HashSet};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression,
};

use crate::scenario::{self, ACTIONS, Node, Question, Scenario};

pub(crate) struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
}

impl Cedar {
    /// `permit(principal in Group, action in […], resource in Project)`, one for each grant.
    pub(crate) fn with_a_policy_per_grant(scenario: &Scenario) -> Self {
        let mut policies = String::new();
        for ((group, node), actions) in &scenario.grants {
            let actions: Vec<String> =
                ACTIONS[..*actions].iter().map(|action| format!("Action::\"{action}\"")).collect();
            let resource = match node {
                Node::Project(number) => format!("in Project::\"{number}\""),
                Node::Repository(number) => format!("== Repository::\"{number}\""),
            };
            let actions = actions.join(", ");
            policies += &format!(
                "permit(principal in Group::\"{group}\", action in [{actions}], resource {resource});\n"
            );
        }
        let groups =
            (0..scenario::GROUPS).map(|group| Entity::new_no_attrs(uid("Group", group), HashSet::new()));
        let projects = (0..scenario::PROJECTS)
            .map(|number| Entity::new_no_attrs(uid("Project", number), HashSet::new()));
        let repositories = (0..).zip(&scenario.repositories).map(|(number, project)| {
            Entity::new_no_attrs(uid("Repository", number), HashSet::from([uid("Project", *project)]))
        });
        Self::new(&policies, users(scenario).chain(groups).chain(projects).chain(repositories))
    }

    /// Each node names, for each action, an entity above the groups that may: one policy for each action.
    pub(crate) fn with_attributes(scenario: &Scenario) -> Self {
        let policy = |action: &&str| {
            format!(
                "permit(principal, action == Action::\"{action}\", resource) when {{
                     principal in resource[\"{action}\"] || principal in resource.project[\"{action}\"]
                 }};\n"
            )
        };
        let policies: String = ACTIONS.iter().map(policy).collect();
        let mut above: BTreeMap<u32, HashSet<EntityUid>> = BTreeMap::new();
        for ((group, node), actions) in &scenario.grants {
            let holders = ACTIONS[..*actions].iter().map(|action| holders(*node, action));
            above.entry(*group).or_default().extend(holders);
        }
        let groups = (0..scenario::GROUPS)
            .map(|group| Entity::new_no_attrs(uid("Group", group), above.remove(&group).unwrap_or_default()));
        let nodes = (0..scenario::PROJECTS).map(|number| (Node::Project(number), None)).chain(
            (0..)
                .zip(&scenario.repositories)
                .map(|(number, project)| (Node::Repository(number), Some(*project))),
        );
        let nodes: Vec<Entity> = nodes
            .flat_map(|(node, project)| {
                let holders =
                    ACTIONS.map(|action| Entity::new_no_attrs(holders(node, action), HashSet::new()));
                std::iter::once(with_holders(node, project)).chain(holders)
            })
            .collect();
        let groups: Vec<Entity> = groups.collect();
        Self::new(&policies, users(scenario).chain(groups).chain(nodes))
    }

    pub(crate) fn asked(question: Question) -> Request {
        let action =
            EntityUid::from_type_name_and_id(type_name("Action"), EntityId::new(ACTIONS[question.action]));
        let (user, repository) = (uid("User", question.user), uid("Repository", question.repository));
        Request::new(user, action, repository, Context::empty(), None).expect("no schema to break")
    }

    pub(crate) fn allows(&self, asked: &Request) -> bool {
        self.authorizer.is_authorized(asked, &self.policies, &self.entities).decision() == Decision::Allow
    }

    fn new(policies: &str, entities: impl Iterator<Item = Entity>) -> Self {
        Self {
            authorizer: Authorizer::new(),
            policies: policies.parse().expect("policies"),
            entities: Entities::from_entities(entities, None).expect("entities"),
        }
    }
}

fn users(scenario: &Scenario) -> impl Iterator<Item = Entity> {
    let mut parents: HashMap<u32, HashSet<EntityUid>> = HashMap::new();
    for (group, users) in (0..).zip(&scenario.groups) {
        for user in users {
            parents.entry(*user).or_default().insert(uid("Group", group));
        }
    }
    (0..scenario::USERS)
        .map(move |user| Entity::new_no_attrs(uid("User", user), parents.remove(&user).unwrap_or_default()))
}

fn with_holders(node: Node, project: Option<u32>) -> Entity {
    let mut attributes: HashMap<String, RestrictedExpression> = ACTIONS
        .iter()
        .map(|action| ((*action).to_owned(), RestrictedExpression::new_entity_uid(holders(node, action))))
        .collect();
    let own = match node {
        Node::Project(number) => uid("Project", number),
        Node::Repository(number) => uid("Repository", number),
    };
    if let Some(project) = project {
        attributes
            .insert("project".to_owned(), RestrictedExpression::new_entity_uid(uid("Project", project)));
    }
    Entity::new(own, attributes, HashSet::new()).expect("attributes")
}

fn holders(node: Node, action: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(type_name("Holders"), EntityId::new(format!("{node:?} {action}")))
}

fn uid(kind: &str, number: u32) -> EntityUid {
    EntityUid::from_type_name_and_id(type_name(kind), EntityId::new(number.to_string()))
}

fn type_name(kind: &str) -> EntityTypeName {
    kind.parse().expect("a type name")
}
