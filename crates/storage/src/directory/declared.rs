//! Three values for each field: what a source last applied, what it says now, and what there is (docs/api.md 5). A change of the
//! source is told from one that somebody made in between, so that neither undoes the other in silence.

use std::collections::{BTreeMap, BTreeSet};

use domain::Timestamp;

use super::object::Named;
use crate::error::Error;
use crate::sql::Tx;
use crate::sql::declared::{self as rows, Declaration};

/// The elements of a list, as they are written.
pub(super) type Elements = BTreeSet<String>;

/// What becomes of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is as the source says.
    Same,
    /// It is as the source left it, and the source says something new.
    Set,
    /// The source says what it said before, and somebody changed it since.
    Drift,
    /// The source says something new, and somebody else changed it too.
    Conflict,
    /// It differs, and was there before the source named it.
    Foreign,
}

/// Compares the three values of a field; `declared` is `None` where the source never applied it.
pub(super) fn judge(declared: Option<&str>, wanted: &str, present: &str) -> Verdict {
    match declared {
        _ if present == wanted => Verdict::Same,
        None => Verdict::Foreign,
        Some(declared) if declared == present => Verdict::Set,
        Some(declared) if declared == wanted => Verdict::Drift,
        Some(_) => Verdict::Conflict,
    }
}

/// What becomes of a list each of whose elements stands for itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ListVerdict {
    /// New in the source.
    pub(super) add: Elements,
    /// The source has them no longer.
    pub(super) remove: Elements,
    /// The source has them still, and somebody took them away.
    pub(super) stay_out: Elements,
}

/// Compares the three values of a list. What is there and was never named stays.
pub(super) fn judge_list(declared: &Elements, wanted: &Elements, present: &Elements) -> ListVerdict {
    let (stay_out, add) = wanted.difference(present).cloned().partition(|element| declared.contains(element));
    let remove = present.intersection(declared).filter(|element| !wanted.contains(*element));
    ListVerdict { add, remove: remove.cloned().collect(), stay_out }
}

/// What a source last applied, by object and field.
pub(super) struct Declared {
    source: Box<str>,
    fields: BTreeMap<Box<str>, BTreeMap<Box<str>, Box<str>>>,
    unremembered: bool,
}

/// The field of an object that says where it comes from.
const ORIGIN: &str = "";
/// The object that stands for the database, and its field that says that there is a past nothing remembers.
const DATABASE: &str = "";
const UNREMEMBERED: &str = "unremembered";

impl Declared {
    pub(super) fn load(tx: &mut dyn Tx, source: &str) -> Result<Self, Error> {
        let mut fields: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for Declaration { object, field, value } in rows::of_source(tx, source)? {
            fields.entry(object).or_default().insert(field, value);
        }
        let unremembered = fields.remove(DATABASE).is_some();
        Ok(Self { source: source.into(), fields, unremembered })
    }

    /// Whether this is the first time since memory began, in a database with a past.
    pub(super) const fn is_unremembered(&self) -> bool {
        self.unremembered
    }

    /// Whether the source ever applied this object.
    pub(super) fn knows(&self, object: &str) -> bool {
        self.fields.get(object).is_some_and(|fields| fields.contains_key(ORIGIN))
    }

    pub(super) fn value(&self, object: &str, field: &str) -> Option<&str> {
        self.fields.get(object)?.get(field).map(|value| &**value)
    }

    /// Everything the source ever applied and did not forget: names, and whether it made them.
    pub(super) fn objects(&self) -> Vec<(Box<str>, bool)> {
        let origins = self.fields.iter().filter_map(|(name, fields)| Some((name, fields.get(ORIGIN)?)));
        origins.map(|(name, origin)| (name.clone(), **origin == *Origin::Made.as_str())).collect()
    }

    /// Subjects and nodes that something the source applied refers to, folded: they were there then.
    pub(super) fn referred(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for (object, fields) in &self.fields {
            if let Some(Named::Grant { to, on, .. }) = Named::parse(object) {
                names.extend([to.to_lowercase(), on.to_lowercase()]);
            }
            let list = |field: &str| fields.get(field).map(|text| &**text).unwrap_or_default();
            for element in list("members").lines().chain(list("authorised").lines()) {
                names.insert(element.to_lowercase());
            }
            let limits = list("limits").split(", ").filter_map(|one| one.rsplit_once(" on "));
            names.extend(limits.map(|(_, node)| node.to_lowercase()));
        }
        names
    }

    /// Forgets a field of an object, or all of it.
    pub(super) fn forget(&mut self, tx: &mut dyn Tx, object: &str, field: Option<&str>) -> Result<(), Error> {
        let Some(fields) = self.fields.get_mut(object) else { return Ok(()) };
        let gone: Vec<Box<str>> =
            fields.keys().filter(|name| field.is_none_or(|field| ***name == *field)).cloned().collect();
        for name in gone {
            fields.remove(&name);
            rows::forget(tx, &self.source, object, &name)?;
        }
        Ok(())
    }

    /// Remembers that the source named an object, and whether it made it.
    pub(super) fn name(
        &mut self,
        tx: &mut dyn Tx,
        object: &str,
        origin: Origin,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.record(tx, (object, ORIGIN), origin.as_str(), now)
    }

    /// Remembers a field as it is applied now.
    pub(super) fn record(
        &mut self,
        tx: &mut dyn Tx,
        (object, field): (&str, &str),
        value: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        if self.value(object, field) == Some(value) {
            return Ok(());
        }
        let row = Declaration { object: object.into(), field: field.into(), value: value.into() };
        rows::put(tx, &self.source, &row, now)?;
        self.fields.entry(row.object).or_default().insert(row.field, row.value);
        Ok(())
    }

    /// From now on the past is remembered.
    pub(super) fn remembered(&mut self, tx: &mut dyn Tx) -> Result<(), Error> {
        if self.unremembered {
            rows::forget(tx, &self.source, DATABASE, UNREMEMBERED)?;
            self.unremembered = false;
        }
        Ok(())
    }
}

/// Where an object comes from that a source names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Made,
    Found,
}

impl Origin {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Found => "found",
        }
    }
}

#[cfg(test)]
mod tests;
