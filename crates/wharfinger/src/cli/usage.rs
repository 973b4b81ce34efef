//! What can be typed about what was fetched.

use clap::{Args, ValueEnum};

use super::Remote;

#[derive(Debug, Args)]
pub(super) struct UsageFlags {
    /// Where: `/`, PROJECT or PROJECT/REPOSITORY
    #[arg(value_name = "NODE", default_value = "/")]
    pub(super) on: String,
    /// In everything you may read
    #[arg(long, conflicts_with = "on")]
    pub(super) mine: bool,
    /// The first day, such as 2030-01-01; 29 days before the last without it
    #[arg(long, value_name = "DAY")]
    pub(super) from: Option<String>,
    /// The last day, at most 399 days behind the first; today without it
    #[arg(long, value_name = "DAY")]
    pub(super) to: Option<String>,
    /// What one line is about
    #[arg(long, value_enum, default_value_t = StepWord::Day)]
    pub(super) step: StepWord,
    /// Lines with commas, for spreadsheets
    #[arg(long, conflicts_with_all = ["output", "quiet"])]
    pub(super) csv: bool,
    #[command(flatten)]
    pub(super) remote: Remote,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum StepWord {
    Day,
    Week,
    Month,
}
