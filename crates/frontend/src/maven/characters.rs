//! Which characters names of the layout may have, beside those of versions.

use crate::file_tree::characters::is_taken;

/// Letters, digits, `_`, `.` and `-`: what ids and prefixes are made of.
pub(crate) const fn is_of_id(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-')
}

/// Letters, digits, `.`, `_`, `-`, `+` and `~`: what extensions are made of.
pub(crate) const fn is_plain(character: char) -> bool {
    is_of_id(character) || matches!(character, '+' | '~')
}

/// The first character that keeps a path out of the layout, if it is one: of the ids, then of the version and the name of the
/// file, then of its extension.
pub(crate) fn first_refused(path: &str) -> Option<char> {
    let segments: Vec<&str> = path.split('/').collect();
    let (ids, rest) = segments.split_at_checked(segments.len().saturating_sub(2))?;
    let of = |segments: &[&str], good: fn(char) -> bool| {
        segments.iter().flat_map(|segment| segment.chars()).find(|character| !good(*character))
    };
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    of(ids, is_of_id)
        .or_else(|| of(rest, is_taken))
        .or_else(|| of(&[extension], is_plain))
        .filter(|at| *at != '/')
}

#[cfg(test)]
mod tests;
