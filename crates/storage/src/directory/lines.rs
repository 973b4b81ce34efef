//! What a plan does, line by line.

use std::fmt;

use domain::{Timestamp, time};

/// One line of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanLine {
    /// What is done.
    pub sign: PlanSign,
    /// To what: `repository alpha/images`, `grant of viewer to team:releasers on alpha`.
    pub object: Box<str>,
    /// Which field; `None` for the whole.
    pub field: Option<&'static str>,
    /// What the field is; `None` where it is a list or a secret.
    pub before: Option<Box<str>>,
    /// What it is to be; of a list the elements that come (`+`) and go (`-`). `None` for a secret.
    pub after: Option<Box<str>>,
    /// Why.
    pub why: PlanWhy,
    /// Who changed it last, as far as the audit knows.
    pub last: Option<LastChange>,
    /// Whether somebody may have more afterwards.
    pub widens: bool,
}

/// What a line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanSign {
    /// Makes it.
    Make,
    /// Sets a field.
    Set,
    /// Takes it away.
    Remove,
    /// Leaves it as it is, though the source says otherwise.
    Keep,
    /// Stands in the way of the whole.
    Conflict,
}

/// Why a line is what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanWhy {
    /// The source says so, and nobody changed it since.
    Asked,
    /// Somebody changed it since the source was applied.
    Drift,
    /// The source says something new, and somebody else changed it too.
    Both,
    /// It was there before the source named it.
    Foreign,
    /// Somebody removed it.
    Gone,
    /// The source names it no longer.
    Left,
    /// The source does not name it.
    Extra,
    /// It goes for good, and that was not confirmed by its name.
    Unconfirmed,
    /// A token that was revoked or disabled stays so.
    Token(&'static str),
    /// What it names is gone.
    Lost,
    /// A rule forbids it, in these words.
    Rule(Box<str>),
    /// The caller may not do it, or it does not exist; in these words if there are more.
    Denied(Option<Box<str>>),
}

/// Who changed something last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastChange {
    /// `member:alice`
    pub who: Box<str>,
    /// When.
    pub at: Timestamp,
}

impl PlanSign {
    /// As plans are written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Make => "+",
            Self::Set => "~",
            Self::Remove => "-",
            Self::Keep => "=",
            Self::Conflict => "!",
        }
    }
}

impl PlanWhy {
    /// The word for programs.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Drift => "drift",
            Self::Both => "conflict",
            Self::Foreign => "foreign",
            Self::Gone => "gone",
            Self::Left => "left",
            Self::Extra => "extra",
            Self::Unconfirmed => "unconfirmed",
            Self::Token(_) => "token",
            Self::Lost => "lost",
            Self::Rule(_) => "rule",
            Self::Denied(_) => "denied",
        }
    }
}

/// As the log of a start has it.
impl fmt::Display for PlanLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let object = &self.object;
        if self.sign == PlanSign::Keep {
            f.write_str("kept: ")?;
        }
        match (&self.why, self.field, &self.before, &self.after) {
            (PlanWhy::Gone, None, ..) => write!(f, "{object} was removed and stays so")?,
            (PlanWhy::Token(was), ..) => write!(f, "{object} was {was} and stays so; give it a new secret")?,
            (PlanWhy::Lost, _, _, Some(lost)) => write!(f, "{object} needs {lost}, which was removed")?,
            (PlanWhy::Rule(why), Some(field), ..) => write!(f, "{field} of {object}: {why}")?,
            (_, Some(field), None, Some(elements)) if self.sign == PlanSign::Keep => {
                write!(f, "{field} of {object}: {elements} was taken away and stays so")?;
            }
            (_, Some(field), None, Some(elements)) => write!(f, "{field} of {object}: {elements}")?,
            (_, Some(field), None, None) if self.sign == PlanSign::Set => {
                write!(f, "{field} of {object}: a new one")?;
            }
            (_, Some(field), None, None) => write!(f, "{field} of {object} is not the one of the file")?,
            (_, Some(field), Some(before), Some(after)) if self.sign == PlanSign::Set => {
                write!(f, "{field} of {object}: {before} -> {after}")?;
            }
            (_, Some(field), Some(before), Some(after)) => {
                write!(f, "{field} of {object} is {before}, the file says {after}")?;
            }
            (_, field, ..) => write!(f, "{object} {}", field.unwrap_or_default())?,
        }
        match self.why {
            PlanWhy::Both => f.write_str(" since it was edited; both changed it")?,
            PlanWhy::Foreign => f.write_str("; it was there before the file named it")?,
            _ => {}
        }
        match &self.last {
            Some(LastChange { who, at }) if self.sign == PlanSign::Keep => {
                write!(f, "; last changed by {who} at {}", time::show(*at))
            }
            _ => Ok(()),
        }
    }
}
