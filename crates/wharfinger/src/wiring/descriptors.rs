//! File descriptors: as many as the system lets us have, and bounds that stay below, so that nobody can use up the last one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Config;

/// Descriptors that belong to no connection, request or upload: database, keys, log, listeners, what libraries open, and room
/// for what is closed a moment later than it is counted.
const RESERVE: u64 = 192;
/// No bound is lowered below this.
const LEAST: u128 = 8;

/// Raises the limit as far as the system allows and lowers the bounds of the configuration that do not fit below it.
pub(super) fn fit(config: &mut Config) {
    if let Some(limit) = raise() {
        lower(config, limit);
    }
}

/// The limit of this process, as high as it gets; `None` is without end.
fn raise() -> Option<u64> {
    let before = getrlimit(Resource::Nofile);
    let highest = Rlimit { current: before.maximum, maximum: before.maximum };
    match setrlimit(Resource::Nofile, highest) {
        Ok(()) => before.maximum,
        Err(error) => {
            tracing::warn!(%error, limit = before.current, "the limit of open files cannot be raised");
            before.current
        }
    }
}

/// A connection is a descriptor, one that waits for a place too; a request in flight may read a file and an upload writes one.
fn lower(config: &mut Config, limit: u64) {
    let reserve = RESERVE.saturating_add(config.storage.database_connections_max.into());
    let available = limit.saturating_sub(reserve);
    let waiting = edge::connections_waiting_max(config.connections.total_max) as u64;
    let bounds = [
        &mut config.connections.total_max,
        &mut config.budgets.requests_total_max,
        &mut config.storage.uploads_max,
    ];
    let wanted = bounds.iter().fold(waiting, |sum, bound| sum.saturating_add(**bound as u64));
    if wanted <= available {
        return;
    }
    // Where fewer may be open, more of them wait in proportion: up to an eighth of all.
    let parts = u128::from(wanted) + u128::from(wanted) / 8;
    for bound in bounds {
        let share = u128::try_from(*bound).unwrap_or(u128::MAX).saturating_mul(available.into()) / parts;
        let share = usize::try_from(share.max(LEAST)).unwrap_or(usize::MAX);
        *bound = share.min(*bound);
    }
    tracing::warn!(
        limit,
        needed = wanted.saturating_add(reserve),
        connections = config.connections.total_max,
        requests = config.budgets.requests_total_max,
        uploads = config.storage.uploads_max,
        "the limit of open files is too low for the configured bounds, which are lowered to what fits; see LimitNOFILE of \
         systemd or `ulimit -n`"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed(config: &Config) -> u64 {
        let connections = config.connections.total_max;
        let all = connections
            + edge::connections_waiting_max(connections)
            + config.budgets.requests_total_max
            + config.storage.uploads_max;
        all as u64
    }

    #[test]
    fn whatever_the_limit_the_bounds_stay_below() {
        for limit in [512, 1024, 4096, 16_384] {
            let mut config = Config::for_tests();
            lower(&mut config, limit);
            assert!(needed(&config) + RESERVE <= limit, "{limit}: {}", needed(&config));
            assert!(config.connections.total_max > 50, "{limit}: {}", config.connections.total_max);
        }
    }

    #[test]
    fn a_high_limit_changes_nothing() {
        let mut config = Config::for_tests();
        lower(&mut config, 1 << 20);
        assert_eq!(config, Config::for_tests());
    }

    #[test]
    fn the_limit_is_as_high_as_it_gets() {
        let limit = raise();
        assert_eq!(getrlimit(Resource::Nofile).current, limit);
    }
}
