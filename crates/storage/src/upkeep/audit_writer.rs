//! Writing what was noted for the audit.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{Permission, PolicyVersion, PrincipalId, System, TokenId, time};
use serde_json::json;

use super::Written;
use crate::audit::{
    AuditActor, AuditClass, AuditDetail, AuditEvent, AuditObject, AuditOrigin, AuditOutcome, AuditPlace,
    AuditToken,
};
use crate::audit_queue::{AuditNote, GatheredEvent, Lost, NotedObject, NotedPlace, What};
use crate::error::{Error, Fault};
use crate::sql::{Load, Tx, audit, audited};
use crate::store::Storage;

/// Events of one transaction.
const EVENTS_MAX: usize = 64;

/// Who was looked up already.
#[derive(Default)]
struct Known {
    actors: HashMap<PrincipalId, AuditActor>,
    tokens: HashMap<TokenId, AuditToken>,
}

impl Storage {
    /// A step of writing what was noted for the audit, each once, however often it is tried. Nothing is left when nothing was done.
    ///
    /// # Errors
    /// Failures of the database, or no room on its disk; what was not written waits.
    pub async fn write_audit(&self, _system: &System) -> Result<Written, Fault> {
        let queue = &self.shared.audit;
        let mut gathered = queue.gathered.lock().await;
        if gathered.events.is_empty() {
            queue.take_into(&mut gathered);
        }
        let events: Arc<[GatheredEvent]> = gathered.events.iter().take(EVENTS_MAX).cloned().collect();
        if events.is_empty() {
            return Ok(Written::default());
        }
        self.shared.space.require(0)?;
        let written = Arc::clone(&events);
        let write = move |tx: &mut dyn Tx| {
            let mut known = Known::default();
            for event in &*written {
                let row = row(tx, &mut known, event)?;
                audit::insert(tx, &row, Some(&event.uid))?;
            }
            Ok(())
        };
        self.shared.database.write(Load::upkeep(events.len() as u64), write).await?;
        gathered.events.drain(..events.len());
        queue.were_written(&events);
        let items = events.iter().fold(0_u64, |sum, event| sum.saturating_add(event.times));
        Ok(Written { items, is_all: gathered.events.is_empty() })
    }
}

fn row(tx: &mut dyn Tx, known: &mut Known, event: &GatheredEvent) -> Result<AuditEvent, Error> {
    let row = match &event.what {
        What::Lost(lost) => lost_row(lost),
        What::Noted(note) => noted_row(tx, known, note)?,
    };
    Ok(AuditEvent { at: event.at, times: Some(event.times).filter(|times| *times > 1), ..row })
}

fn noted_row(tx: &mut dyn Tx, known: &mut Known, note: &AuditNote) -> Result<AuditEvent, Error> {
    let place = match &note.place {
        NotedPlace::Nowhere => AuditPlace::default(),
        NotedPlace::In(repository) => AuditPlace {
            node: Some(repository.id().get()),
            path: Some(repository.path().to_string().into()),
            project: Some(repository.project().get()),
        },
        NotedPlace::Asked(called) => audited::place_called(tx, called)?,
    };
    let object = object(tx, known, note, &place)?;
    let origin = &note.origin;
    Ok(AuditEvent {
        action: note.action.into(),
        class: note.class,
        outcome: note.outcome,
        actor: match note.who {
            None => audited::anyone(),
            Some(id) => known.actor(tx, id)?,
        },
        token: match note.token {
            None => AuditToken::default(),
            Some(id) => known.token(tx, id)?,
        },
        origin: AuditOrigin {
            request: Some(origin.request.to_string().into()),
            address: origin.address.map(|address| address.to_string().into()),
            agent: origin.agent.as_deref().map(Into::into),
            operation: note.operation.map(Into::into),
            session: note.session.map(|session| session.to_string().into()),
        },
        place,
        object,
        content: AuditDetail {
            bytes: note.bytes,
            digest: note.digest.map(|digest| digest.to_string().into()),
            after: note.held.map(|held| {
                let words: Vec<&str> = held.iter().map(Permission::as_str).collect();
                json!({ "held": words }).to_string().into()
            }),
            ..AuditDetail::default()
        },
        reason: note.reason.map(Into::into),
        policy_version: note.policy_version,
        ..empty()
    })
}

fn object(
    tx: &mut dyn Tx,
    known: &mut Known,
    note: &AuditNote,
    place: &AuditPlace,
) -> Result<AuditObject, Error> {
    Ok(match &note.object {
        NotedObject::Named { kind, name } => {
            AuditObject { kind: (*kind).into(), id: None, name: name.clone(), of: None }
        }
        NotedObject::Principal(None) => {
            AuditObject { kind: "principal".into(), id: None, name: "unknown".into(), of: None }
        }
        NotedObject::Principal(Some(id)) => {
            let AuditActor { kind, name, .. } = known.actor(tx, *id)?;
            let name = format!("{kind}:{name}").into();
            AuditObject { kind: "principal".into(), id: Some(id.get().into()), name, of: None }
        }
        NotedObject::Node(right) => {
            let name = match &note.place {
                NotedPlace::Nowhere => "/".to_owned(),
                NotedPlace::In(repository) => repository.path().to_string(),
                NotedPlace::Asked(called) => called.to_string(),
            };
            let kind = match name.as_str() {
                "/" => "organisation",
                repository if repository.contains('/') => "repository",
                _ => "project",
            };
            // What is not there has no id.
            let id = place.node.filter(|_| place.path.as_deref() == Some(&name)).map(i64::from);
            AuditObject { kind: kind.into(), id, name: name.into(), of: right.map(Into::into) }
        }
    })
}

fn lost_row(lost: &Lost) -> AuditEvent {
    let (from, to) = (time::show_millis(lost.from), time::show_millis(lost.to));
    let after = json!({ "count": lost.count, "from": from, "to": to }).to_string();
    AuditEvent {
        action: "audit.lost".into(),
        outcome: AuditOutcome::Failed,
        actor: audited::gateway("audit"),
        object: AuditObject { kind: "audit".into(), id: None, name: "events".into(), of: None },
        content: AuditDetail { after: Some(after.into()), ..AuditDetail::default() },
        ..empty()
    }
}

/// What an event is without anything said of it.
fn empty() -> AuditEvent {
    AuditEvent {
        id: 0,
        sequence: None,
        at: domain::Timestamp::from_millis(0),
        class: AuditClass::Access,
        action: "".into(),
        outcome: AuditOutcome::Done,
        actor: audited::anyone(),
        token: AuditToken::default(),
        origin: AuditOrigin::default(),
        place: AuditPlace::default(),
        object: AuditObject { kind: "".into(), id: None, name: "".into(), of: None },
        content: AuditDetail::default(),
        reason: None,
        policy_version: PolicyVersion::new(1),
        times: None,
        chain: None,
    }
}

impl Known {
    fn actor(&mut self, tx: &mut dyn Tx, id: PrincipalId) -> Result<AuditActor, Error> {
        if let Some(actor) = self.actors.get(&id) {
            return Ok(actor.clone());
        }
        let actor = audited::actor(tx, id)?;
        self.actors.insert(id, actor.clone());
        Ok(actor)
    }

    fn token(&mut self, tx: &mut dyn Tx, id: TokenId) -> Result<AuditToken, Error> {
        if let Some(token) = self.tokens.get(&id) {
            return Ok(token.clone());
        }
        let token = audited::token(tx, id)?;
        self.tokens.insert(id, token.clone());
        Ok(token)
    }
}
