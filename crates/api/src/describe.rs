//! Schemas of documents, made from their types (schemars): one set for all that is asked, one for all that is answered.

use schemars::JsonSchema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::Value;

use crate::endpoint::Endpoint;
use crate::problem::ProblemDocument;
use crate::query::add_those_of_changes;
use crate::shape::{DEFINITIONS, Definitions};

/// Collects schemas: what requests and what answers look like, names shared where they look alike.
pub(crate) struct Describer {
    requests: SchemaGenerator,
    answers: SchemaGenerator,
}

/// The schemas of one endpoint.
pub(crate) struct Shapes {
    pub(crate) query: Value,
    pub(crate) body: Value,
    pub(crate) answer: Value,
}

impl Describer {
    pub(crate) fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = DEFINITIONS.trim_start_matches('#').to_owned().into();
            settings.meta_schema = None;
        });
        let requests = settings.clone().for_deserialize().into_generator();
        let mut answers = settings.for_serialize().into_generator();
        let _ = answers.subschema_for::<ProblemDocument>();
        Self { requests, answers }
    }

    pub(crate) fn shapes<E: Endpoint>(&mut self) -> Shapes {
        let mut query = self.request::<E::Query>();
        add_those_of_changes(E::META.method, &mut query);
        Shapes {
            query,
            body: self.request::<E::Body>(),
            answer: self.answers.subschema_for::<E::Answer>().to_value(),
        }
    }

    /// The schema of a document that comes in.
    pub(crate) fn request<T: JsonSchema>(&mut self) -> Value {
        self.requests.subschema_for::<T>().to_value()
    }

    /// All schemas that have names. A test sees to it that no name means one thing in requests and another in answers.
    pub(crate) fn definitions(mut self) -> Definitions {
        let mut definitions = self.answers.take_definitions(true);
        definitions.extend(self.requests.take_definitions(true));
        definitions
    }
}

#[cfg(test)]
mod tests;
