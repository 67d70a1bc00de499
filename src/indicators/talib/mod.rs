//! Rows for the functions of TA-Lib, from the tables of the crate `ta-lib` and computed by it.
//!
//! Nothing about a function is written down here: name, title, group, inputs, parameters with range
//! and default, outputs, warm-up and stability are what the crate says. A row is what a kernel's is
//! to its users: resumable at any timestep, with the same bits wherever time is cut, NaN during
//! warm-up, whole numbers as numbers. Three things differ:
//!
//! - Lanes advance one after the other, bar by bar, in TA-Lib's streams, which have the bits of its
//!   batch functions. A stream opens on as many bars as the warm-up has, and one more; until then
//!   they are kept. Time and memory do not depend on the length of the series.
//! - A stream takes finite bars only. Any other is met as the policy for NaN has it; in a windowed
//!   function it gives NaN, infinity too, until it has left the window, where a new stream begins.
//! - The arithmetic is TA-Lib's, so a windowed function may keep the rounding of large values that
//!   left its window.

use ta_lib::abstract_api::{
    FUNCS, FuncFlags, FuncInfo, InputFlags, InputType, OptInputType, OutputFlags, OutputInfo,
    OutputType, ParamHolder,
};
use ta_lib::{Core, FuncUnstId};

use crate::error::Line;
use crate::kernel::{
    Body, Input, Kind, Nan, Origin, Output, Param, Row, Running, Stability, Value,
};
use crate::simd::Level;

mod lanes;
mod names;
mod streams;
mod warmup;

/// The functions whose names, as rows have them, are `wanted`, each with its group.
pub(super) fn rows(wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = (&'static str, Row)> {
    let wanted = move |info: &&FuncInfo| wanted(&names::function(info.name));
    FUNCS.iter().filter(wanted).map(|info| (info.group.as_str(), row(info)))
}

/// After how many more bars than the warm-up has the first 4, and the first 8, digits no longer
/// depend on where the series starts, by TA-Lib's rules; `None` for a row that TA-Lib does not have.
pub(super) fn settling(row: &Row, params: &[Value]) -> Option<[usize; 2]> {
    let info = FUNCS.iter().find(|info| names::function(info.name) == row.name)?;
    let of = |name: &str| row.param(Line::NONE, &names::python(name)).ok();
    let params: Vec<Value> = info
        .opt_inputs
        .iter()
        .map(|theirs| of(theirs.param_name).map(|index| params[index]))
        .collect::<Option<_>>()?;
    let warmup = lookback(info, &params, 0);
    let levels = [Core::UNSTABLE_AUTO_PREC_4, Core::UNSTABLE_AUTO_PREC_8];
    Some(levels.map(|level| lookback(info, &params, level) - warmup))
}

/// A function of TA-Lib.
struct Function(&'static FuncInfo);

/// Static because a catalogue is; made once.
fn leak<T>(items: impl Iterator<Item = T>) -> &'static [T] {
    Vec::leak(items.collect())
}

fn row(info: &'static FuncInfo) -> Row {
    let params = leak(info.opt_inputs.iter().map(|theirs| {
        let (name, alias) = (names::parameter(theirs.param_name), names::python(theirs.param_name));
        let aliases = leak((name != alias).then(|| &*alias.leak()).into_iter());
        Param { name: name.leak(), aliases, kind: kind(&theirs.kind), optional: false }
    }));
    let outputs = names::outputs(info.name, info.outputs.iter().map(|output| output.param_name));
    let outputs = outputs.into_iter().zip(info.outputs);
    let name: &str = names::function(info.name).leak();
    let page = format!("https://ta-lib.org/functions/{}", info.name.to_lowercase());
    Row {
        name,
        title: info.hint,
        formula: format!("TA-Lib's {}, defined at {page}", info.name).leak(),
        source: "TA-Lib 0.8.3",
        warmup: warmup::formula(params, |values| asked(info, values, 0)).leak(),
        inputs: leak(info.inputs.iter().flat_map(inputs)),
        params,
        outputs: leak(outputs.map(|(name, info)| Output { name: name.leak(), range: range(info) })),
        origin: Origin::TaLib,
        body: Box::leak(Box::new(Function(info))),
    }
}

fn kind(theirs: &OptInputType) -> Kind {
    match *theirs {
        OptInputType::IntegerRange { min, max, default, .. } => {
            let whole = |x: i32| usize::try_from(x).expect("TA-Lib has no negative periods");
            Kind::Int { min: whole(min), max: whole(max), default: whole(default) }
        }
        OptInputType::RealRange { min, max, default, .. } => Kind::Real { min, max, default },
        OptInputType::IntegerList { values, default } => {
            let number = |x: i64| u8::try_from(x).expect("a moving-average type");
            // DEFAULT stands for the default.
            let named = values.iter().filter(|(_, name)| *name != "DEFAULT");
            let option = |(x, name): &(i64, &str)| (&*name.to_lowercase().leak(), number(*x));
            Kind::Choice { options: leak(named.map(option)), default: number(default) }
        }
        OptInputType::RealList { .. } => unreachable!("TA-Lib 0.8.3 has no lists of reals"),
    }
}

const PRICES: [(InputFlags, Input); 5] = [
    (InputFlags::PRICE_OPEN, Input::Open),
    (InputFlags::PRICE_HIGH, Input::High),
    (InputFlags::PRICE_LOW, Input::Low),
    (InputFlags::PRICE_CLOSE, Input::Close),
    (InputFlags::PRICE_VOLUME, Input::Volume),
];

/// The series of one of TA-Lib's inputs: itself, or the prices of a bar.
fn inputs(theirs: &ta_lib::abstract_api::InputInfo) -> Vec<Input> {
    match theirs.kind {
        InputType::Price => {
            let prices = PRICES.iter().filter(|(flag, _)| theirs.flags.contains(*flag));
            prices.map(|(_, input)| *input).collect()
        }
        InputType::Real => {
            let name = theirs.param_name.trim_start_matches("in").to_lowercase();
            let name = name.replace("real", "x");
            vec![Input::Series(name.leak())]
        }
        InputType::Integer => unreachable!("TA-Lib 0.8.3 reads no whole numbers"),
    }
}

/// The bounds of a pattern: 100 for a pattern, 200 for one that is confirmed, with its sign.
fn range(theirs: &OutputInfo) -> Option<(f64, f64)> {
    let has = |flag| theirs.flags.contains(flag);
    let most = if has(OutputFlags::PATTERN_CONFIRM) { 200.0 } else { 100.0 };
    let low = if has(OutputFlags::NEGATIVE) { -most } else { 0.0 };
    let high = if has(OutputFlags::POSITIVE) { most } else { 0.0 };
    let pattern = has(OutputFlags::PATTERN_BOOL) || has(OutputFlags::PATTERN_BULL_BEAR);
    pattern.then_some((low, high))
}

/// A call of a function with these parameters.
fn call<'a>(info: &FuncInfo, core: &'a Core, params: &[Value]) -> ParamHolder<'a> {
    let mut call = info.id.new_call(core);
    for (index, (theirs, value)) in info.opt_inputs.iter().zip(params).enumerate() {
        let set = match theirs.kind {
            OptInputType::RealRange { .. } | OptInputType::RealList { .. } => {
                call.set_opt_input(index, value.real())
            }
            _ => call.set_opt_input(index, value.real() as i32),
        };
        set.expect("of its own kind");
    }
    call
}

/// The warm-up when everything that converges is given that many bars more, or TA-Lib's level;
/// `None` where parameters do not go together.
fn asked(info: &FuncInfo, params: &[Value], unstable: u32) -> Option<usize> {
    let core = Core::builder().unstable_period(FuncUnstId::ALL, unstable).build();
    let core = core.expect("a count, or a level of TA-Lib's own");
    call(info, &core, params).lookback().ok()
}

/// The same of parameters that go together.
fn lookback(info: &FuncInfo, params: &[Value], unstable: u32) -> usize {
    asked(info, params, unstable).expect("checked when the step was made")
}

/// More bars than hide behind a longer part of a function, as the averages of CRSI behind its rank.
const MANY: u32 = 1_000_000;

impl Body for Function {
    fn refusal(&self, params: &[Value]) -> Option<&'static str> {
        let refused = asked(self.0, params, 0).is_none();
        refused.then_some("TA-Lib takes each of them, but not together")
    }

    fn lookback(&self, params: &[Value]) -> usize {
        lookback(self.0, params, 0)
    }

    fn stability(&self, params: &[Value]) -> Stability {
        let warmup = self.lookback(params);
        if self.0.flags.contains(FuncFlags::PATH_DEPENDENT) {
            Stability::PathDependent
        } else if lookback(self.0, params, MANY) > warmup {
            Stability::Converging
        } else if warmup > 0 {
            Stability::Rounding
        } else {
            Stability::Exact
        }
    }

    /// The batch function, on every stretch of finite bars.
    fn reference(&self, params: &[Value], inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
        let finite = |t: usize| inputs.iter().all(|x| x[t].is_finite());
        let length = inputs[0].len();
        let mut start = 0;
        while let Some(first) = (start..length).find(|&t| finite(t)) {
            let end = (first..length).find(|&t| !finite(t)).unwrap_or(length);
            let inputs: Vec<&[f64]> = inputs.iter().map(|x| &x[first..end]).collect();
            let mut outputs: Vec<_> = outputs.iter_mut().map(|y| &mut y[first..end]).collect();
            self.batch(params, &inputs, &mut outputs);
            start = end;
        }
    }

    fn start(&self, params: &[Value], level: Level, nan: Nan) -> Box<dyn Running> {
        let policy = self.stability(params).recursive().then_some(nan);
        let lookback = self.lookback(params);
        Box::new(lanes::Lanes::new(self.0.id, params, lookback, level.lanes(), policy))
    }
}

impl Function {
    fn batch(&self, params: &[Value], inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
        let (info, core, n) = (self.0, Core::new(), inputs[0].len());
        let mut real = vec![vec![f64::NAN; n]; outputs.len()];
        let mut whole = vec![vec![0; n]; outputs.len()];
        let mut call = call(info, &core, params);
        let mut series = inputs.iter().copied();
        for (slot, theirs) in info.inputs.iter().enumerate() {
            if theirs.kind == InputType::Real {
                call.set_input(slot, series.next().expect("counted")).expect("a real input");
                continue;
            }
            let prices = PRICES.map(|(flag, _)| {
                theirs.flags.contains(flag).then(|| series.next().expect("counted"))
            });
            let [open, high, low, close, volume] = prices;
            call.set_price_input(slot, open, high, low, close, volume, None).expect("all prices");
        }
        for (slot, (real, whole)) in real.iter_mut().zip(&mut whole).enumerate() {
            let set = match info.outputs[slot].kind {
                OutputType::Real => call.set_output(slot, real).map(|_| ()),
                OutputType::Integer => call.set_int_output(slot, whole).map(|_| ()),
            };
            set.expect("of its own kind");
        }
        // Beyond TA-Lib's longest series there are no values.
        let Ok(range) = call.call(0, n - 1) else { return };
        for (slot, y) in outputs.iter_mut().enumerate() {
            let y = y[range.beg_idx..].iter_mut().take(range.count);
            match info.outputs[slot].kind {
                OutputType::Real => y.zip(&real[slot]).for_each(|(y, x)| *y = *x),
                OutputType::Integer => {
                    y.zip(&whole[slot]).for_each(|(y, x)| *y = f64::from(*x));
                }
            }
        }
    }
}
