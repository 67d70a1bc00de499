//! The warm-up as an expression over the parameters, found by asking.

use crate::error::Line;
use crate::kernel::{Kind, Param, Value};

/// Values of the parameters at which an expression is tried, or their smallest where that is more.
const TRIED: [usize; 8] = [1, 3, 5, 8, 13, 24, 31, 50];

/// Looks for `a * p + b * q + … + c`, or the same with the larger of two parameters; all choices
/// and real numbers at their defaults. Gives words where there is none.
pub fn formula(params: &[Param], lookback: impl Fn(&[Value]) -> Option<usize>) -> String {
    let defaults: Vec<Value> = params.iter().map(Param::default).collect();
    let whole: Vec<usize> =
        (0..params.len()).filter(|&i| matches!(params[i].kind, Kind::Int { .. })).collect();
    let ask = |at: &[usize]| {
        let mut values = defaults.clone();
        for (&param, &value) in whole.iter().zip(at) {
            values[param] = whole_number(&params[param], value);
        }
        lookback(&values).and_then(|bars| i64::try_from(bars).ok())
    };
    let names: Vec<&str> = whole.iter().map(|&i| params[i].name).collect();
    let least: Vec<usize> = whole.iter().map(|&i| whole_number(&params[i], 0).int()).collect();
    let pairs = (0..names.len()).flat_map(|i| (0..i).map(move |j| Some((j, i))));
    let found = [None].into_iter().chain(pairs).find_map(|pair| affine(&names, &least, pair, ask));
    let choices = params.iter().filter(|param| matches!(param.kind, Kind::Choice { .. }));
    let choices: Vec<String> = choices
        .map(|param| format!("{} = \"{}\"", param.name, param.show(param.default())))
        .collect();
    match found {
        Some(text) if choices.is_empty() => text,
        Some(text) => format!("{text}, with {}", choices.join(", ")),
        None => "TA-Lib's own rule".to_owned(),
    }
}

/// A value, or the smallest that the parameter takes where that is more.
fn whole_number(param: &Param, value: usize) -> Value {
    let Kind::Int { min, .. } = param.kind else { unreachable!("asked of whole numbers") };
    param.number(Line::NONE, "", value.max(min) as f64).expect("far below every limit")
}

/// The expression, if the warm-up is one: `pair` are two parameters of which the larger counts.
fn affine(
    names: &[&str],
    least: &[usize],
    pair: Option<(usize, usize)>,
    ask: impl Fn(&[usize]) -> Option<i64>,
) -> Option<String> {
    let terms = |at: &[usize]| -> Vec<i64> {
        let mut terms: Vec<i64> = at.iter().map(|&value| value as i64).collect();
        if let Some((one, other)) = pair {
            terms[one] = terms[one].max(terms[other]);
            terms[other] = 0;
        }
        terms
    };
    // High enough to stand clear of the smallest values, where much is peculiar.
    let base = vec![40; names.len()];
    let at_base = ask(&base)?;
    let mut slopes: Vec<i64> = (0..names.len())
        .map(|i| {
            let mut at = base.clone();
            at[i] += 1;
            Some(ask(&at)? - at_base)
        })
        .collect::<Option<_>>()?;
    if let Some((one, other)) = pair {
        slopes[one] = slopes[one].max(slopes[other]);
        slopes[other] = 0;
    }
    let dot = |terms: Vec<i64>| -> i64 { terms.iter().zip(&slopes).map(|(x, s)| x * s).sum() };
    let rest = at_base - dot(terms(&base));
    let mut at = base.clone();
    for round in 0..names.len() * TRIED.len() + 64 {
        for (i, at) in at.iter_mut().enumerate() {
            let tried = TRIED[(round * (2 * i + 1) + round / TRIED.len() * i + i) % TRIED.len()];
            *at = tried.max(least[i]);
        }
        if ask(&at) != Some(dot(terms(&at)) + rest) {
            return None;
        }
    }
    Some(text(names, pair, &slopes, rest))
}

fn text(names: &[&str], pair: Option<(usize, usize)>, slopes: &[i64], rest: i64) -> String {
    let mut text = String::new();
    for (i, slope) in slopes.iter().enumerate().filter(|(_, slope)| **slope != 0) {
        let name = match pair {
            Some((one, other)) if i == one => format!("max({}, {})", names[one], names[other]),
            _ => names[i].to_owned(),
        };
        if !text.is_empty() {
            text += " + ";
        }
        text += &if *slope == 1 { name } else { format!("{slope} * {name}") };
    }
    match (text.is_empty(), rest) {
        (true, rest) => rest.to_string(),
        (false, 0) => text,
        (false, rest) if rest < 0 => format!("{text} - {}", -rest),
        (false, rest) => format!("{text} + {rest}"),
    }
}
