use clap::{CommandFactory as _, Parser as _};

use super::{Cli, Command, Failure};

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

/// Lines that people have in scripts and units.
const LINES: &[&str] = &[
    "wharfinger serve",
    "wharfinger serve --listen 0.0.0.0:8080 --data /data --public-url https://hub.example --config w.toml --bootstrap b.toml",
    "wharfinger setup CODE",
    "wharfinger setup CODE --server http://127.0.0.1:9000 --username ada --password-stdin",
    "wharfinger config check --config w.toml --bootstrap b.toml",
    "wharfinger config print",
    "wharfinger config print --defaults",
    "wharfinger healthcheck --server http://127.0.0.1:8080",
    "wharfinger token generate person",
    "wharfinger token generate application",
    "wharfinger token generate person -o json",
    "wharfinger token put ci --secret-stdin --of application:build-server --write alpha --cidr 10.0.0.0/8",
    "wharfinger token put ci --id LhAesif4 --sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 --full --disabled",
    "wharfinger token report --url https://example.org/paste/1",
    "wharfinger token create laptop --limit alpha/images=read --limit beta=read,publish --expires 2030-01-01T00:00:00Z",
    "wharfinger token create ci --of application:build-server --write alpha --not-before 2030-01-01T00:00:00Z --cidr 10.0.0.0/8 --cidr 2001:db8::/32",
    "wharfinger token rotate LhAesif4",
    "wharfinger token rotate LhAesif4 --of application:build-server --overlap 0 --expires 2030-01-01T00:00:00Z",
    "wharfinger token list --of application:build-server -o json",
    "wharfinger token list --state disabled --unused-days 90",
    "wharfinger token show LhAesif4",
    "wharfinger token disable LhAesif4",
    "wharfinger token revoke LhAesif4 --of member:alice",
    "wharfinger principal suspend member:alice",
    "wharfinger principal resume member:alice --server https://hub.example --ca-file ca.pem",
    "wharfinger grant put --to member:bob --role viewer --on alpha/images",
    "wharfinger grant put --to member:bob --permissions read,publish --on alpha --expires 2030-01-01T00:00:00Z",
    "wharfinger grant delete --to member:bob --on alpha",
    "wharfinger grant list --on /",
    "wharfinger participant list alpha --role project-admin --kind team --query rel",
    "wharfinger participant add alpha member:bob --role project-member --expires 2030-01-01T00:00:00Z",
    "wharfinger participant set alpha team:dev --role viewer --role writer --dry-run",
    "wharfinger participant permissions alpha collaborator:carol --grant alpha=read --grant alpha/jars=publish",
    "wharfinger participant remove alpha member:bob",
    "wharfinger repository visibility alpha/images public",
    "wharfinger organisation show -o json",
    "wharfinger organisation set --title Acme --alias globex --token-days-max 90 --password-on-packages false",
    "wharfinger project create alpha --title Alpha --access internal",
    "wharfinger project set alpha --description x --if-match 5d93 --dry-run",
    "wharfinger project delete alpha --confirm alpha --with-repositories",
    "wharfinger repository create alpha/jars --format maven --visibility public",
    "wharfinger format list",
    "wharfinger repository list --project alpha -o json",
    "wharfinger role set reviewer --on alpha --permissions read,publish",
    "wharfinger role reset project-member --on alpha",
    "wharfinger person create collaborator:carol --title Carol --email carol@elsewhere.example",
    "wharfinger person delete member:alice --confirm member:alice",
    "wharfinger team create releasers --member member:alice --member team:others",
    "wharfinger team add releasers application:build-server",
    "wharfinger app create build-server --requested read,publish --authorised alpha",
    "wharfinger app authorise build-server --in beta",
    "wharfinger app list --in alpha",
    "wharfinger explain --may publish --on alpha/jars --who member:alice --token LhAesif4 -o json",
    "wharfinger explain --may read --on alpha/jars --token LhAesif4 --address 192.0.2.7",
    "wharfinger rights of member:alice --on alpha --here",
    "wharfinger rights on alpha/jars --may read --kind guest",
    "wharfinger me -o json",
    "wharfinger me rights --on alpha",
    "wharfinger audit list --on alpha --action grant.put --since 2030-01-01T00:00:00Z",
    "wharfinger audit list --mine --limit 5",
    "wharfinger audit show 7 --on alpha/jars",
    "wharfinger audit follow --class admin",
    "wharfinger audit export --format ocsf",
    "wharfinger audit verify --noted 5dd953ffde5452fb5dd953ffde5452fb5dd953ffde5452fb5dd953ffde5452fb",
    "wharfinger usage",
    "wharfinger usage alpha/jars --from 2030-01-01 --to 2030-12-31 --step month --csv",
    "wharfinger me",
    "wharfinger me -o json",
    "wharfinger me password --username alice",
    "wharfinger me title Alice",
    "wharfinger person set-password member:alice",
    "wharfinger person logout member:alice",
    "wharfinger person invite member:alice --expires-secs 900",
    "wharfinger person reset-password member:alice -o json",
    "wharfinger person invitations member:alice",
    "wharfinger person uninvite member:alice LhAesif4",
    "wharfinger redeem CODE --server https://hub.example",
    "wharfinger token list --of application:build-server --short-lived",
    "wharfinger issuer put github --url https://token.actions.githubusercontent.com --kind github",
    "wharfinger issuer put cluster --url https://issuer.example --kind kubernetes --audience hub --jwks-file keys.json --private",
    "wharfinger issuer test github",
    "wharfinger issuer delete github",
    "wharfinger login-provider put corp --issuer https://login.example.org --client-id wharfinger --secret-file s --scope email --name-claim upn --groups-claim groups --group a=b --make guest --private",
    "wharfinger login-provider test corp --issuer https://login.example.org --private",
    "wharfinger me unlink corp",
    "wharfinger publisher put alpha/release --issuer github --claim repository=acme/app --claim workflow=release.yml --permissions read,publish --on alpha/jars --minutes 10",
    "wharfinger publisher list alpha",
    "wharfinger publisher try alpha/release @token.jwt",
    "wharfinger publisher delete alpha/release --dry-run",
    "wharfinger exchange @token.jwt --publisher alpha/release --server https://hub.example",
    "wharfinger exchange -o json",
    "wharfinger me -q",
    "wharfinger project list -o jsonl",
    "wharfinger api GET /projects?limit=1",
    "wharfinger api put /projects/alpha -d @file.json --if-match 5d93 -i",
    "wharfinger version --server",
    "wharfinger version pin alpha/images tools/web v1 --reason shipped --dry-run",
    "wharfinger version unpin alpha/images tools/web v1",
    "wharfinger version delete alpha/jars org.example:lib 1.10 --confirm 1.10",
    "wharfinger version unlist alpha/feed Lib 1.0.0",
    "wharfinger version relist alpha/feed Lib 1.0.0 --dry-run",
    "wharfinger package search netty --format maven --project alpha -q",
    "wharfinger version deprecate alpha/feed Lib 1.0.0 --reason legacy --alternate Other --range [2.0,)",
    "wharfinger version deprecation alpha/feed Lib 1.0.0",
    "wharfinger version undeprecate alpha/feed Lib 1.0.0",
    "wharfinger worker list -o json",
    "wharfinger node list -q",
    "wharfinger job list",
    "wharfinger job start audit-verify --follow -o json",
    "wharfinger job show 3 --follow",
    "wharfinger job cancel 3 --dry-run",
    "wharfinger grant put --to member:bob --role viewer --on alpha --wait all",
    "wharfinger apply acme.toml --wait all",
    "wharfinger advisory list alpha/feed",
    "wharfinger advisory show alpha/feed GHSA-1",
    "wharfinger advisory put alpha/feed GHSA-1 --document GHSA-1.json",
    "wharfinger advisory delete alpha/feed GHSA-1 --confirm GHSA-1",
    "wharfinger tombstone list alpha/jars",
    "wharfinger tombstone lift alpha/jars org.example:lib/1.10/lib-1.10.jar",
    "wharfinger version --server https://hub.example -o json",
    "wharfinger login",
    "wharfinger login https://hub.example --token-stdin --helper pass",
    "wharfinger logout --server https://hub.example",
    "wharfinger import maven /home/alice/.m2/repository --to alpha/jars --dry-run",
    "wharfinger import nuget https://feed.example/v3/index.json --to alpha/packages --only Acme.Rope --resume run.jsonl",
    "wharfinger import oci https://harbor.example/v2/library --to alpha/images --source-user alice --source-secret-stdin",
    "wharfinger import oci layout --name web --to alpha/images --parallel 8 --replace",
    "wharfinger import files https://files.example/dist/ --source-ca-file ca.pem --to alpha/files -o jsonl",
    "wharfinger export",
    "wharfinger export --on alpha",
    "wharfinger export oci alpha/images --to images --only web",
    "wharfinger completion bash",
];

#[test]
fn documented_lines_are_understood() {
    for line in LINES {
        if let Err(error) = Cli::try_parse_from(line.split(' ')) {
            panic!("{line}: {error}");
        }
    }
}

/// What the list of endpoints says of the command line is so, and what the command line asks of a server is in the list.
#[test]
fn every_endpoint_has_its_command_and_every_command_its_endpoint() {
    let line = Cli::command();
    let mut named: Vec<&str> = api::all().iter().filter_map(|mounted| mounted.meta.cli).collect();
    named.sort_unstable();
    named.dedup();
    for words in &named {
        let found = words.split(' ').try_fold(&line, |command, word| command.find_subcommand(word));
        assert!(found.is_some(), "{words}");
    }
    // The second of two that call the same endpoint, and what needs no server.
    let others = [
        "token disable",
        "token generate",
        "participant add",
        "principal resume",
        "version unpin",
        "version relist",
        "person reset-password",
        "audit show",
        "audit follow",
        "audit export",
    ];
    let endpoints =
        |command: &&clap::Command| !["backup", "config", "connect", "db"].contains(&command.get_name());
    for noun in line.get_subcommands().filter(endpoints) {
        for verb in noun.get_subcommands() {
            let words = format!("{} {}", noun.get_name(), verb.get_name());
            assert!(named.contains(&words.as_str()) || others.contains(&words.as_str()), "{words}");
        }
    }
}

#[test]
fn contradictions_are_not_understood() {
    for line in [
        "wharfinger",
        "wharfinger serve --listen localhost",
        "wharfinger serve --public-url hub.example",
        "wharfinger setup",
        "wharfinger token generate robot",
        "wharfinger grant put --to member:bob --on alpha",
        "wharfinger grant put --to member:bob --on alpha --role viewer --permissions read",
        "wharfinger repository visibility alpha/images secret",
        "wharfinger project list -q -o json",
        "wharfinger token create laptop --full --read alpha",
        "wharfinger api TRACE /projects",
        "wharfinger login --helper ../evil",
        "wharfinger import maven m2",
        "wharfinger import cargo m2 --to alpha/jars",
        "wharfinger import maven m2 --to alpha/jars --parallel 0",
        "wharfinger export maven alpha/jars",
        "wharfinger export --dry-run",
        "wharfinger export maven alpha/jars --to m2 --on alpha",
    ] {
        assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{line}");
    }
}

#[test]
fn no_flag_is_set_unless_it_is_given() {
    let cli = Cli::try_parse_from(["wharfinger", "serve"]).expect("a command");
    let Command::Serve(flags) = cli.command else { panic!("serve") };
    assert!(flags.listen.is_none() && flags.data.is_none() && flags.public_url.is_none());
    assert!(flags.config.is_none() && flags.bootstrap.is_none());
}

/// Scripts rely on them.
#[test]
fn exit_codes_stay() {
    use http::StatusCode as S;
    for (status, code) in [
        (S::BAD_REQUEST, 2),
        (S::UNAUTHORIZED, 4),
        (S::FORBIDDEN, 5),
        (S::NOT_FOUND, 6),
        (S::CONFLICT, 7),
        (S::PRECONDITION_FAILED, 7),
        (S::TOO_MANY_REQUESTS, 8),
        (S::SERVICE_UNAVAILABLE, 8),
        (S::GATEWAY_TIMEOUT, 8),
        (S::INTERNAL_SERVER_ERROR, 1),
    ] {
        assert_eq!(Failure::answered(status, "").exit_code(), code, "{status}");
    }
    assert_eq!(Failure::Usage(String::new()).exit_code(), 2);
    assert_eq!(Failure::Configuration(String::new()).exit_code(), 3);
}
