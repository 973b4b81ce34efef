//! From the sources to one `Config`.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use crate::config::document::{Source, shown};
use crate::config::environment::{Environment, read_document, read_value};
use crate::config::problem::{Location, Problem, Problems};
use crate::config::{Config, Key, Raw, SECTIONS, Section};
use api::closest;

/// What variables of the configuration begin with.
const PREFIX: &str = "WHARFINGER__";
/// What the name of a variable ends with whose value is in a file.
const FILE_SUFFIX: &str = "_FILE";

pub(super) fn load(file: Option<&Path>, environment: Environment) -> Result<Config, Problems> {
    let mut config = Config::default();
    let mut problems = Problems::default();
    if let Some(path) = file {
        let name = path.display().to_string();
        match read_document(path) {
            Ok(text) => from_toml(&mut config, Source { name: &name, text: &text }, &mut problems),
            Err(why) => problems.add(Problem::new(Location::File(name), why)),
        }
    }
    from_environment(&mut config, &environment, &mut problems);
    config.environment = environment;
    problems.or(config)
}

pub(super) fn from_toml(config: &mut Config, source: Source<'_>, problems: &mut Problems) {
    let root = match source.parse() {
        Ok(root) => root,
        Err(problem) => return problems.add(problem),
    };
    for (name, value) in root.get_ref() {
        let line = source.line_of(name.span());
        let Some(section) = SECTIONS.iter().find(|section| section.name == name.get_ref()) else {
            problems.add(unknown_section(source, line, name.get_ref()));
            continue;
        };
        match value.get_ref() {
            DeValue::Table(table) => from_table(config, section, table, source, problems),
            _ => problems.add(source.problem(line, format!("`{}` must be a table", section.name))),
        }
    }
}

fn from_table(
    config: &mut Config,
    section: &Section,
    table: &DeTable<'_>,
    source: Source<'_>,
    problems: &mut Problems,
) {
    for (name, value) in table {
        let line = source.line_of(name.span());
        let Some(key) = section.keys.iter().find(|key| key.name == name.get_ref()) else {
            let message = format!("unknown key `{}` in [{}]", shown(name.get_ref()), section.name);
            problems.add(source.problem(line, message).meant(nearest(section, name.get_ref()).as_deref()));
            continue;
        };
        if (key.read)(config, &Raw::Toml(value.get_ref())).is_none() {
            problems.add(source.problem(line, wrong(section, key)));
        }
    }
}

fn unknown_section(source: Source<'_>, line: u32, name: &str) -> Problem {
    let near = closest(name, SECTIONS.iter().map(|section| section.name));
    let elsewhere = || holder_of(name).map(|section| format!("{}.{name}", section.name));
    let meant = near.map(str::to_owned).or_else(elsewhere);
    source.problem(line, format!("unknown section `{}`", shown(name))).meant(meant.as_deref())
}

/// The nearest key of the section, or the same key of another.
fn nearest(section: &Section, name: &str) -> Option<String> {
    let near = closest(name, section.keys.iter().map(|key| key.name)).map(str::to_owned);
    near.or_else(|| holder_of(name).map(|other| format!("{}.{name}", other.name)))
}

fn holder_of(name: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|section| section.keys.iter().any(|key| key.name == name))
}

fn wrong(section: &Section, key: &Key) -> String {
    format!("`{}.{}` must be {}", section.name, key.name, key.expected)
}

fn from_environment(config: &mut Config, environment: &Environment, problems: &mut Problems) {
    for (variable, value) in environment.starting_with(PREFIX) {
        let place = || Location::Variable(variable.to_owned());
        let Some((section, key, in_file)) = key_of(variable) else {
            let known = all_variables();
            let near = closest(variable, known.iter().map(String::as_str));
            problems.add(Problem::new(place(), "no such setting").meant(near));
            continue;
        };
        let text = if in_file { from_file(environment, variable, value) } else { Ok(value.to_owned()) };
        match text {
            Err(why) => problems.add(Problem::new(place(), why)),
            Ok(text) if (key.read)(config, &Raw::Text(&text)).is_none() => {
                problems.add(Problem::new(place(), wrong(section, key)));
            }
            Ok(_) => {}
        }
    }
}

fn from_file(environment: &Environment, variable: &str, path: &str) -> Result<String, String> {
    let direct = variable.strip_suffix(FILE_SUFFIX).unwrap_or(variable);
    if environment.get(direct).is_some() {
        return Err(format!("{direct} is set too; only one of the two may be"));
    }
    // The path is not repeated: it may be the secret itself, put into the wrong variable.
    read_value(Path::new(path)).map_err(|why| format!("the file it names {why}"))
}

/// The key that a variable names, and whether it is the `…_FILE` form. A key whose own name ends in `_file` wins.
fn key_of(variable: &str) -> Option<(&'static Section, &'static Key, bool)> {
    let find = |name: &str| {
        let every = SECTIONS.iter().flat_map(|section| section.keys.iter().map(move |key| (section, key)));
        every.into_iter().find(|(section, key)| self::variable(section, key) == name)
    };
    let direct = find(variable).map(|(section, key)| (section, key, false));
    direct.or_else(|| find(variable.strip_suffix(FILE_SUFFIX)?).map(|(section, key)| (section, key, true)))
}

fn all_variables() -> Vec<String> {
    SECTIONS.iter().flat_map(|section| section.keys.iter().map(move |key| variable(section, key))).collect()
}

/// The variable that sets a key.
pub(super) fn variable(section: &Section, key: &Key) -> String {
    format!("{PREFIX}{}__{}", section.name, key.name).to_ascii_uppercase()
}
