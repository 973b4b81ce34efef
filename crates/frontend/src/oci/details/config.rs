//! Configurations of images and charts, and what labels say.

use std::collections::BTreeMap;

use api::Moment;
use api::details::{Details, ROWS_MAX, plain};
use domain::time;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::kind::Annotations;
use super::written::{Platform, label};

/// Labels of images that everybody knows.
const IMAGE: &str = "org.opencontainers.image.";

/// Of an image.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Config {
    created: Option<String>,
    author: Option<String>,
    #[serde(flatten)]
    platform: Platform,
    config: Option<Run>,
    history: Option<Vec<Step>>,
}

/// How it is run.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Run {
    user: Option<String>,
    exposed_ports: Option<Map<String, Value>>,
    env: Option<Vec<String>>,
    entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    volumes: Option<Map<String, Value>>,
    working_dir: Option<String>,
    labels: Option<Annotations>,
    stop_signal: Option<String>,
}

/// A step in which it was made.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Step {
    created_by: Option<String>,
    empty_layer: bool,
}

/// Of a chart of Helm: what its `Chart.yaml` says.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Chart {
    name: Option<String>,
    version: Option<String>,
    app_version: Option<String>,
    kube_version: Option<String>,
    description: Option<String>,
    home: Option<String>,
    sources: Option<Vec<String>>,
    keywords: Option<Vec<String>>,
    maintainers: Option<Vec<Maintainer>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Maintainer {
    name: Option<String>,
}

impl Config {
    /// What it runs on.
    pub(super) fn platform(&self) -> Option<String> {
        self.platform.text()
    }

    /// The commands that made so many layers, if the history knows each of them.
    pub(super) fn commands(&self, layers: usize) -> Vec<String> {
        let steps = self.history.iter().flatten().filter(|step| !step.empty_layer);
        let commands: Vec<String> = steps.map(|step| step.created_by.clone().unwrap_or_default()).collect();
        if commands.len() == layers { commands } else { Vec::new() }
    }

    pub(super) fn tell(self, details: &mut Details) {
        details.built_at = moment(self.created.as_deref());
        details.authors.extend(self.author.as_deref().and_then(plain));
        details.fact("platform", &self.platform().unwrap_or_default());
        let Some(run) = self.config else { return };
        let words = |words: Option<Vec<String>>| {
            let words = words.filter(|words| !words.is_empty());
            words.and_then(|words| serde_json::to_string(&words).ok()).unwrap_or_default()
        };
        details.fact("entrypoint", &words(run.entrypoint));
        details.fact("command", &words(run.cmd));
        details.fact("user", &run.user.unwrap_or_default());
        details.fact("working-directory", &run.working_dir.unwrap_or_default());
        details.fact("stop-signal", &run.stop_signal.unwrap_or_default());
        for (name, keys) in [("port", run.exposed_ports), ("volume", run.volumes)] {
            keys.iter().flatten().take(ROWS_MAX / 4).for_each(|(key, _)| details.fact(name, key));
        }
        run.env.iter().flatten().take(ROWS_MAX / 4).for_each(|line| details.fact("environment", line));
        label(run.labels.as_ref(), &mut details.labels);
    }
}

impl Chart {
    pub(super) fn tell(self, details: &mut Details) {
        let text = |text: Option<String>| text.as_deref().and_then(plain);
        details.title = text(self.name);
        details.description = text(self.description);
        details.fact("chart-version", &self.version.unwrap_or_default());
        details.fact("application-version", &self.app_version.unwrap_or_default());
        details.fact("kubernetes", &self.kube_version.unwrap_or_default());
        details.link("home", &self.home.unwrap_or_default());
        self.sources.iter().flatten().take(1).for_each(|url| details.link("source", url));
        let words = self.keywords.iter().flatten().take(ROWS_MAX).filter_map(|word| plain(word));
        details.tags.extend(words);
        let names = self.maintainers.into_iter().flatten().take(ROWS_MAX).filter_map(|one| text(one.name));
        details.authors.extend(names);
    }
}

/// What labels say besides; what is known from elsewhere stays.
pub(super) fn from_labels(details: &mut Details) {
    let labels: BTreeMap<String, String> = details
        .labels
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(IMAGE)?.to_owned(), value.clone())))
        .collect();
    let said = |name: &str| labels.get(name).map(String::as_str);
    details.title = details.title.take().or_else(|| said("title").map(str::to_owned));
    details.description = details.description.take().or_else(|| said("description").map(str::to_owned));
    if let (true, Some(authors)) = (details.authors.is_empty(), said("authors")) {
        details.authors.push(authors.to_owned());
    }
    details.licence(said("licenses").unwrap_or_default(), "");
    for (what, name) in [("home", "url"), ("source", "source"), ("documentation", "documentation")] {
        details.link(what, said(name).unwrap_or_default());
    }
    for name in ["version", "revision", "vendor", "base.name", "base.digest"] {
        details.fact(name, said(name).unwrap_or_default());
    }
    details.built_at = moment(said("created")).or(details.built_at);
}

/// A moment that somebody wrote; the beginning of time is what builds say that mean none.
fn moment(text: Option<&str>) -> Option<Moment> {
    time::parse(text?).filter(|at| at.millis() > time::DAY_MILLIS).map(Moment)
}
