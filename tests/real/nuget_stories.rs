//! What people do with NuGet packages, in the words of `dotnet`.

use std::path::Path;

use super::{
    chance::noise,
    clients::Dotnet,
    hub::{Hub, Login},
    wanted::wanted,
};

mod audit;
mod old;
mod paket;
mod real_packages;
mod symbols;

const BERTH: &str = "Harbour.Berth";

/// Bytes of a package that is refused: more than the sockets of both sides take before somebody reads.
const LARGE_BYTES: usize = 30 << 20;

/// Runs a story with a fresh gateway and a fresh SDK, if it is wanted here.
fn tell(told: impl FnOnce(&Dotnet, &Hub)) {
    if wanted(&["dotnet"]) {
        told(&Dotnet::new(), &Hub::start());
    }
}

/// Pushed with a key, through the index of a public feed and the push address of a private one; restored by everyone.
fn pushed_with_a_key_and_restored(dotnet: &Dotnet, hub: &Hub) {
    let (public, private) = (hub.nuget("packages"), hub.nuget("private-packages"));
    for (version, who) in [("1.0.0", &hub.member), ("1.1.0", &hub.application), ("1.2.0", &hub.publisher)] {
        let package = dotnet.pack(BERTH, version);
        dotnet.push(&package, &format!("{public}/index.json"), Some(&who.secret), &[]).succeeds();
        dotnet.push(&package, &format!("{private}/package"), Some(&who.secret), &[]).succeeds();
        // A key may also name its owner.
        let named = format!("{}:{}", who.name, who.secret);
        dotnet.push(&package, &format!("{private}/package"), Some(&named), &[]).succeeds();
    }
    for (version, who) in [("1.0.0", &hub.password), ("1.1.0", &hub.member), ("1.2.0", &hub.application)] {
        dotnet.configure(Some(&format!("{private}/index.json")), Some(who));
        runs(dotnet, version);
    }
    dotnet.configure(Some(&format!("{public}/index.json")), None);
    runs(dotnet, "1.1.0");
}

/// Pushed with the name and secret of `nuget.config`, alone or with a key beside them.
fn pushed_with_a_login(dotnet: &Dotnet, hub: &Hub) {
    let index = format!("{}/index.json", hub.nuget("private-packages"));
    let ways = [
        ("1.0.0", &hub.password, None),
        ("1.1.0", &hub.publisher, None),
        ("1.2.0", &hub.member, Some(hub.member.secret.as_str())),
        // Valid credentials decide, whatever stands beside them.
        ("1.3.0", &hub.application, Some("az")),
    ];
    for (version, who, key) in ways {
        dotnet.configure(Some(&index), Some(who));
        dotnet.push(&dotnet.pack(BERTH, version), "wharfinger", key, &[]).succeeds();
    }
    runs(dotnet, "1.0.0");
    runs(dotnet, "1.3.0");
}

/// A version stays as it is; pushing it again is told, or skipped by whoever asks for that.
fn a_version_is_pushed_once(dotnet: &Dotnet, hub: &Hub) {
    let to = format!("{}/package", hub.nuget("private-packages"));
    let key = Some(hub.application.secret.as_str());
    let package = dotnet.pack(BERTH, "1.0.0");
    dotnet.push(&package, &to, key, &[]).succeeds();
    dotnet.push(&package, &to, key, &[]).succeeds();
    let other = dotnet.pack_large(BERTH, "1.0.0", b"other bytes");
    dotnet.push(&other, &to, key, &[]).fails().says("409").says("never replaces it");
    dotnet.push(&other, &to, key, &["--skip-duplicate"]).succeeds().says("already exists");
}

/// Found, added, told to be outdated, updated.
fn found_and_kept_up_to_date(dotnet: &Dotnet, hub: &Hub) {
    let feed = hub.nuget("private-packages");
    dotnet.configure(Some(&format!("{feed}/index.json")), Some(&hub.member));
    for version in ["1.0.0", "1.1.0", "2.0.0-beta.1"] {
        dotnet.push(&dotnet.pack(BERTH, version), "wharfinger", None, &[]).succeeds();
    }
    dotnet.push(&dotnet.pack("Harbour.Crane", "5.0.0"), "wharfinger", None, &[]).succeeds();

    let search = |words: &[&str]| {
        dotnet.forget();
        dotnet.run(&[&["package", "search"], words].concat()).succeeds()
    };
    let found = search(&["berth", "--format", "json"]).says(BERTH).says("1.1.0");
    assert!(!found.text.contains("beta"), "{found}");
    search(&["Berth", "--prerelease"]).says("2.0.0-beta.1");
    search(&["harbour"]).says(BERTH).says("Harbour.Crane");
    search(&["harbour.berth", "--exact-match"]).says(BERTH).says("1.0.0").says("1.1.0");
    let nothing = search(&["lighthouse", "--format", "json"]);
    assert!(!nothing.text.contains("Harbour"), "{nothing}");

    let program = dotnet.program(&[]);
    dotnet.run_in(&program, &["add", "package", BERTH]).succeeds().says("1.1.0");
    let program = dotnet.program(&[(BERTH, "1.0.0")]);
    dotnet.restore(&program).succeeds();
    dotnet.run_in(&program, &["list", "package", "--outdated"]).succeeds().says("1.1.0");
    for kind in ["--deprecated", "--vulnerable"] {
        dotnet.run_in(&program, &["list", "package", kind]).succeeds();
    }
    dotnet.run_in(&program, &["package", "update"]).succeeds();
    dotnet.run_in(&program, &["run"]).succeeds().says("ship at berth of 1.1.0");
}

/// What is deleted is found no more; whoever depends on it still gets it.
fn deleted_is_hidden(dotnet: &Dotnet, hub: &Hub) {
    // A public feed, because the client reads the index without the key.
    let feed = hub.nuget("packages");
    dotnet.configure(Some(&format!("{feed}/index.json")), None);
    for version in ["1.0.0", "1.1.0"] {
        let package = dotnet.pack(BERTH, version);
        dotnet.push(&package, "wharfinger", Some(&hub.member.secret), &[]).succeeds();
    }
    let delete = |version: &str, key: &str| {
        let what = ["nuget", "delete", BERTH, version, "--source", "wharfinger", "--non-interactive"];
        dotnet.run(&[&what[..], &["--api-key", key]].concat())
    };
    // To publish is not to delete.
    delete("1.1.0", &hub.publisher.secret).refused().says("403");
    delete("1.1.0", "wrong").refused().says("401");
    delete("1.1.0", &hub.member.secret).succeeds();
    delete("9.9.9", &hub.member.secret).fails().says("404");

    dotnet.forget();
    let found = dotnet.run(&["package", "search", "Berth", "--format", "json"]).succeeds().says("1.0.0");
    assert!(!found.text.contains("1.1.0"), "{found}");
    dotnet.run_in(&dotnet.program(&[]), &["add", "package", BERTH]).succeeds().says("1.0.0");
    runs(dotnet, "1.1.0");

    // With a login the index of a private feed will do.
    let feed = hub.nuget("private-packages");
    dotnet.configure(Some(&format!("{feed}/index.json")), Some(&hub.member));
    dotnet.push(&dotnet.pack(BERTH, "1.0.0"), "wharfinger", None, &[]).succeeds();
    delete("1.0.0", &hub.member.secret).succeeds();
    runs(dotnet, "1.0.0");
}

/// Whoever may not is told so, in words that the client shows.
fn refusals_are_told(dotnet: &Dotnet, hub: &Hub) {
    let (public, private) = (hub.nuget("packages"), hub.nuget("private-packages"));
    let package = dotnet.pack(BERTH, "1.0.0");
    for feed in [&public, &private] {
        dotnet.push(&package, &format!("{feed}/package"), Some(&hub.member.secret), &[]).succeeds();
    }
    let package = dotnet.pack(BERTH, "1.1.0");
    let wrong = Login { secret: hub.application.secret.clone(), ..hub.member.clone() };
    for feed in [&public, &private] {
        let to = format!("{feed}/package");
        dotnet.push(&package, &to, Some("wrong"), &[]).refused().says("401");
        dotnet
            .push(&package, &to, Some(&format!("{}:{}", wrong.name, wrong.secret)), &[])
            .refused()
            .says("401");
        let refused = dotnet.push(&package, &to, Some(&hub.limited.secret), &[]).refused().says("403");
        let lacking = if feed == &public { "you lack the permission" } else { "you may not use it" };
        refused.says(lacking);
        dotnet.push(&package, &to, None, &[]).refused().says("401").says("log in with a user name");
    }
    let program = dotnet.program(&[(BERTH, "1.0.0")]);
    let restore = |feed: &str, login: Option<&Login>| {
        dotnet.configure(Some(&format!("{feed}/index.json")), login);
        dotnet.restore(&program)
    };
    restore(&public, None).succeeds();
    restore(&public, Some(&hub.outsider)).succeeds();
    restore(&private, None).refused().says("401");
    restore(&private, Some(&wrong)).refused().says("401");
    for powerless in [&hub.limited, &hub.outsider, &hub.publisher] {
        restore(&private, Some(powerless)).refused().says("403");
    }
    restore(&hub.nuget("nothing"), Some(&hub.member)).refused().says("403");
}

/// A source that people pasted without the name of the index is taken for one of V2, and told where V3 is.
fn a_source_without_its_index_is_told_where_it_is(dotnet: &Dotnet, hub: &Hub) {
    let feed = hub.nuget("packages");
    let index = format!("{feed}/index.json");
    let package = dotnet.pack(BERTH, "1.0.0");
    dotnet.push(&package, &index, Some(&hub.member.secret), &[]).succeeds();
    let program = dotnet.program(&[(BERTH, "1.0.0")]);
    let root = feed.strip_suffix("/v3").unwrap();
    for source in [root, &feed] {
        dotnet.configure(Some(source), None);
        dotnet.restore(&program).refused().says("410").says(&index);
    }
}

/// A large package that is refused ends in a status, and not in a connection that breaks.
fn large_refused_package_ends_in_a_status(dotnet: &Dotnet, hub: &Hub) {
    let feed = hub.nuget("private-packages");
    let package = dotnet.pack_large(BERTH, "1.0.0", &noise(LARGE_BYTES));
    let to = format!("{feed}/package");
    ends_in(dotnet, &package, &to, Some("wrong"), "401");
    ends_in(dotnet, &package, &to, Some(&hub.limited.secret), "403");
    // With a login everything is sent twice: the first time the client keeps it to itself.
    dotnet.configure(Some(&format!("{}/index.json", hub.nuget("packages"))), Some(&hub.outsider));
    ends_in(dotnet, &package, "wharfinger", None, "403");
    dotnet.configure(Some(&format!("{feed}/index.json")), Some(&hub.password));
    dotnet.push(&package, "wharfinger", None, &[]).succeeds();
}

fn ends_in(dotnet: &Dotnet, package: &Path, to: &str, key: Option<&str>, status: &str) {
    let refused = dotnet.push(package, to, key, &[]).refused().says(status);
    for broken in ["reset", "Broken pipe", "retried", "prematurely"] {
        assert!(!refused.text.contains(broken), "{refused}");
    }
}

/// A program with this version is restored from the configured feed, built and run.
#[track_caller]
fn runs(dotnet: &Dotnet, version: &str) {
    let program = dotnet.program(&[(BERTH, version)]);
    dotnet.restore(&program).succeeds();
    dotnet.run_in(&program, &["run"]).succeeds().says(&format!("ship at berth of {version}"));
}

macro_rules! stories {
    ($($story:ident),+ $(,)?) => {
        mod dotnet {
            $(
                #[test]
                fn $story() {
                    super::tell(super::$story);
                }
            )+
        }
    };
}

stories!(
    pushed_with_a_key_and_restored,
    pushed_with_a_login,
    a_version_is_pushed_once,
    found_and_kept_up_to_date,
    deleted_is_hidden,
    refusals_are_told,
    a_source_without_its_index_is_told_where_it_is,
    large_refused_package_ends_in_a_status,
);

#[test]
fn rows_in_postgres_do_as_well() {
    if wanted(&["dotnet"])
        && let Some(hub) = Hub::start_on_postgres()
    {
        found_and_kept_up_to_date(&Dotnet::new(), &hub);
    }
}
