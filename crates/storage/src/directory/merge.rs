//! Brings what a file says and what there is together, field by field. What somebody changed since the file was last applied
//! stays as it is, and a line says so: a restart undoes nothing (docs/api.md 5).

use std::collections::BTreeSet;

use domain::{ProjectKey, time};

use super::change::Change;
use super::declared::{Declared, Elements, Origin, Verdict, judge, judge_list};
use super::event::ObjectKind;
use super::plan::Applied;
use crate::error::Error;
use crate::sql::audit;
use crate::sql::records::ChangedKind;

/// One run over a plan.
pub(super) struct Merge<'c, 't> {
    pub(super) change: &'c mut Change<'t>,
    pub(super) applied: Applied,
    declared: Declared,
    /// Objects that this run made, by name: all of them is as the plan says.
    made: BTreeSet<String>,
    /// Objects of the plan that somebody removed, by name, folded.
    gone: BTreeSet<String>,
}

/// Something a plan names: what memory and people call it, and what the audit does.
pub(super) struct Object {
    pub(super) name: String,
    kind: ObjectKind,
    audited: String,
    /// What tells it from others of its name.
    of: Option<String>,
}

/// How an object that a plan names stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// It is there.
    There,
    /// It is to be made; from now on it counts as made.
    New,
    /// It was there once, and somebody removed it. It stays so.
    Gone,
}

impl Object {
    pub(super) fn organisation() -> Self {
        Self::new("organisation", ObjectKind::Organisation, "/")
    }

    pub(super) fn project(key: &ProjectKey) -> Self {
        Self::node(key.as_str())
    }

    pub(super) fn repository(path: &str) -> Self {
        Self::new(&format!("repository {path}"), ChangedKind::Repository, path)
    }

    /// A project or repository as it is written.
    pub(super) fn node(text: &str) -> Self {
        match text.split_once('/') {
            Some((_, name)) if !name.is_empty() => Self::repository(text),
            _ => Self::new(&format!("project {text}"), ChangedKind::Project, text),
        }
    }

    /// `place` is `/` or a project.
    pub(super) fn role(name: &str, place: &str) -> Self {
        Self::new(&format!("role {name} in {place}"), ChangedKind::Role, &format!("{name} in {place}"))
    }

    /// `member:alice`
    pub(super) fn principal(subject: &str) -> Self {
        let name = subject.split_once(':').map_or(subject, |(_, name)| name);
        Self::new(subject, ChangedKind::Principal, name)
    }

    pub(super) fn team(name: &str) -> Self {
        Self::new(&format!("team:{name}"), ChangedKind::Team, name)
    }

    pub(super) fn token(name: &str, owner: &str) -> Self {
        let token = Self::new(&format!("token {name} of {owner}"), ChangedKind::Token, name);
        Self { of: Some(owner.to_owned()), ..token }
    }

    /// `role` is `None` for a grant of permissions.
    pub(super) fn grant(to: &str, role: Option<&str>, on: &str) -> Self {
        let name = format!("grant of {} to {to} on {on}", role.unwrap_or("permissions"));
        let grant = Self::new(&name, ChangedKind::Grant, &format!("{to} on {on}"));
        Self { of: role.map(str::to_owned), ..grant }
    }

    /// The same object; what is said of it happens to another one, such as the grant that makes a repository public.
    pub(super) fn seen_as(&self, kind: ChangedKind, audited: &str) -> Self {
        Self { name: self.name.clone(), kind: kind.into(), audited: audited.to_owned(), of: None }
    }

    fn new(name: &str, kind: impl Into<ObjectKind>, audited: &str) -> Self {
        Self { name: name.to_owned(), kind: kind.into(), audited: audited.to_owned(), of: None }
    }
}

impl<'c, 't> Merge<'c, 't> {
    pub(super) fn new(change: &'c mut Change<'t>, source: &'static str) -> Result<Self, Error> {
        let declared = Declared::load(change.tx, source)?;
        let (made, gone) = (BTreeSet::new(), BTreeSet::new());
        Ok(Self { change, applied: Applied::default(), declared, made, gone })
    }

    /// What was done; from now on everything is remembered.
    pub(super) fn finish(mut self) -> Result<Applied, Error> {
        self.declared.remembered(self.change.tx)?;
        self.applied.changed = self.change.changed;
        Ok(self.applied)
    }

    /// How an object stands that is there or not.
    pub(super) fn stands(&mut self, object: &Object, is_there: bool) -> Result<Stands, Error> {
        let known = self.declared.knows(&object.name);
        if is_there {
            if !known {
                self.name(object, Origin::Found)?;
            }
            return Ok(Stands::There);
        }
        if !known {
            // Without memory the audit tells whether it was there once.
            if !self.declared.is_unremembered() || self.last_event(object)?.is_none() {
                self.name(object, Origin::Made)?;
                self.made.insert(object.name.clone());
                return Ok(Stands::New);
            }
            self.name(object, Origin::Found)?;
        }
        self.gone.insert(object.name.to_lowercase());
        let who = self.who(object)?;
        self.keeps(format!("{} was removed and stays so{who}", object.name));
        Ok(Stands::Gone)
    }

    /// Whether it was found out in this run that somebody removed it, or what it lies in.
    pub(super) fn is_gone(&self, object: &Object) -> bool {
        self.gone.contains(&object.name.to_lowercase())
    }

    /// The same of a project or repository as it is written.
    pub(super) fn is_node_gone(&self, text: &str) -> bool {
        let project = text.split('/').next().unwrap_or_default();
        self.is_gone(&Object::node(text)) || self.is_gone(&Object::node(project))
    }

    /// Lets an object go with what it lay in, without a line of its own.
    pub(super) fn goes_too(&mut self, object: &Object) {
        self.gone.insert(object.name.to_lowercase());
    }

    /// Whether the value of a field is to be set.
    pub(super) fn settle(
        &mut self,
        object: &Object,
        field: &'static str,
        wanted: &str,
        present: &str,
    ) -> Result<bool, Error> {
        let declared = self.declared_value(object, field, wanted);
        let verdict = judge(declared.as_deref(), wanted, present);
        let asked = FieldChange { field, object, wanted, present };
        match verdict {
            Verdict::Same => {}
            Verdict::Set => self.sets(&asked),
            Verdict::Drift => {
                let who = self.who(object)?;
                self.keeps(format!("{asked}{who}"));
            }
            Verdict::Conflict => {
                let who = self.who(object)?;
                self.keeps(format!("{asked} since it was edited; both changed it{who}"));
            }
            Verdict::Foreign => self.keeps(format!("{asked}; it was there before the file named it")),
        }
        if matches!(verdict, Verdict::Same | Verdict::Set) || declared.as_deref() == Some(wanted) {
            self.record(object, field, wanted)?;
        }
        Ok(verdict == Verdict::Set)
    }

    /// The list as it is to be, if that is another one than there is.
    pub(super) fn settle_list(
        &mut self,
        object: &Object,
        field: &'static str,
        wanted: &Elements,
        present: &Elements,
    ) -> Result<Option<Elements>, Error> {
        let text = wanted.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
        let declared = self.declared_value(object, field, &text);
        let declared = declared.map(|text| text.lines().map(str::to_owned).collect()).unwrap_or_default();
        let verdict = judge_list(&declared, wanted, present);
        self.record(object, field, &text)?;
        if !verdict.stay_out.is_empty() {
            let (who, out) = (self.who(object)?, words(&verdict.stay_out));
            self.keeps(format!("{field} of {}: {out} was taken away and stays so{who}", object.name));
        }
        if verdict.add.is_empty() && verdict.remove.is_empty() {
            return Ok(None);
        }
        if !self.is_made(object) {
            let mut told = format!("{field} of {}:", object.name);
            for (sign, elements) in [("+", &verdict.add), ("-", &verdict.remove)] {
                elements.iter().for_each(|element| told.extend([" ", sign, element.as_str()]));
            }
            self.applied.set.push(told.into());
        }
        let kept = present.difference(&verdict.remove);
        Ok(Some(kept.chain(&verdict.add).cloned().collect()))
    }

    /// Remembers what a field is that the plan does not name, so that naming it later is a change of the plan.
    pub(super) fn leave(&mut self, object: &Object, field: &'static str, present: &str) -> Result<(), Error> {
        if self.declared.value(&object.name, field).is_some() {
            return Ok(());
        }
        self.record(object, field, present)
    }

    /// What something has that came with the installation or with what it lies in: as if the plan had said so, unless there is a
    /// past that nothing remembers.
    pub(super) fn came_with(
        &mut self,
        object: &Object,
        field: &'static str,
        shipped: &str,
        of: &Object,
    ) -> Result<(), Error> {
        if self.declared.is_unremembered() && !self.is_made(of) {
            return Ok(());
        }
        self.leave(object, field, shipped)
    }

    /// Remembers what was made, perhaps in the place of something else.
    pub(super) fn made_anew(
        &mut self,
        object: &Object,
        fields: &[(&'static str, &str)],
    ) -> Result<(), Error> {
        self.name(object, Origin::Made)?;
        fields.iter().try_for_each(|(field, value)| self.record(object, field, value))
    }

    /// The value that the plan gave a field last, if it ever did.
    pub(super) fn declared(&self, object: &Object, field: &str) -> Option<&str> {
        self.declared.value(&object.name, field)
    }

    /// A line for people about what stays as it is.
    pub(super) fn keeps(&mut self, what: String) {
        self.applied.warnings.push(format!("kept: {what}").into());
    }

    /// What there was before memory counts as said by the plan, so that nothing of it is set.
    fn declared_value(&self, object: &Object, field: &str, wanted: &str) -> Option<String> {
        let declared = self.declared.value(&object.name, field);
        let past = self.declared.is_unremembered() && !self.is_made(object);
        let said = if past { declared.or(Some(wanted)) } else { declared };
        said.map(str::to_owned)
    }

    fn sets(&mut self, change: &FieldChange<'_>) {
        let FieldChange { field, object, wanted, present } = change;
        let line = if is_secret(field) {
            format!("{field} of {}: a new one", object.name)
        } else {
            format!("{field} of {}: {present} -> {wanted}", object.name)
        };
        self.applied.set.push(line.into());
    }

    fn is_made(&self, object: &Object) -> bool {
        self.made.contains(&object.name)
    }

    fn name(&mut self, object: &Object, origin: Origin) -> Result<(), Error> {
        let now = self.change.now;
        self.declared.name(self.change.tx, &object.name, origin, now)
    }

    fn record(&mut self, object: &Object, field: &str, value: &str) -> Result<(), Error> {
        let now = self.change.now;
        self.declared.record(self.change.tx, (&object.name, field), value, now)
    }

    fn last_event(&mut self, object: &Object) -> Result<Option<audit::LastEvent>, Error> {
        audit::last_event(self.change.tx, object.kind.as_str(), &object.audited, object.of.as_deref())
    }

    /// Who changed it last, as far as the audit knows.
    fn who(&mut self, object: &Object) -> Result<String, Error> {
        let Some(event) = self.last_event(object)? else { return Ok(String::new()) };
        let (kind, name, at) = (&event.actor_kind, &event.actor_name, time::show(event.at));
        Ok(format!("; last changed by {kind}:{name} at {at}"))
    }
}

/// A field that the plan and what there is say differently.
struct FieldChange<'a> {
    field: &'static str,
    object: &'a Object,
    wanted: &'a str,
    present: &'a str,
}

impl std::fmt::Display for FieldChange<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { field, object: Object { name, .. }, wanted, present } = self;
        if is_secret(field) {
            return write!(f, "{field} of {name} is not the one of the file");
        }
        write!(f, "{field} of {name} is {present}, the file says {wanted}")
    }
}

/// Fields whose values stand nowhere but in memory, as hashes.
fn is_secret(field: &str) -> bool {
    matches!(field, "password" | "secret")
}

fn words(elements: &Elements) -> String {
    elements.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
