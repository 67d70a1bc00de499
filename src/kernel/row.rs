//! A kernel without its type: one row of the catalogue.

use std::marker::PhantomData;

use super::contract::Kernel;
use super::instance::{Instance, Running};
use super::segments::run_segments;
use super::spec::{Input, Kind, Nan, Output, Param, Spec, Stability, Value};
use crate::error::{Error, Line, Result};
use crate::simd::{Lanes, Level, Task};

/// An indicator or rolling statistic: what it is, and how to run it.
#[derive(Clone, Copy)]
pub struct Row {
    /// The op's name in a pipeline file.
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
    pub inputs: &'static [Input],
    /// Its parameters.
    pub params: &'static [Param],
    /// The columns that it gives.
    pub outputs: &'static [Output],
    /// What computes it.
    body: &'static dyn Body,
}

/// What a row does; parameters, inputs and outputs are as many as the row says.
trait Body: Sync {
    /// As [`Kernel::refusal`].
    fn refusal(&self, params: &[Value]) -> Option<&'static str>;
    fn lookback(&self, params: &[Value]) -> usize;
    fn stability(&self, params: &[Value]) -> Stability;
    /// As [`Kernel::policy`].
    fn policy(&self, params: &[Value], nan: Nan) -> Option<Nan>;
    /// As [`Kernel::kept`].
    fn kept(&self, params: &[Value], window: usize) -> usize;
    /// As [`Kernel::within`].
    fn within(&self, params: &[Value], timesteps: usize) -> Vec<Value>;
    /// The definition on one series, as [`Kernel::reference`].
    fn reference(&self, params: &[Value], inputs: &[&[f64]], outputs: &mut [&mut [f64]]);
    fn start(&self, params: &[Value], level: Level, nan: Nan) -> Box<dyn Running>;
}

/// Erases the type of a kernel.
pub(crate) const fn row<K, const I: usize, const P: usize, const O: usize>() -> Row
where
    K: Kernel<I, P, O>,
{
    let spec = <Erased<K, I, P, O>>::SPEC;
    Row {
        name: spec.name,
        title: spec.title,
        formula: spec.formula,
        source: spec.source,
        warmup: spec.warmup,
        inputs: &spec.inputs,
        params: &spec.params,
        outputs: &spec.outputs,
        body: <Erased<K, I, P, O>>::BODY,
    }
}

/// Nothing but a kernel's type, which a thread can take anywhere.
struct Erased<K, const I: usize, const P: usize, const O: usize>(PhantomData<fn() -> K>);

impl<K: Kernel<I, P, O>, const I: usize, const P: usize, const O: usize> Erased<K, I, P, O> {
    const SPEC: &'static Spec<I, P, O> = &K::SPEC;
    const BODY: &'static dyn Body = &Self(PhantomData);
}

impl<K: Kernel<I, P, O>, const I: usize, const P: usize, const O: usize> Body
    for Erased<K, I, P, O>
{
    fn refusal(&self, params: &[Value]) -> Option<&'static str> {
        K::refusal(counted(params))
    }

    fn lookback(&self, params: &[Value]) -> usize {
        K::lookback(counted(params))
    }

    fn stability(&self, params: &[Value]) -> Stability {
        K::stability(counted(params))
    }

    fn policy(&self, params: &[Value], nan: Nan) -> Option<Nan> {
        K::policy(counted(params), nan)
    }

    fn kept(&self, params: &[Value], window: usize) -> usize {
        K::kept(counted(params), window)
    }

    fn within(&self, params: &[Value], timesteps: usize) -> Vec<Value> {
        K::within(counted(params), timesteps).to_vec()
    }

    fn reference(&self, params: &[Value], inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
        let outputs: &mut [&mut [f64]; O] = outputs.try_into().expect("a slice an output");
        K::reference(counted(params), counted(inputs), outputs.each_mut().map(|y| &mut **y));
    }

    fn start(&self, params: &[Value], level: Level, nan: Nan) -> Box<dyn Running> {
        level.dispatch(Start::<K, I, P, O> { params: counted(params), nan, kernel: PhantomData })
    }
}

struct Start<K, const I: usize, const P: usize, const O: usize> {
    params: [Value; P],
    nan: Nan,
    kernel: PhantomData<K>,
}

impl<K: Kernel<I, P, O>, const I: usize, const P: usize, const O: usize> Task
    for Start<K, I, P, O>
{
    type Output = Box<dyn Running>;
    #[inline(always)]
    fn run<L: Lanes>(self) -> Box<dyn Running> {
        Box::new(Instance::<K, L, I, P, O>::new(self.params, self.nan))
    }
}

fn counted<T: Copy, const N: usize>(slice: &[T]) -> [T; N] {
    slice.try_into().expect("checked when the step was made")
}

impl Row {
    /// The parameters' defaults, in order.
    pub fn defaults(&self) -> Vec<Value> {
        self.params.iter().map(Param::default).collect()
    }

    /// Values for all parameters: those named, defaults for the rest but those that a named one leaves
    /// out. Aliases are accepted.
    ///
    /// ```
    /// let rsi = windrow::indicators::find("rsi").unwrap();
    /// let params = rsi.values(&[("timeperiod", 7.0)])?;
    /// assert_eq!(rsi.lookback(&params), 7);
    /// # Ok::<(), windrow::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A name that the row does not have, a value outside its range, values that do not go together.
    pub fn values(&self, named: &[(&str, f64)]) -> Result<Vec<Value>> {
        let mut values = self.defaults();
        let mut given = vec![false; values.len()];
        for (name, value) in named {
            let index = self.param(Line::NONE, name)?;
            values[index] = self.params[index].number(Line::NONE, self.name, *value)?;
            given[index] = true;
        }
        self.leave_out(&mut values, &given);
        self.check(Line::NONE, &values)?;
        Ok(values)
    }

    /// Leaves out the defaults of exclusive parameters of which another is given.
    pub(crate) fn leave_out(&self, values: &mut [Value], given: &[bool]) {
        let exclusive = |i: &usize| self.params[*i].exclusive;
        let exclusive: Vec<usize> = (0..values.len()).filter(exclusive).collect();
        if exclusive.iter().any(|&i| given[i] && !self.params[i].is_none(values[i])) {
            for i in exclusive.into_iter().filter(|&i| !given[i]) {
                values[i] = Value::NONE;
            }
        }
    }

    /// Checks that parameters are those of the row, each in its range, and that they go together.
    ///
    /// # Errors
    ///
    /// They are not, as those of another row, or do not, as when the smallest of two periods is the
    /// larger one.
    pub fn check(&self, line: Line, params: &[Value]) -> Result<()> {
        if params.len() != self.params.len() {
            let subject = format!("the number of parameters of `{}`", self.name);
            let allowed = format!("it takes {}", self.params.len());
            return Err(Error::value(line, subject, params.len(), allowed));
        }
        for (param, value) in self.params.iter().zip(params) {
            param.number(line, self.name, value.real())?;
        }
        let Some(allowed) = self.body.refusal(params) else { return Ok(()) };
        let shown = self.params.iter().zip(params);
        let shown: Vec<String> = shown
            .map(|(param, value)| format!("{} = {}", param.name, param.show(*value)))
            .collect();
        let subject = format!("the set of parameters of `{}`", self.name);
        Err(Error::value(line, subject, shown.join(", "), allowed))
    }

    /// The index of the parameter of that name or alias.
    ///
    /// # Errors
    ///
    /// A name that the row does not have.
    pub fn param(&self, line: Line, name: &str) -> Result<usize> {
        let has = |p: &Param| p.name == name || p.aliases.contains(&name);
        let found = self.params.iter().position(has);
        found.ok_or_else(|| {
            let known = self.params.iter().map(|p| p.name);
            Error::unknown(line, "parameter", name, known)
        })
    }

    /// How many leading timesteps have no value.
    ///
    /// # Panics
    ///
    /// Another number of parameters than the row has, and perhaps values that
    /// [`check`](Row::check) refuses.
    pub fn lookback(&self, params: &[Value]) -> usize {
        self.body.lookback(params)
    }

    /// How a value depends on where the series starts.
    ///
    /// # Panics
    ///
    /// As [`lookback`](Row::lookback).
    pub fn stability(&self, params: &[Value]) -> Stability {
        self.body.stability(params)
    }

    /// How many values it keeps of a series of so many timesteps, about.
    pub(crate) fn kept(&self, params: &[Value], timesteps: usize) -> usize {
        let whole = self.params.iter().zip(params);
        let whole = whole.filter(|(param, _)| matches!(param.kind, Kind::Int { .. }));
        let window = whole.map(|(_, value)| value.int()).max().unwrap_or(0);
        self.body.kept(params, window.min(timesteps))
    }

    /// Parameters that do the same to a series of so many timesteps, more than it needs for a first
    /// value, and take no more memory than such a series needs.
    pub(crate) fn within(&self, params: &[Value], timesteps: usize) -> Vec<Value> {
        self.body.within(params, timesteps)
    }

    /// Runs the textbook definition over one series, whose first value is at `begin`.
    ///
    /// Outputs are as long as the inputs, NaN where there is no value.
    ///
    /// # Panics
    ///
    /// As [`lookback`](Row::lookback); another number of inputs or outputs than the row has, or
    /// slices of different lengths.
    pub fn reference(
        &self,
        params: &[Value],
        nan: Nan,
        begin: usize,
        inputs: &[&[f64]],
        outputs: &mut [&mut [f64]],
    ) {
        let policy = self.body.policy(params, nan);
        run_segments(policy, begin, inputs, outputs, |inputs, outputs| {
            self.body.reference(params, inputs, outputs);
        });
    }

    /// Starts it at a level; see [`Running`].
    ///
    /// # Panics
    ///
    /// As [`lookback`](Row::lookback).
    pub fn start(&self, params: &[Value], level: Level, nan: Nan) -> Box<dyn Running> {
        self.body.start(params, level, nan)
    }

    /// Runs the kernel over one whole series: a vector an output, NaN during warm-up.
    ///
    /// ```
    /// let sma = windrow::indicators::find("sma").unwrap();
    /// let y = sma.compute(&sma.values(&[("period", 2.0)])?, &[&[1.0, 2.0, 4.0]])?;
    /// assert_eq!(y[0][1..], [1.5, 3.0]);
    /// # Ok::<(), windrow::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Parameters that [`check`](Row::check) refuses; another number of inputs than the row has, or
    /// inputs of different lengths.
    pub fn compute(&self, params: &[Value], inputs: &[&[f64]]) -> Result<Vec<Vec<f64>>> {
        self.check(Line::NONE, params)?;
        let lengths: Vec<usize> = inputs.iter().map(|x| x.len()).collect();
        if lengths.len() != self.inputs.len() || lengths.iter().any(|n| *n != lengths[0]) {
            return Err(Error::value(
                Line::NONE,
                format!("the list of input lengths of `{}`", self.name),
                format!("{lengths:?}"),
                format!("it takes {} series of equal length", self.inputs.len()),
            ));
        }
        let mut outputs = vec![vec![f64::NAN; lengths[0]]; self.outputs.len()];
        let mut slices: Vec<&mut [f64]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
        self.start(params, Level::SCALAR, Nan::default()).advance(inputs, &mut slices);
        Ok(outputs)
    }
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row({})", self.name)
    }
}
