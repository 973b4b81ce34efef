//! Moments as documents have them: RFC 3339 in UTC.

use crate::clock::Timestamp;

/// Milliseconds of a day of UTC.
pub const DAY_MILLIS: i64 = 86_400_000;

/// `2030-01-31T12:00:00Z`, with an offset instead of `Z` and a fraction of seconds if need be.
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = bytes.get(from..to)?;
        digits
            .iter()
            .try_fold(0_i64, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
    };
    let separators = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    let separated = separators.iter().all(|(at, wanted)| bytes.get(*at) == Some(wanted));
    if !separated || !matches!(bytes.get(10), Some(b'T' | b't' | b' ')) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let sane = (1..=12).contains(&month)
        && (1..=days_of(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !sane {
        return None;
    }
    let (millis, zone) = fraction(text.get(19..)?)?;
    let of_day = (hour * 3600 + minute * 60 + second) * 1000 + millis;
    Some(Timestamp::from_millis(
        days(year, month, day) * DAY_MILLIS + of_day - offset_minutes(zone)? * 60_000,
    ))
}

/// As [`parse`] reads it, in UTC, to the millisecond.
#[must_use]
pub fn show_millis(at: Timestamp) -> String {
    let seconds = show(at);
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), at.millis().rem_euclid(1000))
}

/// As [`parse`] reads it, in UTC, to the second.
#[must_use]
pub fn show(at: Timestamp) -> String {
    let seconds = at.millis().div_euclid(1000);
    let (day, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, date) = date(day);
    format!("{year:04}-{month:02}-{date:02}T{:02}:{:02}:{:02}Z", of_day / 3600, of_day / 60 % 60, of_day % 60)
}

/// The day of a moment in UTC, counted from 1970-01-01.
#[must_use]
pub const fn day_of(at: Timestamp) -> i64 {
    at.millis().div_euclid(DAY_MILLIS)
}

/// A day so counted as `2030-01-31`.
#[must_use]
pub fn show_day(day: i64) -> String {
    let (year, month, date) = date(day);
    format!("{year:04}-{month:02}-{date:02}")
}

/// As [`show_day`] writes it.
#[must_use]
pub fn parse_day(text: &str) -> Option<i64> {
    let is_plain = text.len() == 10 && text.is_ascii();
    parse(&format!("{text}T00:00:00Z")).filter(|_| is_plain).map(day_of)
}

/// The Monday of a day's week.
#[must_use]
pub const fn week_of(day: i64) -> i64 {
    day - (day + 3).rem_euclid(7)
}

/// The first of a day's month.
#[must_use]
pub const fn month_of(day: i64) -> i64 {
    let (year, month, _) = date(day);
    days(year, month, 1)
}

/// Milliseconds of the fraction, and what follows it.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(behind) = text.strip_prefix('.') else { return Some((0, text)) };
    let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
    let (fraction, zone) = behind.split_at_checked(digits)?;
    if !(1..=9).contains(&digits) {
        return None;
    }
    let padded: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some((padded.parse().ok()?, zone))
}

fn offset_minutes(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let sign = match zone.bytes().next()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let two = |text: &str| {
        (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())
    };
    let (hours, minutes): (i64, i64) = (two(hours)??, two(minutes)??);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// Days from 1970-01-01 to a date; years counted from March, so that the leap day is a year's last.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let march_year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = march_year.div_euclid(4) - march_year.div_euclid(100) + march_year.div_euclid(400);
    march_year * 365 + leap_days + of_year - 719_468
}

const fn days_of(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// The date so many days after 1970-01-01.
const fn date(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400;
    (if month <= 2 { year + 1 } else { year }, month, date)
}

#[cfg(test)]
mod tests;
