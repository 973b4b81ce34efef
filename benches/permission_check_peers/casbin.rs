//! The scenario for casbin: its model "RBAC with resource roles". Without its cache of decisions, which would answer from
//! before a change.

use casbin::prelude::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};
use tokio::runtime::Runtime;

use crate::scenario::{ACTIONS, Node, Question, Scenario};

const MODEL: &str = "
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[role_definition]
g = _, _
g2 = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.act == p.act && g2(r.obj, p.obj) && g(r.sub, p.sub)
";

pub(crate) struct Casbin(Enforcer);

impl Casbin {
    pub(crate) fn new(scenario: &Scenario, runtime: &Runtime) -> Self {
        let enforcer = runtime.block_on(async {
            let model = DefaultModel::from_str(MODEL).await?;
            let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await?;
            let mut policies = Vec::new();
            for ((group, node), actions) in &scenario.grants {
                for action in &ACTIONS[..*actions] {
                    policies.push(vec![format!("group-{group}"), name(*node), (*action).to_owned()]);
                }
            }
            enforcer.add_policies(policies).await?;
            let mut users = Vec::new();
            for (group, members) in scenario.groups.iter().enumerate() {
                users.extend(
                    members.iter().map(|user| vec![format!("user-{user}"), format!("group-{group}")]),
                );
            }
            enforcer.add_named_grouping_policies("g", users).await?;
            let within = (0..).zip(&scenario.repositories);
            let within = within
                .map(|(number, project)| vec![name(Node::Repository(number)), name(Node::Project(*project))])
                .collect();
            enforcer.add_named_grouping_policies("g2", within).await?;
            Ok::<_, casbin::Error>(enforcer)
        });
        Self(enforcer.expect("a model and its policies"))
    }

    pub(crate) fn asked(question: Question) -> [String; 3] {
        let repository = name(Node::Repository(question.repository));
        [format!("user-{}", question.user), repository, ACTIONS[question.action].to_owned()]
    }

    pub(crate) fn allows(&self, asked: &[String; 3]) -> bool {
        let [user, repository, action] = asked;
        self.0.enforce((user.as_str(), repository.as_str(), action.as_str())).expect("a decision")
    }
}

fn name(node: Node) -> String {
    match node {
        Node::Project(number) => format!("project-{number}"),
        Node::Repository(number) => format!("repository-{number}"),
    }
}
