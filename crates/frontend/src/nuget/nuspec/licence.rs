//! Licences as SPDX expressions.

use spdx::{Expression, LicenseItem, ParseMode};

use super::{Doubt, Fault, Quoted};

/// What clients take for "all rights reserved", standing alone.
const UNLICENSED: &str = "UNLICENSED";
/// Most that is told of one expression.
const DOUBTS_MAX: usize = 8;
/// Names that SPDX does not have are read, because packages that are not for everybody have licences that are not either.
const MODE: ParseMode = ParseMode {
    allow_postfix_plus_on_gpl: true,
    allow_deprecated: true,
    allow_unknown: true,
    ..ParseMode::STRICT
};

/// What is doubtful about an expression, or about none; one that clients cannot read is refused.
pub(super) fn doubts(text: &str) -> Result<Vec<Doubt>, Fault> {
    if text.is_empty() || text == UNLICENSED {
        return Ok(Vec::new());
    }
    let wrong = || Fault::Expression(Quoted::new(text));
    // Clients know operators in capitals alone.
    if text.split([' ', '(', ')']).any(|word| matches!(word, "and" | "or" | "with")) {
        return Err(wrong());
    }
    let expression = Expression::parse_mode(text, MODE).map_err(|_| wrong())?;
    let mut doubts = Vec::new();
    for stated in expression.requirements() {
        match &stated.req.license {
            LicenseItem::Spdx { id, .. } if id.is_deprecated() => {
                doubts.push(Doubt::OldLicence(Quoted::new(id.name)));
            }
            LicenseItem::Spdx { .. } => {}
            LicenseItem::Other(other) => doubts.push(Doubt::UnknownLicence(Quoted::new(&other.lic_ref))),
        }
        match stated.req.addition.as_ref().map(|addition| (addition.id(), addition)) {
            Some((None, other)) => doubts.push(Doubt::UnknownLicence(Quoted::new(&other.to_string()))),
            Some((Some(id), _)) if id.is_deprecated() => {
                doubts.push(Doubt::OldLicence(Quoted::new(id.name)));
            }
            Some(_) | None => {}
        }
    }
    doubts.dedup();
    doubts.truncate(DOUBTS_MAX);
    Ok(doubts)
}
