use super::*;
use crate::nuget::metadata::{Dependency, Group};

/// A manifest with `extra` among its metadata.
fn with(extra: &str) -> Result<Nuspec, Fault> {
    Nuspec::parse(
        format!("<package><metadata><id>A.b</id><version>1.0</version>{extra}</metadata></package>")
            .as_bytes(),
    )
}

fn good(extra: &str) -> Nuspec {
    with(extra).unwrap_or_else(|fault| panic!("{fault}: {extra}"))
}

fn fault(extra: &str) -> Fault {
    with(extra).expect_err(extra)
}

#[test]
fn everything_that_documents_show_is_read() {
    let nuspec = Nuspec::parse(
        br#"<?xml version="1.0"?>
        <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
          <metadata minClientVersion="2.12">
            <id>Some.Tool</id><version>01.2.0-Beta.1+abc</version><title>T</title><authors>A, B</authors>
            <owners>nobody</owners><description>D &amp; d</description><summary>S</summary><tags>x y</tags>
            <language>en-US</language><projectUrl>https://a.example/p</projectUrl><iconUrl>http://a.example/i</iconUrl>
            <license type="expression">MIT OR Apache-2.0</license>
            <licenseUrl>https://licenses.nuget.org/MIT%20OR%20Apache-2.0</licenseUrl>
            <icon>images\i.png</icon><readme>./README.md</readme><requireLicenseAcceptance>true</requireLicenseAcceptance>
            <packageTypes><packageType name="DotnetTool"/></packageTypes>
            <dependencies>
              <group targetFramework="net8.0"><dependency id="Z" version="[1,2)" exclude="Build"/></group>
              <group targetFramework="net6.0"/>
            </dependencies>
          </metadata>
          <files/>
        </package>"#,
    )
    .unwrap();
    assert_eq!((nuspec.id.display(), nuspec.version.normalised().as_str()), ("Some.Tool", "1.2.0-Beta.1"));
    assert_eq!(nuspec.icon.as_deref(), Some("images/i.png"));
    assert_eq!(nuspec.readme.as_deref(), Some("README.md"));
    assert_eq!(nuspec.licence, None);
    let dependency = Dependency { id: "Z".to_owned(), range: "[1.0.0, 2.0.0)".to_owned() };
    let group = |framework: &str, dependencies| Group { framework: framework.to_owned(), dependencies };
    let expected = Metadata {
        id: "Some.Tool".to_owned(),
        version: "1.2.0-Beta.1+abc".to_owned(),
        semver2: true,
        title: "T".to_owned(),
        authors: "A, B".to_owned(),
        description: "D & d".to_owned(),
        summary: "S".to_owned(),
        tags: "x y".to_owned(),
        language: "en-US".to_owned(),
        project_url: "https://a.example/p".to_owned(),
        icon_url: "http://a.example/i".to_owned(),
        licence_url: "https://licenses.nuget.org/MIT%20OR%20Apache-2.0".to_owned(),
        licence_expression: "MIT OR Apache-2.0".to_owned(),
        require_licence_acceptance: true,
        min_client_version: "2.12.0".to_owned(),
        types: vec![PackageType { name: "DotnetTool".to_owned(), version: String::new() }],
        groups: vec![group("net8.0", vec![dependency]), group("net6.0", Vec::new())],
        ..Metadata::default()
    };
    assert_eq!(nuspec.metadata, expected);
    assert_eq!(Metadata::from_json(&expected.to_json().unwrap()), expected);
}

/// NuGet 1.x wrote the namespace at `metadata`; clients take whatever is the default there.
#[test]
fn namespaces_are_those_of_the_metadata() {
    let fields = "<id>a</id><version>1</version>";
    let nuspec = |year: &str| format!("http://schemas.microsoft.com/packaging/{year}/nuspec.xsd");
    for year in ["2010/07", "2011/08", "2011/10", "2012/06", "2013/01", "2013/05"] {
        let namespace = nuspec(year);
        for text in [
            format!("<package xmlns='{namespace}'><metadata>{fields}</metadata></package>"),
            format!("<package><metadata xmlns='{namespace}'>{fields}</metadata></package>"),
            format!("<package xmlns='{namespace}'><metadata xmlns=''>{fields}</metadata></package>"),
            format!(
                "<package xmlns='{}'><metadata xmlns='{namespace}'>{fields}</metadata></package>",
                nuspec("2010/07")
            ),
        ] {
            assert!(Nuspec::parse(text.as_bytes()).is_ok(), "{text}");
        }
    }
    for other in ["<project/>", "<metadata/>"] {
        assert_eq!(Nuspec::parse(other.as_bytes()), Err(Fault::NotNuspec), "{other}");
    }
    assert!(matches!(Nuspec::parse(b"<!DOCTYPE package><package/>"), Err(Fault::Xml(_))));
    // A client takes the first, whatever its prefix.
    let two = format!("<package xmlns:x='n'><x:metadata/><metadata>{fields}</metadata></package>");
    assert_eq!(Nuspec::parse(two.as_bytes()), Err(Fault::Once("metadata")));
}

#[test]
fn paths_may_begin_at_the_root() {
    for path in ["/docs/a.md", "\\docs\\a.md", "./docs/a.md", ".\\docs\\a.md", "//docs/a.md", "docs/a.md"] {
        let nuspec =
            good(&format!("<readme>{path}</readme><icon>{path}</icon><license type='file'>{path}</license>"));
        let all = [nuspec.readme, nuspec.icon, nuspec.licence];
        assert!(all.iter().all(|found| found.as_deref() == Some("docs/a.md")), "{path}: {all:?}");
    }
}

/// As `NuGetLicenseExpression` of the client reads them.
#[test]
fn expressions_are_read_refused_or_doubted() {
    let licence = |text: &str| with(&format!("<license type='Expression'>{text}</license>"));
    for text in [
        "MIT",
        "(MIT)",
        "((MIT))",
        "MIT  OR  BSD-3-Clause",
        "Apache-2.0+ OR MIT",
        "UNLICENSED",
        "MIT AND (Apache-2.0 OR GPL-2.0-only)",
        "GPL-2.0-only WITH Classpath-exception-2.0",
    ] {
        let nuspec = licence(text).unwrap_or_else(|fault| panic!("{fault}: {text}"));
        assert_eq!((nuspec.metadata.licence_expression.as_str(), nuspec.doubts), (text, vec![]));
    }
    for text in
        ["mit", "LicenseRef-x", "Foo-1.0", "MIT WITH Foo", "Proprietary", "GPL-2.0", "UNLICENSED OR MIT"]
    {
        assert_eq!(licence(text).unwrap().doubts.len(), 1, "{text}");
    }
    let told = licence("GPL-2.0 OR Foo WITH Bar").unwrap().doubts;
    let told: Vec<String> = told.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "SPDX no longer lists 'GPL-2.0' as the name of a licence or exception",
            "SPDX lists no licence or exception 'Foo'",
            "SPDX lists no licence or exception 'AdditionRef-Bar'",
        ]
    );
    for text in [
        "MIT OR",
        "MIT or Apache-2.0",
        "(MIT",
        "MIT)",
        "MIT WITH",
        "MIT Apache-2.0",
        "WITH",
        "()",
        "+",
        "MIT++",
        "MIT +",
        "(MIT OR Apache-2.0) WITH Foo",
    ] {
        assert_eq!(licence(text), Err(Fault::Expression(Quoted::new(text))), "{text}");
    }
    for text in ["MIT/Apache-2.0", "MIT, Apache", "MIT_1", " ", "MIT\tOR\nApache-2.0"] {
        assert_eq!(licence(text), Err(Fault::Licence), "{text}");
    }
}

#[test]
fn there_is_one_identity() {
    assert_eq!(Nuspec::parse(b"<package/>"), Err(Fault::Once("metadata")));
    assert_eq!(Nuspec::parse(b"<package><metadata/><metadata/></package>"), Err(Fault::Once("metadata")));
    assert_eq!(fault("<id>B</id>"), Fault::Once("id"));
    assert_eq!(fault("<version>2</version>"), Fault::Once("version"));
    for id in ["a/b", "a#b", "a?b", "a%23b", "..", "a b", "", "\u{e4}"] {
        let text = format!("<package><metadata><id>{id}</id><version>1</version></metadata></package>");
        assert_eq!(Nuspec::parse(text.as_bytes()), Err(Fault::Id(Quoted::new(id))), "{id}");
    }
    let version = |text: &str| {
        let text = format!("<package><metadata><id>a</id><version>{text}</version></metadata></package>");
        Nuspec::parse(text.as_bytes())
    };
    assert_eq!(version("1.0#x"), Err(Fault::Version(Quoted::new("1.0#x"))));
    assert!(version(&format!("1.0.0-{}", "a".repeat(58))).is_ok());
    let long = version(&format!("1.0.0-{}", "a".repeat(59)));
    assert_eq!(long, Err(Fault::TooLong { name: "version", chars_max: 64 }));
    let together = |id: usize, version: usize| {
        let (id, version) = ("a".repeat(id), "a".repeat(version - 6));
        let text = format!(
            "<package><metadata><id>{id}</id><version>1.0.0-{version}</version></metadata></package>"
        );
        Nuspec::parse(text.as_bytes()).map(drop)
    };
    assert_eq!(together(100, 60), Ok(()));
    assert_eq!(together(100, 61), Err(Fault::IdentityTooLong { chars_max: 160 }));
}

#[test]
fn texts_have_bounds_in_characters() {
    for (name, chars_max) in [
        ("title", 256),
        ("description", 4000),
        ("authors", 4000),
        ("summary", 4000),
        ("tags", 4000),
        ("releaseNotes", 35_000),
    ] {
        let element = |count| format!("<{name}>{}</{name}>", "é".repeat(count));
        good(&element(chars_max));
        assert_eq!(fault(&element(chars_max + 1)), Fault::TooLong { name, chars_max });
        assert_eq!(fault(&format!("<{name}>a</{name}><{name}>b</{name}>")), Fault::Once(name));
    }
}

#[test]
fn addresses_are_of_the_web() {
    for name in ["projectUrl", "iconUrl", "licenseUrl"] {
        for address in ["http://a.example", "https://a.example/x?y#z", "HTTPS://A.example"] {
            good(&format!("<{name}>{address}</{name}>"));
        }
        for address in
            ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "a.example", "http://a b"]
        {
            assert_eq!(fault(&format!("<{name}>{address}</{name}>")), Fault::Url(name), "{address}");
        }
    }
}

#[test]
fn licences_do_not_contradict_themselves() {
    let file = "<license type='file'>L.txt</license>";
    let mit = "<license type='expression'>MIT</license>";
    assert_eq!(good(file).licence.as_deref(), Some("L.txt"));
    assert_eq!(good(mit).metadata.licence_expression, "MIT");
    good("<licenseUrl>https://a.example/licence</licenseUrl>");
    assert_eq!(good(&file.replace("file", " FILE ")).licence.as_deref(), Some("L.txt"));
    good(&format!("{file}<licenseUrl>https://aka.ms/deprecateLicenseUrl</licenseUrl>"));
    good(&format!("{mit}<licenseUrl>https://licenses.nuget.org/MIT</licenseUrl>"));
    assert_eq!(fault(&format!("{mit}<licenseUrl>https://a.example/</licenseUrl>")), Fault::Licences);
    assert_eq!(
        fault(&format!("{file}<licenseUrl>https://licenses.nuget.org/MIT</licenseUrl>")),
        Fault::Licences
    );
    assert_eq!(fault(&format!("{file}{mit}")), Fault::Once("license"));
    for bad in [
        "<license>MIT</license>",
        "<license type='x'>MIT</license>",
        "<license type='expression'>&lt;</license>",
    ] {
        assert_eq!(fault(bad), Fault::Licence, "{bad}");
    }
}

#[test]
fn dependencies_are_flat_or_grouped_and_never_floating() {
    let dependency = |id: &str, version: &str| format!("<dependency id='{id}' version='{version}'/>");
    let list = |inside: &str| format!("<dependencies>{inside}</dependencies>");
    let flat = good(&list(&(dependency("B", "1.0") + "<dependency id='C'/>"))).metadata;
    assert_eq!(flat.groups.len(), 1);
    let ranges: Vec<&str> = flat.groups[0].dependencies.iter().map(|one| &*one.range).collect();
    assert_eq!((flat.groups[0].framework.as_str(), ranges), ("", vec!["[1.0.0, )", "(, )"]));
    assert!(!flat.semver2);
    assert!(good(&list(&dependency("B", "[1.0-a.b]"))).metadata.semver2);
    assert!(good(&list("")).metadata.groups.is_empty());
    for (version, what) in [
        ("1.*", "floating, which only projects may have"),
        ("[2,1]", "malformed"),
        ("1.0+x", "bounded by a version with build metadata"),
    ] {
        let expected = Fault::Range { id: Quoted::new("B"), what };
        assert_eq!(fault(&list(&dependency("B", version))), expected, "{version}");
    }
    let twice = dependency("B", "1") + &dependency("b", "2");
    assert_eq!(fault(&list(&twice)), Fault::DependencyTwice(Quoted::new("b")));
    let group = |inside: &str| format!("<group targetFramework='net8.0'>{inside}</group>");
    good(&list(&(group(&dependency("B", "1")) + &group(&dependency("B", "2")))));
    assert_eq!(fault(&list(&(group("") + &dependency("B", "1")))), Fault::DependenciesMixed);
    assert_eq!(fault(&list(&dependency("a/b", "1"))), Fault::Id(Quoted::new("a/b")));
    assert_eq!(fault(&(list("") + &list(""))), Fault::Once("dependencies"));
}

#[test]
fn groups_and_dependencies_are_counted() {
    let groups = |count: usize| format!("<dependencies>{}</dependencies>", "<group/>".repeat(count));
    assert_eq!(good(&groups(256)).metadata.groups.len(), 256);
    for count in [257, 19_900] {
        let fault = fault(&groups(count));
        assert_eq!(fault, Fault::TooMany { what: "dependency groups", most: 256 });
        assert_eq!(fault.to_string(), "the nuspec has more than 256 dependency groups");
    }
    let dependencies = |count: usize, groups: usize| {
        let many = |group: usize| -> String {
            let of_group = (0..count).filter(|number| number % groups == group);
            of_group.map(|number| format!("<dependency id='{number:0>100}' version='[1.0,2.0)'/>")).collect()
        };
        let groups = (0..groups).map(|group| format!("<group>{}</group>", many(group))).collect::<String>();
        format!("<dependencies>{groups}</dependencies>")
    };
    let most = good(&dependencies(2000, 128)).metadata;
    assert_eq!(most.groups.iter().map(|group| group.dependencies.len()).sum::<usize>(), 2000);
    most.to_json().expect("the gallery's own bounds are within ours");
    assert_eq!(fault(&dependencies(4001, 2)), Fault::TooMany { what: "dependencies", most: 4000 });
}

#[test]
fn symbols_are_told_apart_and_clients_of_the_future_refused() {
    let types = |name: &str| format!("<packageTypes><packageType name='{name}'/></packageTypes>");
    assert_eq!(good(&types("Dependency")).metadata.types.len(), 1);
    assert!(good(&types("symbolsPACKAGE")).symbols && !good(&types("Dependency")).symbols);
    assert_eq!(fault(&types("a b")), Fault::PackageType);
    let client = |version: &str| {
        let text = format!(
            "<package><metadata minClientVersion='{version}'><id>a</id><version>1</version></metadata></package>"
        );
        Nuspec::parse(text.as_bytes()).map(drop)
    };
    assert_eq!(client("4.3"), Ok(()));
    assert_eq!(client("99.0"), Err(Fault::MinClientVersion));
    assert_eq!(client("x"), Err(Fault::MinClientVersion));
    assert_eq!(
        fault("<requireLicenseAcceptance>maybe</requireLicenseAcceptance>"),
        Fault::Flag("requireLicenseAcceptance")
    );
}

#[test]
fn metadata_that_no_entry_can_hold_is_refused() {
    let dependency =
        |number: usize| format!("<dependency id='{number:0>100}' version='1.0.0-{}'/>", "a".repeat(50));
    let many = |count: usize| {
        let all: String = (0..count).map(dependency).collect();
        good(&format!("<dependencies>{all}</dependencies>")).metadata.to_json().map(drop)
    };
    assert_eq!(many(100), Ok(()));
    assert_eq!(many(4000), Err(Fault::MetadataTooLarge { bytes_max: 512 << 10 }));
}
