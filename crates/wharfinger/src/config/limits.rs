//! The configuration in the words of the crates that enforce it. Every field is named, so that a new limit cannot be forgotten.

use api::RateLimits;
use auth::AuthLimits;
use edge::{BudgetLimits, ConnectionLimits, EdgeConfig, Http2Limits, RefusedBodies, Timeouts};
use frontend::{AuditSettings, Browsers, FrontendConfig, Limits};
use storage::{DatabaseConfig, StorageConfig, StorageLimits};

use crate::config::{Config, DataMode, ServerUrl};

impl Config {
    pub(crate) fn frontend(&self) -> FrontendConfig {
        FrontendConfig {
            edge: self.edge(),
            limits: Limits {
                manifest_bytes_max: self.limits.manifest_bytes_max,
                blob_bytes_max: self.limits.blob_bytes_max,
                nupkg_bytes_max: self.limits.nupkg_bytes_max,
                page_rows_default: self.limits.page_rows_default,
                page_rows_max: self.limits.page_rows_max,
                anonymous_catalogue: self.limits.anonymous_catalogue,
            },
            browsers: Browsers { origins: self.browsers.origins.clone(), delete: self.browsers.delete },
            audit: AuditSettings {
                fetches: self.audit.fetches,
                anonymous_fetches: self.audit.anonymous_fetches,
                strict: self.audit.strict,
            },
            rates: RateLimits {
                changes_burst_max: self.rates.changes_burst_max,
                changes_per_sec_max: self.rates.changes_per_sec_max,
                reads_per_sec_max: self.rates.reads_per_sec_max,
                new_projects_per_minute_max: self.rates.new_projects_per_minute_max,
                candidates_per_sec_max: self.rates.candidates_per_sec_max,
                clients_max: self.rates.clients_max,
            },
        }
    }

    fn edge(&self) -> EdgeConfig {
        EdgeConfig {
            public_url: self.server.public_url.as_ref().map(ServerUrl::to_string),
            trusted_proxies: self.server.trusted_proxies.clone(),
            timeouts: self.timeouts(),
            connections: ConnectionLimits {
                total_max: self.connections.total_max,
                per_address_max: self.connections.per_address_max,
                header_bytes_max: self.connections.header_bytes_max,
                headers_max: self.connections.headers_max,
            },
            budgets: self.budgets(),
            http2: self.http2(),
            refused: RefusedBodies {
                bytes_max: self.refused_bodies.bytes_max,
                secs_max: self.refused_bodies.secs_max,
                requests_max: self.refused_bodies.requests_max,
            },
        }
    }

    fn timeouts(&self) -> Timeouts {
        Timeouts {
            handshake_secs_max: self.timeouts.handshake_secs_max,
            header_secs_max: self.timeouts.header_secs_max,
            idle_secs_max: self.timeouts.idle_secs_max,
            body_idle_secs_max: self.timeouts.body_idle_secs_max,
            write_idle_secs_max: self.timeouts.write_idle_secs_max,
            bytes_per_sec_min: self.timeouts.bytes_per_sec_min,
            slow_grace_secs: self.timeouts.slow_grace_secs,
            request_secs_max: self.timeouts.request_secs_max,
            connection_secs_max: self.timeouts.connection_secs_max,
            drain_secs_max: self.timeouts.drain_secs_max,
        }
    }

    const fn budgets(&self) -> BudgetLimits {
        BudgetLimits {
            requests_total_max: self.budgets.requests_total_max,
            requests_per_principal_max: self.budgets.requests_per_principal_max,
            requests_per_address_max: self.budgets.requests_per_address_max,
            answer_bytes_total_max: self.budgets.answer_bytes_total_max,
            answer_bytes_per_principal_max: self.budgets.answer_bytes_per_principal_max,
            answer_bytes_per_address_max: self.budgets.answer_bytes_per_address_max,
            body_bytes_total_max: self.budgets.body_bytes_total_max,
            body_bytes_per_principal_max: self.budgets.body_bytes_per_principal_max,
            body_bytes_per_address_max: self.budgets.body_bytes_per_address_max,
            window_bytes_total_max: self.budgets.window_bytes_total_max,
            window_bytes_per_principal_max: self.budgets.window_bytes_per_principal_max,
            window_bytes_per_address_max: self.budgets.window_bytes_per_address_max,
            wait_secs_max: self.budgets.wait_secs_max,
            stalled_secs: self.budgets.stalled_secs,
        }
    }

    const fn http2(&self) -> Http2Limits {
        Http2Limits {
            streams_max: self.http2.streams_max,
            pending_resets_max: self.http2.pending_resets_max,
            local_resets_max: self.http2.local_resets_max,
            stream_window_bytes: self.http2.stream_window_bytes,
            connection_window_bytes: self.http2.connection_window_bytes,
            send_buffer_bytes_max: self.http2.send_buffer_bytes_max,
            ping_secs: self.http2.ping_secs,
            ping_answer_secs_max: self.http2.ping_answer_secs_max,
        }
    }

    pub(crate) const fn auth_limits(&self) -> AuthLimits {
        AuthLimits {
            bearer_secs: self.auth.bearer_secs,
            password_log_in: self.auth.password_log_in,
            passwords_at_once_max: self.auth.passwords_at_once_max,
            passwords_waiting_max: self.auth.passwords_waiting_max,
            passwords_waiting_per_address_max: self.auth.passwords_waiting_per_address_max,
            passwords_verified_max: self.auth.passwords_verified_max,
            passwords_verified_secs_max: self.auth.passwords_verified_secs_max,
            failures_per_claim_max: self.auth.failures_per_claim_max,
            failures_per_claim_forgiven_secs: self.auth.failures_per_claim_forgiven_secs,
            failures_per_address_max: self.auth.failures_per_address_max,
            failures_per_address_forgiven_secs: self.auth.failures_per_address_forgiven_secs,
            failure_buckets_max: self.auth.failure_buckets_max,
        }
    }

    pub(crate) fn storage(&self) -> StorageConfig {
        let base = match self.server.mode {
            DataMode::Disk => StorageConfig::in_directory(self.server.data.clone()),
            DataMode::Memory => StorageConfig::in_memory(),
        };
        let limits = StorageLimits {
            uploads_max: self.storage.uploads_max,
            uploads_saved_max: self.storage.uploads_saved_max,
            upload_bytes_max: self.limits.blob_bytes_max,
            content_bytes_max: self.storage.content_bytes_max,
            small_blob_bytes_max: self.storage.small_blob_bytes_max,
            content_cache_bytes_max: self.storage.content_cache_bytes_max,
            names_cache_bytes_max: self.storage.names_cache_bytes_max,
            documents_cache_bytes_max: self.storage.documents_cache_bytes_max,
            free_bytes_min: self.storage.free_bytes_min,
            documents_bytes_max: self.storage.documents_bytes_max,
            lists_cache_bytes_max: self.storage.lists_cache_bytes_max,
            renders: StorageLimits::default().renders,
            search_millis_max: self.storage.search_millis_max,
            access_changes_kept_secs: self.storage.access_changes_kept_secs,
            events_kept_secs: self.storage.events_kept_secs,
            audit_queue_events_max: self.audit.queue_events_max,
            garbage_window_secs: self.garbage.window_secs,
            garbage_grace_secs: self.garbage.grace_secs,
        };
        let database = match &self.storage.database_url {
            Some(url) => DatabaseConfig::Postgres {
                url: url.expose(),
                connections_max: self.storage.database_connections_max,
            },
            None => base.database,
        };
        StorageConfig { database, blobs: base.blobs, limits }
    }
}
