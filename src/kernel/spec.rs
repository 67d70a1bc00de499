//! How a kernel describes itself: inputs, parameters, outputs, stability.

use std::fmt;

use crate::error::{Error, Line, Result};

/// All that the catalogue says of a kernel; counts are part of the type.
pub(crate) struct Spec<const I: usize, const P: usize, const O: usize> {
    /// The op's name in a pipeline file: lower case, TA-Lib's where it has one.
    pub name: &'static str,
    /// The name in words.
    pub title: &'static str,
    /// The definition in plain text.
    pub formula: &'static str,
    /// Who published it.
    pub source: &'static str,
    /// The warm-up as an expression over the parameters.
    pub warmup: &'static str,
    /// The series that it reads.
    pub inputs: [Input; I],
    /// Its parameters.
    pub params: [Param; P],
    /// The columns that it gives; a single one may be nameless.
    pub outputs: [Output; O],
    /// How a value depends on where the series starts.
    pub stability: Stability,
}

/// A series that a kernel reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// Any column, named by the step; the text is its name in the formula.
    Series(&'static str),
    /// The column `open`.
    Open,
    /// The column `high`.
    High,
    /// The column `low`.
    Low,
    /// The column `close`.
    Close,
    /// The column `volume`.
    Volume,
}

impl Input {
    /// The inputs that have a role.
    pub const PRICES: [Input; 5] =
        [Input::Open, Input::High, Input::Low, Input::Close, Input::Volume];

    /// The column that a price input stands for when the step names none.
    pub fn role(self) -> Option<&'static str> {
        match self {
            Input::Series(_) => None,
            Input::Open => Some("open"),
            Input::High => Some("high"),
            Input::Low => Some("low"),
            Input::Close => Some("close"),
            Input::Volume => Some("volume"),
        }
    }

    /// The name in the formula.
    pub fn name(self) -> &'static str {
        match self {
            Input::Series(name) => name,
            price => price.role().expect("all others are prices"),
        }
    }
}

/// A column that a kernel gives; `""` where it is the only one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Output {
    /// The last part of the column's name.
    pub name: &'static str,
    /// The smallest and largest value it can take, where it has bounds.
    pub range: Option<(f64, f64)>,
}

impl Output {
    /// An output without bounds.
    pub(crate) const fn new(name: &'static str) -> Self {
        Output { name, range: None }
    }

    /// The same output, with bounds.
    pub(crate) const fn within(self, low: f64, high: f64) -> Self {
        Output { name: self.name, range: Some((low, high)) }
    }
}

/// A parameter: name, aliases, range and default.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// The name in a pipeline file.
    pub name: &'static str,
    /// Names accepted beside it, those of TA-Lib's Python wrapper.
    pub aliases: &'static [&'static str],
    /// What values it takes, and the default.
    pub kind: Kind,
    /// Whether it may be left out: 0 stands for none, and no name shows it.
    pub optional: bool,
    /// Whether only one of those that are exclusive is given, and leaves out the others.
    pub exclusive: bool,
}

/// The values that a parameter takes.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Kind {
    /// A whole number.
    Int {
        /// Smallest value.
        min: usize,
        /// Largest value.
        max: usize,
        /// Default.
        default: usize,
    },
    /// A real number.
    Real {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
        /// Default.
        default: f64,
    },
    /// One of several names, each with TA-Lib's number for it.
    Choice {
        /// Names and numbers.
        options: &'static [(&'static str, u8)],
        /// The number that is the default.
        default: u8,
    },
}

const fn param(name: &'static str, aliases: &'static [&'static str], kind: Kind) -> Param {
    Param { name, aliases, kind, optional: false, exclusive: false }
}

/// A whole-number parameter.
pub(crate) const fn int(
    name: &'static str,
    aliases: &'static [&'static str],
    min: usize,
    max: usize,
    default: usize,
) -> Param {
    param(name, aliases, Kind::Int { min, max, default })
}

/// A real parameter.
pub(crate) const fn real(
    name: &'static str,
    aliases: &'static [&'static str],
    min: f64,
    max: f64,
    default: f64,
) -> Param {
    param(name, aliases, Kind::Real { min, max, default })
}

/// A parameter that takes one of several names.
pub(crate) const fn choice(
    name: &'static str,
    aliases: &'static [&'static str],
    options: &'static [(&'static str, u8)],
    default: u8,
) -> Param {
    param(name, aliases, Kind::Choice { options, default })
}

/// A parameter's value, checked against its [`Param`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Value(f64);

impl Value {
    /// Of an optional parameter that is left out.
    pub(crate) const NONE: Value = Value(0.0);

    /// A whole number.
    pub(crate) fn whole(number: usize) -> Value {
        Value(number as f64)
    }

    /// As a whole number.
    pub fn int(self) -> usize {
        self.0 as usize
    }

    /// As a real number.
    pub fn real(self) -> f64 {
        self.0
    }

    /// As the number of a choice.
    pub fn choice(self) -> u8 {
        self.0 as u8
    }
}

impl Param {
    /// The same parameter, which 0 leaves out.
    pub(crate) const fn or_none(self) -> Self {
        Param { optional: true, ..self }
    }

    /// The same parameter, which leaves out the others that are exclusive.
    pub(crate) const fn or_others(self) -> Self {
        Param { exclusive: true, ..self.or_none() }
    }

    /// Whether a value says that there is none.
    pub fn is_none(&self, value: Value) -> bool {
        self.optional && value == Value::NONE
    }

    /// The value when none is given.
    pub fn default(&self) -> Value {
        Value(match self.kind {
            Kind::Int { default, .. } => default as f64,
            Kind::Real { default, .. } => default,
            Kind::Choice { default, .. } => f64::from(default),
        })
    }

    /// Checks a number against the range; a choice may be given by its number.
    ///
    /// # Errors
    ///
    /// A value outside the range, a fraction where a whole number belongs, NaN.
    pub fn number(&self, line: Line, op: &str, value: f64) -> Result<Value> {
        let fits = match self.kind {
            Kind::Int { min, max, .. } => {
                value.fract() == 0.0 && value >= min as f64 && value <= max as f64
            }
            Kind::Real { min, max, .. } => value >= min && value <= max,
            Kind::Choice { options, .. } => options.iter().any(|o| f64::from(o.1) == value),
        };
        if fits { Ok(Value(value)) } else { Err(self.refuse(line, op, value)) }
    }

    /// Looks a name up among the options of a choice.
    ///
    /// # Errors
    ///
    /// A name that is no option, or any name where the parameter is a number.
    pub fn option(&self, line: Line, op: &str, name: &str) -> Result<Value> {
        let Kind::Choice { options, .. } = self.kind else {
            return Err(self.refuse(line, op, format!("the text {name:?}")));
        };
        match options.iter().find(|option| option.0.eq_ignore_ascii_case(name)) {
            Some(option) => Ok(Value(f64::from(option.1))),
            None => Err(self.refuse(line, op, format!("{name:?}"))),
        }
    }

    fn refuse(&self, line: Line, op: &str, got: impl fmt::Display) -> Error {
        let subject = format!("`{}` of `{op}`", self.name);
        Error::value(line, subject, got, format!("allowed: {}", self.allowed()))
    }

    /// The allowed values in words.
    pub fn allowed(&self) -> String {
        match self.kind {
            Kind::Int { min, max, .. } => format!("a whole number from {min} to {max}"),
            // `{:?}` writes 3e37 as such.
            Kind::Real { min, max, .. } => format!("a number from {min:?} to {max:?}"),
            Kind::Choice { options, .. } => {
                let names: Vec<_> =
                    options.iter().map(|(name, n)| format!("{name} ({n})")).collect();
                names.join(", ")
            }
        }
    }

    /// The value as a pipeline file writes it.
    pub fn show(&self, value: Value) -> String {
        match self.kind {
            Kind::Choice { options, .. } => {
                let option = options.iter().find(|option| option.1 == value.choice());
                option.map_or_else(|| value.0.to_string(), |option| option.0.to_owned())
            }
            _ => value.0.to_string(),
        }
    }
}

/// How a value depends on where its series starts. It sets the tolerance of tests and the policy
/// for NaN. Of two, what depends on both has the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stability {
    /// Windowed: a value depends on its window only, to the last bit.
    Exact,
    /// Windowed: the window alone decides; where it starts may show in the last bits.
    Rounding,
    /// Recursive: the start is forgotten with time.
    Converging,
    /// Accumulating: the start is never forgotten.
    PathDependent,
}

impl Stability {
    /// Whether a value depends on more than a window.
    pub fn recursive(self) -> bool {
        matches!(self, Stability::Converging | Stability::PathDependent)
    }

    /// The name in listings.
    pub fn name(self) -> &'static str {
        match self {
            Stability::Exact => "exact",
            Stability::Rounding => "rounding",
            Stability::Converging => "converging",
            Stability::PathDependent => "path-dependent",
        }
    }
}

/// What a recursive kernel does after a value that is not finite.
///
/// NaN at the head of a series is no value yet: the series begins after it, under either policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Nan {
    /// NaN to the end of that series.
    #[default]
    Propagate,
    /// The warm-up starts again at the next finite value.
    Reseed,
}
