//! What was published and taken away, told to the audit once it is so.

use std::sync::Arc;

use domain::{Credential, Digest, Granted, Origin, PolicyVersion, PrincipalId, Repository, Right};

use crate::audit::{AuditClass, AuditOutcome};
use crate::audit_queue::{AuditNote, AuditQueue, NotedObject, NotedPlace};
use crate::batch::Batch;
use crate::model::{EntryOutcome, Removal, Rule};

/// Who changes what is in a repository: taken out of the proof before that goes.
pub(super) struct Sender {
    who: PrincipalId,
    credential: Credential,
    origin: Arc<Origin>,
    repository: Repository,
    policy_version: PolicyVersion,
}

/// What a batch brings, by name.
pub(super) struct Brought {
    /// In the order of the batch; `None` for what the protocol derives.
    names: Vec<Option<Named>>,
    /// Bytes without a name: the layers of an image come before it.
    blobs: Vec<Named>,
}

/// Something that is told of.
struct Named {
    kind: &'static str,
    name: Box<str>,
    digest: Option<Digest>,
    bytes: Option<u64>,
}

impl Sender {
    pub(super) fn of<R: Right>(may: &Granted<R>) -> Self {
        Self {
            who: may.principal(),
            credential: may.credential(),
            origin: Arc::clone(may.origin()),
            repository: may.node().clone(),
            policy_version: may.version(),
        }
    }

    /// A batch is in force.
    pub(super) fn published(&self, queue: &AuditQueue, brought: Brought, outcomes: &[EntryOutcome]) {
        for (named, outcome) in brought.names.into_iter().zip(outcomes) {
            let action = match outcome {
                EntryOutcome::Created => "package.publish",
                EntryOutcome::Replaced => "package.replace",
                EntryOutcome::Unchanged => continue,
            };
            if let Some(named) = named {
                queue.note(self.note(action, named));
            }
        }
        for blob in brought.blobs {
            queue.note(self.note("blob.upload", blob));
        }
    }

    /// Names and links are gone, or are listed otherwise.
    pub(super) fn removed(&self, queue: &AuditQueue, removals: &[Removal]) {
        for removal in removals {
            let (action, kind, name, digest) = match removal {
                Removal::Entry(key) | Removal::EntryAndPointers { key, .. } => {
                    ("package.delete", key.kind.as_str(), key.to_string(), None)
                }
                Removal::Unlist(key) => ("package.unlist", key.kind.as_str(), key.to_string(), None),
                Removal::Relist(key) => ("package.relist", key.kind.as_str(), key.to_string(), None),
                Removal::Parts(target) => ("package.delete", "parts", target.to_string(), None),
                Removal::Link(digest) => ("blob.delete", "blob", digest.to_string(), Some(*digest)),
                Removal::Orphan { .. } => continue,
            };
            queue.note(self.note(action, Named { kind, name: name.into(), digest, bytes: None }));
        }
    }

    fn note(&self, action: &'static str, named: Named) -> AuditNote {
        AuditNote {
            action,
            class: AuditClass::Transfer,
            outcome: AuditOutcome::Done,
            who: Some(self.who).filter(|who| *who != PrincipalId::ANONYMOUS),
            token: self.credential.token(),
            session: self.credential.session(),
            origin: Arc::clone(&self.origin),
            operation: None,
            place: NotedPlace::In(self.repository.clone()),
            object: NotedObject::Named { kind: named.kind, name: named.name },
            bytes: named.bytes,
            digest: named.digest,
            reason: None,
            held: None,
            policy_version: self.policy_version,
        }
    }
}

impl Brought {
    pub(super) fn by(batch: &Batch) -> Self {
        let uploads = || batch.uploads.iter().map(|upload| upload.done());
        let bytes_of = |digest: &Digest| {
            uploads().find(|done| done.digests.contains(digest)).map(|done| done.size_bytes)
        };
        let names = batch.entries.iter().map(|entry| {
            (entry.rule != Rule::Derived).then(|| Named {
                kind: entry.key.kind.as_str(),
                name: entry.key.to_string().into(),
                digest: entry.content,
                bytes: entry.content.as_ref().and_then(bytes_of),
            })
        });
        let blobs = uploads().filter(|_| batch.entries.is_empty()).filter_map(|done| {
            let digest = *done.digests.first()?;
            let name = digest.to_string().into();
            Some(Named { kind: "blob", name, digest: Some(digest), bytes: Some(done.size_bytes) })
        });
        Self { names: names.collect(), blobs: blobs.collect() }
    }
}
