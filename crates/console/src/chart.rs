//! What was fetched and made as a chart and as the table of the same numbers: geometry alone, in the colours of the style sheet
//! (docs/console.md 2).

use api::usage::{Usage, UsageItem, UsageStep};
use domain::Timestamp;
use domain::time::DAY_MILLIS;

use crate::look::Language;
use crate::texts::Texts;

/// Where the bars begin, how wide all of them are together, and how high the highest may be, in units of the picture.
const LEFT: u64 = 40;
const WIDTH: u64 = 570;
const HEIGHT: u64 = 110;
/// Where they stand.
const GROUND: u64 = 130;
/// Days that have their names below.
const NAMES: usize = 4;

/// A chart, as its template draws it.
pub(crate) struct Chart {
    /// What it shows, for who does not see it.
    pub(crate) sentence: String,
    /// How many times as high as they are new versions are drawn.
    pub(crate) times: u64,
    pub(crate) bars: Vec<Bar>,
    /// Lines across: how high, and what for.
    pub(crate) lines: Vec<(u64, String)>,
    /// Days below: where, and which.
    pub(crate) names: Vec<(u64, String)>,
    /// The same in numbers.
    pub(crate) rows: Vec<Row>,
    /// Whether a bar is about a week, and not a day.
    pub(crate) of_weeks: bool,
}

/// A rectangle: whether it is about what was made, and where it is.
pub(crate) struct Bar {
    pub(crate) class: &'static str,
    pub(crate) x: u64,
    pub(crate) y: u64,
    pub(crate) width: u64,
    pub(crate) height: u64,
}

/// A day or a week in numbers.
pub(crate) struct Row {
    pub(crate) day: String,
    pub(crate) exact: String,
    pub(crate) downloads: u64,
    pub(crate) bytes: u64,
    pub(crate) published: u64,
}

impl Chart {
    /// The chart of these days.
    pub(crate) fn of(usage: &Usage, language: Language, t: &Texts) -> Self {
        let items = usage.items.as_slice();
        let most = |of: fn(&UsageItem) -> u64| items.iter().map(of).max().unwrap_or_default();
        let (pulled, made) = (most(|item| item.downloads), most(|item| item.published));
        let times = times(pulled, made);
        let top = top(pulled.max(made.saturating_mul(times)));
        let step = WIDTH / u64::try_from(items.len()).unwrap_or(WIDTH).clamp(1, WIDTH);
        let width = step.saturating_sub(if step > 8 { 5 } else { 1 }).max(1);
        let mut bars = Vec::with_capacity(items.len() * 2);
        for (x, item) in places(items, step) {
            bars.extend(bar("b", (x, width), item.downloads, top));
            let half = width.div_ceil(2);
            bars.extend(bar("b2", (x + width - half, half), item.published.saturating_mul(times), top));
        }
        let every = items.len().div_ceil(NAMES).max(1);
        let named = places(items, step).step_by(every);
        Self {
            sentence: sentence(usage, language, t),
            times,
            bars,
            lines: [0, top / 2, top].map(|value| (height(value, top), short(value))).to_vec(),
            names: named.map(|(x, item)| (x, language.day(moment(item.at.0)))).collect(),
            rows: items.iter().rev().map(|item| Row::of(item, language)).collect(),
            of_weeks: usage.step == UsageStep::Week,
        }
    }
}

impl Row {
    fn of(item: &UsageItem, language: Language) -> Self {
        Self {
            day: language.date(moment(item.at.0)),
            exact: domain::time::show_day(item.at.0),
            downloads: item.downloads,
            bytes: item.downloaded_bytes,
            published: item.published,
        }
    }
}

/// What there is to see, in a sentence.
fn sentence(usage: &Usage, language: Language, t: &Texts) -> String {
    let t = &t.usage;
    let best = usage.items.iter().max_by_key(|item| item.downloads);
    let Some(best) = best.filter(|_| usage.sum.downloads > 0 || usage.sum.published > 0) else {
        return t.chart_none.to_owned();
    };
    let text = if usage.step == UsageStep::Week { t.chart_sentence_week } else { t.chart_sentence };
    let fill = |text: &str, name, value: u64| crate::parts::filled(text, name, &language.number(value));
    let text = crate::parts::filled(text, "day", &language.date(moment(best.at.0)));
    let text = fill(&text, "pulled", usage.sum.downloads);
    fill(&fill(&text, "published", usage.sum.published), "most", best.downloads)
}

fn moment(day: i64) -> Timestamp {
    Timestamp::from_millis(day.saturating_mul(DAY_MILLIS))
}

/// Items with where they are.
fn places(items: &[UsageItem], step: u64) -> impl Iterator<Item = (u64, &UsageItem)> {
    (0_u64..).map(move |index| LEFT + index * step).zip(items)
}

/// How high up a value is.
fn height(value: u64, top: u64) -> u64 {
    GROUND - share(value, top)
}

/// How high a value is, in units of the picture; something is never nothing.
fn share(value: u64, top: u64) -> u64 {
    let high = u128::from(value) * u128::from(HEIGHT) / u128::from(top.max(1));
    let high = u64::try_from(high).unwrap_or(HEIGHT).min(HEIGHT);
    if value > 0 { high.max(1) } else { 0 }
}

fn bar(class: &'static str, (x, width): (u64, u64), value: u64, top: u64) -> Option<Bar> {
    let high = share(value, top);
    (high > 0).then_some(Bar { class, x, y: GROUND - high, width, height: high })
}

/// What the highest line stands for: 2, 10, 20, 50, 100 and so on, so that half of it is a whole number.
fn top(most: u64) -> u64 {
    if most <= 2 {
        return 2;
    }
    let mut ten = 10_u64;
    loop {
        let round = [1, 2, 5].into_iter().filter_map(|factor| ten.checked_mul(factor));
        if let Some(top) = round.into_iter().find(|round| *round >= most) {
            return top;
        }
        let Some(next) = ten.checked_mul(10) else { return most };
        ten = next;
    }
}

/// The largest power of ten by which all that was made stays below what was fetched.
fn times(pulled: u64, made: u64) -> u64 {
    let mut times = 1_u64;
    while made > 0 && made.saturating_mul(times).saturating_mul(10) <= pulled {
        times = times.saturating_mul(10);
    }
    times
}

/// A round number in little room: `5`, `500`, `25k`, `2M`.
fn short(value: u64) -> String {
    for (unit, name) in [(1_000_000_000_000, "T"), (1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")] {
        if value >= unit * 10 || (value >= unit && value.is_multiple_of(unit)) {
            return format!("{}{name}", value / unit);
        }
    }
    value.to_string()
}

#[cfg(test)]
mod tests;
