//! Jobs, as paths name them.

use std::borrow::Cow;

use super::{At, Parameter, absent};
use crate::problem::Fault;

/// A job; `None` is a number that none has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobAt {
    job: Option<i64>,
}

impl JobAt {
    /// A job by its number as text.
    #[must_use]
    pub fn new(number: &str) -> Self {
        let plain = number.bytes().all(|byte| byte.is_ascii_digit());
        Self { job: number.parse().ok().filter(|_| plain) }
    }

    /// Its number.
    pub(crate) fn job(self) -> Result<i64, Fault> {
        self.job.ok_or_else(absent)
    }
}

impl At for JobAt {
    const PARAMETERS: &'static [Parameter] =
        &[Parameter { name: "job", format: "job", description: "Number of a job." }];

    fn parse(names: &[Cow<'_, str>]) -> Option<Self> {
        let [job] = names else { return None };
        Some(Self::new(job))
    }

    fn names(&self) -> Vec<Cow<'_, str>> {
        vec![self.job.unwrap_or_default().to_string().into()]
    }
}
