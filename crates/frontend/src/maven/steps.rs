//! The first minutes with Maven and Gradle.

use domain::{ClientLines, Connecting, Step, shell_word, xml_text};

use crate::protocol::FirstLogin;

/// What a project needs so that it is deployed there and fetches from there.
pub(super) fn first(login: &FirstLogin<'_>, repository: &str) -> String {
    let FirstLogin { origin, username, token } = login;
    let url = format!("{origin}/maven/p/{repository}");
    let element = format!("<repository><id>wharfinger</id><url>{url}</url></repository>");
    // Older ones do not know the word that newer ones insist on.
    let insecure = if login.is_tls() { "" } else { " (from 7 on with allowInsecureProtocol = true)" };
    format!(
        "\nDeploy with mvn, and fetch. Between <servers> and </servers> of ~/.m2/settings.xml:\n\n    \
         <server><id>wharfinger</id><username>{username}</username><password>{token}</password></server>\n\n\
         In pom.xml:\n\n    \
         <distributionManagement>{element}</distributionManagement>\n    \
         <repositories>{element}</repositories>\n\n\
         Fetch with Gradle. In build.gradle{insecure}:\n\n    \
         repositories {{ maven {{ url = '{url}'; credentials {{ username = '{username}'; password = '{token}' }} }} }}\n"
    )
}

/// What each build tool needs to fetch from there and to deploy there.
pub(super) fn clients(to: &Connecting<'_>) -> Vec<ClientLines> {
    let (user, secret, id, in_xml) = (to.user, to.secret, "wharfinger", xml_text(to.user));
    let url = format!("{}/maven/p/{}", to.origin, to.repository);
    let element = format!("<repository>\n    <id>{id}</id>\n    <url>{url}</url>\n  </repository>");
    let (group, artifact, version) = coordinates(to.example);
    let plain = |text: &'static str| if to.is_tls() { "" } else { text };
    vec![
        ClientLines::new(
            "mvn",
            [
                (
                    Step::LogIn,
                    Some("~/.m2/settings.xml"),
                    format!(
                        "<settings>\n  <servers>\n    <server>\n      <id>{id}</id>\n      <username>{in_xml}</username>\n      \
                         <password>{secret}</password>\n    </server>\n  </servers>\n</settings>"
                    ),
                ),
                (
                    Step::Push,
                    Some("pom.xml"),
                    format!("<distributionManagement>\n  {element}\n</distributionManagement>"),
                ),
                (Step::Push, None, "mvn deploy".to_owned()),
                (Step::Pull, Some("pom.xml"), format!("<repositories>\n  {element}\n</repositories>")),
            ],
        ),
        ClientLines::new(
            "Gradle",
            [
                (
                    Step::LogIn,
                    Some("~/.gradle/gradle.properties"),
                    format!("wharfingerUsername={user}\nwharfingerPassword={secret}"),
                ),
                (
                    Step::Pull,
                    Some("build.gradle.kts"),
                    format!(
                        "repositories {{\n{}}}",
                        gradle(&url, plain("    isAllowInsecureProtocol = true\n"))
                    ),
                ),
                (
                    Step::Push,
                    Some("build.gradle.kts"),
                    format!(
                        "plugins {{ `maven-publish` }}\npublishing {{\n  repositories {{\n{}  }}\n}}",
                        gradle(&url, plain("    isAllowInsecureProtocol = true\n"))
                    ),
                ),
                (Step::Push, None, "gradle publish".to_owned()),
            ],
        ),
        ClientLines::new(
            "sbt",
            [
                (
                    Step::LogIn,
                    Some("~/.sbt/1.0/wharfinger.credentials"),
                    format!(
                        "realm=wharfinger\nhost={}\nuser={user}\npassword={secret}",
                        host(to.authority())
                    ),
                ),
                (
                    Step::Pull,
                    Some("build.sbt"),
                    format!(
                        "credentials += Credentials(Path.userHome / \".sbt\" / \"1.0\" / \"wharfinger.credentials\")\n\
                         resolvers += (\"{id}\" at \"{url}\"{0})\npublishTo := Some(\"{id}\" at \"{url}\"{0})",
                        plain(" withAllowInsecureProtocol true")
                    ),
                ),
            ],
        ),
        ClientLines::new(
            "coursier",
            [(
                Step::Pull,
                None,
                format!(
                    "COURSIER_CREDENTIALS={} coursier fetch -r {url} {group}:{artifact}:{version}",
                    shell_word(&format!("{} {user}:{secret}", host(to.authority())))
                ),
            )],
        ),
    ]
}

/// A dependency that is there, or the first one.
fn coordinates<'e>(example: Option<(&'e str, &'e str)>) -> (&'e str, &'e str, &'e str) {
    let split = |(package, version): (&'e str, &'e str)| {
        let (group, artifact) = package.split_once(':')?;
        Some((group, artifact, version))
    };
    example.and_then(split).unwrap_or(("org.example", "hello", "1.0"))
}

fn gradle(url: &str, insecure: &str) -> String {
    format!(
        "  maven {{\n    name = \"wharfinger\"\n    url = uri(\"{url}\")\n{insecure}    credentials(PasswordCredentials::class)\n  }}\n"
    )
}

/// Both look a login up by the host without its port.
fn host(authority: &str) -> &str {
    authority.rsplit_once(':').map_or(authority, |(host, _)| host)
}
