//! Numbers, sizes and moments as people of a language read them.

use domain::Timestamp;

use crate::look::Language;

/// Up to how long ago a moment is told as a time span, in days.
const SPAN_DAYS: i64 = 30;

/// A moment, for the macro of the same name.
pub(crate) struct When {
    /// For programs, and for who wants to know exactly.
    pub(crate) exact: String,
    /// For people.
    pub(crate) text: String,
}

impl Language {
    const fn thousands(self) -> char {
        match self {
            Self::English => ',',
            Self::German => '.',
        }
    }

    const fn decimal(self) -> char {
        match self {
            Self::English => '.',
            Self::German => ',',
        }
    }

    /// `12,345`.
    pub(crate) fn number(self, number: u64) -> String {
        let digits = number.to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (index, digit) in digits.char_indices() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(self.thousands());
            }
            text.push(digit);
        }
        text
    }

    /// `71 GB`, `1.2 GB`: units of 1000.
    pub(crate) fn bytes(self, bytes: u64) -> String {
        const UNITS: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
        let mut unit = 0;
        let mut divisor = 1_u64;
        while bytes / divisor >= 1000 && unit + 1 < UNITS.len() {
            divisor *= 1000;
            unit += 1;
        }
        let (whole, tenth) = (bytes / divisor, bytes % divisor * 10 / divisor);
        let name = UNITS.get(unit).copied().unwrap_or_default();
        if whole < 10 && tenth > 0 && unit > 0 {
            format!("{whole}{}{tenth} {name}", self.decimal())
        } else {
            format!("{} {name}", self.number(whole))
        }
    }

    /// `29 Nov 2026`.
    pub(crate) fn date(self, at: Timestamp) -> String {
        let year = domain::time::show(at).get(..4).unwrap_or_default().to_owned();
        format!("{} {year}", self.day(at))
    }

    /// `29 Nov`: where the year is known.
    pub(crate) fn day(self, at: Timestamp) -> String {
        let text = domain::time::show(at);
        let mut parts = text.get(5..10).unwrap_or_default().split('-');
        let month: usize = parts.next().and_then(|month| month.parse().ok()).unwrap_or(1);
        let day = parts.next().unwrap_or_default().trim_start_matches('0');
        let months = match self {
            Self::English => {
                ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
            }
            Self::German => [
                "Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.",
                "Dez.",
            ],
        };
        let month = months.get(month.saturating_sub(1)).copied().unwrap_or_default();
        match self {
            Self::English => format!("{day} {month}"),
            Self::German => format!("{day}. {month}"),
        }
    }

    /// A moment: within 30 days how long ago or until then, else its date.
    pub(crate) fn when(self, at: Timestamp, now: Timestamp) -> When {
        let exact = domain::time::show(at);
        let secs = (now.millis() - at.millis()) / 1000;
        let span = secs.abs();
        let text = if span >= SPAN_DAYS * 86_400 { self.date(at) } else { self.span(span, secs < 0) };
        When { exact, text }
    }

    fn span(self, secs: i64, ahead: bool) -> String {
        let (count, english, german) = match secs {
            0..60 => {
                return match self {
                    Self::English => "now".to_owned(),
                    Self::German => "jetzt".to_owned(),
                };
            }
            60..3600 => (secs / 60, ["minute", "minutes"], ["Minute", "Minuten"]),
            3600..86_400 => (secs / 3600, ["hour", "hours"], ["Stunde", "Stunden"]),
            _ => (secs / 86_400, ["day", "days"], ["Tag", "Tagen"]),
        };
        let one = |[one, many]: [&'static str; 2]| if count == 1 { one } else { many };
        match (self, ahead) {
            (Self::English, false) => format!("{count} {} ago", one(english)),
            (Self::English, true) => format!("in {count} {}", one(english)),
            (Self::German, false) => format!("vor {count} {}", one(german)),
            (Self::German, true) => format!("in {count} {}", one(german)),
        }
    }
}
