//! Brings what a file says and what there is together, field by field. A gateway's own file leaves what somebody changed since it
//! was last applied; one that is the truth says so, or is refused (docs/api.md 5).

use std::collections::BTreeSet;

use domain::Login;

use super::change::Change;
use super::declared::{Declared, Elements, Origin, Verdict, judge, judge_list};
use super::lines::{LastChange, PlanLine, PlanSign, PlanWhy};
use super::object::Object;
use super::plan::Applied;
use super::widening::{adds_rights, widens};
use crate::error::Error;
use crate::sql::audit;

mod rights;

pub(super) use rights::Rights;

/// One run over a plan.
pub(super) struct Merge<'c, 't> {
    pub(super) change: &'c mut Change<'t>,
    pub(super) client_ids_made: Vec<(Box<str>, Login)>,
    pub(super) rights: Option<Rights>,
    /// Whether who makes a project gets a grant to administer it.
    pub(super) maker_administers: bool,
    lines: Vec<PlanLine>,
    pub(super) declared: Declared,
    /// What is done where three values differ; `None` for the file a gateway starts with, which undoes nothing.
    truth: Option<Truth>,
    /// Objects that this run made, by name: all of them is as the plan says.
    made: BTreeSet<String>,
    /// Objects of the plan that somebody removed, or that the caller may not look at, by name, folded.
    gone: BTreeSet<String>,
    /// Everything the plan names.
    named: BTreeSet<String>,
}

/// How a file that is the truth is applied.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that is given or not")]
pub struct Truth {
    /// Takes away what the source made and names no longer.
    pub prune: bool,
    /// Names of projects, repositories, people and applications that may go for good.
    pub confirm_delete: Vec<Box<str>>,
    /// Takes away what others made too, in these parts.
    pub authoritative: Vec<Section>,
    /// Gives again what somebody took away since.
    pub reopen: bool,
    /// Takes what was there before the source named it.
    pub adopt: bool,
    /// Sets what others changed too.
    pub force: bool,
}

/// A part of a file that can be the whole truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Grants on the projects and repositories that the file has.
    Grants,
    /// What the roles of the file hold, and roles of its projects.
    Roles,
    /// Members of its teams.
    Teams,
    /// Tokens of its people and applications.
    Tokens,
    /// Publishers of its projects.
    Publishers,
    /// Webhooks at its nodes.
    Webhooks,
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

/// Where a run stood before something that may have to be taken back.
pub(super) struct Mark {
    lines: usize,
    declared: Option<String>,
}

impl<'c, 't> Merge<'c, 't> {
    pub(super) fn new(
        change: &'c mut Change<'t>,
        source: &str,
        truth: Option<Truth>,
        rights: Option<Rights>,
    ) -> Result<Self, Error> {
        let declared = Declared::load(change.tx, source)?;
        Ok(Self {
            change,
            client_ids_made: Vec::new(),
            maker_administers: rights.as_ref().is_some_and(Rights::administers_what_it_makes),
            rights,
            lines: Vec::new(),
            declared,
            truth,
            made: BTreeSet::new(),
            gone: BTreeSet::new(),
            named: BTreeSet::new(),
        })
    }

    /// What was done; from now on everything is remembered.
    pub(super) fn finish(mut self) -> Result<Applied, Error> {
        self.declared.remembered(self.change.tx)?;
        let Self { change, client_ids_made, lines, .. } = self;
        let told = |sign: PlanSign| lines.iter().filter(move |line| line.sign == sign);
        let text = |line: &PlanLine| Box::from(line.to_string());
        let (set, warnings) =
            (told(PlanSign::Set).map(text).collect(), told(PlanSign::Keep).map(text).collect());
        Ok(Applied { changed: change.changed, client_ids_made, set, warnings, lines })
    }

    /// Whether it is the file a gateway starts with.
    pub(super) const fn is_seed(&self) -> bool {
        self.truth.is_none()
    }

    pub(super) const fn truth(&self) -> Option<&Truth> {
        self.truth.as_ref()
    }

    /// Whether this part of the file is the whole truth.
    pub(super) fn is_whole(&self, section: Section) -> bool {
        self.truth.as_ref().is_some_and(|truth| truth.authoritative.contains(&section))
    }

    /// How an object stands that is there or not.
    pub(super) fn stands(&mut self, object: &Object, is_there: bool) -> Result<Stands, Error> {
        self.named.insert(object.name.clone());
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
                self.makes(object, PlanWhy::Asked, None)?;
                return Ok(Stands::New);
            }
            self.name(object, Origin::Found)?;
        }
        let last = self.who(object)?;
        if self.truth.as_ref().is_some_and(|truth| truth.reopen) {
            self.makes(object, PlanWhy::Gone, last)?;
            return Ok(Stands::New);
        }
        self.stays_gone(object, last);
        Ok(Stands::Gone)
    }

    /// What was removed cannot be made again, or is not to be.
    pub(super) fn stays_gone(&mut self, object: &Object, last: Option<LastChange>) {
        self.named.insert(object.name.clone());
        self.gone.insert(object.name.to_lowercase());
        let sign = if self.is_seed() { PlanSign::Keep } else { PlanSign::Conflict };
        self.tell(PlanLine { sign, last, ..line(object, PlanWhy::Gone) });
    }

    fn makes(&mut self, object: &Object, why: PlanWhy, last: Option<LastChange>) -> Result<(), Error> {
        self.name(object, Origin::Made)?;
        self.made.insert(object.name.clone());
        let widens = !matches!(object.kind.as_str(), "team" | "role");
        self.tell(PlanLine { sign: PlanSign::Make, last, widens, ..line(object, why) });
        Ok(())
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
        self.named.insert(object.name.clone());
        self.gone.insert(object.name.to_lowercase());
    }

    /// What an object needs is not there. That is the fault of the file, unless it was there once: then a start goes on without it.
    pub(super) fn lost(&mut self, object: &Object, name: &str) -> Result<(), Error> {
        if !self.is_seed() || !self.declared.referred().contains(&name.to_lowercase()) {
            return Err(Error::Unknown(name.into()));
        }
        self.gone.insert(Object::node(name).name.to_lowercase());
        self.gone.insert(name.to_lowercase());
        self.named.insert(object.name.clone());
        let after = Some(name.into());
        self.tell(PlanLine { after, ..line(object, PlanWhy::Lost) });
        Ok(())
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
        let widens = widens(field, present, wanted);
        let sets = self.sets(verdict, widens);
        if let Some((sign, why)) = told(verdict, sets, self.is_seed()) {
            let last =
                if matches!(why, PlanWhy::Asked | PlanWhy::Foreign) { None } else { self.who(object)? };
            let [before, after] = [present, wanted].map(|value| (!is_secret(field)).then(|| value.into()));
            self.tell(PlanLine {
                sign,
                field: Some(field),
                before,
                after,
                last,
                widens,
                ..line(object, why)
            });
        }
        if verdict == Verdict::Same || sets || declared.as_deref() == Some(wanted) {
            self.record(object, field, wanted)?;
        }
        Ok(sets)
    }

    /// What three values come to, for this kind of source.
    fn sets(&self, verdict: Verdict, widens: bool) -> bool {
        let Some(truth) = &self.truth else { return verdict == Verdict::Set };
        match verdict {
            Verdict::Same => false,
            Verdict::Set => true,
            Verdict::Drift => truth.reopen || !widens,
            Verdict::Conflict => truth.force,
            Verdict::Foreign => truth.adopt,
        }
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
        let mut verdict = judge_list(&declared, wanted, present);
        self.record(object, field, &text)?;
        if !verdict.stay_out.is_empty() {
            let (last, out) = (self.who(object)?, words(&verdict.stay_out));
            let back = self.truth.as_ref().map(|truth| truth.reopen || !adds_rights(field));
            let sign = match back {
                None => PlanSign::Keep,
                Some(true) => PlanSign::Set,
                Some(false) => PlanSign::Conflict,
            };
            let after = Some(if back == Some(true) { format!("+{out}") } else { out }.into());
            let widens = adds_rights(field);
            self.tell(PlanLine {
                sign,
                field: Some(field),
                after,
                last,
                widens,
                ..line(object, PlanWhy::Drift)
            });
            if back == Some(true) {
                verdict.add.append(&mut verdict.stay_out);
            }
        }
        self.extra(object, field, &declared, wanted, present, &mut verdict.remove)?;
        if verdict.add.is_empty() && verdict.remove.is_empty() {
            return Ok(None);
        }
        if !self.is_made(object) || !self.is_seed() {
            let signed = [("+", &verdict.add), ("-", &verdict.remove)];
            let told = signed.map(|(sign, all)| all.iter().map(move |one| format!("{sign}{one}")));
            let after = Some(told.into_iter().flatten().collect::<Vec<_>>().join(" ").into());
            let widens = adds_rights(field) && !verdict.add.is_empty();
            let asked = line(object, PlanWhy::Asked);
            self.tell(PlanLine { sign: PlanSign::Set, field: Some(field), after, widens, ..asked });
        }
        let kept = present.difference(&verdict.remove);
        Ok(Some(kept.chain(&verdict.add).cloned().collect()))
    }

    /// Elements that nobody named but whoever put them there: kept, unless the file is the whole truth about them.
    fn extra(
        &mut self,
        object: &Object,
        field: &'static str,
        declared: &Elements,
        wanted: &Elements,
        present: &Elements,
        remove: &mut Elements,
    ) -> Result<(), Error> {
        let whole = match field {
            "members" => Section::Teams,
            "permissions" => Section::Roles,
            _ => return Ok(()),
        };
        let extra: Elements = present
            .iter()
            .filter(|one| !declared.contains(*one) && !wanted.contains(*one))
            .cloned()
            .collect();
        if self.is_seed() || extra.is_empty() {
            return Ok(());
        }
        if self.is_whole(whole) {
            remove.extend(extra);
            return Ok(());
        }
        let (last, after) = (self.who(object)?, Some(words(&extra).into()));
        self.tell(PlanLine { field: Some(field), after, last, ..line(object, PlanWhy::Extra) });
        Ok(())
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
        self.named.insert(object.name.clone());
        if !self.declared.knows(&object.name) {
            let made = line(object, PlanWhy::Asked);
            self.tell(PlanLine { sign: PlanSign::Make, widens: true, ..made });
        }
        self.name(object, Origin::Made)?;
        fields.iter().try_for_each(|(field, value)| self.record(object, field, value))
    }

    /// The value that the plan gave a field last, if it ever did.
    pub(super) fn declared(&self, object: &Object, field: &str) -> Option<&str> {
        self.declared.value(&object.name, field)
    }

    /// A line about something that stays as it is, or stands in the way.
    pub(super) fn keeps(&mut self, object: &Object, field: Option<&'static str>, why: PlanWhy) {
        self.tell(PlanLine { field, ..line(object, why) });
    }

    pub(super) fn tell(&mut self, line: PlanLine) {
        self.lines.push(line);
    }

    /// Whether the plan named it.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.named.contains(name)
    }

    /// A place to go back to.
    pub(super) fn mark(&self, object: &Object, field: &str) -> Mark {
        Mark { lines: self.lines.len(), declared: self.declared(object, field).map(str::to_owned) }
    }

    /// Takes back what was told and remembered about a field since then.
    pub(super) fn back_to(&mut self, mark: Mark, object: &Object, field: &str) -> Result<(), Error> {
        self.lines.truncate(mark.lines);
        match mark.declared {
            Some(value) => self.record(object, field, &value),
            None => self.declared.forget(self.change.tx, &object.name, Some(field)),
        }
    }

    /// Who changed it last, as far as the audit knows.
    pub(super) fn who(&mut self, object: &Object) -> Result<Option<LastChange>, Error> {
        let Some(event) = self.last_event(object)? else { return Ok(None) };
        let who = format!("{}:{}", event.actor_kind, event.actor_name).into();
        Ok(Some(LastChange { who, at: event.at }))
    }

    /// What there was before memory counts as said by the plan, so that nothing of it is set.
    fn declared_value(&self, object: &Object, field: &str, wanted: &str) -> Option<String> {
        let declared = self.declared.value(&object.name, field);
        let past = self.declared.is_unremembered() && !self.is_made(object);
        let said = if past { declared.or(Some(wanted)) } else { declared };
        said.map(str::to_owned)
    }

    pub(super) fn is_made(&self, object: &Object) -> bool {
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
}

/// A line about the whole of an object that stays as it is.
pub(super) fn line(object: &Object, why: PlanWhy) -> PlanLine {
    PlanLine {
        sign: PlanSign::Keep,
        object: object.name.as_str().into(),
        field: None,
        before: None,
        after: None,
        why,
        last: None,
        widens: false,
    }
}

/// How a field is told of; `None` where it is as it should be.
const fn told(verdict: Verdict, sets: bool, seed: bool) -> Option<(PlanSign, PlanWhy)> {
    let why = match verdict {
        Verdict::Same => return None,
        Verdict::Set => PlanWhy::Asked,
        Verdict::Drift => PlanWhy::Drift,
        Verdict::Conflict => PlanWhy::Both,
        Verdict::Foreign => PlanWhy::Foreign,
    };
    let otherwise = if seed { PlanSign::Keep } else { PlanSign::Conflict };
    Some((if sets { PlanSign::Set } else { otherwise }, why))
}

/// Fields whose values stand nowhere but in memory, as hashes.
fn is_secret(field: &str) -> bool {
    matches!(field, "password" | "secret")
}

fn words(elements: &Elements) -> String {
    elements.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
