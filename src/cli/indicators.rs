//! `windrow indicators`.

use serde::Serialize;
use windrow::indicators::{Group, Kind, Param, Stability, catalogue, find, settling};
use windrow::scale::Scaler;
use windrow::{Error, Pipeline, Row};

use super::arguments::Indicators;
use super::session::Session;
use super::{Usage, print};

#[derive(Serialize)]
struct Indicator {
    name: &'static str,
    group: &'static str,
    title: &'static str,
    formula: &'static str,
    source: &'static str,
    warmup: &'static str,
    default_warmup: usize,
    stability: &'static str,
    /// Bars after the warm-up; null where nothing is known.
    settled_to_4_digits: Option<usize>,
    settled_to_8_digits: Option<usize>,
    inputs: Vec<&'static str>,
    parameters: Vec<Parameter>,
    outputs: Vec<Output>,
}

#[derive(Serialize)]
struct Parameter {
    name: &'static str,
    aliases: &'static [&'static str],
    default: String,
    allowed: String,
}

#[derive(Serialize)]
struct Output {
    name: &'static str,
    range: Option<(f64, f64)>,
}

pub fn indicators(session: &Session, arguments: &Indicators) -> anyhow::Result<()> {
    let Some(name) = &arguments.name else {
        let listed = select(arguments)?;
        let rows =
            listed.iter().flat_map(|(group, rows)| rows.iter().map(|row| describe(row, group)));
        return match session.json() {
            true => print::json(&rows.collect::<Vec<_>>()),
            false => print::results(&listing(&listed)),
        };
    };
    let row = find(&name.to_lowercase()).map_err(|error| Usage(unknown(name, &error)))?;
    let belongs = |group: &&Group| group.rows.iter().any(|other| other.name == row.name);
    let group = catalogue().iter().find(belongs).expect("a row is of a group");
    let indicator = describe(row, group);
    match session.json() {
        true => print::json(&indicator),
        false => print::results(&description(row, &indicator)),
    }
}

/// The ops of pipeline files that are no indicators.
fn others() -> Vec<&'static str> {
    [&Scaler::NAMES[..], &Pipeline::OTHER_OPS[..]].concat()
}

/// A group with those of its rows that are asked for.
type Listed = (&'static Group, Vec<&'static Row>);

fn select(arguments: &Indicators) -> anyhow::Result<Vec<Listed>> {
    let has = |text: &str, part: &str| text.to_lowercase().contains(&part.to_lowercase());
    let asked = arguments.group.as_deref().unwrap_or_default();
    let groups = catalogue().iter().filter(|group| has(group.name, asked));
    if groups.clone().next().is_none() {
        let names: Vec<&str> = catalogue().iter().map(|group| group.name).collect();
        return Err(Usage(format!("unknown group `{asked}`; known: {}", names.join(", "))).into());
    }
    let text = arguments.find.as_deref().unwrap_or_default();
    let listed: Vec<Listed> = groups
        .map(|group| {
            let rows = group.rows.iter();
            (group, rows.filter(|row| has(row.name, text) || has(row.title, text)).collect())
        })
        .filter(|(_, rows): &Listed| !rows.is_empty())
        .collect();
    match listed.is_empty() {
        true => anyhow::bail!("no name or title has the text {text:?}"),
        false => Ok(listed),
    }
}

/// The library's words, with the name as it was typed; or where another op is described.
fn unknown(name: &str, error: &Error) -> String {
    if others().contains(&name.to_lowercase().as_str()) {
        let part = if name.eq_ignore_ascii_case("lag") { "A pipeline" } else { "Scaling" };
        return format!(
            "`{name}` is an op of pipeline files and no indicator; the README describes it under \
             `{part}`"
        );
    }
    error.to_string().replacen(&name.to_lowercase(), name, 1)
}

fn describe(row: &'static Row, group: &Group) -> Indicator {
    let defaults = row.defaults();
    let settling = settling(row, &defaults);
    Indicator {
        name: row.name,
        group: group.name,
        title: row.title,
        formula: row.formula,
        source: row.source,
        warmup: row.warmup,
        default_warmup: row.lookback(&defaults),
        stability: row.stability(&defaults).name(),
        settled_to_4_digits: settling.map(|bars| bars[0]),
        settled_to_8_digits: settling.map(|bars| bars[1]),
        inputs: row.inputs.iter().map(|input| input.name()).collect(),
        parameters: row.params.iter().map(parameter).collect(),
        outputs: row
            .outputs
            .iter()
            .map(|output| Output { name: output.name, range: output.range })
            .collect(),
    }
}

fn parameter(param: &'static Param) -> Parameter {
    Parameter {
        name: param.name,
        aliases: param.aliases,
        default: param.show(param.default()),
        allowed: param.allowed(),
    }
}

fn listing(listed: &[Listed]) -> String {
    let mut text = String::new();
    let width = |cell: fn(&Row) -> &str| {
        let rows = listed.iter().flat_map(|(_, rows)| rows);
        rows.map(|row| cell(row).len()).max().unwrap_or(0)
    };
    let (names, titles) = (width(|row| row.name), width(|row| row.title));
    for (group, rows) in listed {
        text.push_str(&format!("{}\n", group.name));
        for row in rows {
            let params: Vec<String> = row
                .params
                .iter()
                .map(|param| format!("{} {}", param.name, param.show(param.default())))
                .collect();
            let line =
                format!("  {:<names$}  {:<titles$}  {}", row.name, row.title, params.join(", "));
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text.push('\n');
    }
    let others = others().join(", ");
    text.push_str(&format!(
        "`windrow indicators NAME` describes one.\nOther ops of a pipeline: {others}.\n"
    ));
    text
}

/// The class at the defaults, and what a value owes to the start of its series.
fn stability(row: &Row, indicator: &Indicator) -> String {
    let class = row.stability(&row.defaults());
    let settled = indicator.settled_to_4_digits.zip(indicator.settled_to_8_digits);
    let meaning = match (class, settled) {
        (Stability::Exact, _) => "its window alone decides, to the last bit".to_owned(),
        (Stability::Rounding, _) => {
            "its window alone decides; where the series starts may show in the last bits".to_owned()
        }
        (Stability::Converging, Some((four, eight))) => format!(
            "where the series starts is forgotten: to 4 digits {four} bars after the warm-up, \
             to 8 digits after {eight}, by default"
        ),
        (Stability::Converging, None) => {
            "where the series starts is forgotten with time".to_owned()
        }
        (Stability::PathDependent, _) => "where the series starts is never forgotten".to_owned(),
    };
    format!("{}: {meaning}", class.name())
}

fn description(row: &Row, indicator: &Indicator) -> String {
    let mut text = format!("{}: {} ({})\n\n", row.name, row.title, indicator.group);
    let mut rows: Vec<[String; 2]> =
        vec![["formula".into(), row.formula.into()], ["source".into(), row.source.into()]];
    let plain: Vec<&str> = row
        .inputs
        .iter()
        .filter(|input| input.role().is_none())
        .map(|input| input.name())
        .collect();
    let prices: Vec<&str> = row.inputs.iter().filter_map(|input| input.role()).collect();
    let mut inputs = Vec::new();
    match plain.as_slice() {
        [] => {}
        [one] => inputs.push(format!("{one} (any column)")),
        more => inputs.push(format!("{} (any columns)", more.join(", "))),
    }
    match prices.as_slice() {
        [] => {}
        [one] => inputs.push(format!("{one} (the column of that name, or another)")),
        more => inputs.push(format!("{} (the columns of these names, or others)", more.join(", "))),
    }
    rows.push(["inputs".into(), inputs.join("; ")]);
    for (index, (param, shown)) in row.params.iter().zip(&indicator.parameters).enumerate() {
        let aliases = match param.aliases {
            [] => String::new(),
            aliases => format!("; also {}", aliases.join(", ")),
        };
        let name = if index == 0 { "parameters" } else { "" };
        let quote = if matches!(param.kind, Kind::Choice { .. }) { "\"" } else { "" };
        rows.push([
            name.into(),
            format!("{} = {quote}{}{quote}: {}{aliases}", param.name, shown.default, shown.allowed),
        ]);
    }
    let outputs: Vec<String> = row
        .outputs
        .iter()
        .map(|output| {
            let name = if output.name.is_empty() { row.name } else { output.name };
            match output.range {
                Some((low, high)) => format!("{name}, from {low} to {high}"),
                None => name.to_owned(),
            }
        })
        .collect();
    rows.push(["outputs".into(), outputs.join("; ")]);
    rows.push([
        "warm-up".into(),
        match row.warmup.parse::<usize>() {
            Ok(bars) => bars.to_string(),
            Err(_) => format!("{}: {} by default", row.warmup, indicator.default_warmup),
        },
    ]);
    rows.push(["stability".into(), stability(row, indicator)]);
    for [name, value] in &rows {
        text.push_str(&format!("{name:<11}  {value}\n"));
    }
    text.push_str(&format!("\nIn a pipeline file:\n\n[[step]]\nop = \"{}\"\n", row.name));
    match plain.len() {
        0 => {}
        1 => text.push_str("columns = \"close\"\n"),
        n => {
            let columns = ["high", "low", "close", "volume"].map(|name| format!("\"{name}\""));
            text.push_str(&format!("columns = [{}]\n", columns[..n.min(4)].join(", ")));
        }
    }
    for (param, shown) in row.params.iter().zip(&indicator.parameters) {
        let quote = if matches!(param.kind, Kind::Choice { .. }) { "\"" } else { "" };
        text.push_str(&format!("{} = {quote}{}{quote}\n", param.name, shown.default));
    }
    text
}
