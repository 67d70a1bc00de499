//! The words of `windrow demo`.

use ndarray::Array3;
use windrow::FittedPipeline;

use super::Report;
use super::market::COLUMNS;
use crate::cli::print::{grouped, number, shape, table};

/// Timesteps shown: the beginning, and two after the longest warm-up.
const SHOWN: [usize; 5] = [0, 1, 2, 50, 51];
/// Columns shown, where the pipeline gives them.
const CHOSEN: [&str; 5] =
    ["close", "close_lag_1", "close_sma_20", "close_rsi_14", "close_macd_12_26_9_macd"];

pub fn text(
    report: &Report,
    fitted: &FittedPipeline,
    input: &Array3<f32>,
    output: &Array3<f32>,
) -> String {
    [made(report), looks(report, fitted, input, output), speed(report), next(report)].join("\n")
}

fn made(report: &Report) -> String {
    let [train, timesteps, _] = report.train;
    let test = report.test[0];
    let rows = [
        ("pipeline.toml", "what to compute".to_owned()),
        ("train.npy", format!("{}, to fit on", shape(report.train))),
        ("test.npy", format!("{}, transformed the same way", shape(report.test))),
        ("fitted.json", "what was fitted on train.npy".to_owned()),
        ("columns.json", format!("the names of the {} feature columns", report.features[2])),
        ("train_features.npy", shape(report.features)),
        ("test_features.npy", shape([test, report.features[1], report.features[2]])),
    ];
    let rows: String = rows.iter().map(|(name, what)| format!("  {name:<18}  {what}\n")).collect();
    format!(
        "Made {}: {} price series of {timesteps} bars ({}), f32\n\n{rows}",
        report.folder.display(),
        grouped(train + test),
        COLUMNS.join(", "),
    )
}

fn looks(
    report: &Report,
    fitted: &FittedPipeline,
    input: &Array3<f32>,
    output: &Array3<f32>,
) -> String {
    let check = &report.check;
    let names = fitted.columns();
    let find = |name: &&str| names.iter().position(|column| column == name);
    let chosen: Vec<usize> = CHOSEN.iter().filter_map(find).collect();
    let mut heads = vec!["timestep".to_owned(), "raw close".to_owned()];
    heads.extend(chosen.iter().map(|&column| names[column].clone()));
    let mut rows = vec![heads];
    for (index, &t) in SHOWN.iter().enumerate() {
        if index > 0 && t != SHOWN[index - 1] + 1 {
            rows.push(vec!["...".to_owned()]);
        }
        let cell = |x: f32| number((f64::from(x) * 1e4).round() / 1e4);
        let mut row = vec![t.to_string(), cell(input[[check.sample, t, 3]])];
        row.extend(chosen.iter().map(|&column| cell(output[[check.sample, t, column]])));
        rows.push(row);
    }
    let verdict = match check.equal == check.values {
        true => format!("all {} values have the same bits", grouped(check.values)),
        false => format!(
            "{} of {} values have the same bits, the others differ in the last places",
            grouped(check.equal),
            grouped(check.values)
        ),
    };
    format!(
        "Series {} of test_features.npy (close is standardized; NaN is warm-up)\n\n{}\n\
         Checked against the textbook definitions: {verdict}.\n",
        check.sample,
        indented(&table(&rows)),
    )
}

fn speed(report: &Report) -> String {
    let heads = ["", "seconds", "ns a step", "million steps/s", "MB/s"];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    for timed in &report.runs {
        rows.push(vec![
            timed.run.to_owned(),
            format!("{:.4}", timed.seconds),
            format!("{:.1}", timed.ns_per_step),
            format!("{:.1}", timed.steps_per_second / 1e6),
            format!("{:.0}", timed.mb_per_second),
        ]);
    }
    format!(
        "How fast, on train.npy (a step: one timestep of one series; MB: input and output)\n\n{}\n\
         Level {} (this processor has {}); threads {}.\n",
        indented(&table(&rows)),
        report.level,
        report.levels.join(", "),
        report.threads,
    )
}

fn next(report: &Report) -> String {
    let file = |name: &str| quoted(&report.folder.join(name).display().to_string());
    let (pipeline, train, mine) = (file("pipeline.toml"), file("train.npy"), file("mine.npy"));
    format!(
        "Next: change {pipeline}, then\n\
         \n\
         \x20 windrow plan {pipeline} {train}\n\
         \x20 windrow build {pipeline} {train} -o {mine}\n\
         \x20 windrow transform {} {} -o {}\n\
         \x20 windrow inspect {mine}\n",
        file("mine.fitted.json"),
        file("test.npy"),
        file("mine_test.npy"),
    )
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    match word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}
