use std::path::Path;

use super::document::Source;
use super::load::{from_toml, variable};
use super::{Config, DataMode, Environment, LogFormat, Problems, SECTIONS};
use crate::scratch::Scratch;

/// What is wrong with a file of this text.
fn wrong(text: &str) -> String {
    let mut problems = Problems::default();
    from_toml(&mut Config::default(), Source { name: "w.toml", text }, &mut problems);
    problems.to_string()
}

#[test]
fn each_mistake_is_said_with_its_line_and_the_likely_meaning() {
    for (text, message) in [
        (
            "[server]\nlisten = \"127.0.0.1:1\"\nlisen = 1",
            "w.toml:3: unknown key `lisen` in [server]; did you mean `listen`?",
        ),
        ("[sever]\nlisten = 1", "w.toml:1: unknown section `sever`; did you mean `server`?"),
        ("listen = \"127.0.0.1:1\"", "w.toml:1: unknown section `listen`; did you mean `server.listen`?"),
        ("[tls]\nlisten = 1", "w.toml:2: unknown key `listen` in [tls]; did you mean `server.listen`?"),
        ("[server]\nwibble = 1", "w.toml:2: unknown key `wibble` in [server]"),
        (
            "\n[server]\nlisten = 80",
            "w.toml:3: `server.listen` must be an address and port such as 127.0.0.1:8080 or [::1]:8080",
        ),
        (
            "[server]\npublic_url = \"https://h/x\"",
            "w.toml:2: `server.public_url` must be an address such as https://registry.example.org, without a path",
        ),
        (
            "[server]\ntrusted_proxies = [\"10.0.0.0/33\"]",
            "w.toml:2: `server.trusted_proxies` must be addresses or networks such as 10.0.0.0/8 or ::1",
        ),
        ("[auth]\nbearer_secs = -1", "w.toml:2: `auth.bearer_secs` must be a whole number that fits u64"),
        (
            "[auth]\nbearer_secs = \"900\"",
            "w.toml:2: `auth.bearer_secs` must be a whole number that fits u64",
        ),
        ("[auth]\npassword_log_in = 1", "w.toml:2: `auth.password_log_in` must be true or false"),
        ("[log]\nformat = \"yaml\"", "w.toml:2: `log.format` must be `text` or `json`"),
        ("server = 1", "w.toml:1: `server` must be a table"),
    ] {
        assert_eq!(wrong(text), message, "{text}");
    }
    assert!(wrong("[server").starts_with("w.toml:1: "), "{}", wrong("[server"));
    assert!(wrong("[log]\nlevel = \"a\"\nlevel = \"b\"").starts_with("w.toml:3: duplicate key"));
}

#[test]
fn all_mistakes_are_said_at_once() {
    assert_eq!(wrong("[server]\nlisen = 1\n[tls]\nkey = 1").lines().count(), 2);
}

#[test]
fn later_sources_win() {
    let scratch = Scratch::new("config");
    let file = scratch.file(
        "w.toml",
        "[server]\nlisten = \"127.0.0.1:1\"\ndata = \"/from/file\"\n[log]\nformat = \"json\"",
    );
    let secret = scratch.file("level", "debug\n");
    let environment = Environment::default()
        .with("WHARFINGER__SERVER__LISTEN", "127.0.0.1:2")
        .with("WHARFINGER__SERVER__TRUSTED_PROXIES", "10.0.0.0/8, ::1")
        .with("WHARFINGER__LOG__LEVEL_FILE", &secret.display().to_string())
        .with("WHARFINGER__AUTH__KEYS_FILE", "/keys")
        .with("WHARFINGER_TOKEN", "not a setting");
    let config = Config::load(Some(&file), environment).expect("a configuration");
    assert_eq!(config.server.listen.port(), 2, "a variable wins over the file");
    assert_eq!(config.server.data, Path::new("/from/file"));
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.log.level, "debug", "the line end of a value's file is not part of it");
    assert_eq!(config.server.trusted_proxies.len(), 2);
    assert_eq!(config.auth.keys_file.as_deref(), Some(Path::new("/keys")), "a key may end in _file itself");
    assert_eq!(config.server.mode, DataMode::Disk);
}

#[test]
fn wrong_variables_are_errors() {
    for (name, value, message) in [
        (
            "WHARFINGER__SERVER__LISEN",
            "x",
            "WHARFINGER__SERVER__LISEN: no such setting; did you mean `WHARFINGER__SERVER__LISTEN`?",
        ),
        (
            "WHARFINGER__AUTH__BEARER_SECS",
            "soon",
            "WHARFINGER__AUTH__BEARER_SECS: `auth.bearer_secs` must be a whole number that fits u64",
        ),
        (
            "WHARFINGER__LOG__LEVEL_FILE",
            "/nowhere",
            "WHARFINGER__LOG__LEVEL_FILE: the file it names cannot be read: No such file or directory (os error 2)",
        ),
    ] {
        let problems = Config::load(None, Environment::default().with(name, value)).expect_err("it is wrong");
        assert_eq!(problems.to_string(), message);
    }
    let both = Environment::default()
        .with("WHARFINGER__LOG__LEVEL", "info")
        .with("WHARFINGER__LOG__LEVEL_FILE", "/x");
    let problems = Config::load(None, both).expect_err("both");
    assert!(problems.to_string().contains("only one of the two"), "{problems}");
}

#[test]
fn a_missing_file_is_an_error() {
    let problems =
        Config::load(Some(Path::new("/nowhere.toml")), Environment::default()).expect_err("missing");
    assert_eq!(problems.to_string(), "/nowhere.toml: cannot be read: No such file or directory (os error 2)");
}

#[test]
fn listening_beyond_loopback_needs_an_address_or_proxies() {
    let checked = |change: &dyn Fn(&mut Config)| {
        let mut config = Config::default();
        change(&mut config);
        config.check().err().map(|problems| problems.to_string())
    };
    assert_eq!(checked(&|_| {}), None);
    assert_eq!(checked(&|config| config.server.listen = "[::1]:80".parse().expect("an address")), None);
    for open in ["0.0.0.0:8080", "[::]:8080", "192.0.2.1:80"] {
        let open: std::net::SocketAddr = open.parse().expect("an address");
        let said = checked(&|config| config.server.listen = open).expect("it is refused");
        assert!(said.contains("--public-url") && said.contains("server.trusted_proxies"), "{said}");
        assert_eq!(
            checked(&|config| {
                config.server.listen = open;
                config.server.public_url = super::ServerUrl::parse("https://hub.example");
            }),
            None
        );
        assert_eq!(
            checked(&|config| {
                config.server.listen = open;
                config.server.trusted_proxies = vec!["10.0.0.1".parse().expect("a network")];
            }),
            None
        );
    }
}

#[test]
fn contradictions_are_errors() {
    let mut config = Config::default();
    config.tls.certificate_file = Some("cert.pem".into());
    config.log.level = "info,=".to_owned();
    config.auth.bearer_secs = 1;
    config.budgets.wait_secs_max = config.budgets.stalled_secs;
    config.garbage.window_secs = config.timeouts.request_secs_max - 1;
    config.garbage.grace_secs = config.timeouts.request_secs_max + 7199;
    let said = config.check().expect_err("six mistakes").to_string();
    assert_eq!(said.lines().count(), 6, "{said}");
}

#[test]
fn the_commented_file_holds_every_key_and_every_default() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/wharfinger.toml");
    // `UPDATE_EXPECT=1` writes it anew, as `wharfinger config print --defaults` does.
    expect_test::expect_file![&path].assert_eq(&Config::commented());
    let text = std::fs::read_to_string(&path).expect("the file");
    assert_eq!(Config::load(Some(&path), Environment::default()).expect("it loads"), Config::default());

    let is_setting =
        |line: &str| line.contains(" = ") && !line.starts_with("# Every") && !line.starts_with("# Each");
    let keys = SECTIONS.iter().flat_map(|section| section.keys).count();
    let uncommented: Vec<&str> = text
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(setting) if is_setting(line) && setting.split(" = ").next().is_some_and(is_word) => setting,
            _ => line,
        })
        .collect();
    let set = uncommented.iter().filter(|line| !line.starts_with('#') && line.contains(" = ")).count();
    let unset = text.lines().filter(|line| line.ends_with(" is not set")).count();
    assert_eq!(set + unset, keys, "every key has a line");
    let mut config = Config::default();
    config.server.listen = "127.0.0.1:1".parse().expect("an address");
    let mut problems = Problems::default();
    from_toml(&mut config, Source { name: "defaults", text: &uncommented.join("\n") }, &mut problems);
    assert_eq!(problems.or(config), Ok(Config::default()), "a line without its # sets the default");
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[test]
fn what_is_printed_reads_back() {
    let environment = Environment::default()
        .with("WHARFINGER__SERVER__PUBLIC_URL", "https://hub.example:8443/")
        .with("WHARFINGER__SERVER__TRUSTED_PROXIES", "10.0.0.0/8,fd00::/8")
        .with("WHARFINGER__LIMITS__MANIFEST_BYTES_MAX", "8388608");
    let mut config = Config::load(None, environment).expect("a configuration");
    let scratch = Scratch::new("printed");
    let file = scratch.file("w.toml", &config.to_toml());
    config.environment = Environment::default();
    assert_eq!(Config::load(Some(&file), Environment::default()), Ok(config));
}

#[test]
fn a_database_password_is_not_shown() {
    let environment =
        Environment::default().with("WHARFINGER__STORAGE__DATABASE_URL", "postgres://whf:hunter2@db/whf");
    let config = Config::load(None, environment).expect("a configuration");
    assert!(!config.to_toml().contains("hunter2"));
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn variables_are_unique() {
    let mut names: Vec<String> =
        SECTIONS.iter().flat_map(|section| section.keys.iter().map(|key| variable(section, key))).collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
}
