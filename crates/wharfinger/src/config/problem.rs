use std::fmt;

/// Most problems told at once; the rest would be noise.
const PROBLEMS_MAX: usize = 50;

/// One thing that is wrong in a file, a variable or an argument, and what was probably meant. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    place: Location,
    message: String,
    meant: Option<String>,
}

/// Where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Location {
    /// A line of a file, counted from 1.
    Line(String, u32),
    /// A whole file.
    File(String),
    /// An environment variable.
    Variable(String),
    /// The configuration as a whole.
    Settings,
}

/// Everything found wrong, at most a screenful.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problem {
    pub(crate) fn new(place: Location, message: impl Into<String>) -> Self {
        Self { place, message: message.into(), meant: None }
    }

    /// Adds the word that was probably meant.
    pub(crate) fn meant(mut self, word: Option<&str>) -> Self {
        self.meant = word.map(str::to_owned);
        self
    }
}

impl Problems {
    pub(crate) fn add(&mut self, problem: Problem) {
        if self.0.len() < PROBLEMS_MAX {
            self.0.push(problem);
        }
    }

    /// Gives `value` if nothing was found wrong.
    pub(crate) fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Location::Line(file, line) => write!(f, "{file}:{line}: ")?,
            Location::File(file) => write!(f, "{file}: ")?,
            Location::Variable(name) => write!(f, "{name}: ")?,
            Location::Settings => {}
        }
        f.write_str(&self.message)?;
        match &self.meant {
            Some(word) => write!(f, "; did you mean `{word}`?"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
