//! A file that is the truth, for a caller: planned inside a transaction that is taken back, and applied as it was planned or not at
//! all (docs/api.md 5).

use std::sync::Arc;

use domain::{
    Acting, Algorithm, Format, FormatPolicy, Login, NodeId, Permission, Permissions, PolicyChange, Preview,
    PrincipalId, SubjectId, TeamId,
};
use tokio::task::spawn_blocking;

use super::apply::{self, BOOTSTRAP};
use super::change::{Author, Change};
use super::event::{Document, Event, ObjectKind, Turn};
use super::lines::{PlanLine, PlanSign, PlanWhy};
use super::merge::{Merge, Rights, Truth};
use super::plan::{Applied, Plan, TestSpec};
use super::{Directory, InForce, names, objects};
use crate::error::{DirectoryError, Error};
use crate::hashing::digest_of;
use crate::sql::organisation::organisation;
use crate::sql::records::ChangedKind;
use crate::sql::{Tx, nodes};

/// Most effects that are told.
const EFFECTS_MAX: usize = 200;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct PlanAsked {
    /// Whose memory it is; the name of the organisation where none is given.
    pub source: Option<Box<str>>,
    /// What is to be.
    pub plan: Plan,
    /// How it is applied.
    pub truth: Truth,
}

/// What a plan is recognised by: SHA-256 over source and lines, in hexadecimal digits.
pub type PlanDigest = Box<str>;

/// A plan, worked out.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Whose memory it is.
    pub source: Box<str>,
    /// Of all lines.
    pub digest: PlanDigest,
    /// In the order of the file.
    pub lines: Vec<PlanLine>,
    /// Who gains or loses what, at most 200.
    pub effects: Vec<EffectLine>,
    /// Whether there are more.
    pub more_effects: bool,
    /// Client IDs of applications that are made and name none; they may be others when it is worked out again.
    pub client_ids: Vec<(Box<str>, Login)>,
    /// How many tests there are.
    pub tests: usize,
    /// Those that are not so.
    pub failed: Vec<FailedTest>,
}

/// What somebody gains or loses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectLine {
    /// `member:dora`, or `team:anyone`, `team:everyone`, `team:org-members`.
    pub who: Box<str>,
    /// There and below.
    pub on: Box<str>,
    /// What is new.
    pub gains: Permissions,
    /// What is gone.
    pub loses: Permissions,
}

/// A test that is not so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedTest {
    /// Which one, counted from 0.
    pub index: usize,
    /// What is other than it says.
    pub why: Box<str>,
}

/// Why a plan is not applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// It is another one than was expected.
    Changed,
    /// The caller may not do all of it.
    Denied,
    /// Lines stand in the way.
    Conflict,
    /// A test is not so afterwards.
    TestFailed,
}

/// What comes out of the transaction that is taken back.
struct Outcome {
    applied: Applied,
    changes: Vec<PolicyChange>,
    preview: Option<Box<dyn Preview>>,
    tests: Vec<TestAt>,
    /// Those who are not there outside of it, by id.
    made: Vec<(u32, Box<str>)>,
}

/// Whom and what a test is about; `None` for what is not there.
type TestAt = (Option<PrincipalId>, Option<NodeId>);

/// What the caller may be told of others.
struct Sees {
    /// Who is in which team, and so everybody.
    directory: bool,
    /// What each test says; else it is as if it were about nobody.
    tests: Vec<bool>,
}

impl Directory {
    /// Works out what applying a file would do; does nothing.
    ///
    /// # Errors
    /// What would fail whatever is asked besides: `Unknown`, `Refused` and `Forbidden` for what the file says that cannot be.
    pub async fn plan(&self, may: &Acting, asked: &PlanAsked) -> Result<Planned, DirectoryError> {
        Ok(self.planned(may, asked).await?.0)
    }

    /// Applies a file, all of it or nothing; `expect` is the plan that it has to be.
    ///
    /// # Errors
    /// As [`Self::plan`]; `Stale` if others change the same at the same time.
    pub async fn apply_plan(
        &self,
        may: &Acting,
        asked: &PlanAsked,
        expect: Option<&str>,
    ) -> Result<(Planned, Result<InForce, Obstacle>), DirectoryError> {
        let (planned, author, administers) = self.planned(may, asked).await?;
        if let Some(obstacle) = planned.obstacle(expect) {
            return Ok((planned, Err(obstacle)));
        }
        let (policies, asked) = (Arc::clone(&self.policies), asked.clone());
        let (source, digest) = (planned.source.clone(), planned.digest.clone());
        let store = move |change: &mut Change<'_>| {
            // Every right was asked, in the version that has not been overtaken, and the lines are the same.
            let mut merge = Merge::new(change, &source, Some(asked.truth), None)?;
            merge.maker_administers = administers;
            apply::apply(&mut merge, &policies, &asked.plan)?;
            let lines = merge.finish()?.lines;
            if digest_of_lines(&source, &lines)? != digest {
                return Err(Error::Stale);
            }
            if change.changed == 0 {
                return Ok(());
            }
            let (kind, node) = (ObjectKind::Organisation, NodeId::ORGANISATION);
            let object = node.get().into();
            let turn = Turn::Made(Document::default().with("source", &*source).with("digest", &*digest));
            change.happened(&Event {
                action: "plan.apply",
                node,
                kind,
                object,
                name: &source,
                of: None,
                turn,
            })
        };
        let force = self.change(author, store).await?.1;
        Ok((planned, Ok(force)))
    }

    /// The policy that a document says, of a format.
    ///
    /// # Errors
    /// `Refused` if there is no such format, or it is no policy of it.
    pub fn read_policy(&self, format: Format, document: &str) -> Result<FormatPolicy, DirectoryError> {
        Ok(self.policies.asked(format, document)?)
    }

    /// The plan, who makes it, and whether they get a grant on projects that it makes.
    async fn planned(&self, may: &Acting, asked: &PlanAsked) -> Result<(Planned, Author, bool), Error> {
        let source = self.source(asked).await?;
        let (point, facts) = self.policy_facts().await?;
        let (acting, limits) = (may.clone(), may.limits().clone());
        let prospect = aside(move || acting.prospect(facts)).await?;
        let rights = Rights::new(prospect, limits, may.principal());
        let administers = rights.administers_what_it_makes();
        let author = Author::acting(may).trusting(point.version);
        let (policies, asked, name) = (Arc::clone(&self.policies), asked.clone(), source.clone());
        let work = move |change: &mut Change<'_>| {
            let mut merge = Merge::new(change, &name, Some(asked.truth), Some(rights))?;
            apply::apply(&mut merge, &policies, &asked.plan)?;
            let sees = sees(&mut merge, &asked.plan.tests)?;
            let preview = merge.rights.take().map(|rights| rights.prospect.into_preview());
            let applied = merge.finish()?;
            let outcome = outcome(change, applied, preview, &asked.plan.tests)?;
            Ok((outcome, sees, asked.plan))
        };
        let rehearsal = self.rehearsing();
        let (outcome, sees, plan) = rehearsal.change(author.clone(), work).await?.0;
        let digest = digest_of_lines(&source, &outcome.applied.lines)?;
        let Outcome { applied, changes, preview, tests: at, made } = outcome;
        let (tests, may_ask) = (plan.tests.clone(), sees.tests);
        let Applied { client_ids_made: client_ids, lines, .. } = applied;
        let judged = aside(move || {
            let Some(mut preview) = preview else { return (Vec::new(), false, Vec::new()) };
            preview.change(changes);
            let (effects, more) = preview.effects(EFFECTS_MAX);
            let judged = judge_all(&*preview, &tests, &at).into_iter().zip(may_ask);
            let judged = judged.map(|(why, may)| if may { why } else { Some(UNASKED.into()) });
            (effects, more, judged.collect())
        });
        let (effects, more, failed): (_, bool, Vec<Option<Box<str>>>) = judged.await?;
        let tests = failed.len();
        let failed = failed.into_iter().enumerate();
        let failed = failed.filter_map(|(index, why)| Some(FailedTest { index, why: why? })).collect();
        let mut effects = self.told(effects, made).await?;
        let all = effects.len();
        // Who is in a team is nobody's business who may not see the directory.
        effects.retain(|effect| sees.directory || is_named(&plan, &effect.who));
        let more_effects = more || effects.len() < all;
        let planned = Planned { source, digest, lines, effects, more_effects, client_ids, tests, failed };
        Ok((planned, author, administers))
    }

    async fn source(&self, asked: &PlanAsked) -> Result<Box<str>, Error> {
        match &asked.source {
            Some(source) if **source == *BOOTSTRAP => {
                Err(Error::refused("the source `bootstrap` is the file that the gateway starts with"))
            }
            Some(source) => Ok(source.clone()),
            None => Ok(self.database.point(organisation).await?.name),
        }
    }

    /// Effects by the names of whom and what they are about.
    async fn told(
        &self,
        effects: Vec<domain::Effect>,
        made: Vec<(u32, Box<str>)>,
    ) -> Result<Vec<EffectLine>, Error> {
        let read = move |tx: &mut dyn Tx| {
            let name = |id: u32| made.iter().find(|(known, _)| *known == id).map(|(_, name)| name.clone());
            let mut told = Vec::with_capacity(effects.len());
            for effect in effects {
                let who = match name(effect.who.get()) {
                    Some(name) => name,
                    None => subject_name(tx, effect.who)?,
                };
                let node = effect.node.get();
                let on = match name(node_key(node)) {
                    Some(name) => name,
                    None => nodes::node_name(tx, effect.node)?.unwrap_or_default(),
                };
                let (gains, loses) = (effect.gains, effect.loses);
                told.push(EffectLine { who, on, gains, loses });
            }
            Ok(told)
        };
        self.database.read(read).await
    }
}

impl Planned {
    /// What stands in the way of applying it.
    #[must_use]
    pub fn obstacle(&self, expect: Option<&str>) -> Option<Obstacle> {
        let conflicts = || self.lines.iter().filter(|line| line.sign == PlanSign::Conflict);
        if expect.is_some_and(|expect| *expect != *self.digest) {
            return Some(Obstacle::Changed);
        }
        if conflicts().any(|line| matches!(line.why, PlanWhy::Denied(_))) {
            return Some(Obstacle::Denied);
        }
        if conflicts().next().is_some() {
            return Some(Obstacle::Conflict);
        }
        (!self.failed.is_empty()).then_some(Obstacle::TestFailed)
    }
}

/// Said of tests that ask for more than one may know.
const UNASKED: &str = "you may not ask this, or it does not exist";

/// Whether it is a team of everybody, or somebody the plan itself gives something.
fn is_named(plan: &Plan, who: &str) -> bool {
    who.starts_with("team:") || plan.grants.iter().any(|grant| grant.to.eq_ignore_ascii_case(who))
}

fn sees(merge: &mut Merge<'_, '_>, tests: &[TestSpec]) -> Result<Sees, Error> {
    let directory = merge.may("/", &[Permission::DirectoryView])?;
    let may = |test: &TestSpec| Ok(directory || merge.may(&test.on, &[Permission::AccessManage])?);
    Ok(Sees { directory, tests: tests.iter().map(may).collect::<Result<_, Error>>()? })
}

/// Whether a test is so in a matrix that is in force nowhere; what is other, if it is not.
fn judge_one(preview: &dyn Preview, test: &TestSpec, at: &TestAt) -> Option<Box<str>> {
    let TestSpec { who, on, may, may_not } = test;
    let (Some(principal), Some(node)) = at else {
        let absent = if at.0.is_none() { who } else { on };
        return Some(format!("{absent} does not exist").into());
    };
    let held = preview.would_hold(*principal, *node);
    let (lacks, has) = (may.difference(held), may_not.intersection(held));
    let words = |verb: &str, some: Permissions| {
        let words = (!some.is_empty()).then(|| names::words(some));
        words.map(|words| format!("{who} {verb} {words} on {on}"))
    };
    let told: Vec<String> = [words("may not", lacks), words("may", has)].into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join("; ").into())
}

fn judge_all(preview: &dyn Preview, tests: &[TestSpec], at: &[TestAt]) -> Vec<Option<Box<str>>> {
    tests.iter().zip(at).map(|(test, at)| judge_one(preview, test, at)).collect()
}

/// Judges tests where nothing else is changed.
///
/// # Errors
/// Only failures of the database.
pub async fn judge(
    directory: &Directory,
    preview: &dyn Preview,
    tests: &[TestSpec],
) -> Result<Vec<FailedTest>, DirectoryError> {
    let wanted = tests.to_vec();
    let at = directory.database.read(move |tx| tests_at(tx, &wanted)).await?;
    let judged = judge_all(preview, tests, &at).into_iter().enumerate();
    Ok(judged.filter_map(|(index, why)| Some(FailedTest { index, why: why? })).collect())
}

fn tests_at(tx: &mut dyn Tx, tests: &[TestSpec]) -> Result<Vec<TestAt>, Error> {
    let mut at = Vec::with_capacity(tests.len());
    for test in tests {
        let who = match names::subject(tx, &test.who) {
            Ok(names::Subject::Principal(row)) => Some(row.id),
            Ok(names::Subject::Team(row)) if row.id == TeamId::ANYONE => Some(PrincipalId::ANONYMOUS),
            Ok(names::Subject::Team(_)) | Err(Error::Unknown(_) | Error::Invalid(_)) => None,
            Err(error) => return Err(error),
        };
        let on = match names::node(tx, &test.on) {
            Ok(node) => Some(node.id),
            Err(Error::Unknown(_)) => None,
            Err(error) => return Err(error),
        };
        at.push((who, on));
    }
    Ok(at)
}

fn outcome(
    change: &mut Change<'_>,
    applied: Applied,
    preview: Option<Box<dyn Preview>>,
    tests: &[TestSpec],
) -> Result<Outcome, Error> {
    let (mut changes, mut made) = (Vec::new(), Vec::new());
    let mut marked = change.marked().to_vec();
    marked.sort_unstable_by_key(|(kind, object)| (kind.as_str(), *object));
    marked.dedup();
    for (kind, object) in marked {
        changes.extend(objects::policy_change(change.tx, kind, object)?);
        let Ok(id) = u32::try_from(object) else { continue };
        match kind {
            ChangedKind::Principal => {
                made.extend(named(names::subject_text(change.tx, SubjectId::new(id)), id))
            }
            ChangedKind::Project | ChangedKind::Repository => {
                let name = nodes::node_name(change.tx, NodeId::new(id))?;
                made.extend(name.map(|name| (node_key(id), name)));
            }
            _ => {}
        }
    }
    Ok(Outcome { applied, changes, preview, tests: tests_at(change.tx, tests)?, made })
}

fn named(name: Result<String, Error>, id: u32) -> Option<(u32, Box<str>)> {
    Some((id, name.ok()?.into()))
}

/// Ids of nodes and of subjects are drawn apart; nodes are kept under the upper half.
const fn node_key(node: u32) -> u32 {
    node | 1 << 31
}

fn subject_name(tx: &mut dyn Tx, subject: SubjectId) -> Result<Box<str>, Error> {
    Ok(names::subject_text(tx, subject)?.into())
}

fn digest_of_lines(source: &str, lines: &[PlanLine]) -> Result<PlanDigest, Error> {
    let mut text = format!("{source}\n");
    for line in lines {
        let PlanLine { sign, object, field, before, after, why, last: _, widens: _ } = line;
        text.push_str(&format!("{} {object:?} {field:?} {before:?} {after:?} {why:?}\n", sign.as_str()));
    }
    Ok(digest_of(Algorithm::Sha256, &text.into())?.hex().into())
}

/// Work that takes long and waits for nobody.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    spawn_blocking(work).await.map_err(|stopped| Error::unavailable("working out a plan", stopped))
}
