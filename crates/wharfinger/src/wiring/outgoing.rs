//! What the gateway asks of others, and where that may go.

use std::sync::Arc;

use api::Targets;
use outbound::{Client, Limits, SystemNames, Target, Trust};

use crate::config::Config;
use crate::error::{StartError, with_causes};

/// The one client.
pub(super) fn client(config: &Config) -> Result<Arc<Client>, StartError> {
    let trust = match &config.outbound.ca_file {
        Some(file) => Trust::and(file).map_err(|error| StartError::Tls(with_causes(&error)))?,
        None => Trust::default(),
    };
    let private = config.outbound.private_targets.clone();
    Ok(Arc::new(Client::new(Arc::new(SystemNames), trust, private, Limits::default())))
}

/// Where messages of webhooks may go, as far as an address alone tells.
pub(super) struct Reachable(pub(super) Arc<Client>);

impl Targets for Reachable {
    fn refusal(&self, url: &str) -> Option<String> {
        let target = match Target::parse(url) {
            Ok(target) => target,
            Err(why) => return Some(why.to_string()),
        };
        self.0.check(&target, None).err().map(|why| why.to_string())
    }
}
