//! A file that is the truth: planned, applied, and applied again after administrators and others changed what it made.

use domain::{
    AccessManage, DirectoryManage, GrantedWhat, Permission, Permissions, PrincipalKind, RepositorySettings,
    Visibility,
};

use super::access::{everything, may, people, person, role};
use super::{stories, whatever};
use crate::testing::{Bench, Place, system};
use crate::{
    GrantSpec, InForce, Obstacle, Plan, PlanAsked, PlanSign, PlanWhy, Planned, Section, TeamSpec, TeamWanted,
    TestSpec, Truth,
};

stories! {
    a_plan_is_applied_as_it_was_shown_and_once
    what_was_closed_is_opened_only_when_told
    what_was_removed_comes_back_only_when_told
    what_was_there_before_is_taken_over_only_when_told
    what_left_the_file_goes_only_when_told
    what_is_whole_takes_what_others_made
    what_both_changed_is_forced_only_when_told
    every_triple_comes_to_what_the_table_says
    two_sources_do_not_undo_each_other
    a_test_stands_in_the_way
    an_export_changes_nothing_here_and_makes_the_same_elsewhere
}

/// Somebody who may do everything, and nothing else.
fn root() -> Plan {
    let mut plan = people();
    plan.persons.truncate(1);
    plan.teams.truncate(1);
    Plan { persons: plan.persons, teams: plan.teams, ..Plan::default() }
}

fn grant(to: &str, on: &str, what: crate::GrantedSpec) -> GrantSpec {
    GrantSpec { to: to.into(), on: on.into(), what, expires: None }
}

fn asked(plan: &Plan) -> PlanAsked {
    PlanAsked { source: Some("platform".into()), plan: plan.clone(), truth: Truth::default() }
}

/// `alpha/images` is public, and alice reads `beta`; everybody but root.
fn open() -> Plan {
    let mut plan = people();
    plan.persons.remove(0);
    plan.teams.remove(0);
    plan.projects[0].repositories[0].visibility = Visibility::Public;
    plan.grants = vec![grant("member:alice", "beta", role("viewer"))];
    plan
}

async fn planned(bench: &Bench, asked: &PlanAsked) -> Planned {
    let may = bench.gate().acting().expect("somebody");
    bench.opened.directory.plan(&may, asked).await.expect("it is planned")
}

async fn applied(bench: &Bench, asked: &PlanAsked) -> Result<InForce, Obstacle> {
    let may = bench.gate().acting().expect("somebody");
    let done = bench.opened.directory.apply_plan(&may, asked, None).await.expect("it is planned").1;
    bench.refresh().await;
    done
}

async fn with(place: Place, plan: &Plan) -> Bench {
    let bench = Bench::with(place, root()).await;
    assert!(applied(&bench, &asked(plan)).await.expect("applies").changed);
    bench
}

/// Signs, objects and fields.
fn lines(planned: &Planned) -> Vec<String> {
    let text = |line: &crate::PlanLine| {
        format!("{} {} {}", line.sign.as_str(), line.object, line.field.unwrap_or_default())
            .trim_end()
            .to_owned()
    };
    planned.lines.iter().map(text).collect()
}

async fn set_visibility(bench: &Bench, visibility: Visibility) {
    let settings = bench.on("alpha/images");
    bench.opened.directory.set_visibility(&settings, visibility).await.expect("sets");
}

async fn visibility(bench: &Bench) -> Visibility {
    let settings = bench.on::<RepositorySettings>("alpha/images");
    bench.opened.directory.visibility(&settings).await.expect("reads")
}

async fn a_plan_is_applied_as_it_was_shown_and_once(place: Place) {
    let bench = Bench::with(place, root()).await;
    let before = bench.facts().await;
    let asked = asked(&open());
    let plan = planned(&bench, &asked).await;
    assert!(plan.lines.iter().all(|line| line.sign != PlanSign::Conflict), "{:?}", plan.lines);
    assert!(lines(&plan).contains(&"+ repository alpha/images".to_owned()), "{:?}", lines(&plan));
    assert_eq!(bench.facts().await.version, before.version, "nothing is done");
    let may = bench.gate().acting().expect("somebody");
    let other = bench.opened.directory.apply_plan(&may, &asked, Some("another")).await.expect("plans");
    assert_eq!(other.1, Err(Obstacle::Changed));
    let same = bench.opened.directory.apply_plan(&may, &asked, Some(&plan.digest)).await.expect("plans");
    assert!(same.1.expect("applies").changed);
    bench.refresh().await;
    assert_eq!(lines(&planned(&bench, &asked).await), Vec::<String>::new());
    assert!(!applied(&bench, &asked).await.expect("applies").changed);
    let audit = bench.opened.directory.audit_rows().await;
    let events: Vec<&String> = audit.iter().filter(|event| event.starts_with("plan.apply|")).collect();
    let [event] = events.as_slice() else { panic!("{audit:?}") };
    let version = event.rsplit('|').next().expect("a version");
    let of_plan = audit.iter().filter(|event| event.ends_with(&format!("|{version}"))).count();
    assert!(of_plan > 10, "one version binds them: {audit:?}");
    // The file that the gateway starts with is another's to apply.
    let asked = PlanAsked { source: Some("bootstrap".into()), ..asked };
    assert!(bench.opened.directory.plan(&may, &asked).await.is_err());
}

async fn what_was_closed_is_opened_only_when_told(place: Place) {
    let bench = with(place, &open()).await;
    set_visibility(&bench, Visibility::Private).await;
    let mut asked = asked(&open());
    let plan = planned(&bench, &asked).await;
    let [line] = plan.lines.as_slice() else { panic!("{:?}", plan.lines) };
    assert_eq!((line.sign, &line.why, line.field), (PlanSign::Conflict, &PlanWhy::Drift, Some("visibility")));
    assert_eq!(line.last.as_ref().map(|last| &*last.who), Some("member:root"));
    assert_eq!(applied(&bench, &asked).await, Err(Obstacle::Conflict));
    asked.truth.reopen = true;
    assert!(applied(&bench, &asked).await.expect("applies").changed);
    assert_eq!(visibility(&bench).await, Visibility::Public);
    // What gives nobody more is set without asking.
    asked.truth.reopen = false;
    asked.plan.projects[0].repositories[0].visibility = Visibility::Private;
    assert!(applied(&bench, &asked).await.expect("applies").changed);
    set_visibility(&bench, Visibility::Public).await;
    let plan = planned(&bench, &asked).await;
    let [line] = plan.lines.as_slice() else { panic!("{:?}", plan.lines) };
    assert_eq!((line.sign, &line.why), (PlanSign::Set, &PlanWhy::Drift));
    assert!(applied(&bench, &asked).await.expect("applies").changed);
    assert_eq!(visibility(&bench).await, Visibility::Private);
}

async fn what_was_removed_comes_back_only_when_told(place: Place) {
    let bench = with(place, &open()).await;
    let beta = bench.on_project::<AccessManage>(bench.actor(), "beta");
    bench.opened.directory.delete_grant(&beta, "member:alice", Some("viewer")).await.expect("deletes");
    let mut asked = asked(&open());
    let plan = planned(&bench, &asked).await;
    assert_eq!(lines(&plan), ["! grant of viewer to member:alice on beta"]);
    asked.truth.reopen = true;
    assert_eq!(lines(&planned(&bench, &asked).await), ["+ grant of viewer to member:alice on beta"]);
    assert!(applied(&bench, &asked).await.expect("applies").changed);
    // The same of a member of a team.
    let may = bench.on_organisation::<DirectoryManage>(bench.actor());
    bench
        .opened
        .directory
        .set_team_member(&may, ("releasers", "member:alice"), false)
        .await
        .expect("removes");
    asked.truth.reopen = false;
    assert_eq!(lines(&planned(&bench, &asked).await), ["! team:releasers members"]);
    asked.truth.reopen = true;
    assert!(applied(&bench, &asked).await.expect("applies").changed);
    asked.truth.reopen = false;
    assert_eq!(lines(&planned(&bench, &asked).await), Vec::<String>::new());
}

async fn what_was_there_before_is_taken_over_only_when_told(place: Place) {
    let bench = Bench::with(place, people()).await;
    let mut asked = asked(&open());
    let plan = planned(&bench, &asked).await;
    let conflicts: Vec<String> = lines(&plan).into_iter().filter(|line| line.starts_with('!')).collect();
    assert_eq!(conflicts, ["! repository alpha/images visibility"]);
    assert_eq!(applied(&bench, &asked).await, Err(Obstacle::Conflict));
    asked.truth.adopt = true;
    assert!(applied(&bench, &asked).await.expect("applies").changed);
    assert_eq!(visibility(&bench).await, Visibility::Public);
}

async fn what_left_the_file_goes_only_when_told(place: Place) {
    let bench = with(place, &open()).await;
    let mut asked = asked(&open());
    asked.plan.grants.clear();
    asked.plan.teams.clear();
    asked.plan.projects[0].repositories.truncate(1);
    let kept = planned(&bench, &asked).await;
    assert_eq!(
        lines(&kept),
        ["= grant of viewer to member:alice on beta", "= team:releasers", "= repository alpha/other"]
    );
    assert!(!applied(&bench, &asked).await.expect("applies").changed);
    asked.truth.prune = true;
    assert_eq!(
        lines(&planned(&bench, &asked).await),
        ["- grant of viewer to member:alice on beta", "- team:releasers", "! repository alpha/other"]
    );
    asked.truth.confirm_delete.push("alpha/other".into());
    assert!(applied(&bench, &asked).await.expect("applies").changed);
    assert_eq!(bench.facts().await.repositories.len(), 2);
    assert_eq!(lines(&planned(&bench, &asked).await), Vec::<String>::new());
    // What somebody else made is never the source's to take away.
    let beta = bench.on_project::<AccessManage>(bench.actor(), "beta");
    let directory = &bench.opened.directory;
    directory.put_grant(&beta, "member:alice", role("writer"), None).await.expect("puts");
    assert_eq!(lines(&planned(&bench, &asked).await), Vec::<String>::new());
}

async fn what_is_whole_takes_what_others_made(place: Place) {
    let bench = with(place, &open()).await;
    let (beta, directory) =
        (bench.on_project::<AccessManage>(bench.actor(), "beta"), &bench.opened.directory);
    directory.put_grant(&beta, "member:alice", role("writer"), None).await.expect("puts");
    let manage = bench.on_organisation::<DirectoryManage>(bench.actor());
    directory.set_team_member(&manage, ("releasers", "member:root"), true).await.expect("adds");
    let others = TeamWanted { title: None, members: vec!["member:alice".into()] };
    directory.put_team(&manage, "others", others, whatever()).await.expect("makes");
    let mut asked = asked(&open());
    assert_eq!(lines(&planned(&bench, &asked).await), ["= team:releasers members"]);
    asked.truth.authoritative = vec![Section::Grants, Section::Teams, Section::Roles, Section::Tokens];
    assert_eq!(
        lines(&planned(&bench, &asked).await),
        ["~ team:releasers members", "- grant of writer to member:alice on beta"],
        "no team that the file does not name"
    );
    assert!(applied(&bench, &asked).await.expect("applies").changed);
    assert_eq!(lines(&planned(&bench, &asked).await), Vec::<String>::new());
}

async fn what_both_changed_is_forced_only_when_told(place: Place) {
    let mut plan = open();
    plan.grants[0].what = may(&[Permission::Read, Permission::Publish]);
    let bench = with(place, &plan).await;
    let beta = bench.on_project::<AccessManage>(bench.actor(), "beta");
    let directory = &bench.opened.directory;
    directory.put_grant(&beta, "member:alice", may(&[Permission::Publish]), None).await.expect("puts");
    plan.grants[0].what = may(&[Permission::Read, Permission::Overwrite]);
    let mut asked = asked(&plan);
    let conflict = planned(&bench, &asked).await;
    assert_eq!(lines(&conflict), ["! grant of permissions to member:alice on beta permissions"]);
    assert_eq!(conflict.lines[0].why, PlanWhy::Both);
    asked.truth.force = true;
    assert!(applied(&bench, &asked).await.expect("applies").changed);
    asked.truth.force = false;
    assert_eq!(lines(&planned(&bench, &asked).await), Vec::<String>::new());
}

/// What a source said of a grant last, what it says now, and what there is: one of three sets of rights each, or nothing.
#[derive(Debug, Clone, Copy)]
struct Triple {
    declared: Option<usize>,
    wanted: Option<usize>,
    present: Option<usize>,
}

const SETS: [&[Permission]; 3] = [
    &[Permission::Read],
    &[Permission::Read, Permission::Publish],
    &[Permission::Read, Permission::Overwrite],
];

impl Triple {
    fn all() -> Vec<Self> {
        let each = || std::iter::once(None).chain((0..SETS.len()).map(Some));
        let pairs = each().flat_map(|declared| each().map(move |wanted| (declared, wanted)));
        pairs
            .flat_map(|(declared, wanted)| each().map(move |present| Self { declared, wanted, present }))
            .collect()
    }

    /// docs/api.md 5, the column of `apply`.
    fn sign(self, truth: &Truth) -> Option<PlanSign> {
        let unless = |told: bool, sign: PlanSign| Some(if told { sign } else { PlanSign::Conflict });
        let Self { declared, wanted, present } = self;
        match (wanted, present) {
            (None, None) => None,
            (None, Some(_)) => declared.map(|_| if truth.prune { PlanSign::Remove } else { PlanSign::Keep }),
            (Some(_), None) => unless(declared.is_none() || truth.reopen, PlanSign::Make),
            (Some(file), Some(live)) if file == live => None,
            (Some(file), Some(live)) => {
                let widens = SETS[file].iter().any(|one| !SETS[live].contains(one));
                let told = match declared {
                    None => truth.adopt,
                    Some(before) if before == live => true,
                    Some(before) if before == file => truth.reopen || !widens,
                    Some(_) => truth.force,
                };
                unless(told, PlanSign::Set)
            }
        }
    }
}

async fn every_triple_comes_to_what_the_table_says(place: Place) {
    let triples = Triple::all();
    let who = |index: usize| format!("member:one-{index}");
    let mut plan = people();
    for index in 0..triples.len() {
        plan.persons.push(person(PrincipalKind::Member, &format!("one-{index}")));
    }
    let bench = Bench::with(place, plan).await;
    let file = |of: fn(&Triple) -> Option<usize>| {
        let each = triples.iter().enumerate();
        let grants = each.filter_map(|(index, one)| Some(grant(&who(index), "beta", may(SETS[of(one)?]))));
        asked(&Plan { grants: grants.collect(), ..Plan::default() })
    };
    assert!(applied(&bench, &file(|one| one.declared)).await.expect("applies").changed);
    let (beta, directory) =
        (bench.on_project::<AccessManage>(bench.actor(), "beta"), &bench.opened.directory);
    for (index, one) in triples.iter().enumerate() {
        match (one.declared, one.present) {
            (_, Some(live)) => {
                directory.put_grant(&beta, &who(index), may(SETS[live]), None).await.expect("puts");
            }
            (Some(_), None) => {
                directory.delete_grant(&beta, &who(index), None).await.expect("deletes");
            }
            (None, None) => {}
        }
    }
    let mut asked = file(|one| one.wanted);
    for flags in 0..16_u8 {
        let flag = |bit: u8| flags & (1 << bit) != 0;
        let truth =
            Truth { prune: flag(0), reopen: flag(1), adopt: flag(2), force: flag(3), ..Truth::default() };
        asked.truth = truth.clone();
        let plan = planned(&bench, &asked).await;
        for (index, one) in triples.iter().enumerate() {
            let object = format!("grant of permissions to {} on beta", who(index));
            let told = plan.lines.iter().filter(|line| *line.object == *object).map(|line| line.sign);
            assert_eq!(told.collect::<Vec<_>>(), Vec::from_iter(one.sign(&truth)), "{one:?} {truth:?}");
        }
    }
    // The last one was told everything.
    assert!(applied(&bench, &asked).await.expect("applies").changed);
    asked.truth = Truth::default();
    assert_eq!(lines(&planned(&bench, &asked).await), Vec::<String>::new());
    let there = |one: &&Triple| one.wanted.is_some() || one.present.is_some() && one.declared.is_none();
    let grants = bench.facts().await.grants;
    let grants = grants.iter().filter(|fact| matches!(fact.what, GrantedWhat::Permissions(_)));
    assert_eq!(grants.count(), triples.iter().filter(there).count());
}

async fn two_sources_do_not_undo_each_other(place: Place) {
    let bench = with(place, &open()).await;
    let team = TeamSpec { title: None, name: "releasers".into(), members: vec!["member:root".into()] };
    let other = Plan { teams: vec![team], ..Plan::default() };
    let other = PlanAsked { source: Some("other".into()), plan: other, truth: Truth::default() };
    assert!(applied(&bench, &other).await.expect("applies").changed);
    let first = planned(&bench, &asked(&open())).await;
    assert_eq!(lines(&first), ["= team:releasers members"], "it is kept");
    assert!(!applied(&bench, &asked(&open())).await.expect("applies").changed);
    let pruned = PlanAsked { truth: Truth { prune: true, ..Truth::default() }, ..asked(&Plan::default()) };
    let left = planned(&bench, &pruned).await;
    assert!(lines(&left).contains(&"- team:releasers".to_owned()), "{:?}", lines(&left));
    let mut none = other.clone();
    none.plan.teams.clear();
    none.truth.prune = true;
    assert_eq!(
        lines(&planned(&bench, &none).await),
        Vec::<String>::new(),
        "it found the team, and made none"
    );
}

async fn a_test_stands_in_the_way(place: Place) {
    let bench = Bench::with(place, root()).await;
    let mut asked = asked(&open());
    let test = |who: &str, on: &str, may, may_not| TestSpec { who: who.into(), on: on.into(), may, may_not };
    let read = Permissions::of(&[Permission::Read]);
    // In the suite's matrix everybody holds everything.
    asked.plan.tests = vec![
        test("member:alice", "beta", read, Permissions::NONE),
        test("team:anyone", "beta", Permissions::NONE, read),
        test("member:nobody", "beta", read, Permissions::NONE),
    ];
    let plan = planned(&bench, &asked).await;
    let failed: Vec<(usize, &str)> = plan.failed.iter().map(|one| (one.index, &*one.why)).collect();
    assert_eq!(failed, [(1, "team:anyone may read on beta"), (2, "member:nobody does not exist")]);
    assert_eq!(applied(&bench, &asked).await, Err(Obstacle::TestFailed));
    asked.plan.tests.truncate(1);
    assert!(applied(&bench, &asked).await.expect("applies").changed);
}

async fn an_export_changes_nothing_here_and_makes_the_same_elsewhere(place: Place) {
    let mut plan = everything();
    let begins = Some(domain::Timestamp::from_millis(1_800_000_000_000));
    let networks = domain::Networks::parse("10.0.0.0/8 ::1").expect("networks");
    let spec = super::tokens::spec(4711, "office");
    plan.persons[0].tokens.push(crate::TokenSpec { not_before: begins, networks, ..spec });
    let bench = Bench::with(place, plan).await;
    set_visibility(&bench, Visibility::Public).await;
    let exported = export(&bench).await;
    let here = planned(&bench, &asked(&exported)).await;
    assert_eq!(lines(&here), Vec::<String>::new());
    let elsewhere = Bench::open(Place::memory()).await;
    elsewhere.opened.directory.apply(&system(), exported.clone()).await.expect("applies");
    elsewhere.refresh().await;
    assert_eq!(format!("{:?}", export(&elsewhere).await), format!("{exported:?}"));
    let facts = elsewhere.facts().await;
    assert_eq!(facts.grants.len(), bench.facts().await.grants.len());
}

async fn export(bench: &Bench) -> Plan {
    let may = bench.on_organisation(bench.actor());
    let also = bench.on_organisation(bench.actor());
    bench.opened.directory.export(&may, &also).await.expect("exports")
}
