//! Dates of TOML as moments, and moments as text.

use domain::Timestamp;
use toml::value::{Datetime, Offset};

/// The moment a date and time with an offset names; `None` without all three. Leap seconds count as the second before.
pub(crate) fn moment(at: &Datetime) -> Option<Timestamp> {
    let (date, time, offset) = (at.date?, at.time?, at.offset?);
    let minutes = match offset {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes),
    };
    let days = days_since_epoch(i64::from(date.year), i64::from(date.month), i64::from(date.day));
    let seconds = i64::from(time.second.unwrap_or(0)).min(59);
    let nanos = i64::from(time.nanosecond.unwrap_or(0));
    let of_day = i64::from(time.hour) * 3600 + i64::from(time.minute) * 60 + seconds;
    Some(Timestamp::from_millis((days * 86_400 + of_day - minutes * 60) * 1000 + nanos / 1_000_000))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar: years counted from March, so that the leap day is a year's last.
const fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let march_year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let leap_days = march_year.div_euclid(4) - march_year.div_euclid(100) + march_year.div_euclid(400);
    march_year * 365 + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests;
