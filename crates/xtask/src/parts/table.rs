//! The table of parts.

use super::{Part, Source, Tier};

/// The table. A client that the README names stands here, or the README must not name it.
pub(super) const PARTS: &[Part] = &[
    engine("docker", Tier::Ci, &["dockerd", "docker"], Source::Apt(&["docker.io"])),
    engine("containerd", Tier::Ci, &["containerd", "ctr"], Source::Apt(&["containerd"])),
    part("curl", Tier::Ci, &["curl"], Source::Apt(&["curl"])),
    part("wget", Tier::Ci, &["wget"], Source::Apt(&["wget"])),
    part("skopeo", Tier::Ci, &["skopeo"], Source::Apt(&["skopeo"])),
    part("podman", Tier::Ci, &["podman"], Source::Apt(&["podman"])),
    part("buildah", Tier::Ci, &["buildah"], Source::Apt(&["buildah"])),
    part("docker-registry", Tier::Full, &["docker-registry"], Source::Apt(&["docker-registry"])),
    part("umoci", Tier::Ci, &["umoci"], Source::Apt(&["umoci"])),
    part("postgresql", Tier::Ci, &["initdb", "postgres", "pg_ctl"], Source::Apt(&["postgresql"])),
    part("systemd-analyze", Tier::Ci, &["systemd-analyze"], Source::Apt(&["systemd"])),
    part("crane", Tier::Ci, &["crane"], go(&["github.com/google/go-containerregistry/cmd/crane"], "v0.22.1")),
    part("regctl", Tier::Ci, &["regctl"], go(&["github.com/regclient/regclient/cmd/regctl"], "v0.11.7")),
    part("oras", Tier::Ci, &["oras"], go(&["oras.land/oras/cmd/oras"], "v1.3.6")),
    files(
        "oras-python",
        "WHARFINGER_TEST_ORAS_PYTHON",
        Source::PythonLibrary { package: "oras", version: "0.2.43" },
    ),
    files(
        "schemathesis",
        "WHARFINGER_TEST_SCHEMATHESIS",
        Source::PythonLibrary { package: "schemathesis", version: "4.32.0" },
    ),
    files(
        "oidc-provider",
        "WHARFINGER_TEST_OIDC_PROVIDER",
        Source::PythonLibrary { package: "oidc-provider-mock", version: "0.3.4" },
    ),
    part("java", Tier::Ci, &["java", "javac"], Source::Apt(&["default-jdk-headless"])),
    part("mvn", Tier::Ci, &["mvn"], Source::Apt(&["maven"])),
    Part {
        apart: Some("WHARFINGER_TEST_MAVEN_3_9"),
        ..part("mvn-3.9", Tier::Ci, &["mvn"], Source::Maven { version: "3.9.11" })
    },
    Part {
        apart: Some("WHARFINGER_TEST_MAVEN_4"),
        ..part("mvn-4", Tier::Ci, &["mvn"], Source::Maven { version: "4.0.0-rc-4" })
    },
    files("mvn-files", "WHARFINGER_TEST_MAVEN_FILES", build("mvn", "library")),
    files("mvn-3.9-files", "WHARFINGER_TEST_MAVEN_3_9_FILES", build("mvn-3.9", "library")),
    files("mvn-4-files", "WHARFINGER_TEST_MAVEN_4_FILES", build("mvn-4", "library")),
    files("plug-in-files", "WHARFINGER_TEST_PLUG_IN_FILES", build("mvn-3.9", "plugin")),
    files("hashed-files", "WHARFINGER_TEST_HASHED_FILES", build("mvn-3.9", "hashed")),
    files("service-files", "WHARFINGER_TEST_SERVICE_FILES", build("mvn-3.9", "service")),
    part(
        "coursier",
        Tier::Ci,
        &["coursier"],
        Source::Jars {
            artifact: "io.get-coursier:coursier-cli_2.13",
            version: "2.1.24",
            program: "coursier",
            main: "coursier.cli.Coursier",
        },
    ),
    part("dotnet", Tier::Ci, &["dotnet"], Source::Given { folder: "DOTNET_ROOT" }),
    part(
        "paket",
        Tier::Ci,
        &["paket"],
        Source::DotnetTool { package: "paket", version: "12.0.0", folder: "WHARFINGER_TEST_PAKET" },
    ),
    files(
        "nuget-packages",
        "WHARFINGER_TEST_NUGET_PACKAGES",
        Source::Folder { folder: "WHARFINGER_TEST_NUGET_PACKAGES" },
    ),
    part("typos", Tier::Tool, &["typos"], Source::Pip { package: "typos", version: "1.52.0" }),
    part(
        "cargo-deny",
        Tier::Tool,
        &["cargo-deny"],
        Source::Cargo { package: "cargo-deny", version: "0.20.2" },
    ),
    Part {
        apart: Some("WHARFINGER_TEST_CONTAINERD_2"),
        ..engine(
            "containerd-2",
            Tier::Full,
            &["containerd", "ctr", "containerd-shim-runc-v2"],
            go(
                &[
                    "github.com/containerd/containerd/v2/cmd/containerd",
                    "github.com/containerd/containerd/v2/cmd/ctr",
                    "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
                ],
                "v2.4.2",
            ),
        )
    },
    Part {
        apart: Some("WHARFINGER_TEST_DOCKER_29"),
        ..engine(
            "docker-29",
            Tier::Full,
            &["dockerd"],
            go(&["github.com/moby/moby/v2/cmd/dockerd"], "v2.0.0-beta.24"),
        )
    },
    part("helm", Tier::Full, &["helm"], go(&["helm.sh/helm/v4/cmd/helm"], "v4.3.1")),
    part("cosign", Tier::Full, &["cosign"], go(&["github.com/sigstore/cosign/v3/cmd/cosign"], "v3.1.3")),
    Part { tier: Tier::Full, ..files("jib-files", "WHARFINGER_TEST_JIB_FILES", build("mvn-3.9", "boat")) },
    part(
        "sbt",
        Tier::Full,
        &["sbt"],
        Source::Jars {
            artifact: "org.scala-sbt:sbt-launch",
            version: "1.11.7",
            program: "sbt",
            main: "xsbt.boot.Boot",
        },
    ),
    Part {
        tier: Tier::Full,
        ..files("sbt-files", "WHARFINGER_TEST_SBT_FILES", Source::SbtBuild { project: "barge" })
    },
    part("gradle", Tier::Full, &["gradle"], Source::Apt(&["gradle"])),
    Part {
        apart: Some("WHARFINGER_TEST_DOTNET_3_1"),
        ..part("dotnet-3.1", Tier::Full, &["dotnet"], Source::OldDotnet { version: "3.1.1007" })
    },
    part("chromium", Tier::Ci, &["chromium"], Source::Apt(&["chromium"])),
    part("node", Tier::Ci, &["node"], Source::Apt(&["nodejs"])),
    part("npm", Tier::Ci, &["npm"], Source::Apt(&["npm"])),
    files(
        "playwright",
        "WHARFINGER_TEST_NODE_MODULES",
        Source::NodeModules { name: "playwright", packages: &["playwright-core@1.65.1", "axe-core@4.14.1"] },
    ),
    part("nginx", Tier::Ci, &["nginx"], Source::Apt(&["nginx-light"])),
    part("wrk", Tier::Bench, &["wrk"], Source::Apt(&["wrk"])),
    part("valgrind", Tier::Bench, &["valgrind", "callgrind_control"], Source::Apt(&["valgrind"])),
];

pub(super) const fn part(
    name: &'static str,
    tier: Tier,
    programs: &'static [&'static str],
    from: Source,
) -> Part {
    Part { name, tier, programs, from, as_root: false, apart: None }
}

const fn engine(name: &'static str, tier: Tier, programs: &'static [&'static str], from: Source) -> Part {
    Part { as_root: true, ..part(name, tier, programs, from) }
}

const fn files(name: &'static str, variable: &'static str, from: Source) -> Part {
    Part { apart: Some(variable), ..part(name, Tier::Ci, &[], from) }
}

const fn build(mvn: &'static str, project: &'static str) -> Source {
    Source::Build { mvn, project }
}

const fn go(packages: &'static [&'static str], version: &'static str) -> Source {
    Source::Go { packages, version }
}
