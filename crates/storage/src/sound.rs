//! Contents whose bytes were all read lately, and were right. A content that many fetch is hashed once a day and not for each of them,
//! which would take more of the processor than sending it does.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;
use tokio::time::Instant;

/// Contents of which it is remembered; about a hundred bytes each.
const REMEMBERED_MAX: usize = 16_384;
/// How long it is believed.
const BELIEVED: Duration = Duration::from_hours(24);

/// Since when contents are believed to be right, by object key: what is there is never written again.
pub(crate) struct Sound {
    seen: Cache<Arc<str>, Instant>,
}

impl Default for Sound {
    fn default() -> Self {
        Self { seen: Cache::new(REMEMBERED_MAX) }
    }
}

impl Sound {
    /// All of it was read, and was right.
    pub(crate) fn saw(&self, object_key: &Arc<str>, now: Instant) {
        self.seen.insert(Arc::clone(object_key), now);
    }

    /// Whether that is believed without another look.
    pub(crate) fn believes(&self, object_key: &Arc<str>, now: Instant) -> bool {
        self.seen.get(object_key).is_some_and(|seen| now.saturating_duration_since(seen) < BELIEVED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_believed_for_a_day() {
        let (sound, now, key) = (Sound::default(), Instant::now(), Arc::from("blobs/one"));
        assert!(!sound.believes(&key, now));
        sound.saw(&key, now);
        assert!(sound.believes(&key, now + BELIEVED - Duration::from_secs(1)));
        assert!(!sound.believes(&key, now + BELIEVED));
    }
}
