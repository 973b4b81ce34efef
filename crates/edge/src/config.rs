use std::time::Duration;

use crate::min_rate::MinRate;
use domain::Network;

/// Everything the edge can be told; plain numbers with their units in the names. `Default` is what runs without a file.
#[derive(Debug, Clone, Default)]
pub struct EdgeConfig {
    /// The address clients use, `https://HOST[:PORT]` without a slash at the end.
    pub public_url: Option<String>,
    /// Peers whose `X-Forwarded-*` and `Forwarded` headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// Bounds in time.
    pub timeouts: Timeouts,
    /// Bounds on connections.
    pub connections: ConnectionLimits,
    /// What requests may make this process hold.
    pub budgets: BudgetLimits,
    /// HTTP/2.
    pub http2: Http2Limits,
    /// Refused request bodies.
    pub refused: RefusedBodies,
}

/// Bounds in time and rate.
#[derive(Debug, Clone)]
pub struct Timeouts {
    /// TLS handshake.
    pub handshake_secs_max: u64,
    /// A request's head, counted from the moment the connection waits for it: so an idle HTTP/1 connection stays open as long.
    pub header_secs_max: u64,
    /// A connection without a request in flight; HTTP/2 has no other bound on that.
    pub idle_secs_max: u64,
    /// Longest wait for the next bytes of a request body.
    pub body_idle_secs_max: u64,
    /// Longest wait for the client to take the next bytes of an answer.
    pub write_idle_secs_max: u64,
    /// Slowest average of uploads and downloads in bytes per second, counting only time spent waiting for the client. 0 is no bound.
    pub bytes_per_sec_min: u64,
    /// Waiting that is allowed beyond what `bytes_per_sec_min` explains.
    pub slow_grace_secs: u64,
    /// A whole request, body and answer included.
    pub request_secs_max: u64,
    /// A connection; after it, requests in flight end and no new one begins.
    pub connection_secs_max: u64,
    /// How long requests in flight may go on after a stop.
    pub drain_secs_max: u64,
}

/// Bounds on connections.
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// Open at the same time; beyond it the one that has been idle longest is closed for each new one.
    pub total_max: usize,
    /// Open at the same time from one address (IPv6: /64); beyond it likewise. Trusted proxies are not counted.
    pub per_address_max: usize,
    /// Longest head of a request, in bytes.
    pub header_bytes_max: usize,
    /// Most headers of a request.
    pub headers_max: usize,
}

/// What requests may make this process hold at a time: all of them, those of one principal, and those from one address (IPv6: /64)
/// without a credential.
#[derive(Debug, Clone)]
pub struct BudgetLimits {
    /// Requests in flight.
    pub requests_total_max: usize,
    /// Requests in flight of one principal.
    pub requests_per_principal_max: usize,
    /// Requests in flight of one address.
    pub requests_per_address_max: usize,
    /// Bytes of answers that the client has not taken yet.
    pub answer_bytes_total_max: u64,
    /// Those of one principal.
    pub answer_bytes_per_principal_max: u64,
    /// Those of one address.
    pub answer_bytes_per_address_max: u64,
    /// Bytes of request bodies gathered in memory.
    pub body_bytes_total_max: u64,
    /// Those of one principal.
    pub body_bytes_per_principal_max: u64,
    /// Those of one address.
    pub body_bytes_per_address_max: u64,
    /// Bytes that connections with uploads may bring before anybody reads them, beyond a little that each may.
    pub window_bytes_total_max: u64,
    /// Those of one principal.
    pub window_bytes_per_principal_max: u64,
    /// Those of one address.
    pub window_bytes_per_address_max: u64,
    /// Seconds that a request waits for a place before it is refused.
    pub wait_secs_max: u64,
    /// Seconds after which a request whose client does nothing gives way to one that waits.
    pub stalled_secs: u64,
}

/// Bounds of HTTP/2.
#[derive(Debug, Clone)]
pub struct Http2Limits {
    /// Requests in flight on one connection.
    pub streams_max: u32,
    /// Streams the client reset and we have not yet noticed (CVE-2023-44487).
    pub pending_resets_max: usize,
    /// Streams we reset for the client's errors before the connection is closed.
    pub local_resets_max: usize,
    /// Receive window of a stream, in bytes.
    pub stream_window_bytes: u32,
    /// Receive window of a connection with uploads, in bytes, if its client has so much left of its `window_bytes`; else it is 64 KiB.
    pub connection_window_bytes: u32,
    /// Answer bytes buffered per stream.
    pub send_buffer_bytes_max: usize,
    /// Seconds between pings on a connection.
    pub ping_secs: u64,
    /// Seconds to answer one.
    pub ping_answer_secs_max: u64,
}

/// How much of a refused request body is read, so that the client gets to the answer (docs/nuget.md 6).
#[derive(Debug, Clone)]
pub struct RefusedBodies {
    /// Bytes read and thrown away per request.
    pub bytes_max: u64,
    /// Seconds spent on it per request.
    pub secs_max: u64,
    /// Requests that do so at the same time; others are cut.
    pub requests_max: usize,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            handshake_secs_max: 10,
            header_secs_max: 30,
            idle_secs_max: 120,
            body_idle_secs_max: 300,
            write_idle_secs_max: 300,
            bytes_per_sec_min: 1024,
            slow_grace_secs: 300,
            request_secs_max: 6 * 3600,
            connection_secs_max: 24 * 3600,
            drain_secs_max: 30,
        }
    }
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self { total_max: 8192, per_address_max: 512, header_bytes_max: 32 << 10, headers_max: 100 }
    }
}

impl Default for BudgetLimits {
    fn default() -> Self {
        Self {
            requests_total_max: 4096,
            requests_per_principal_max: 512,
            requests_per_address_max: 256,
            answer_bytes_total_max: 512 << 20,
            answer_bytes_per_principal_max: 48 << 20,
            answer_bytes_per_address_max: 32 << 20,
            body_bytes_total_max: 128 << 20,
            body_bytes_per_principal_max: 16 << 20,
            body_bytes_per_address_max: 4 << 20,
            window_bytes_total_max: 256 << 20,
            window_bytes_per_principal_max: 32 << 20,
            window_bytes_per_address_max: 4 << 20,
            wait_secs_max: 5,
            stalled_secs: 3,
        }
    }
}

impl Default for Http2Limits {
    fn default() -> Self {
        Self {
            streams_max: 128,
            pending_resets_max: 32,
            local_resets_max: 256,
            stream_window_bytes: 1 << 20,
            connection_window_bytes: 4 << 20,
            send_buffer_bytes_max: 64 << 10,
            ping_secs: 30,
            ping_answer_secs_max: 20,
        }
    }
}

impl Default for RefusedBodies {
    fn default() -> Self {
        Self { bytes_max: 256 << 20, secs_max: 60, requests_max: 64 }
    }
}

impl Timeouts {
    /// How long a whole request may take.
    #[must_use]
    pub const fn longest_request(&self) -> Duration {
        secs(self.request_secs_max)
    }

    pub(crate) const fn body_rate_min(&self) -> MinRate {
        self.rate_min(self.body_idle_secs_max)
    }

    pub(crate) const fn write_rate_min(&self) -> MinRate {
        self.rate_min(self.write_idle_secs_max)
    }

    const fn rate_min(&self, idle_secs: u64) -> MinRate {
        MinRate {
            idle: secs(idle_secs),
            grace: secs(self.slow_grace_secs),
            bytes_per_sec_min: self.bytes_per_sec_min,
        }
    }
}

/// Seconds of the configuration as a duration that can be added to any moment: a century stands for ever.
pub(crate) const fn secs(secs: u64) -> Duration {
    const CENTURY_SECS: u64 = 100 * 366 * 86_400;
    Duration::from_secs(if secs < CENTURY_SECS { secs } else { CENTURY_SECS })
}
