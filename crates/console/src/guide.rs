//! The user guide: THE list of its pages, files of `docs/guide` that are embedded, and how they are shown. What a page says of
//! `registry.example.org` or of this machine it says to its reader of the address that the reader uses.

use std::borrow::Cow;

use crate::markdown::{self, Manner, Shown, escape};
use crate::parts::filled;
use crate::texts::Texts;

mod list;
pub(crate) mod spots;

/// What the guide calls a gateway that serves others, and one on the reader's own machine.
const EXAMPLES: [&str; 2] = ["registry.example.org", "127.0.0.1:8080"];
/// What it calls the address of any, and the host of one without its port.
const ANY: &str = "HOST/";
const MACHINE: &str = "127.0.0.1";
/// What is needed at an address without TLS, and wrong at others.
const PLAIN: [&str; 9] = [
    " --src-tls-verify=false",
    " --dest-tls-verify=false",
    " --tls-verify=false",
    " --plain-http",
    " --insecure ",
    " --tls disabled",
    " --allow-insecure-connections",
    " allowInsecureConnections=\"true\"",
    " withAllowInsecureProtocol true",
];
/// Most bytes of HTML of a page, without its frame; a test says that every page is shorter.
const HTML_BYTES_MAX: usize = 48 << 10;
/// Where the guide is.
pub(crate) const ROOT: &str = "/docs";

/// A page of the guide.
pub(crate) struct GuidePage {
    /// Its file in `docs/guide`.
    file: &'static str,
    /// What the list calls it.
    pub(crate) name: &'static str,
    text: &'static str,
    /// A file of the tree that stands below the text: where it lies, and its language.
    below: Option<(&'static str, &'static str)>,
    /// It is about a gateway that its reader starts, so addresses stay as they are.
    own: bool,
}

/// What pages of the guide have in common, under a title.
pub(crate) struct Chapter {
    pub(crate) title: &'static str,
    pub(crate) pages: &'static [GuidePage],
}

/// How the guide is shown to a reader.
struct Ours<'p> {
    page: &'p GuidePage,
    t: &'static Texts,
    /// `https://HOST`, as the reader reaches this server.
    origin: &'p str,
    blocks: usize,
    tables: usize,
}

impl GuidePage {
    const fn new(name: &'static str, (file, text): (&'static str, &'static str)) -> Self {
        Self { file, name, text, below: None, own: false }
    }

    const fn of_own_gateway(self) -> Self {
        Self { own: true, ..self }
    }

    const fn with(self, text: &'static str, language: &'static str) -> Self {
        Self { below: Some((text, language)), ..self }
    }

    /// Behind `/docs/`; empty for the first one.
    pub(crate) fn path(&self) -> &'static str {
        let name = self.file.strip_suffix(".md").unwrap_or(self.file);
        let folder = name.strip_suffix("README").unwrap_or(name);
        folder.strip_suffix('/').unwrap_or(folder)
    }

    /// Its address on this server.
    pub(crate) fn address(&self) -> String {
        let path = self.path();
        if path.is_empty() { ROOT.to_owned() } else { format!("{ROOT}/{path}") }
    }

    /// What its first heading says.
    pub(crate) fn title(&self) -> &'static str {
        self.text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or(self.name)
    }

    /// It as HTML, for somebody who reaches this server at this origin.
    pub(crate) fn html(&self, origin: &str, t: &'static Texts) -> Shown {
        let text = match self.below {
            Some((below, language)) => Cow::Owned(format!("{}\n```{language}\n{below}\n```\n", self.text)),
            None => Cow::Borrowed(self.text),
        };
        markdown::html(&text, Ours { page: self, t, origin, blocks: 0, tables: 0 })
    }
}

/// All chapters.
pub(crate) const fn chapters() -> &'static [Chapter] {
    list::CHAPTERS
}

/// The page at a path behind `/docs/`.
pub(crate) fn find(path: &str) -> Option<&'static GuidePage> {
    all().find(|page| page.path() == path)
}

fn all() -> impl Iterator<Item = &'static GuidePage> {
    list::CHAPTERS.iter().flat_map(|chapter| chapter.pages)
}

impl Manner for Ours<'_> {
    const HEADINGS: &'static [&'static str] = &["h1", "h2", "h3", "h4"];

    fn bytes_max(&self) -> usize {
        HTML_BYTES_MAX
    }

    /// Links between pages, which are links between files; out of the guide lead only those over the web.
    fn link(&self, to: &str) -> Option<String> {
        if to.starts_with("https://") {
            return Some(href(to, " rel=\"noopener\""));
        }
        let (file, anchor) = to.split_once('#').unwrap_or((to, ""));
        let mut address =
            if file.is_empty() { String::new() } else { at(&beside(self.page.file, file))?.address() };
        if !anchor.is_empty() {
            address = format!("{address}#{anchor}");
        }
        Some(href(&address, ""))
    }

    fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.page.own {
            return Cow::Borrowed(text);
        }
        let (scheme, host) = self.origin.split_once("://").unwrap_or(("https", self.origin));
        let mut said = text.replace("https://HOST", self.origin).replace(ANY, &format!("{host}/"));
        for example in EXAMPLES {
            for scheme in ["https", "http"] {
                said = said.replace(&format!("{scheme}://{example}"), self.origin);
            }
            said = said.replace(example, host);
        }
        let machine = host.rsplit_once(':').map_or(host, |(machine, _)| machine);
        said = said.replace(MACHINE, machine);
        if scheme == "https" {
            for word in PLAIN {
                said = said.replace(word, if word.ends_with(' ') { " " } else { "" });
            }
        }
        Cow::Owned(said)
    }

    fn code(&self, code: &str) -> Option<String> {
        matches!(code, "/api/docs" | "/api/openapi.json" | "/docs").then(|| href(code, ""))
    }

    fn heading(&mut self, text: &str) -> String {
        format!(" id=\"{}\"", anchor(text))
    }

    /// With what it is in, a button that copies it, and whether it is there to be refused.
    fn block(&mut self, words: &str) -> (String, String) {
        self.blocks = self.blocks.saturating_add(1);
        let (language, rest) = words.split_once(' ').unwrap_or((words, ""));
        let t = &self.t.guide;
        let called = match language {
            "sh" if rest.contains("refused") => t.refused,
            "sh" => t.shell,
            "" | "text" => t.text,
            language => language,
        };
        let number = self.blocks;
        let what = filled(filled(t.block, "number", &number.to_string()).as_str(), "what", called);
        let (mut label, mut shown) = (String::new(), String::new());
        escape(&what, &mut label);
        escape(called, &mut shown);
        let copy = filled(self.t.common.copy_what, "what", &label);
        let before = format!(
            "<div><span>{shown}</span><button type=\"button\" class=\"copy js\" data-copy=\"#b-{number}\" aria-label=\"{copy}\">\
             <svg class=\"i\" aria-hidden=\"true\"><use href=\"#i-copy\"/></svg><span>{}</span></button></div>",
            self.t.common.copy
        );
        (before, format!(" id=\"b-{number}\" tabindex=\"0\" role=\"group\" aria-label=\"{label}\""))
    }

    fn table(&mut self) -> String {
        self.tables = self.tables.saturating_add(1);
        let label = filled(self.t.guide.table, "number", &self.tables.to_string());
        format!(" class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{label}\"")
    }
}

/// What a heading is linked by: as where the files are read elsewhere on the web.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|at| at.is_alphanumeric() || matches!(at, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn href(to: &str, more: &str) -> String {
    let mut attributes = format!("{more} href=\"");
    escape(to, &mut attributes);
    attributes.push('"');
    attributes
}

/// Where the guide says more of a program: below the first heading that is its name.
pub(crate) fn about(program: &str) -> Option<String> {
    let wanted = anchor(program);
    let heading = |line: &str| {
        let called = line.strip_prefix("## ").or_else(|| line.strip_prefix("# "));
        called.is_some_and(|called| anchor(called) == wanted)
    };
    let page = all().find(|page| page.text.lines().any(heading))?;
    Some(format!("{}#{wanted}", page.address()))
}

/// The page that a file of `docs/guide` is.
fn at(file: &str) -> Option<&'static GuidePage> {
    all().find(|page| page.file == file)
}

/// The file that a link in another file leads to.
fn beside(file: &str, to: &str) -> String {
    let mut steps: Vec<&str> = file.split('/').collect();
    steps.pop();
    for step in to.split('/') {
        match step {
            "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.join("/")
}

#[cfg(test)]
mod tests;
