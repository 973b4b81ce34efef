use std::sync::atomic::{AtomicU8, Ordering};

use domain::LogInRules;

use crate::bearer::Audience;

/// What the organisation says about log-ins, in one word: read with every request.
pub(crate) struct Rules(AtomicU8);

const PASSWORDS: u8 = 1;
const PASSWORDS_ON_PACKAGES: u8 = 2;
const STRICT_USER_NAMES: u8 = 4;

impl Rules {
    pub(crate) fn new(rules: LogInRules) -> Self {
        Self(AtomicU8::new(encode(rules)))
    }

    pub(crate) fn set(&self, rules: LogInRules) {
        self.0.store(encode(rules), Ordering::Release);
    }

    /// Whether passwords are good for anything there.
    pub(crate) fn admit_passwords(&self, place: Audience) -> bool {
        let needed = match place {
            Audience::Management | Audience::Administration => PASSWORDS,
            Audience::Oci | Audience::Packages => PASSWORDS | PASSWORDS_ON_PACKAGES,
        };
        self.0.load(Ordering::Acquire) & needed == needed
    }

    /// Whether a name beside a token must be its owner's.
    pub(crate) fn strict_user_names(&self) -> bool {
        self.0.load(Ordering::Acquire) & STRICT_USER_NAMES != 0
    }
}

fn encode(rules: LogInRules) -> u8 {
    let LogInRules { passwords, passwords_on_packages, strict_user_names } = rules;
    let bit = |said: bool, bit: u8| if said { bit } else { 0 };
    bit(passwords, PASSWORDS)
        | bit(passwords_on_packages, PASSWORDS_ON_PACKAGES)
        | bit(strict_user_names, STRICT_USER_NAMES)
}
