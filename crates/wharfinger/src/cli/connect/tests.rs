use expect_test::expect;

use super::clients::{Access, Program, Target};
use super::draft::{Draft, MASK};
use super::fingerprint;
use crate::config::{Environment, ServerUrl};

fn access(program: Program, id: &str) -> Access {
    let server = ServerUrl::parse("http://127.0.0.1:8080").expect("an address");
    let repository = if program.needs_repository() { "alpha/packages" } else { "alpha/jars" };
    let (_, url) =
        frontend::address_for(program.word(), server.as_str(), repository).expect("a known program");
    Access {
        id: id.to_owned(),
        server,
        url: Some(url),
        user: "alice".to_owned(),
        secret: "whfp_secret".to_owned(),
    }
}

fn targets(program: Program, access: &Access) -> Vec<Target> {
    let environment = Environment::default().with("HOME", "/home/alice");
    program.targets(access, &environment).expect("files")
}

/// Puts an entry into a text: another secret takes the place of the first alone, and without it the text is what it was.
fn goes_in_and_out(program: Program, id: &str, before: &str) -> String {
    let access = access(program, id);
    let target = targets(program, &access).remove(0);
    let mut draft = Draft::of(before);
    target.editor.put(&mut draft, &access).expect("put");
    let with = draft.text.clone();
    assert!(!target.editor.has(before, &access).expect("read"), "{before}");
    assert!(target.editor.has(&with, &access).expect("read"), "{with}");
    let other = Access { secret: "whfp_other".to_owned(), ..access.clone() };
    target.editor.put(&mut draft, &other).expect("put again");
    if program != Program::Paket {
        target.editor.put(&mut draft, &access).expect("put once more");
        assert_eq!(draft.text, with);
    }
    // Nobody sees a secret in what is shown.
    let mut masked = Draft::of(&with);
    target.editor.put(&mut masked, &Access { secret: MASK.to_owned(), ..access.clone() }).expect("masked");
    assert!(!masked.shown.join("\n").contains("whfp_"), "{:?}", masked.shown);
    let mut out = Draft::of(&with);
    target.editor.take(&mut out, &access).expect("taken");
    assert!(!target.editor.has(&out.text, &access).expect("read"), "{}", out.text);
    if !before.trim().is_empty() && before.contains("OTHER") {
        assert_eq!(out.text, before);
    }
    with
}

#[test]
fn maven_gets_one_server_and_nothing_else_moves() {
    let before = "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<!-- <servers> of OTHER people -->\r\n\
                  <settings xmlns=\"http://maven.apache.org/SETTINGS/1.2.0\">\r\n    <mirrors><mirror><id>m</id>\
                  <mirrorOf>*</mirrorOf></mirror></mirrors>\r\n    <servers>\r\n        <server><id>OTHER</id>\
                  <password>{enc=}</password></server> <!-- kept -->\r\n    </servers>\r\n</settings>\r\n";
    let after = goes_in_and_out(Program::Mvn, "alpha-jars", before);
    let added = "      <server>\r\n        <id>alpha-jars</id>\r\n        <username>alice</username>\r\n        \
                 <password>whfp_secret</password>\r\n      </server>\r\n";
    let (head, tail) = before.split_at(before.find("    </servers>").expect("an end"));
    assert_eq!(after, format!("{head}{added}{tail}"));
    let editor = targets(Program::Mvn, &access(Program::Mvn, "alpha-jars")).remove(0).editor;
    let warnings = editor.warnings(before, &access(Program::Mvn, "alpha-jars"));
    assert_eq!(
        warnings,
        ["a mirror of `*` takes what is asked of `alpha-jars`: write `*,!alpha-jars` there"]
    );

    for before in ["", "<settings/>", "<settings></settings>", "<settings><servers/></settings>\n"] {
        goes_in_and_out(Program::Mvn, "alpha", before);
    }
    expect![[r#"
        <settings>
          <servers>
            <server>
              <id>alpha</id>
              <username>alice</username>
              <password>whfp_secret</password>
            </server>
          </servers>
        </settings>
    "#]]
    .assert_eq(&goes_in_and_out(Program::Mvn, "alpha", ""));
}

#[test]
fn nuget_gets_a_source_and_a_login() {
    let before = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration>\n\t<packageSources>\n\t\t<clear />\n\t\t\
                  <add key=\"OTHER\" value=\"https://elsewhere.example/index.json\" /> <!-- the one -->\n\
                  \t</packageSources>\n\t<packageSourceCredentials>\n\t\t<OTHER>\n\t\t\t<add key=\"Username\" \
                  value=\"a&amp;b\" />\n\t\t</OTHER>\n\t</packageSourceCredentials>\n</configuration>\n";
    let after = goes_in_and_out(Program::Dotnet, "alpha-packages", before);
    assert!(after.contains(
        "<add key=\"alpha-packages\" value=\"http://127.0.0.1:8080/nuget/p/alpha/packages/v3/index.json\" \
         allowInsecureConnections=\"true\" />"
    ));
    expect![[r#"
        <?xml version="1.0" encoding="utf-8"?>
        <configuration>
          <packageSources>
            <add key="alpha-packages" value="http://127.0.0.1:8080/nuget/p/alpha/packages/v3/index.json" allowInsecureConnections="true" />
          </packageSources>
          <packageSourceCredentials>
            <alpha-packages>
              <add key="Username" value="alice" />
              <add key="ClearTextPassword" value="whfp_secret" />
            </alpha-packages>
          </packageSourceCredentials>
        </configuration>
    "#]]
    .assert_eq(&goes_in_and_out(Program::Dotnet, "alpha-packages", ""));
    let mapped = "<configuration><packageSourceMapping><packageSource key=\"x\"/></packageSourceMapping></configuration>";
    let access = access(Program::Dotnet, "alpha-packages");
    assert_eq!(targets(Program::Dotnet, &access).remove(0).editor.warnings(mapped, &access).len(), 1);
}

#[test]
fn containers_get_a_login_for_the_host() {
    for before in [
        "{\n\t\"auths\": {\n\t\t\"OTHER.example\": {\n\t\t\t\"auth\": \"eDp5\"\n\t\t}\n\t},\n\t\"psFormat\": \"table\"\n}",
        "{\"auths\":{\"OTHER\":{}},\"HttpHeaders\":{\"a\":\"b\"}}",
        "{ \"auths\" : { \"OTHER\" : { \"auth\" : \"eDp5\" } } }\r\n",
        "{}",
        "{\"auths\": {}}",
        "",
    ] {
        let after = goes_in_and_out(Program::Docker, "127.0.0.1:8080", before);
        let read: serde_json::Value = serde_json::from_str(&after).expect("JSON");
        assert_eq!(read["auths"]["127.0.0.1:8080"]["auth"], "YWxpY2U6d2hmcF9zZWNyZXQ=", "{after}");
    }
    expect![[r#"
        {
        	"auths": {
        		"127.0.0.1:8080": {
        			"auth": "YWxpY2U6d2hmcF9zZWNyZXQ="
        		}
        	}
        }
    "#]]
    .assert_eq(&goes_in_and_out(Program::Podman, "127.0.0.1:8080", ""));
    let access = access(Program::Docker, "127.0.0.1:8080");
    assert!(targets(Program::Docker, &access).remove(0).editor.has("[]", &access).is_err());
}

#[test]
fn gradle_gets_two_properties() {
    for before in ["# OTHER\r\norg.gradle.jvmargs=-Xmx1g \\\r\n  alphaJarsPassword=no\r\n", "OTHER = 1\n", ""]
    {
        let newline = if before.contains("\r\n") { "\r\n" } else { "\n" };
        let after = goes_in_and_out(Program::Gradle, "alphaJars", before);
        let added = format!("alphaJarsUsername=alice{newline}alphaJarsPassword=whfp_secret{newline}");
        assert_eq!(after, format!("{before}{added}"));
    }
    let after = goes_in_and_out(Program::Gradle, "alphaJars", "x=y");
    assert_eq!(after, "x=y\nalphaJarsUsername=alice\nalphaJarsPassword=whfp_secret\n");
}

#[test]
fn paket_gets_a_login_for_the_address() {
    let before = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration>\n  <credentials>\n    <credential source=\"OTHER\" \
                  username=\"x\" password=\"y\" authType=\"basic\" salt=\"z\" />\n  </credentials>\n</configuration>\n";
    let after = goes_in_and_out(Program::Paket, "127.0.0.1:8080", before);
    assert!(after.contains("SALT_SEPARATOR") && !after.contains("whfp_"), "{after}");
    goes_in_and_out(Program::Paket, "127.0.0.1:8080", "");
}

#[test]
fn sbt_gets_two_files_of_our_own() {
    let access = access(Program::Sbt, "alpha-jars");
    let written: Vec<(String, String)> = targets(Program::Sbt, &access)
        .iter()
        .map(|target| {
            let mut draft = Draft::of("");
            target.editor.put(&mut draft, &access).expect("put");
            (target.path.display().to_string(), draft.text)
        })
        .collect();
    let folder = "/home/alice/.sbt/1.0/wharfinger-alpha-jars";
    let login = "realm=wharfinger\nhost=127.0.0.1\nuser=alice\npassword=whfp_secret\n";
    let name = "\".sbt\" / \"1.0\" / \"wharfinger-alpha-jars.credentials\"";
    let setting = format!("credentials += Credentials(Path.userHome / {name})\n");
    assert_eq!(
        written,
        [(format!("{folder}.credentials"), login.to_owned()), (format!("{folder}.sbt"), setting)]
    );
}

#[test]
fn entries_are_called_after_the_node() {
    let server = ServerUrl::parse("https://hub.example").expect("an address");
    for (program, node, id) in [
        (Program::Docker, "alpha/images", "hub.example"),
        (Program::Mvn, "/", "wharfinger"),
        (Program::Mvn, "alpha/public-jars", "alpha-public-jars"),
        (Program::Gradle, "alpha/public-jars", "alphaPublicJars"),
        (Program::Gradle, "1up", "r1up"),
        (Program::Dotnet, "alpha/packages", "alpha-packages"),
    ] {
        assert_eq!(program.id(&server, node), id);
    }
    assert!(Program::Gradle.is_id("alphaJars") && !Program::Gradle.is_id("alpha-jars"));
    assert!(!Program::Dotnet.is_id("1alpha") && !Program::Mvn.is_id("a<b") && !Program::Docker.is_id("x"));
}

#[test]
fn a_text_is_known_again() {
    let known = fingerprint("");
    assert_eq!(known, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
