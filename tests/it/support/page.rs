//! A page of the documentation whose commands are run, those of its blocks and those of its tables: how blocks are marked stands in
//! `docs/guide/recipes/README.md`.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

/// Where the gateway of a page is.
const ADDRESS: &str = "127.0.0.1:8080";
/// What pages call a gateway that is not on the machine of who reads them.
const ELSEWHERE: [&str; 3] = ["https://registry.example.org", "https://old.example.org", "https://HOST"];
/// How a block of commands begins.
const FENCE: &str = "```sh";
/// The word of a block all of whose lines must fail.
const REFUSED: &str = "refused";
/// The headline above the table of what is promised.
const PROMISES: &str = "## Who may what\n";
/// What a command in a table begins with.
const PROGRAMS: [&str; 2] = ["wharfinger ", "curl "];
/// What a request in a table begins with.
const METHODS: [&str; 5] = ["GET ", "PUT ", "PATCH ", "POST ", "DELETE "];
/// Ends at the first command that fails, tells which one it was, and leaves nothing running.
const HEAD: &str = "set -euo pipefail\n\
                    trap 'printf \"failed in line %s: %s\\n\" \"$LINENO\" \"$BASH_COMMAND\" >&2' ERR\n\
                    trap 'jobs -p | xargs -r kill; wait' EXIT\n";

/// A page.
pub(crate) struct Page {
    pub(crate) name: String,
    text: String,
}

/// Commands that belong together.
#[derive(Default)]
struct Block<'p> {
    /// What stands behind `sh`.
    words: Vec<&'p str>,
    text: String,
}

/// What somebody may do in a repository, by a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Promise {
    /// `KIND:NAME`, or `anyone` without a log-in.
    pub(crate) who: String,
    /// PROJECT/REPOSITORY.
    pub(crate) repository: String,
    pub(crate) fetch: bool,
    pub(crate) publish: bool,
}

impl Page {
    /// One of the workspace, such as `docs/guide/start.md`.
    pub(crate) fn read(path: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace");
        let text = fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self { name: path.to_owned(), text }
    }

    /// The same about a gateway at another address than the one that pages speak of.
    pub(crate) fn at(self, address: SocketAddr) -> Self {
        Self { text: self.text.replace(ADDRESS, &address.to_string()), ..self }
    }

    /// The same about the gateway at this address, whatever the page calls it.
    pub(crate) fn about(self, address: SocketAddr) -> Self {
        let mut text = self.text;
        for name in ELSEWHERE {
            text = text.replace(name, &format!("http://{address}"));
        }
        Self { text, ..self }.at(address)
    }

    /// What stands behind `sh` at the heads of all blocks.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.text.lines().filter_map(|line| line.strip_prefix(FENCE)).flat_map(str::split_whitespace)
    }

    /// Whether there is nothing to type.
    pub(crate) fn is_prose(&self) -> bool {
        self.blocks().is_empty()
    }

    /// Everything to be typed where these programs are, as a script of bash.
    pub(crate) fn script(&self, programs: &[&str]) -> String {
        let mut script = HEAD.to_owned();
        let blocks = self.blocks();
        assert!(!blocks.is_empty(), "{}: no commands", self.name);
        for block in blocks {
            if !block.programs().all(|program| programs.contains(&program)) {
                continue;
            }
            if block.words.contains(&REFUSED) {
                block.text.lines().for_each(|line| script.push_str(&self.refused(line)));
            } else {
                script.push_str(&block.text);
            }
        }
        script
    }

    /// Blocks of commands and commands of tables, in their order.
    fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks = Vec::new();
        let mut lines = self.text.lines();
        while let Some(line) = lines.next() {
            if let Some(words) = line.strip_prefix(FENCE) {
                let words = words.split_whitespace().collect();
                let text = within(&mut lines).map(|line| format!("{line}\n")).collect();
                blocks.push(Block { words, text });
            } else if line.starts_with("```") {
                within(&mut lines).for_each(drop);
            } else {
                let commands = spans(line).filter(|span| begins(span, &PROGRAMS));
                blocks.extend(commands.map(|span| Block { text: format!("{span}\n"), ..Block::default() }));
            }
        }
        blocks
    }

    /// The requests of its tables, such as `GET /projects/alpha`.
    pub(crate) fn requests(&self) -> Vec<&str> {
        self.text.lines().flat_map(spans).filter(|span| begins(span, &METHODS)).collect()
    }

    /// A command that must fail and say what stands behind its last `#`.
    fn refused(&self, line: &str) -> String {
        let wrong = || panic!("{}: `{line}` has no `# WORDS` behind it", self.name);
        let (command, words) = line.rsplit_once('#').unwrap_or_else(wrong);
        let (shown, words) = (quoted(line), quoted(words.trim()));
        let mut script = String::new();
        let _ = writeln!(script, "if said=$( {{ {command}\n}} 2>&1 ); then");
        let _ = writeln!(script, "  printf 'was not refused: %s\\n' {shown} >&2; exit 90\nfi");
        let _ = writeln!(script, "if [[ $said != *{words}* ]]; then");
        let _ =
            writeln!(script, "  printf 'refused otherwise: %s\\n%s\\n' {shown} \"$said\" >&2; exit 91\nfi");
        script
    }

    /// What the table of the page says, cell by cell.
    pub(crate) fn promises(&self) -> Vec<Promise> {
        let Some((_, table)) = self.text.split_once(PROMISES) else { return Vec::new() };
        let mut rows = table.trim_start().lines().take_while(|line| line.starts_with('|')).map(cells);
        let repositories = rows.next().unwrap_or_default();
        let mut promises = Vec::new();
        for row in rows.skip(1) {
            let (who, may) = row.split_first().expect("a row has a first cell");
            for (repository, may) in repositories.iter().skip(1).zip(may) {
                assert!(["–", "fetch", "fetch, publish"].contains(may), "{}: {may}", self.name);
                promises.push(Promise {
                    who: (*who).to_owned(),
                    repository: (*repository).to_owned(),
                    fetch: may.contains("fetch"),
                    publish: may.contains("publish"),
                });
            }
        }
        promises
    }
}

impl<'p> Block<'p> {
    fn programs(&self) -> impl Iterator<Item = &'p str> {
        self.words.iter().copied().filter(|word| *word != REFUSED)
    }
}

/// What stands as code in a row of a table.
fn spans(line: &str) -> impl Iterator<Item = &str> {
    let row = line.strip_prefix('|').unwrap_or_default();
    row.split('`').skip(1).step_by(2)
}

fn begins(span: &str, starts: &[&str]) -> bool {
    starts.iter().any(|start| span.starts_with(start))
}

/// The lines to the end of a block.
fn within<'p>(lines: &mut impl Iterator<Item = &'p str>) -> impl Iterator<Item = &'p str> {
    lines.take_while(|line| !line.starts_with("```"))
}

fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split('|').map(str::trim).collect()
}

/// As one word of the shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
