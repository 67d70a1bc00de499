//! How a graph is made of a pipeline file: step after step, from the columns that there are so far.

use std::collections::HashSet;
use std::fmt::Display;

use super::column::{Change, Column, bare};
use super::columns::{COLUMN, Columns, is_pattern};
use super::graph::{FittedSlot, Graph, Plane, Stage, With, Work};
use super::step::{Act, File, Fill, FillWith, Output, Role, Step};
use crate::error::{Error, Line, Result};
use crate::kernel::{Input, Kind, Nan, Param, Row, Value};
use crate::scale::{Map, Missing, Norm, Scaler};

/// A graph in the making.
pub(super) struct Builder {
    inputs: Vec<String>,
    roles: Vec<Role>,
    columns: Columns,
    planes: usize,
    stages: Vec<Stage>,
    slots: Vec<FittedSlot>,
    /// How many passes each plane has to wait for.
    pass_of: Vec<usize>,
}

impl Builder {
    pub fn build(file: File) -> Result<Graph> {
        let mut builder = Builder::new(file.columns, file.columns_line, file.roles)?;
        for step in &file.steps {
            builder.step(step)?;
        }
        builder.finish(file.output)
    }

    fn new(inputs: Vec<String>, line: Line, roles: Vec<Role>) -> Result<Self> {
        if inputs.is_empty() {
            let problem = "[input] columns is empty; name each feature of the last axis".to_owned();
            return Err(Error::Syntax { line, problem });
        }
        let mut builder = Builder {
            inputs: inputs.clone(),
            roles,
            columns: Columns::default(),
            planes: inputs.len(),
            stages: Vec::new(),
            slots: Vec::new(),
            pass_of: vec![0; inputs.len()],
        };
        builder.columns.room(line, inputs.len() as u128)?;
        for (plane, name) in inputs.into_iter().enumerate() {
            builder.columns.vacant(line, &name, "allowed: each name once")?;
            builder.columns.push(bare(name, plane, 0), false);
        }
        for role in &builder.roles {
            builder.columns.find(role.line, &role.column)?;
        }
        Ok(builder)
    }

    /// The columns of a step that takes all by default.
    fn selected(&mut self, step: &Step) -> Result<Vec<usize>> {
        let everything = vec!["*".to_owned()];
        let patterns = step.columns.as_ref().unwrap_or(&everything);
        if patterns.is_empty() {
            let allowed = "allowed: at least one column; without the key it takes all";
            return Err(columns_error(step, "[]", allowed));
        }
        self.columns.select(step.columns_line, patterns)
    }

    /// Counts the bytes of so many copies of columns, before they are made.
    fn take(&mut self, step: &Step, selected: &[usize], copies: usize) -> Result<()> {
        let bytes = |&index: &usize| (self.columns[index].bytes() + COLUMN) as u128;
        let bytes: u128 = selected.iter().map(bytes).sum();
        self.columns.take(step.line, copies as u128 * bytes)
    }

    fn step(&mut self, step: &Step) -> Result<()> {
        match &step.act {
            Act::Indicator { row, params, nan } => self.indicator(step, row, params, *nan),
            Act::Scale { scaler, missing, each_timestep } => {
                self.scale(step, scaler, *missing, *each_timestep)
            }
            Act::ScaleSamples(scaler) => {
                let what =
                    format!("`{}` with per = \"sample\", which keeps nothing", step.act.op());
                self.replace(step, 0, what, |begin| Work::Sample { scaler: *scaler, begin })
            }
            Act::Replace { op, row, params, nan } => {
                let work = |begin| Work::Kernel { row, params: params.clone(), nan: *nan, begin };
                self.replace(step, row.lookback(params), format!("`{op}`"), work)
            }
            Act::Fill(with) => self.fill(step, *with),
            Act::Log1p => self.bend_all(step, &Change::Known(Map::Log1p)),
            Act::Normalize(norm) => self.normalize(step, *norm),
            Act::Lag { lags, fill, front } => self.lag(step, lags, *fill, *front),
        }
    }

    fn indicator(
        &mut self,
        step: &Step,
        row: &'static Row,
        params: &[Value],
        nan: Nan,
    ) -> Result<()> {
        let mut added = Vec::new();
        let calls = self.arguments(step, row)?;
        self.columns.room(step.line, calls.len() as u128 * row.outputs.len() as u128)?;
        for inputs in calls {
            let prefix = self.prefix(row, &inputs);
            let named = (prefix.len() + COLUMN) * row.outputs.len();
            let read: usize = inputs.iter().map(|&i| self.columns[i].bytes()).sum();
            self.columns.take(step.line, named as u128 + read as u128)?;
            let begin = inputs.iter().map(|&i| self.columns[i].begin()).max().unwrap_or(0);
            let changed =
                inputs.iter().map(|&i| &self.columns[i]).find(|of| !of.changes.is_empty());
            let lost = changed.map(|of| {
                format!("`{}` of `{}`, which an earlier step changes", row.name, of.name)
            });
            let inputs: Vec<Plane> = inputs.into_iter().map(|i| self.bare_plane(i)).collect();
            let pass = inputs.iter().map(|&plane| self.pass_of[plane]).max().unwrap_or(0);
            let lookback = row.lookback(params);
            let mut outputs = Vec::new();
            for output in row.outputs {
                let plane = self.new_plane(pass);
                outputs.push(plane);
                let mut name = format!("{prefix}{}{}", row.name, numbers(row, params));
                if !output.name.is_empty() {
                    name = format!("{name}_{}", output.name);
                }
                let mut column = bare(name, plane, begin.saturating_add(lookback));
                lost.iter().for_each(|what| column.lose(what.clone()));
                added.push(column);
            }
            let work = Work::Kernel { row, params: params.to_vec(), nan, begin };
            self.stages.push(Stage { work, inputs, outputs });
        }
        self.add(step, added, false)
    }

    /// The columns of each call of an indicator: one call, or one a column where it reads one.
    fn arguments(&mut self, step: &Step, row: &Row) -> Result<Vec<Vec<usize>>> {
        let inputs: Vec<_> = row.inputs.iter().map(|input| input.name()).collect();
        let reads = format!("it reads {}, in this order", inputs.join(", "));
        let needs = |got: String| columns_error(step, got, &reads);
        let plain = row.inputs.iter().filter(|input| input.role().is_none()).count();
        let named = step.columns.as_deref().unwrap_or_default();
        if row.inputs.len() == 1 && !named.is_empty() {
            let mut seen = HashSet::new();
            if let Some(twice) = named.iter().find(|name| !seen.insert(*name)) {
                let got = format!("a list with `{twice}` twice");
                return Err(columns_error(step, got, "allowed: each column once"));
            }
            let selected = self.columns.select(step.columns_line, named)?;
            return Ok(selected.into_iter().map(|index| vec![index]).collect());
        }
        let of = |name: &str| self.columns.find(step.columns_line, name);
        if let Some(pattern) = named.iter().find(|name| is_pattern(name) && of(name).is_err()) {
            let allowed = format!("{reads}, each by its name");
            return Err(columns_error(step, format!("the pattern `{pattern}`"), allowed));
        }
        if step.columns.is_none() && plain > 0 {
            return Err(needs("missing".to_owned()));
        }
        if named.len() == row.inputs.len() {
            return Ok(vec![named.iter().map(|name| of(name)).collect::<Result<_>>()?]);
        }
        if named.len() != plain || (named.is_empty() && step.columns.is_some()) {
            return Err(needs(format!("a list of {}", named.len())));
        }
        let mut plain = named.iter();
        let input = |input: &Input| match self.usual(*input) {
            Some(column) => of(column),
            None => of(plain.next().expect("counted above")),
        };
        Ok(vec![row.inputs.iter().map(input).collect::<Result<_>>()?])
    }

    /// The column that stands for a price where a step names none.
    fn usual(&self, input: Input) -> Option<&str> {
        let price = input.role()?;
        let role = self.roles.iter().find(|role| role.price == price);
        Some(role.map_or(price, |role| &role.column))
    }

    /// The columns that are not in their usual role, before the name of the op.
    fn prefix(&self, row: &Row, inputs: &[usize]) -> String {
        let unusual = row.inputs.iter().zip(inputs).filter_map(|(input, &index)| {
            let name = &self.columns[index].name;
            (self.usual(*input) != Some(name)).then(|| format!("{name}_"))
        });
        unusual.collect()
    }

    /// A plane that holds just the column.
    fn bare_plane(&mut self, index: usize) -> Plane {
        let column = self.columns[index].clone();
        self.plane_of(&column)
    }

    fn plane_of(&mut self, column: &Column) -> Plane {
        if column.scales.is_empty() && column.lag == 0 {
            return column.plane;
        }
        let pass = self.pass(column);
        let plane = self.new_plane(pass);
        let work = Work::Derive { scales: column.scales.clone(), lag: column.lag };
        self.stages.push(Stage { work, inputs: vec![column.plane], outputs: vec![plane] });
        plane
    }

    /// A plane of the column's own values, not moved back.
    fn own_plane(&mut self, column: &Column) -> Plane {
        self.plane_of(&Column { lag: 0, head: Vec::new(), ..column.clone() })
    }

    fn new_plane(&mut self, pass: usize) -> Plane {
        self.pass_of.push(pass);
        self.planes += 1;
        self.planes - 1
    }

    /// How many passes must be done before the column's values are known.
    fn pass(&self, column: &Column) -> usize {
        let scales = column.scales.iter().map(|&slot| self.slots[slot].passes().end);
        scales.chain([self.pass_of[column.plane]]).max().unwrap_or(0)
    }

    fn scale(
        &mut self,
        step: &Step,
        scaler: &Scaler,
        missing: Missing,
        each_timestep: bool,
    ) -> Result<()> {
        let selected = self.selected(step)?;
        self.take(step, &selected, if each_timestep { 2 } else { 1 })?;
        for index in selected {
            if each_timestep {
                self.settle(index);
            }
            let column = self.columns[index].clone();
            let (pass, slot) = (self.pass(&column), self.slots.len());
            let (op, scaler) = (step.act.op(), *scaler);
            self.slots.push(FittedSlot { op, scaler, missing, each_timestep, column, pass });
            match scaler.bends() || each_timestep {
                true => self.bend(index, &Change::Fitted(slot), self.slots[slot].passes().end),
                false => self.columns[index].scale(slot),
            }
        }
        Ok(())
    }

    /// Moves a column to a plane of its own, where its timesteps are those of the sample; what stands
    /// before its first value is no value from here on.
    fn settle(&mut self, index: usize) {
        let plane = self.bare_plane(index);
        let column = &self.columns[index];
        let (name, begin, changes) = (column.name.clone(), column.begin(), column.changes.clone());
        self.columns[index] = Column { changes, ..bare(name, plane, begin) };
    }

    /// Puts what the work makes of each column, from its first value on, in its place.
    fn replace(
        &mut self,
        step: &Step,
        lookback: usize,
        what: String,
        work: impl Fn(usize) -> Work,
    ) -> Result<()> {
        let selected = self.selected(step)?;
        self.take(step, &selected, 2)?;
        for index in selected {
            self.settle(index);
            let Column { name, plane: input, .. } = self.columns[index].clone();
            let begin = self.columns[index].begin();
            let plane = self.new_plane(self.pass_of[input]);
            let work = work(begin);
            self.stages.push(Stage { work, inputs: vec![input], outputs: vec![plane] });
            let mut column = bare(name, plane, begin.saturating_add(lookback));
            column.lose(what.clone());
            self.columns[index] = column;
        }
        Ok(())
    }

    /// Puts the columns through a map; lags stay, and the numbers before them go through it too.
    fn bend_all(&mut self, step: &Step, change: &Change) -> Result<()> {
        let selected = self.selected(step)?;
        self.take(step, &selected, 2)?;
        for index in selected {
            let pass = self.pass(&self.columns[index]);
            self.bend(index, change, pass);
        }
        Ok(())
    }

    fn bend(&mut self, index: usize, change: &Change, pass: usize) {
        let column = self.columns[index].clone();
        let inputs = vec![self.own_plane(&column)];
        let plane = self.new_plane(pass);
        self.columns[index].bend(change.clone(), plane);
        let work = Work::Bend(change.clone());
        self.stages.push(Stage { work, inputs, outputs: vec![plane] });
    }

    /// Divides the columns by their norm, from the timestep on at which all have values.
    fn normalize(&mut self, step: &Step, norm: Norm) -> Result<()> {
        let selected = self.selected(step)?;
        self.take(step, &selected, 2)?;
        let begin = selected.iter().map(|&index| self.columns[index].begin()).max().unwrap_or(0);
        let inputs: Vec<Plane> = selected.iter().map(|&index| self.bare_plane(index)).collect();
        let pass = inputs.iter().map(|&plane| self.pass_of[plane]).max().unwrap_or(0);
        let outputs: Vec<Plane> = selected.iter().map(|_| self.new_plane(pass)).collect();
        for (&index, &plane) in selected.iter().zip(&outputs) {
            let mut column = bare(self.columns[index].name.clone(), plane, begin);
            column.lose(format!("`{}`", step.act.op()));
            self.columns[index] = column;
        }
        self.stages.push(Stage { work: Work::Normalize(norm), inputs, outputs });
        Ok(())
    }

    /// Puts planes without NaN in the place of those of the columns; lags and heads stay.
    fn fill(&mut self, step: &Step, how: FillWith) -> Result<()> {
        let selected = self.selected(step)?;
        self.take(step, &selected, 2)?;
        for index in selected {
            let column = self.columns[index].clone();
            let mut pass = self.pass(&column);
            let begin = column.begin() - column.lag.min(column.begin());
            let with = match how {
                FillWith::Number(number) => With::Number(number),
                FillWith::Forward => With::Forward,
                FillWith::Mean => {
                    self.slots.push(FittedSlot {
                        op: step.act.op(),
                        scaler: Scaler::MEAN,
                        missing: Missing::Ignore,
                        each_timestep: false,
                        column: column.clone(),
                        pass,
                    });
                    pass += 1;
                    With::Mean(self.slots.len() - 1)
                }
            };
            let inputs = vec![self.own_plane(&column)];
            let outputs = vec![self.new_plane(pass)];
            (self.columns[index].plane, self.columns[index].scales) = (outputs[0], Vec::new());
            self.stages.push(Stage { work: Work::Fill { with, begin }, inputs, outputs });
        }
        Ok(())
    }

    fn lag(&mut self, step: &Step, lags: &[usize], fill: Fill, front: bool) -> Result<()> {
        let selected = self.selected(step)?;
        self.columns.room(step.line, lags.len() as u128 * selected.len() as u128)?;
        self.take(step, &selected, lags.len())?;
        let added = lags.iter().flat_map(|&lag| selected.iter().map(move |&index| (lag, index)));
        let added = added.map(|(lag, index)| {
            let column = &self.columns[index];
            column.lagged(format!("{}_lag_{lag}", column.name), lag, fill)
        });
        let added = added.collect();
        self.add(step, added, front)
    }

    fn add(&mut self, step: &Step, mut added: Vec<Column>, front: bool) -> Result<()> {
        if let Some(names) = &step.names {
            if names.len() != added.len() {
                return Err(Error::value(
                    step.line,
                    format!("the number of names given to `{}`", step.act.op()),
                    names.len(),
                    format!("it adds {} columns", added.len()),
                ));
            }
            for (column, name) in added.iter_mut().zip(names) {
                column.name.clone_from(name);
            }
        }
        let mut seen = HashSet::new();
        for column in &added {
            let advice = "name the columns of this step with `name` or `names`";
            self.columns.vacant(step.line, &column.name, advice)?;
            if !seen.insert(&column.name) {
                return Err(Error::value(
                    step.line,
                    "a column name",
                    format!("`{}`, twice in this step", column.name),
                    "name its columns with `names`",
                ));
            }
        }
        match front {
            true => added.into_iter().rev().for_each(|column| self.columns.push(column, true)),
            false => added.into_iter().for_each(|column| self.columns.push(column, false)),
        }
        Ok(())
    }

    fn finish(mut self, output: Output) -> Result<Graph> {
        let selected = self.columns.select(output.line, &output.columns)?;
        if selected.is_empty() {
            let problem = "[output] columns selects nothing; [\"*\"] takes all".to_owned();
            return Err(Error::Syntax { line: output.line, problem });
        }
        Ok(Graph {
            inputs: self.inputs,
            planes: self.planes,
            stages: self.stages,
            slots: self.slots,
            columns: selected.into_iter().map(|index| self.columns[index].clone()).collect(),
            dtype: output.dtype,
            warmup: output.warmup,
        })
    }
}

/// The error that the columns of a step are not what it takes.
fn columns_error(step: &Step, got: impl Display, allowed: impl Into<String>) -> Error {
    let subject = format!("`columns` of `{}`", step.act.op());
    Error::value(step.columns_line, subject, got, allowed)
}

/// The parameters in a column's name: numbers but for those left out, a choice when it is not the
/// default. One that stands in another's place says its name.
fn numbers(row: &Row, params: &[Value]) -> String {
    let shown = row.params.iter().zip(params).filter(|(param, value)| match param.kind {
        Kind::Choice { .. } => **value != param.default(),
        _ => !param.is_none(**value),
    });
    let text = |(param, value): (&Param, &Value)| {
        let instead = param.exclusive && param.is_none(param.default());
        let name = if instead { format!("_{}", param.name) } else { String::new() };
        format!("{name}_{}", param.show(*value))
    };
    shown.map(text).collect()
}
