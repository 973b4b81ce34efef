//! The first minutes with Maven and Gradle.

use domain::{ClientLines, Connecting, Step, TOKEN_VARIABLE, shell_word, xml_text};

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

/// What configurations call the gateway.
const ID: &str = "wharfinger";

/// What each build tool needs to fetch from there and to deploy there.
pub(super) fn clients(to: &Connecting<'_>) -> Vec<ClientLines> {
    let url = format!("{}/maven/p/{}", to.origin, to.repository);
    let (group, artifact, version) = coordinates(to.example);
    let known = if to.is_nobody() {
        String::new()
    } else {
        let login = format!("{} {}:", host(to.authority()), to.user);
        format!("COURSIER_CREDENTIALS={}{} ", shell_word(&login), to.shell_secret())
    };
    let fetch = format!("{known}coursier fetch -r {url} {group}:{artifact}:{version}");
    vec![
        mvn(to, &url),
        gradle(to, &url),
        sbt(to, &url),
        ClientLines::new("coursier", [(Step::Pull, None, fetch)]),
    ]
}

fn mvn(to: &Connecting<'_>, url: &str) -> ClientLines {
    let (user, from_variable) = (xml_text(to.user), format!("${{env.{TOKEN_VARIABLE}}}"));
    let secret = to.secret.unwrap_or(&from_variable);
    let element = format!("<repository>\n    <id>{ID}</id>\n    <url>{url}</url>\n  </repository>");
    let settings = format!(
        "<settings>\n  <servers>\n    <server>\n      <id>{ID}</id>\n      <username>{user}</username>\n      \
         <password>{secret}</password>\n    </server>\n  </servers>\n</settings>"
    );
    let deploy = format!("<distributionManagement>\n  {element}\n</distributionManagement>");
    let fetch = format!("<repositories>\n  {element}\n</repositories>");
    ClientLines::new(
        "mvn",
        [
            (Step::LogIn, Some("~/.m2/settings.xml"), settings),
            (Step::Push, Some("pom.xml"), deploy),
            (Step::Push, None, "mvn deploy".to_owned()),
            (Step::Pull, Some("pom.xml"), fetch),
        ],
    )
}

fn gradle(to: &Connecting<'_>, url: &str) -> ClientLines {
    let insecure = if to.is_tls() { "" } else { "    isAllowInsecureProtocol = true\n" };
    let login = if to.is_nobody() { "" } else { "    credentials(PasswordCredentials::class)\n" };
    let maven = format!("  maven {{\n    name = \"{ID}\"\n    url = uri(\"{url}\")\n{insecure}{login}  }}\n");
    let login = match to.secret {
        Some(secret) => {
            let text = format!("wharfingerUsername={}\nwharfingerPassword={secret}", to.user);
            (Step::LogIn, Some("~/.gradle/gradle.properties"), text)
        }
        None => {
            let (user, secret) = (shell_word(to.user), to.shell_secret());
            let prefix = "export ORG_GRADLE_PROJECT_wharfinger";
            (Step::LogIn, None, format!("{prefix}Username={user}\n{prefix}Password={secret}"))
        }
    };
    let fetch = format!("repositories {{\n{maven}}}");
    let publish = format!("plugins {{ `maven-publish` }}\npublishing {{\n  repositories {{\n{maven}  }}\n}}");
    ClientLines::new(
        "Gradle",
        [
            login,
            (Step::Pull, Some("build.gradle.kts"), fetch),
            (Step::Push, Some("build.gradle.kts"), publish),
            (Step::Push, None, "gradle publish".to_owned()),
        ],
    )
}

fn sbt(to: &Connecting<'_>, url: &str) -> ClientLines {
    let (user, host) = (to.user, host(to.authority()));
    let plain = if to.is_tls() { "" } else { " withAllowInsecureProtocol true" };
    let file = "Path.userHome / \".sbt\" / \"1.0\" / \"wharfinger.credentials\"";
    let (blocks, known) = match to.secret {
        Some(secret) => {
            let login = format!("realm=wharfinger\nhost={host}\nuser={user}\npassword={secret}");
            let known = format!("credentials += Credentials({file})\n");
            (vec![(Step::LogIn, Some("~/.sbt/1.0/wharfinger.credentials"), login)], known)
        }
        None if to.is_nobody() => (Vec::new(), String::new()),
        None => {
            let user = user.replace('\\', "\\\\").replace('"', "\\\"");
            let known = format!("\"wharfinger\", \"{host}\", \"{user}\", sys.env(\"{TOKEN_VARIABLE}\")");
            (Vec::new(), format!("credentials += Credentials({known})\n"))
        }
    };
    let build = format!(
        "{known}resolvers += (\"{ID}\" at \"{url}\"{plain})\npublishTo := Some(\"{ID}\" at \"{url}\"{plain})"
    );
    ClientLines::new("sbt", blocks.into_iter().chain([(Step::Pull, Some("build.sbt"), build)]))
}

/// A dependency that is there, or the first one.
fn coordinates<'e>(example: Option<(&'e str, &'e str)>) -> (&'e str, &'e str, &'e str) {
    let split = |(package, version): (&'e str, &'e str)| {
        let (group, artifact) = package.split_once(':')?;
        Some((group, artifact, version))
    };
    example.and_then(split).unwrap_or(("org.example", "hello", "1.0"))
}

/// Both look a login up by the host without its port.
fn host(authority: &str) -> &str {
    authority.rsplit_once(':').map_or(authority, |(host, _)| host)
}
