//! No circle of files: the files of a crate name each other in one direction. Only a module and the files below it may do so both
//! ways, because a child is a part of its parent; and then its children do not name each other in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::{code, is_test, sources};

/// From the root of the crate; the root itself is empty.
type Module = Vec<String>;

/// What a file says of others.
#[derive(Default)]
struct Names {
    /// Paths of its `use` lines, and those written out in its code.
    paths: Vec<Vec<String>>,
    /// What a name in it stands for, for those who get it from here.
    imported: BTreeMap<String, Vec<String>>,
}

type Graph = BTreeMap<Module, BTreeSet<Module>>;

#[test]
fn files_name_each_other_in_one_direction() {
    let mut found = Vec::new();
    let crates = std::fs::read_dir(super::root().join("crates")).expect("the crates");
    for folder in crates.map(|folder| folder.expect("a crate")).filter(|folder| folder.path().is_dir()) {
        let name = folder.file_name().into_string().expect("a UTF-8 name");
        let graph = graph(&format!("crates/{name}/src"));
        for circle in circles(&graph) {
            let is_family = circle.iter().any(|root| circle.iter().all(|one| one.starts_with(root)));
            if !is_family {
                found.push(told(&name, &circle, &graph));
            }
        }
        let siblings = without_families(&graph);
        found.extend(circles(&siblings).iter().map(|circle| told(&name, circle, &siblings)));
    }
    assert!(found.is_empty(), "circles of files:\n{}", found.join("\n"));
}

#[test]
fn a_circle_is_found_through_what_a_module_hands_on() {
    let text = |of: &str| of.to_owned();
    let files = [
        (vec![], text("pub use shelf::Row;")),
        (vec![text("shelf")], text("mod row;\npub(crate) use row::Row;\nuse crate::clock::{self, Now};")),
        (vec![text("shelf"), text("row")], text("use super::Row as Same;\nfn f() { crate::clock::now() }")),
        (vec![text("clock")], text("use std::fmt;\nuse crate::{\n    shelf::Row as Kept,\n};")),
    ];
    let names: BTreeMap<Module, Names> =
        files.iter().map(|(module, text)| (module.clone(), names(text))).collect();
    let graph = edges(&names);
    let found = circles(&graph);
    assert_eq!(found, [vec![vec![text("clock")], vec![text("shelf"), text("row")]]]);
}

/// Which file names something that stands in which other one.
fn graph(folder: &str) -> Graph {
    let mut files = BTreeMap::new();
    for (path, text) in sources(folder).into_iter().filter(|(path, _)| !is_test(path)) {
        let Some(path) = path.strip_prefix(folder).and_then(|path| path.strip_suffix(".rs")) else {
            continue;
        };
        let mut module: Module = path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        module.retain(|part| part != "lib" && part != "main");
        files.insert(module, names(&text));
    }
    edges(&files)
}

fn edges(files: &BTreeMap<Module, Names>) -> Graph {
    files
        .iter()
        .map(|(module, names)| {
            let named = names.paths.iter().filter_map(|path| home(files, module, path, &mut BTreeSet::new()));
            (module.clone(), named.filter(|named| named != module).collect())
        })
        .collect()
}

/// The file that what a path names stands in; `None` if that is no file of the crate.
fn home(
    files: &BTreeMap<Module, Names>,
    from: &Module,
    path: &[String],
    seen: &mut BTreeSet<(Module, String)>,
) -> Option<Module> {
    let (mut at, mut inside) = (from.clone(), false);
    for (number, part) in path.iter().enumerate() {
        let below: Module = at.iter().cloned().chain([part.clone()]).collect();
        match part.as_str() {
            "crate" => at.clear(),
            "self" => {}
            "super" => drop(at.pop()),
            _ if files.contains_key(&below) => at = below,
            name => {
                let handed_on = files.get(&at).and_then(|names| names.imported.get(name));
                let Some(handed_on) = handed_on.filter(|_| seen.insert((at.clone(), part.clone()))) else {
                    // An item of this file; or, where nothing has led into the crate, a name from elsewhere.
                    return inside.then_some(at);
                };
                let rest = path.get(number + 1..).unwrap_or_default();
                let whole: Vec<String> = handed_on.iter().chain(rest).cloned().collect();
                return home(files, &at, &whole, seen);
            }
        }
        inside = true;
    }
    inside.then_some(at)
}

fn names(text: &str) -> Names {
    let text: String = code(text)
        .map(|(_, line)| line.split(" // ").next().unwrap_or_default())
        .take_while(|line| !line.starts_with("mod tests {"))
        .fold(String::new(), |all, line| all + line + "\n");
    let mut found = Names::default();
    let mut rest = text.as_str();
    while let Some((before, after)) = next_use(rest) {
        written_out(before, &mut found.paths);
        let (tree, behind) = after.split_once(';').unwrap_or((after, ""));
        flatten(tree, &[], &mut found);
        rest = behind;
    }
    written_out(rest, &mut found.paths);
    found
}

/// What comes before and behind the next word `use` that begins a line or stands behind a visibility.
fn next_use(text: &str) -> Option<(&str, &str)> {
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find("use ")?;
        let line = text.get(..at)?.rsplit('\n').next().unwrap_or_default().trim();
        if line.is_empty() || line == "pub" || line.starts_with("pub(") && line.ends_with(')') {
            return Some((text.get(..at)?, text.get(at + "use ".len()..)?));
        }
        from = at + "use ".len();
    }
}

/// The paths of a tree such as `a::{b, c::{self, d as e}}`.
fn flatten(tree: &str, before: &[String], found: &mut Names) {
    let mut depth = 0_u32;
    let branches = tree.split(|letter| {
        depth = match letter {
            '{' => depth + 1,
            '}' => depth - 1,
            _ => depth,
        };
        letter == ',' && depth == 0
    });
    for branch in branches.map(str::trim).filter(|branch| !branch.is_empty()) {
        let (head, inner) =
            branch.split_once('{').map_or((branch, None), |(head, inner)| (head, Some(inner)));
        let (head, called) = head.split_once(" as ").map_or((head, None), |(head, name)| (head, Some(name)));
        let parts = head.split("::").map(str::trim).filter(|part| !part.is_empty());
        let mut path: Vec<String> = before.iter().cloned().chain(parts.map(str::to_owned)).collect();
        if let Some(inner) = inner {
            flatten(inner.strip_suffix('}').unwrap_or(inner), &path, found);
            continue;
        }
        if path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let name = called.map(|name| name.trim().to_owned()).or_else(|| path.last().cloned());
        found.imported.insert(name.unwrap_or_default(), path.clone());
        found.paths.push(path);
    }
}

/// Paths that begin with `crate::` or `super::` in the middle of code.
fn written_out(code: &str, found: &mut Vec<Vec<String>>) {
    for word in code.split(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == ':')) {
        if word.starts_with("crate::") || word.starts_with("super::") {
            found.push(word.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect());
        }
    }
}

/// The files that reach themselves over others, in groups that reach each other.
fn circles(graph: &Graph) -> Vec<Vec<Module>> {
    let reached: BTreeMap<&Module, BTreeSet<&Module>> =
        graph.keys().map(|module| (module, reached(graph, module))).collect();
    let mut groups: BTreeSet<Vec<Module>> = BTreeSet::new();
    for (module, there) in &reached {
        let back = |other: &&&Module| reached.get(**other).is_some_and(|from| from.contains(module));
        let group: Vec<Module> = there.iter().filter(back).map(|other| (*other).clone()).collect();
        if group.len() > 1 {
            groups.insert(group);
        }
    }
    groups.into_iter().collect()
}

fn reached<'g>(graph: &'g Graph, from: &Module) -> BTreeSet<&'g Module> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&Module> = graph.get(from).into_iter().flatten().collect();
    while let Some(module) = open.pop() {
        if seen.insert(module) {
            open.extend(graph.get(module).into_iter().flatten());
        }
    }
    seen
}

/// Without what a module and the files below it name of each other.
fn without_families(graph: &Graph) -> Graph {
    let kin = |a: &Module, b: &Module| a.starts_with(b) || b.starts_with(a);
    graph
        .iter()
        .map(|(module, named)| {
            (module.clone(), named.iter().filter(|named| !kin(module, named)).cloned().collect())
        })
        .collect()
}

/// The circle, one file a line, with what each names in it.
fn told(of: &str, circle: &[Module], graph: &Graph) -> String {
    let name = |module: &Module| if module.is_empty() { "lib".to_owned() } else { module.join("/") };
    let mut lines = vec![format!("{of}: {} files", circle.len())];
    for module in circle {
        let named = graph.get(module).into_iter().flatten().filter(|named| circle.contains(named));
        lines.push(format!("  {} names {}", name(module), named.map(name).collect::<Vec<_>>().join(", ")));
    }
    lines.join("\n")
}
