//! JSON as it is taken from strangers: what readers could understand in two ways, or what costs more than it can mean, is
//! refused before anything looks at it.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Deserializer, Map, Number, Value};

use crate::problem::{Code, Fault};

/// Deepest nesting.
const DEPTH_MAX: usize = 16;
/// Most values, those inside others counted too, of a document of usual size.
const VALUES_MAX: usize = 10_000;
/// Bytes beyond which there may be one more value each.
const BYTES_PER_VALUE: usize = 8;

/// Reads one JSON text (RFC 8259) and nothing behind it.
///
/// # Errors
/// `Malformed`, with the place and no value: no JSON, lone surrogates, a name that stands twice in one object, more than 16
/// deep. `TooLarge` for more than 10,000 values, or one for every 8 bytes if that is more.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, Fault> {
    let values_max = VALUES_MAX.max(bytes.len() / BYTES_PER_VALUE);
    let left = Cell::new(Some(values_max));
    let mut text = Deserializer::from_slice(bytes);
    let read = Reader { depth: 0, values_max, left: &left }.deserialize(&mut text);
    read.and_then(|value| text.end().map(|()| value)).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let what = match error.classify() {
            // Our own words; the reader puts the place behind them.
            Category::Data => error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
            Category::Syntax | Category::Eof | Category::Io => "the body is not valid JSON".to_owned(),
        };
        let code = if left.get().is_none() { Code::TooLarge } else { Code::Malformed };
        Fault::Told(code, format!("{what} (line {line}, column {column})").into())
    })
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    depth: usize,
    values_max: usize,
    /// How many values may still come; `None` once there were too many.
    left: &'a Cell<Option<usize>>,
}

impl Reader<'_> {
    fn below<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == DEPTH_MAX {
            return Err(E::custom(format_args!("the body is nested more than {DEPTH_MAX} deep")));
        }
        Ok(Self { depth: self.depth.saturating_add(1), ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, source: D) -> Result<Value, D::Error> {
        self.left.set(self.left.get().and_then(|left| left.checked_sub(1)));
        if self.left.get().is_none() {
            let most = self.values_max;
            return Err(D::Error::custom(format_args!("the body has more than {most} values")));
        }
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        // A number without a fraction is a whole one, however it is written (JSON Schema Validation 6.1.1): 518.0 as 518. Beyond 2⁵³
        // nobody can tell which one was meant.
        const WHOLE_MAX: f64 = 9_007_199_254_740_991.0;
        if value.fract() == 0.0 && value.abs() <= WHOLE_MAX {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "it is whole and within the bounds of an i64"
            )]
            return Ok((value as i64).into());
        }
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number is too large"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut read = Vec::new();
        while let Some(item) = items.next_element_seed(below)? {
            read.push(item);
        }
        Ok(Value::Array(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut read = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let value = fields.next_value_seed(below)?;
            if read.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice in one object"));
            }
        }
        Ok(Value::Object(read))
    }
}

#[cfg(test)]
mod tests;
