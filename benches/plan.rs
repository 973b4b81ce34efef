//! A file that is the truth: how long it takes to work out what it would do to a gateway without any of it, to apply it, and to find
//! that it is so already. Each figure is one request over loopback, the median of several where nothing is changed.
//! `cargo bench -p benches --bench plan`.
#![expect(clippy::print_stdout, reason = "the table is the result")]

use std::fmt::Write as _;

use benches::gateway::Gateway;
use benches::{Outcome, now, send, smoke};

/// Most milliseconds for a plan of [`Sizes::measured`] (docs/api.md 11).
const BAR_MILLIS: f64 = 2000.0;

/// What the file says.
struct Sizes {
    projects: u32,
    repositories_each: u32,
    members: u32,
    grants_each: u32,
    rounds: u32,
}

impl Sizes {
    /// 5,000 lines: 100 projects, 1,000 repositories, 975 members with 3 grants each.
    const fn measured() -> Self {
        Self { projects: 100, repositories_each: 10, members: 975, grants_each: 3, rounds: 5 }
    }

    const fn once() -> Self {
        Self { projects: 2, repositories_each: 2, members: 5, grants_each: 2, rounds: 1 }
    }

    const fn lines(&self) -> u32 {
        self.projects * (1 + self.repositories_each) + self.members * (1 + self.grants_each)
    }

    /// Every member has another role in each of some projects that follow each other.
    fn document(&self) -> Outcome<String> {
        let (mut projects, mut members, mut grants) = (Vec::new(), Vec::new(), Vec::new());
        for project in 0..self.projects {
            let mut repositories = Vec::new();
            for repository in 0..self.repositories_each {
                let visibility = if repository == 0 { "public" } else { "private" };
                repositories.push(format!(
                    r#"{{"name":"r{repository}","format":"oci","visibility":"{visibility}"}}"#
                ));
            }
            let repositories = repositories.join(",");
            projects.push(format!(r#"{{"key":"plan-{project}","repositories":[{repositories}]}}"#));
        }
        for member in 0..self.members {
            members.push(format!(r#"{{"username":"member-{member}"}}"#));
            for (grant, role) in (0..self.grants_each).zip(["project-member", "viewer", "writer"]) {
                let project = (member + grant) % self.projects;
                grants.push(format!(
                    r#"{{"to":"member:member-{member}","on":"plan-{project}","role":"{role}"}}"#
                ));
            }
        }
        let [projects, members, grants] = [projects, members, grants].map(|all| all.join(","));
        let mut text = String::new();
        write!(
            text,
            r#"{{"document":{{"projects":[{projects}],"members":[{members}],"grants":[{grants}]}}}}"#
        )?;
        Ok(text)
    }
}

fn main() -> Outcome<()> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let sizes = if smoke() { Sizes::once() } else { Sizes::measured() };
    let gateway = Gateway::start_administered(folder.path())?;
    let plan = sizes.document()?;
    let lines = sizes.lines();
    println!("{:<40} {:>7} {:>9} {:>6}", "a file that is the truth", "lines", "ms", "bar");
    let told = |name: &str, millis: f64, bar: &str| println!("{name:<40} {lines:>7} {millis:>9.1} {bar:>6}");
    let bar = BAR_MILLIS.to_string();
    told(
        "planned, none of it there",
        median(&gateway, &plan, &format!(r#""add":{lines},"#), sizes.rounds)?,
        &bar,
    );
    told("applied", request(&gateway, "/apply", &format!(r#"{{"plan":{plan}}}"#), r#""applied":true"#)?, "-");
    told("planned, all of it there", median(&gateway, &plan, r#""add":0,"change":0,"#, sizes.rounds)?, &bar);
    println!("resident at most: {} KiB", gateway.server.memory_kib("VmHWM")?);
    Ok(())
}

fn median(gateway: &Gateway, plan: &str, expected: &str, rounds: u32) -> Outcome<f64> {
    let mut millis = Vec::new();
    for _ in 0..rounds {
        millis.push(request(gateway, "", plan, expected)?);
    }
    millis.sort_by(f64::total_cmp);
    Ok(millis.get(millis.len() / 2).copied().unwrap_or_default())
}

/// Milliseconds until the answer, which has to say what is expected.
fn request(gateway: &Gateway, below: &str, body: &str, expected: &str) -> Outcome<f64> {
    let headers = [("authorization", gateway.basic.as_str()), ("content-type", "application/json")];
    let path = format!("/api/v1/plans{below}");
    let started = now();
    let answer = send(gateway.server.address, "POST", &path, &headers, body.as_bytes())?;
    let millis = started.elapsed().as_secs_f64() * 1000.0;
    let text = String::from_utf8(answer.body)?;
    if answer.status == 200 && text.contains(expected) {
        return Ok(millis);
    }
    let (start, _) = text.split_at(text.floor_char_boundary(2000));
    Err(format!("{path}: {}\n{start}", answer.head).into())
}
