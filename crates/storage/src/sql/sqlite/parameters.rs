/// Whether `$1`, `$2` … first stand in a statement in this order: SQLite counts them as it meets them, whatever their numbers, and
/// PostgreSQL goes by the numbers.
pub(super) fn is_numbered_in_order(sql: &str) -> bool {
    let mut met = 0_u32;
    sql.split('$').skip(1).all(|behind| {
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        let number = behind.get(..digits).and_then(|digits| digits.parse().ok()).unwrap_or(u32::MAX);
        let in_order = (1..=met.saturating_add(1)).contains(&number);
        met = met.max(number);
        in_order
    })
}

#[cfg(test)]
mod tests;
