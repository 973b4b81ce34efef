//! THE list of pages of the guide, one line each, in the order in which they are shown.

use super::{Chapter, GuidePage};

/// A page by its file.
macro_rules! page {
    ($name:literal, $file:literal) => {
        GuidePage::new($name, ($file, include_str!(concat!("../../../../docs/guide/", $file))))
    };
}

/// A file of the tree that is shown as it is.
macro_rules! deployed {
    ($file:literal) => {
        include_str!(concat!("../../../../deploy/", $file))
    };
}

/// Every page.
pub(super) const CHAPTERS: &[Chapter] = &[
    Chapter {
        title: "Begin",
        pages: &[
            page!("Overview", "README.md"),
            page!("Install", "install.md").of_own_gateway(),
            page!("Quick start", "start.md").of_own_gateway(),
        ],
    },
    Chapter {
        title: "Clients",
        pages: &[
            page!("Images", "docker.md"),
            page!("Kubernetes", "kubernetes.md"),
            page!("Maven, Gradle, sbt", "maven.md"),
            page!("NuGet", "nuget.md"),
            page!("Files", "files.md"),
            page!("CI servers", "ci.md"),
        ],
    },
    Chapter {
        title: "Access",
        pages: &[
            page!("Roles and rights", "access.md"),
            page!("Who may, and why", "explain.md"),
            page!("Tokens", "tokens.md"),
            page!("Machine identities", "identities.md"),
            page!("People, passwords", "people.md"),
        ],
    },
    Chapter {
        title: "Move here",
        pages: &[
            page!("From Space or Feedz", "from-space.md"),
            page!("From Nexus", "from-nexus.md"),
            page!("From Artifactory", "from-artifactory.md"),
            page!("From Harbor", "from-harbor.md"),
            page!("Import and export", "import.md"),
        ],
    },
    Chapter {
        title: "Administer",
        pages: &[
            page!("Command line", "cli.md"),
            page!("A file for everything", "apply.md"),
            page!("Packages, policies", "packages.md"),
            page!("Webhooks", "webhooks.md"),
            page!("Audit", "audit.md"),
            page!("Usage", "usage.md"),
            page!("Operations", "operations.md").of_own_gateway(),
            page!("All settings", "settings.md").with(deployed!("wharfinger.toml"), "toml").of_own_gateway(),
            page!("Example of a file", "example-file.md")
                .with(deployed!("bootstrap.example.toml"), "toml")
                .of_own_gateway(),
        ],
    },
    Chapter {
        title: "Recipes",
        pages: &[
            page!("How to read them", "recipes/README.md"),
            page!("Read-only", "recipes/read-only-on-one-repository.md"),
            page!("An account for CI", "recipes/ci-service-account.md"),
            page!("Full access", "recipes/developer-with-full-access.md"),
            page!("Who adds repositories", "recipes/add-repositories.md"),
            page!("Four ways in", "recipes/four-ways-in.md"),
            page!("Somebody from outside", "recipes/external-in-a-project.md"),
            page!("Automation", "recipes/automation.md"),
            page!("Private and public", "recipes/access-type.md"),
            page!("For the whole company", "recipes/internal-project.md"),
            page!("Share a repository", "recipes/share-one-repository.md"),
        ],
    },
];
