//! The policies of repositories as documents: each protocol has a type of its own for them, which is read strictly, described by
//! a schema (schemars), and asked by storage as `domain::Rules`.

use std::sync::Arc;

use domain::{Format, FormatPolicy, InvalidPolicy, Pattern, Rules};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The policy document of a format: refuses unknown fields, has a default for each, and is written with all of them. A field is
/// never renamed or taken away, and never refuses what it once took: documents are read for as long as the database lives.
pub trait Policy: Rules + Default + Serialize + DeserializeOwned + JsonSchema {
    /// Fields that are kept for what is still to come, and do nothing yet.
    const NOT_ENFORCED: &'static [&'static str] = &[];
}

/// Reads a document of a format.
pub(crate) fn read<P: Policy>(format: Format, document: &str) -> Result<FormatPolicy, InvalidPolicy> {
    let invalid = |error: serde_json::Error| InvalidPolicy { format, why: error.to_string().into() };
    let policy: P = serde_json::from_str(document).map_err(invalid)?;
    let document = serde_json::to_string(&policy).map_err(invalid)?;
    Ok(FormatPolicy::new(format, document, Arc::new(policy)))
}

/// The schema of the documents, which refers to nothing outside itself.
pub(crate) fn schema<P: Policy>() -> serde_json::Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings.for_deserialize().into_generator().into_root_schema_for::<P>().to_value()
}

/// Patterns for whole names, at most 64.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Patterns(Vec<Pattern>);

/// Most patterns of one list.
const PATTERNS_MAX: usize = 64;
/// Longest pattern, in characters: what `Pattern` takes if they are ASCII.
const PATTERN_CHARS_MAX: usize = 128;

impl Patterns {
    /// Whether a name fits one of them.
    pub(crate) fn match_any(&self, name: &str) -> bool {
        self.0.iter().any(|pattern| pattern.matches(name))
    }

    /// Whether no name can.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Patterns {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(Pattern::as_str))
    }
}

impl<'de> Deserialize<'de> for Patterns {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        if texts.len() > PATTERNS_MAX {
            return Err(D::Error::custom(format_args!("there are more than {PATTERNS_MAX} patterns")));
        }
        let patterns = texts.iter().map(|text| Pattern::parse(text));
        patterns.collect::<Result<_, _>>().map(Self).map_err(D::Error::custom)
    }
}

impl JsonSchema for Patterns {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Patterns".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "array",
            "maxItems": PATTERNS_MAX,
            "items": {
                "type": "string",
                "format": "name-pattern",
                "minLength": 1,
                "maxLength": PATTERN_CHARS_MAX,
            },
        })
    }
}

#[cfg(test)]
mod tests;
