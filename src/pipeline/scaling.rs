//! Scaling and filling steps of a pipeline file: their keys, and what is allowed.

use super::step::{Act, FillWith};
use super::text::{Field, Section};
use crate::error::{Error, Result};
use crate::scale::{Constant, Distribution, Method, Missing, Norm, SampleScaler, Scaler};

/// Over what a scaler is fitted.
#[derive(Clone, Copy)]
enum Per {
    /// All samples and timesteps.
    All,
    /// Each sample by itself.
    Sample,
    /// The samples, at each timestep by itself.
    Timestep,
}

impl Per {
    const NAMES: [(&'static str, Per); 3] =
        [("all", Per::All), ("sample", Per::Sample), ("timestep", Per::Timestep)];

    fn of(scaler: &Scaler, section: &mut Section<'_>) -> Result<Per> {
        let Some(field) = section.take("per") else { return Ok(Per::All) };
        let only = match (one_of(&field, Per::NAMES)?, scaler) {
            (Per::Sample | Per::Timestep, _) if scaler.bends() => {
                "it is fitted over all samples and timesteps: allowed is \"all\""
            }
            (Per::Sample | Per::Timestep, _) if scaler.is_approximate() => {
                "its quantiles are exact: allowed with `approximate` is \"all\""
            }
            (found, _) => return Ok(found),
        };
        Err(field.wrong(only))
    }
}

/// A step whose op is one of [`Scaler::NAMES`].
pub(super) fn scale_act(op: &str, section: &mut Section<'_>) -> Result<Act> {
    let scaler = scaler(op, section)?;
    Ok(match Per::of(&scaler, section)? {
        Per::Sample => {
            let missing = choice(section, "nan", SampleScaler::NAMES)?;
            Act::ScaleSamples(SampleScaler { scaler, missing })
        }
        per => {
            let missing = choice(section, "nan", Missing::NAMES)?;
            Act::Scale { scaler, missing, each_timestep: matches!(per, Per::Timestep) }
        }
    })
}

fn scaler(op: &str, section: &mut Section<'_>) -> Result<Scaler> {
    Ok(match op {
        "minmax" => {
            let (low, high) = (0.0, 1.0);
            let clip = flag(section, "clip", false)?;
            match also(section, ["range", "feature_range"])? {
                None => Scaler::MinMax { low, high, clip },
                Some(field) => {
                    let minmax = |[low, high]: [f64; 2]| Scaler::MinMax { low, high, clip };
                    pair(&field, minmax, "allowed: [low, high] with low below high")?
                }
            }
        }
        "maxabs" => Scaler::MaxAbs { clip: flag(section, "clip", false)? },
        "robust" => {
            let with_centering = flag(section, "with_centering", true)?;
            let with_scaling = flag(section, "with_scaling", true)?;
            let unit_variance = flag(section, "unit_variance", false)?;
            let approximate = flag(section, "approximate", false)?;
            let robust = |quantiles| Scaler::Robust {
                quantiles,
                with_centering,
                with_scaling,
                unit_variance,
                approximate,
            };
            let allowed = match unit_variance {
                true => "allowed: [low, high] with low below high, above 0 and below 100",
                false => "allowed: [low, high] with low below high, from 0 to 100",
            };
            match section.take("quantile_range") {
                None => robust([25.0, 75.0]),
                Some(field) => pair(&field, robust, allowed)?,
            }
        }
        "quantile" => {
            let output = match also(section, ["output", "output_distribution"])? {
                None => Distribution::default(),
                Some(field) => one_of(&field, Distribution::NAMES)?,
            };
            let approximate = flag(section, "approximate", false)?;
            let quantile = |quantiles| Scaler::Quantile { quantiles, output, approximate };
            match section.take("n_quantiles") {
                None => quantile(1000),
                Some(field) => {
                    let quantiles = field.integer().and_then(|n| u64::try_from(n).ok());
                    let scaler = quantiles.map(quantile).filter(Scaler::is_sound);
                    scaler.ok_or_else(|| field.wrong("allowed: a whole number, 2 to 10000"))?
                }
            }
        }
        "power" => Scaler::Power {
            method: choice(section, "method", Method::NAMES)?,
            standardize: flag(section, "standardize", true)?,
        },
        _ => Scaler::Standardize {
            with_mean: flag(section, "with_mean", true)?,
            with_std: flag(section, "with_std", true)?,
            ddof: ddof(section)?,
            constant: choice(section, "constant", Constant::NAMES)?,
        },
    })
}

/// By which norm a step divides.
pub(super) fn norm(section: &mut Section<'_>) -> Result<Norm> {
    choice(section, "norm", Norm::NAMES)
}

/// The value of a key, which may go by the name that scikit-learn has for it.
fn also<'a>(
    section: &mut Section<'a>,
    [key, other]: [&'static str; 2],
) -> Result<Option<Field<'a>>> {
    match (section.take(key), section.take(other)) {
        (Some(_), Some(field)) => Err(field.wrong(&format!("give `{key}` or `{other}`, not both"))),
        (own, other) => Ok(own.or(other)),
    }
}

/// One of some words, or the default.
fn choice<T: Copy + Default, const N: usize>(
    section: &mut Section<'_>,
    key: &'static str,
    names: [(&str, T); N],
) -> Result<T> {
    match section.take(key) {
        None => Ok(T::default()),
        Some(field) => one_of(&field, names),
    }
}

fn one_of<T: Copy, const N: usize>(field: &Field<'_>, names: [(&str, T); N]) -> Result<T> {
    let found = names.into_iter().find(|(name, _)| field.text() == Some(*name));
    let allowed = || names.map(|(name, _)| format!("\"{name}\"")).join(", ");
    found.map(|(_, value)| value).ok_or_else(|| field.wrong(&format!("allowed: {}", allowed())))
}

/// What a fill step puts in place of NaN.
pub(super) fn fill_with(section: &mut Section<'_>) -> Result<FillWith> {
    let Some(field) = section.take("with") else {
        let problem = "`fill` needs with = ..., a number, \"forward\" or \"mean\"".to_owned();
        return Err(Error::Syntax { line: section.line(), problem });
    };
    match (field.number(), field.text()) {
        (Some(number), _) if number.is_finite() => Ok(FillWith::Number(number)),
        (None, Some("forward")) => Ok(FillWith::Forward),
        (None, Some("mean")) => Ok(FillWith::Mean),
        _ => Err(field.wrong("allowed: a number, \"forward\", \"mean\"")),
    }
}

/// A scaler of two numbers, if they are in order.
fn pair(field: &Field<'_>, of: impl Fn([f64; 2]) -> Scaler, allowed: &str) -> Result<Scaler> {
    let numbers = field.numbers().and_then(|numbers| numbers.try_into().ok());
    numbers.map(of).filter(Scaler::is_sound).ok_or_else(|| field.wrong(allowed))
}

fn flag(section: &mut Section<'_>, key: &'static str, default: bool) -> Result<bool> {
    let Some(field) = section.take(key) else { return Ok(default) };
    field.flag().ok_or_else(|| field.wrong("allowed: true, false"))
}

fn ddof(section: &mut Section<'_>) -> Result<u64> {
    let Some(field) = section.take("ddof") else { return Ok(0) };
    let ddof = field.integer().and_then(|ddof| u64::try_from(ddof).ok());
    ddof.ok_or_else(|| field.wrong("allowed: a whole number from 0 on"))
}
