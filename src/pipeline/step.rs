//! The pipeline file: its sections as typed values, every key checked.

use std::collections::HashSet;

use super::scaling::{fill_with, norm, scale_act};
use super::text::{Field, Lines, Section, parse};
use crate::batch::Dtype;
use crate::error::{Error, Line, Result};
use crate::frame::lag;
use crate::indicators;
use crate::kernel::{Input, Kind, Nan, Row, Value};
use crate::scale::{Missing, Norm, SampleScaler, Scaler};

/// A pipeline file, parsed.
pub(super) struct File {
    pub columns: Vec<String>,
    pub columns_line: Line,
    /// Columns that stand for prices which have another name.
    pub roles: Vec<Role>,
    pub steps: Vec<Step>,
    pub output: Output,
}

/// Longest text of a pipeline, in bytes: to parse it takes a hundred times as many.
pub(super) const LONGEST_TEXT: usize = 1 << 20;

/// Most steps of a pipeline.
const MOST_STEPS: usize = 10_000;

/// A price and the column that stands for it.
pub(super) struct Role {
    pub line: Line,
    pub price: &'static str,
    pub column: String,
}

/// One operation, as written.
pub(super) struct Step {
    pub line: Line,
    pub act: Act,
    /// The columns named; `None` for the op's default.
    pub columns: Option<Vec<String>>,
    /// Where they are named, or the step's own line.
    pub columns_line: Line,
    /// Names for the columns that it adds, if given.
    pub names: Option<Vec<String>>,
}

/// What a step does.
pub(super) enum Act {
    Indicator {
        row: &'static Row,
        params: Vec<Value>,
        nan: Nan,
    },
    /// Fitted over all samples, and over all timesteps or for each.
    Scale {
        scaler: Scaler,
        missing: Missing,
        each_timestep: bool,
    },
    /// On each sample by itself.
    ScaleSamples(SampleScaler),
    /// Something in place of NaN.
    Fill(FillWith),
    Log1p,
    /// Each row by its norm.
    Normalize(Norm),
    /// A row of the catalogue in place of its input.
    Replace {
        op: &'static str,
        row: &'static Row,
        params: Vec<Value>,
        nan: Nan,
    },
    Lag {
        lags: Vec<usize>,
        fill: Fill,
        front: bool,
    },
}

impl Act {
    pub fn op(&self) -> &'static str {
        match self {
            Act::Indicator { row, .. } => row.name,
            Act::Scale { scaler, .. } | Act::ScaleSamples(SampleScaler { scaler, .. }) => {
                scaler.name()
            }
            Act::Fill(_) => "fill",
            Act::Log1p => "log1p",
            Act::Normalize(_) => "normalize",
            Act::Replace { op, .. } => op,
            Act::Lag { .. } => "lag",
        }
    }
}

/// The ops that are neither of the catalogue nor scalers.
pub(super) const OTHERS: [&str; 6] =
    ["lag", "fill", "log1p", "normalize", REPLACING[0].0, REPLACING[1].0];

/// The ops that put a row of the catalogue in place of its input.
const REPLACING: [(&str, &str); 2] =
    [("rolling_standardize", "rolling_zscore"), ("expanding_standardize", "expanding_zscore")];

/// What a fill step puts in place of NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum FillWith {
    Number(f64),
    /// The last value before.
    Forward,
    /// The mean of the fit.
    Mean,
}

/// What stands where a lag looks before the sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fill {
    Number(f64),
    /// The column's first value.
    Edge,
}

/// The `[output]` section.
pub(super) struct Output {
    pub line: Line,
    pub dtype: Option<Dtype>,
    pub warmup: Warmup,
    pub columns: Vec<String>,
}

/// What becomes of cells without a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Warmup {
    /// They stay NaN.
    Keep,
    /// The longest warm-up is cut off every sample.
    Trim,
    /// They take this number.
    Fill(f64),
}

impl File {
    pub fn parse(text: &str) -> Result<File> {
        if text.len() > LONGEST_TEXT {
            let allowed = format!("allowed: up to {LONGEST_TEXT}");
            let got = format!("{} bytes", text.len());
            return Err(Error::value(Line::NONE, "the length of the text", got, allowed));
        }
        let lines = Lines::of(text);
        let table = parse(text, &lines)?;
        let mut root = Section::new(&lines, "the file", 0, table.get_ref());
        let Some(mut input) = root.section("input")? else {
            return Err(Error::Syntax {
                line: Line::NONE,
                problem: "the section [input] is missing; it names the columns of the last axis: \
                          columns = [\"open\", \"close\"]"
                    .to_owned(),
            });
        };
        let Some(columns) = input.take("columns") else {
            return Err(Error::Syntax {
                line: input.line(),
                problem: "[input] needs columns = [...], the names of the last axis in order"
                    .to_owned(),
            });
        };
        let (columns, columns_line) = (columns.texts()?, columns.line);
        let advice = "write it as roles = { close = \"adj_close\" }";
        let roles = input.entries("roles", advice)?.into_iter().map(Role::parse);
        let roles = roles.collect::<Result<_>>()?;
        input.finish()?;
        let steps = root.sections("step")?;
        if steps.len() > MOST_STEPS {
            let allowed = format!("allowed: up to {MOST_STEPS}");
            return Err(Error::value(
                steps[MOST_STEPS].line(),
                "the number of steps",
                steps.len(),
                allowed,
            ));
        }
        let steps = steps.into_iter().map(Step::parse).collect::<Result<_>>()?;
        let output = Output::parse(root.section("output")?)?;
        root.finish()?;
        Ok(File { columns, columns_line, roles, steps, output })
    }
}

impl Role {
    fn parse((name, line, field): (String, Line, Field<'_>)) -> Result<Role> {
        let prices = || Input::PRICES.into_iter().filter_map(Input::role);
        let price = prices().find(|price| *price == name);
        let price = price.ok_or_else(|| Error::unknown(line, "role", &name, prices()))?;
        let column = field.text().ok_or_else(|| field.wrong("allowed: the name of a column"))?;
        Ok(Role { line: field.line, price, column: column.to_owned() })
    }
}

impl Step {
    fn parse(mut section: Section<'_>) -> Result<Step> {
        let line = section.line();
        let Some(op) = section.take("op") else {
            let problem =
                "a step needs op = \"...\", such as \"sma\" or \"standardize\"".to_owned();
            return Err(Error::Syntax { line, problem });
        };
        let op_line = op.line;
        let op = op.text().ok_or_else(|| op.wrong("allowed: the name of an op"))?;
        let mut section = section.named(format!("`{op}`"));
        let columns = section.take("columns");
        let columns_line = columns.as_ref().map_or(line, |field| field.line);
        let columns = columns.map(|field| field.texts()).transpose()?;
        let (act, names) = match op {
            "lag" => (lag_act(&mut section)?, names(&mut section)?),
            _ if Scaler::NAMES.contains(&op) => (scale_act(op, &mut section)?, None),
            "fill" => (Act::Fill(fill_with(&mut section)?), None),
            "log1p" => (Act::Log1p, None),
            "normalize" => (Act::Normalize(norm(&mut section)?), None),
            _ if REPLACING.iter().any(|(name, _)| *name == op) => {
                (replace_act(op, &mut section)?, None)
            }
            _ => {
                let row = indicators::rows().find(|row| row.name == op).ok_or_else(|| {
                    let rows = indicators::rows().map(|row| row.name);
                    let known = rows.chain(Scaler::NAMES).chain(OTHERS);
                    Error::unknown(op_line, "op", op, known)
                })?;
                let names = names(&mut section)?;
                (indicator_act(row, &mut section)?, names)
            }
        };
        // Those that a row reads are known.
        if !matches!(act, Act::Indicator { .. } | Act::Replace { .. }) {
            section.finish()?;
        }
        Ok(Step { line, act, columns, columns_line, names })
    }
}

fn names(section: &mut Section<'_>) -> Result<Option<Vec<String>>> {
    let name = section.take("name");
    match (name, section.take("names")) {
        (Some(_), Some(names)) => Err(names.wrong("give `name` or `names`, not both")),
        (Some(field), None) | (None, Some(field)) => field.texts().map(Some),
        (None, None) => Ok(None),
    }
}

fn indicator_act(row: &'static Row, section: &mut Section<'_>) -> Result<Act> {
    let nan = match section.take("nan") {
        None => Nan::default(),
        Some(field) => match field.text() {
            Some("propagate") => Nan::Propagate,
            Some("reseed") => Nan::Reseed,
            _ => return Err(field.wrong("allowed: \"propagate\", \"reseed\"")),
        },
    };
    let mut params = row.defaults();
    let mut given = vec![false; params.len()];
    for (name, line, field) in section.rest() {
        let Ok(index) = row.param(line, &name) else {
            let keys = section.known().iter().copied().chain(row.params.iter().map(|p| p.name));
            return Err(Error::unknown(line, "key", &name, keys));
        };
        if std::mem::replace(&mut given[index], true) {
            let problem = format!("`{}` of `{}` is given twice", row.params[index].name, row.name);
            return Err(Error::Syntax { line, problem });
        }
        let param = &row.params[index];
        // Truth is a choice between two words.
        let truth = field.truth().filter(|_| matches!(param.kind, Kind::Choice { .. }));
        params[index] = match (field.number(), field.text().or(truth)) {
            (Some(number), _) => param.number(field.line, row.name, number)?,
            (None, Some(text)) => param.option(field.line, row.name, text)?,
            (None, None) => return Err(field.wrong(&format!("allowed: {}", param.allowed()))),
        };
    }
    row.leave_out(&mut params, &given);
    row.check(section.line(), &params)?;
    Ok(Act::Indicator { row, params, nan })
}

fn replace_act(op: &str, section: &mut Section<'_>) -> Result<Act> {
    let replacing = REPLACING.iter().find(|(name, _)| *name == op);
    let (op, name) = replacing.expect("asked for above");
    let row = indicators::rows().find(|row| row.name == *name).expect("a row of the catalogue");
    match indicator_act(row, section)? {
        Act::Indicator { row, params, nan } => Ok(Act::Replace { op, row, params, nan }),
        _ => unreachable!("of a row"),
    }
}

fn lag_act(section: &mut Section<'_>) -> Result<Act> {
    let Some(field) = section.take("lags") else {
        let problem = "`lag` needs lags = [...], such as [1, 2]".to_owned();
        return Err(Error::Syntax { line: section.line(), problem });
    };
    let lags = lag::check(field.line, field.integers()?)?;
    if lags.is_empty() {
        return Err(field.wrong("allowed: at least one lag, such as [1, 2]"));
    }
    let mut seen = HashSet::new();
    if let Some(twice) = lags.iter().find(|lag| !seen.insert(**lag)) {
        return Err(field.wrong(&format!("allowed: each lag once, and {twice} is there twice")));
    }
    let fill = match section.take("fill") {
        None => Fill::Number(0.0),
        Some(field) => fill(&field)?,
    };
    let front = match section.take("place") {
        None => false,
        Some(field) => match field.text() {
            Some("front") => true,
            Some("back") => false,
            _ => return Err(field.wrong("allowed: \"front\", \"back\"")),
        },
    };
    Ok(Act::Lag { lags, fill, front })
}

fn fill(field: &Field<'_>) -> Result<Fill> {
    match (field.number(), field.text()) {
        (Some(number), _) => Ok(Fill::Number(number)),
        (None, Some("nan")) => Ok(Fill::Number(f64::NAN)),
        (None, Some("edge")) => Ok(Fill::Edge),
        _ => Err(field.wrong("allowed: a number, \"nan\", \"edge\"")),
    }
}

impl Output {
    fn parse(section: Option<Section<'_>>) -> Result<Output> {
        let everything = vec!["*".to_owned()];
        let Some(mut section) = section else {
            let (line, warmup) = (Line::NONE, Warmup::Keep);
            return Ok(Output { line, dtype: None, warmup, columns: everything });
        };
        let dtype = match section.take("dtype") {
            None => None,
            Some(field) => match field.text().and_then(Dtype::parse) {
                Some(dtype) => Some(dtype),
                None => return Err(field.wrong("allowed: \"f32\", \"f64\"")),
            },
        };
        let warmup = match section.take("warmup") {
            None => Warmup::Keep,
            Some(field) => match (field.number(), field.text()) {
                (Some(number), _) if !number.is_nan() => Warmup::Fill(number),
                (None, Some("keep")) => Warmup::Keep,
                (None, Some("trim")) => Warmup::Trim,
                _ => return Err(field.wrong("allowed: \"keep\", \"trim\", or a number")),
            },
        };
        let mut line = section.line();
        let columns = match section.take("columns") {
            None => everything,
            Some(field) => {
                line = field.line;
                field.texts()?
            }
        };
        section.finish()?;
        Ok(Output { line, dtype, warmup, columns })
    }
}
