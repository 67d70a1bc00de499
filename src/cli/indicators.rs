//! `windrow indicators`.

use serde::Serialize;
use windrow::indicators::{Group, Kind, Param, catalogue, find};
use windrow::scale::Scaler;
use windrow::{Error, Row};

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
        let rows = catalogue()
            .iter()
            .flat_map(|group| group.rows.iter().map(move |row| describe(row, group)));
        return match session.json() {
            true => print::json(&rows.collect::<Vec<_>>()),
            false => print::results(&listing()),
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

/// The library's words, with the name as it was typed.
fn unknown(name: &str, error: &Error) -> String {
    error.to_string().replacen(&name.to_lowercase(), name, 1)
}

fn describe(row: &'static Row, group: &Group) -> Indicator {
    let defaults = row.defaults();
    Indicator {
        name: row.name,
        group: group.name,
        title: row.title,
        formula: row.formula,
        source: row.source,
        warmup: row.warmup,
        default_warmup: row.lookback(&defaults),
        stability: row.stability(&defaults).name(),
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

fn listing() -> String {
    let mut text = String::new();
    let rows = || catalogue().iter().flat_map(|group| group.rows);
    let width = |cell: fn(&Row) -> &str| rows().map(|row| cell(row).len()).max().unwrap_or(0);
    let (names, titles) = (width(|row| row.name), width(|row| row.title));
    for group in catalogue() {
        text.push_str(&format!("{}\n", group.name));
        for row in group.rows {
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
    let others = [&Scaler::NAMES[..], &["lag"]].concat().join(", ");
    text.push_str(&format!(
        "`windrow indicators NAME` describes one. Other ops of a pipeline: {others}.\n"
    ));
    text
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
        format!("{} = {} by default", row.warmup, indicator.default_warmup),
    ]);
    for [name, value] in &rows {
        text.push_str(&format!("{name:<10}  {value}\n"));
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
