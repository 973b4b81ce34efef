//! What a rule wants of the claims of an identity token, for each kind of issuer, and whether a token has it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use auth::Claims;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Most claims of a rule, and the longest of them, in characters.
const CLAIMS_MAX: usize = 16;
const CHARS_MAX: usize = 256;

/// Which claims the tokens of an issuer have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum IssuerKind {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// Service accounts of Kubernetes.
    Kubernetes,
    /// Any other issuer.
    Any,
}

/// What the claims must be, by name: all of them, exactly; `ref` may end in one `*`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WantedClaims(pub BTreeMap<String, String>);

/// A claim that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unfit {
    /// Which one.
    pub(crate) claim: Cow<'static, str>,
    /// What the rule wants; for those who administer the project.
    pub(crate) wanted: String,
    /// What it is instead, if it is there.
    pub(crate) found: Option<String>,
}

impl JsonSchema for WantedClaims {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "WantedClaims".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "maxProperties": CLAIMS_MAX,
            "additionalProperties": { "type": "string", "minLength": 1, "maxLength": CHARS_MAX },
        })
    }
}

impl IssuerKind {
    const ALL: [Self; 4] = [Self::Github, Self::Gitlab, Self::Kubernetes, Self::Any];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Kubernetes => "kubernetes",
            Self::Any => "any",
        }
    }

    /// The kind of this word; what is unknown has the claims of any.
    pub(crate) fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).unwrap_or(Self::Any)
    }

    /// Claims that a rule must name, and those that it may; `None` is whatever there is.
    const fn names(self) -> (&'static [&'static str], Option<&'static [&'static str]>) {
        match self {
            Self::Github => (&["repository", "workflow"], Some(&["environment", "ref", "event_name"])),
            Self::Gitlab => {
                (&["project_path"], Some(&["ref", "ref_protected", "environment", "ci_config_ref_uri"]))
            }
            Self::Kubernetes => (&["sub"], Some(&[])),
            Self::Any => (&["sub"], None),
        }
    }

    /// Ids behind the names, which the first success pins: somebody who comes to have the name has other ones.
    const fn pinned(self) -> &'static [&'static str] {
        match self {
            Self::Github => &["repository_id", "repository_owner_id"],
            Self::Gitlab => &["project_id", "namespace_id"],
            Self::Kubernetes => &["uid"],
            Self::Any => &[],
        }
    }

    /// Whether the first success pins ids.
    pub(crate) const fn pins(self) -> bool {
        !self.pinned().is_empty()
    }

    /// The claim by which rules are found.
    const fn main(self) -> &'static str {
        match self {
            Self::Github => "repository",
            Self::Gitlab => "project_path",
            Self::Kubernetes | Self::Any => "sub",
        }
    }

    /// What the rules for a token are found by; `None` for one that no rule can take.
    pub(crate) fn lookup(self, claims: &Claims) -> Option<String> {
        claims.text(self.main()).map(|text| text.to_lowercase())
    }

    /// The ids that a token names, as a document; `None` where none are pinned.
    pub(crate) fn ids(self, claims: &Claims) -> Result<Option<String>, Unfit> {
        let mut ids = Map::new();
        for name in self.pinned() {
            let id = match self {
                Self::Kubernetes => claims.inside(&["kubernetes.io", "serviceaccount", "uid"]),
                Self::Github | Self::Gitlab | Self::Any => claims.text(name),
            };
            let id =
                id.ok_or_else(|| Unfit { claim: (*name).into(), wanted: "any id".to_owned(), found: None })?;
            ids.insert((*name).to_owned(), Value::from(id));
        }
        Ok(self.pins().then(|| Value::Object(ids).to_string()))
    }

    /// What the audit keeps of a token besides: which run it was, of which state, started by whom.
    pub(crate) fn facts(self, issuer: &str, claims: &Claims) -> Vec<(&'static str, Box<str>)> {
        let mut facts = Vec::new();
        let mut add = |name, text: Option<Cow<'_, str>>| {
            facts.extend(text.map(|text| (name, text.chars().take(CHARS_MAX).collect::<String>().into())));
        };
        add("run", self.run(issuer, claims).map(Cow::Owned));
        add("sha", claims.text("sha"));
        add("actor", claims.text(if self == Self::Gitlab { "user_login" } else { "actor" }));
        facts
    }

    /// Where the run of a token can be looked at.
    fn run(self, issuer: &str, claims: &Claims) -> Option<String> {
        match self {
            Self::Github => {
                let own = issuer.strip_suffix("/_services/token");
                let server = own.unwrap_or("https://github.com");
                Some(format!(
                    "{server}/{}/actions/runs/{}",
                    claims.text("repository")?,
                    claims.text("run_id")?
                ))
            }
            Self::Gitlab => {
                let path = claims.text("project_path")?;
                Some(format!("{}/{path}/-/jobs/{}", issuer.trim_end_matches('/'), claims.text("job_id")?))
            }
            Self::Kubernetes | Self::Any => None,
        }
    }
}

impl WantedClaims {
    /// As they are kept.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// As they were kept.
    pub(crate) fn parse(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or(Self(BTreeMap::new()))
    }

    /// What the rule is found by.
    pub(crate) fn lookup(&self, kind: IssuerKind) -> String {
        self.0.get(kind.main()).map(|text| text.to_lowercase()).unwrap_or_default()
    }

    /// Whether a rule for such an issuer can want these; else why not.
    pub(crate) fn check(&self, kind: IssuerKind) -> Result<(), String> {
        let (needed, more) = kind.names();
        if let Some(missing) = needed.iter().find(|name| !self.0.contains_key(**name)) {
            return Err(format!("claims of an issuer of the kind {} need `{missing}`", kind.as_str()));
        }
        for (name, value) in &self.0 {
            let known =
                more.is_none_or(|more| more.contains(&name.as_str())) || needed.contains(&name.as_str());
            if !known {
                let known = [needed, more.unwrap_or_default()].concat().join("`, `");
                return Err(format!("claims of an issuer of the kind {} are `{known}`", kind.as_str()));
            }
            if name.chars().count() > CHARS_MAX || value.chars().any(char::is_control) {
                return Err("a claim has at most 256 characters and no control characters".to_owned());
            }
            let literal = if may_end(kind, name) { value.strip_suffix('*').unwrap_or(value) } else { value };
            if literal.contains('*') || literal.is_empty() {
                return Err("claims are exact; only `ref` may end in one `*`, behind something".to_owned());
            }
        }
        match (kind, self.0.get("sub")) {
            (IssuerKind::Kubernetes, Some(sub)) if !is_service_account(sub) => {
                Err("`sub` is system:serviceaccount:NAMESPACE:NAME".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Whether a token has all of them.
    pub(crate) fn fit(&self, kind: IssuerKind, claims: &Claims) -> Result<(), Unfit> {
        for (name, wanted) in &self.0 {
            let found = match (kind, name.as_str()) {
                (IssuerKind::Github, "workflow") => workflow(claims).map(Cow::Owned),
                _ => claims.text(name),
            };
            let fits = found.as_deref().is_some_and(|found| match wanted.strip_suffix('*') {
                Some(beginning) if may_end(kind, name) => found.starts_with(beginning),
                _ => found == wanted,
            });
            if !fits {
                let (claim, found) = (name.clone().into(), found.map(Cow::into_owned));
                return Err(Unfit { claim, wanted: wanted.clone(), found });
            }
        }
        self.no_foreign_run(kind, claims)
    }

    /// Runs that somebody outside can begin with what they wrote are for a rule that names them, and for no other.
    fn no_foreign_run(&self, kind: IssuerKind, claims: &Claims) -> Result<(), Unfit> {
        if kind != IssuerKind::Github || self.0.contains_key("event_name") {
            return Ok(());
        }
        let event = claims.text("event_name");
        match event.as_deref() {
            Some("pull_request_target" | "workflow_run") => Err(Unfit {
                claim: "event_name".into(),
                wanted: "an event that no stranger begins".to_owned(),
                found: event.map(Cow::into_owned),
            }),
            _ => Ok(()),
        }
    }
}

/// The file of a workflow: `acme/app/.github/workflows/release.yml@refs/heads/main` is `release.yml`.
fn workflow(claims: &Claims) -> Option<String> {
    let (repository, reference) = (claims.text("repository")?, claims.text("workflow_ref")?);
    let file = reference.strip_prefix(&format!("{repository}/.github/workflows/"))?;
    Some(file.split_once('@')?.0.to_owned())
}

fn may_end(kind: IssuerKind, name: &str) -> bool {
    name == "ref" && matches!(kind, IssuerKind::Github | IssuerKind::Gitlab)
}

fn is_service_account(sub: &str) -> bool {
    let parts: Vec<&str> = sub.split(':').collect();
    matches!(parts.as_slice(), ["system", "serviceaccount", namespace, name] if !namespace.is_empty() && !name.is_empty())
}

#[cfg(test)]
mod tests;
