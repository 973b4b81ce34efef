//! What the gateway itself tells about budgets and connections, from its exposition.

/// Counters of who was refused, turned away or cut.
const COUNTED: [&str; 5] = [
    "wharfinger_budget_refused_total",
    "wharfinger_rate_refused_total",
    "wharfinger_connections_cut_total",
    "wharfinger_connections_turned_away_total",
    "wharfinger_requests_cut_total",
];
/// Held of anything by the one who asks.
const HELD_MAX: u64 = 2;
/// The same of bytes.
const HELD_BYTES_MAX: u64 = 1 << 20;

/// Who was refused, turned away or cut, as far as there was anybody.
pub(super) fn ended(metrics: &str) -> String {
    let counted = metrics.lines().filter(|line| COUNTED.iter().any(|name| line.starts_with(name)));
    let told =
        counted.filter(|line| !line.ends_with(" 0")).map(|line| line.trim_start_matches("wharfinger_"));
    told.collect::<Vec<_>>().join(", ")
}

/// Sum of all that was refused, turned away or cut of connections.
pub(super) fn connections_ended(metrics: &str) -> u64 {
    let lines = metrics
        .lines()
        .filter(|line| COUNTED.iter().any(|name| line.starts_with(name)) && line.contains("connections"));
    lines.filter_map(value).sum()
}

/// What is still held by clients of whom there are none any more. Documents that are kept for the next reader are nobody's.
pub(super) fn held(metrics: &str) -> Vec<&str> {
    let gauges = metrics.lines().filter(|line| {
        line.starts_with("wharfinger_connections ")
            || line.starts_with("wharfinger_budget_held{") && !line.contains("document")
    });
    let most = |line: &str| if line.contains("bytes") { HELD_BYTES_MAX } else { HELD_MAX };
    gauges.filter(|line| value(line).is_some_and(|held| held > most(line))).collect()
}

fn value(line: &str) -> Option<u64> {
    line.rsplit(' ').next()?.parse().ok()
}
