use super::*;
use crate::maven::layout::Package;
use crate::maven::version::Version;

fn read_pom(inside: &str) -> Details {
    let package = Package { group: "org.example".into(), artifact: "lib".into() };
    let gav = Gav { package, version: Version::parse("1.0").expect("a version") };
    read(format!("<project>{inside}</project>").as_bytes(), &gav)
}

#[test]
fn a_pom_tells_what_it_says_itself() {
    let details = read_pom(
        "<parent><groupId>org.example</groupId><artifactId>up</artifactId><version>7</version></parent>\
         <name>Lib</name><description>Does \u{202e}things.</description><url>https://example.org/${project.artifactId}</url>\
         <artifactId>lib</artifactId><properties><slf4j>2.0</slf4j><java.version>21</java.version></properties>\
         <licenses><license><name>MIT</name><url>javascript:x</url></license></licenses>\
         <scm><url>https://example.org/git</url></scm>\
         <dependencies><dependency><groupId>org.slf4j</groupId><artifactId>api</artifactId><version>${slf4j}</version></dependency>\
         <dependency><groupId>${project.groupId}</groupId><artifactId>own</artifactId><version>${project.version}</version>\
         <scope>test</scope><optional>true</optional><exclusions><exclusion><artifactId>x</artifactId></exclusion></exclusions></dependency>\
         </dependencies>",
    );
    assert_eq!(details.title.as_deref(), Some("Lib"));
    assert_eq!(details.description.as_deref(), Some("Does things."));
    let links: Vec<_> = details.links.iter().map(|link| (&*link.what, &*link.url)).collect();
    assert_eq!(links, [("home", "https://example.org/lib"), ("source", "https://example.org/git")]);
    assert_eq!(
        details.licences.iter().map(|one| (&*one.name, one.url.as_deref())).collect::<Vec<_>>(),
        [("MIT", None)]
    );
    let fact = |name: &str| details.facts.iter().find(|fact| fact.name == name).map(|fact| &*fact.value);
    assert_eq!(
        (fact("packaging"), fact("parent"), fact("java")),
        (Some("jar"), Some("org.example:up:7"), Some("21"))
    );
    let needed: Vec<_> = details
        .dependencies
        .iter()
        .map(|one| (&*one.package, one.range.as_deref(), one.scope.as_deref(), one.optional))
        .collect();
    assert_eq!(
        needed,
        [("org.slf4j:api", Some("2.0"), None, false), ("org.example:own", Some("1.0"), Some("test"), true)],
    );
}

#[test]
fn what_cannot_be_read_is_left_out() {
    assert_eq!(read_pom("<name>Lib</name><oops").title.as_deref(), Some("Lib"));
    assert_eq!(
        read_pom("<name>${a}</name><properties><a>${a}${a}</a></properties>").title.as_deref(),
        Some("${a}${a}${a}${a}")
    );
    assert_eq!(read_pom("<name>${</name>").title.as_deref(), Some("${"));
    let many = "<dependency><groupId>g</groupId><artifactId>a</artifactId></dependency>".repeat(5000);
    assert_eq!(read_pom(&format!("<dependencies>{many}</dependencies>")).dependencies.len(), ROWS_MAX);
}
