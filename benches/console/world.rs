//! A large organisation: made as any other, by a bootstrap file and by what clients send.

use std::fmt::Write as _;

/// How large it is.
#[derive(Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) projects: u32,
    /// Of each project.
    pub(crate) repositories: u32,
    /// Of each repository but those of the deep project.
    pub(crate) packages: u32,
    /// Of each package there.
    pub(crate) versions: u32,
    /// Versions of one package, files of one folder, and half as many packages of one repository: of each format, in the deep project.
    pub(crate) deep: u32,
    pub(crate) people: u32,
    /// Who takes part in the deep project by themselves.
    pub(crate) participants: u32,
    pub(crate) teams: u32,
    pub(crate) applications: u32,
    /// Roles of the deep project besides those that every project has.
    pub(crate) roles: u32,
}

/// 200 projects, 2,000 repositories, 100,000 versions, 20,000 people.
pub(crate) const LARGE: Sizes = Sizes {
    projects: 200,
    repositories: 10,
    packages: 5,
    versions: 5,
    deep: 8_400,
    people: 20_000,
    participants: 5_000,
    teams: 400,
    applications: 300,
    roles: 12,
};

/// What is there once of everything.
pub(crate) const SMALL: Sizes = Sizes {
    projects: 3,
    repositories: 4,
    packages: 2,
    versions: 2,
    deep: 20,
    people: 60,
    participants: 20,
    teams: 4,
    applications: 3,
    roles: 2,
};

/// Formats of repositories, in turns.
pub(crate) const FORMATS: [&str; 4] = ["oci", "maven", "nuget", "files"];
/// The project in which everything is many.
/// Most direct members of a team.
const TEAM_MAX: u32 = 10_000;
pub(crate) const DEEP: &str = "deep";

/// The key of a project.
pub(crate) fn project(number: u32) -> String {
    if number == 0 { DEEP.to_owned() } else { format!("project-{number:03}") }
}

/// A repository of a project: its name and format.
pub(crate) fn repository(number: u32) -> (String, &'static str) {
    let format = FORMATS.iter().cycle().nth(number as usize).copied().unwrap_or_default();
    (if number < 4 { format.to_owned() } else { format!("{format}-{number}") }, format)
}

/// The organisation as a bootstrap file. `bench` administers it and publishes everywhere, `mia` is a member of some projects.
pub(crate) fn organisation(sizes: &Sizes) -> Result<String, std::fmt::Error> {
    let mut text = String::from(
        "[organisation]\nname = \"bench\"\ntitle = \"A large organisation\"\n\n\
         [[members]]\nusername = \"bench\"\nemail = \"bench@example.org\"\npassword_env = \"BENCH_PASSWORD\"\n\n\
         [[members.tokens]]\nname = \"bench\"\nsecret_env = \"BENCH_TOKEN\"\n\n\
         [[members]]\nusername = \"mia\"\nemail = \"mia@example.org\"\npassword_env = \"BENCH_PASSWORD\"\n\n\
         [[teams]]\nname = \"org-admins\"\nmembers = [\"member:bench\"]\n\n",
    );
    for number in 0..sizes.projects {
        let key = project(number);
        write!(
            text,
            "[[projects]]\nkey = \"{key}\"\ntitle = \"Project {number} of the large organisation\"\n\n"
        )?;
        for at in 0..sizes.repositories {
            let (name, format) = repository(at);
            let visibility = if at == 5 { "public" } else { "private" };
            write!(
                text,
                "[[projects.repositories]]\nname = \"{name}\"\nformat = \"{format}\"\nvisibility = \"{visibility}\"\n\n"
            )?;
        }
        if number == 0 {
            for role in 0..sizes.roles {
                write!(
                    text,
                    "[[projects.roles]]\nname = \"role-{role}\"\npermissions = [\"read\", \"publish\"]\n\n"
                )?;
            }
        }
        grant(&mut text, "member:bench", "project-admin", &key)?;
        if number % 10 == 0 {
            grant(&mut text, "member:mia", "project-member", &key)?;
        }
    }
    people(&mut text, sizes)?;
    Ok(text)
}

fn people(text: &mut String, sizes: &Sizes) -> std::fmt::Result {
    for number in 0..sizes.people {
        let name = person(number);
        write!(text, "[[members]]\nusername = \"{name}\"\nemail = \"{name}@example.org\"\n\n")?;
        let of = if number < sizes.participants { 0 } else { number % sizes.projects };
        grant(text, &format!("member:{name}"), "project-member", &project(of))?;
    }
    for number in 0..sizes.teams {
        let first = number * 40 % sizes.people;
        // One with as many as can be in one.
        let last = if number == 0 { sizes.people.min(TEAM_MAX) } else { sizes.people.min(first + 40) };
        write!(text, "[[teams]]\nname = \"team-{number:03}\"\nmembers = [")?;
        for member in first..last {
            write!(text, "\"member:{}\", ", person(member))?;
        }
        text.push_str("]\n\n");
        grant(text, &format!("team:team-{number:03}"), "role-of-teams", &project(number % sizes.projects))?;
    }
    text.push_str("[[roles]]\nname = \"role-of-teams\"\npermissions = [\"read\", \"publish\"]\n\n");
    for number in 0..sizes.applications {
        write!(
            text,
            "[[applications]]\nname = \"app-{number:03}\"\nrequested = [\"read\", \"publish\"]\nauthorised = [\"{DEEP}\", \"{}\"]\n\n",
            project(1 + number % (sizes.projects - 1))
        )?;
    }
    Ok(())
}

/// The name of one of the people.
pub(crate) fn person(number: u32) -> String {
    format!("person-{number:05}")
}

fn grant(text: &mut String, to: &str, role: &str, on: &str) -> std::fmt::Result {
    write!(text, "[[grants]]\nto = \"{to}\"\nrole = \"{role}\"\non = \"{on}\"\n\n")
}
