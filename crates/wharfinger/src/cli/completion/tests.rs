use clap::CommandFactory as _;

use super::super::Cli;
use super::*;

fn line(text: &str) -> Line {
    let words = ["wharfinger", "--"].into_iter().chain(text.split(' '));
    Line::new(&words.map(OsString::from).collect::<Vec<_>>(), Environment::default())
}

/// What an argument of a verb names.
fn kind(verb: &[&str], argument: &str) -> Option<Kind> {
    let line = Cli::command();
    let found = verb.iter().try_fold(&line, |command, word| command.find_subcommand(word)).expect("a verb");
    let found = found.get_arguments().find(|known| known.get_id() == argument);
    Kind::of(found.unwrap_or_else(|| panic!("{verb:?} {argument}")), verb)
}

#[test]
fn arguments_name_things() {
    for (verb, argument, named) in [
        (["project", "show"], "project", Some(Kind::Project)),
        (["project", "create"], "project", None),
        (["repository", "delete"], "repository", Some(Kind::Repository)),
        (["repository", "list"], "project", Some(Kind::Project)),
        (["repository", "create"], "format", Some(Kind::Format)),
        (["app", "create"], "authorised", Some(Kind::Project)),
        (["app", "authorise"], "within", Some(Kind::Project)),
        (["team", "create"], "members", Some(Kind::Subject)),
        (["team", "add"], "team", Some(Kind::Team)),
        (["grant", "put"], "to", Some(Kind::Subject)),
        (["grant", "put"], "on", Some(Kind::Node)),
        (["grant", "put"], "role", Some(Kind::Role)),
        (["token", "revoke"], "id", Some(Kind::Token)),
        (["token", "create"], "limits", Some(Kind::Limit)),
        (["audit", "show"], "id", None),
        (["version", "show"], "version", Some(Kind::Version)),
        (["participant", "permissions"], "grants", Some(Kind::Limit)),
        (["publisher", "try"], "publisher", Some(Kind::Publisher)),
        (["publisher", "try"], "shown", None),
        (["publisher", "put"], "issuer", Some(Kind::Issuer)),
        (["issuer", "test"], "issuer", Some(Kind::Issuer)),
        (["login-provider", "test"], "provider", Some(Kind::LoginProvider)),
        (["login-provider", "test"], "issuer", None),
        (["organisation", "set"], "title", None),
    ] {
        assert_eq!(kind(&verb, argument), named, "{verb:?} {argument}");
    }
}

#[test]
fn words_that_nobody_need_be_asked_for() {
    let line = line("wharfinger grant put");
    let told = |kind, typed: &str| names::beginning_with(kind, typed, &line);
    assert_eq!(told(Kind::Permission, "repository-c"), ["repository-create"]);
    assert_eq!(told(Kind::Permissions, "read,pub"), ["read,publish"]);
    assert_eq!(told(Kind::Limit, "alpha/jars=read,over"), ["alpha/jars=read,overwrite"]);
    assert_eq!(told(Kind::Limit, "alpha=pub"), ["alpha=publish"]);
    assert_eq!(told(Kind::Format, "m"), ["maven"]);
}

/// Who is asked is not there, and whoever presses the key does not wait.
#[test]
fn nobody_waits_for_a_gateway_that_is_not_there() {
    let line = Arc::new(line("wharfinger project show --server http://127.0.0.1:1 a"));
    assert!(candidates(Kind::Project, OsStr::new("a"), &line).is_empty());
}
