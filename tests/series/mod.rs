//! Random series, random parameters and a runner, shared by the tests of the catalogue.
#![allow(dead_code)]

pub mod hard;

use windrow::indicators::{Input, Kind, Nan, Value};
use windrow::{Level, Row};

/// SplitMix64: a test prints the seed it began with, and that is all it takes to run it again.
pub struct Random(u64);

impl Random {
    /// Scrambled: else seeds beside each other give one sequence, a number apart.
    pub fn new(seed: u64) -> Self {
        Random(Random(seed).bits())
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + self.unit() * (high - low)
    }

    /// From 0 to `n - 1`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// Price bars with volume.
#[derive(Clone)]
pub struct Bars {
    pub open: Vec<f64>,
    pub high: Vec<f64>,
    pub low: Vec<f64>,
    pub close: Vec<f64>,
    pub volume: Vec<f64>,
}

impl Bars {
    /// A walk in steps of up to `step` of the price, its bars a little wider than the step.
    pub fn walk(random: &mut Random, n: usize, price: f64, step: f64) -> Self {
        let mut at = price;
        let mut closes = Vec::new();
        for _ in 0..n {
            at *= 1.0 + random.between(-step, step);
            closes.push(at);
        }
        Self::around(random, closes, step)
    }

    /// Bars around given closes.
    pub fn around(random: &mut Random, close: Vec<f64>, width: f64) -> Self {
        let n = close.len();
        let open: Vec<f64> = (0..n).map(|t| close[t.saturating_sub(1)]).collect();
        let beyond = |random: &mut Random| 1.0 + width * random.unit();
        let high = (0..n).map(|t| open[t].max(close[t]) * beyond(random)).collect();
        let low = (0..n).map(|t| open[t].min(close[t]) / beyond(random)).collect();
        let volume = (0..n).map(|_| random.between(0.0, 1e6).round()).collect();
        Bars { open, high, low, close, volume }
    }

    /// The series that a row reads; plain inputs are closes, then opens.
    pub fn inputs(&self, row: &Row) -> Vec<Vec<f64>> {
        let mut plain = [&self.close, &self.open].into_iter().cycle();
        let input = |input: &Input| match input {
            Input::Open => self.open.clone(),
            Input::High => self.high.clone(),
            Input::Low => self.low.clone(),
            Input::Close => self.close.clone(),
            Input::Volume => self.volume.clone(),
            _ => plain.next().expect("a cycle").clone(),
        };
        let within = domain(row);
        let inputs = row.inputs.iter().map(input);
        let mut inputs: Vec<Vec<f64>> =
            inputs.map(|x: Vec<f64>| x.into_iter().map(within).collect()).collect();
        if row.name == "mavp" {
            // Periods, which prices are not.
            inputs[1].iter_mut().for_each(|period| *period = *period * 1e4 % 45.0);
        }
        inputs
    }
}

/// Brings a price to where a row has a value for it.
fn domain(row: &Row) -> fn(f64) -> f64 {
    match row.name {
        "acos" | "asin" => |x| (x % 2.0) - 1.0,
        // Near 1, so that a product of many stays what it is.
        "cumprod" => |x| 1.0 + x % 1.0 / 64.0,
        "cosh" | "exp" | "sinh" => |x| x % 16.0 - 8.0,
        _ => |x| x,
    }
}

/// Inputs of a row: walks of several kinds, some with stretches that do not move.
pub fn inputs(random: &mut Random, row: &Row, n: usize) -> Vec<Vec<f64>> {
    let price = random.pick(&[100.0, 1.0, 0.000_3, 36_743.6]);
    let step = random.pick(&[0.02, 0.1, 0.000_1]);
    let mut bars = Bars::walk(random, n, price, step);
    if n > 20 && random.below(3) == 0 {
        let (from, length) = (random.below(n - 10), 10 + random.below(n));
        for t in from..(from + length).min(n) {
            for x in [&mut bars.open, &mut bars.high, &mut bars.low, &mut bars.close] {
                x[t] = x[from];
            }
        }
    }
    bars.inputs(row)
}

/// Defaults at `round` 0, random parameters within their ranges and below `most` later.
pub fn params(random: &mut Random, row: &Row, round: usize, most: usize) -> Vec<Value> {
    if round == 0 {
        return row.defaults();
    }
    let mut value = |kind: &Kind| match *kind {
        Kind::Int { min, max, .. } => {
            let most = most.clamp(min, max);
            // The smallest often: much is peculiar there.
            let free = min + random.below(most - min + 1);
            random.pick(&[min, free, free, free]) as f64
        }
        Kind::Real { min, max, .. } => random.between(-3.0, 3.0).clamp(min, max),
        Kind::Choice { options, .. } => f64::from(random.pick(options).1),
        _ => unreachable!("a kind that these tests do not know"),
    };
    let mut named = || row.params.iter().map(|p| (p.name, value(&p.kind))).collect::<Vec<_>>();
    // Each is within its range; few rows refuse some together.
    (0..1000).find_map(|_| row.values(&named()).ok()).expect("some that go together")
}

/// How many timesteps a windowed row looks at: its window, which may have a value before it is full.
pub fn reach(row: &Row, params: &[Value]) -> usize {
    let window = row.params.iter().position(|param| param.name == "window");
    window.map_or(row.lookback(params) + 1, |index| params[index].int())
}

/// What a failure has to say.
pub fn context(row: &Row, params: &[Value], seed: u64) -> String {
    let shown: Vec<_> = row.params.iter().zip(params).map(|(p, v)| p.show(*v)).collect();
    format!("{} ({}), seed {seed}", row.name, shown.join(", "))
}

/// How many series a level advances together.
pub fn lanes(level: Level) -> usize {
    if level == Level::SCALAR { 1 } else { 8 }
}

/// Runs a kernel over series side by side, `cut` steps an advance, the outputs poisoned first.
///
/// `series[lane][input][t]`, one for each lane of the level; gives `[lane][output][t]`.
pub fn run(
    (row, params): (&Row, &[Value]),
    level: Level,
    nan: Nan,
    begin: usize,
    series: &[Vec<Vec<f64>>],
    cut: usize,
) -> Vec<Vec<Vec<f64>>> {
    let mut kernel = row.start(params, level, nan);
    kernel.reset(begin);
    let (count, n) = (lanes(level), series[0][0].len());
    assert_eq!(series.len(), count);
    let plane = |i: usize| -> Vec<f64> {
        (0..n).flat_map(|t| series.iter().map(move |lane| lane[i][t])).collect()
    };
    let inputs: Vec<Vec<f64>> = (0..row.inputs.len()).map(plane).collect();
    let before = inputs.clone();
    let mut outputs = vec![vec![-7.77e77; n * count]; row.outputs.len()];
    let mut t = 0;
    while t < n {
        let (from, to) = (t * count, (t + cut.min(n - t)) * count);
        let x: Vec<&[f64]> = inputs.iter().map(|x| &x[from..to]).collect();
        let mut y: Vec<&mut [f64]> = outputs.iter_mut().map(|y| &mut y[from..to]).collect();
        kernel.advance(&x, &mut y);
        t += cut;
    }
    for (x, before) in inputs.iter().zip(&before) {
        assert!(same(x, before), "{} changed its inputs", row.name);
    }
    let lane = |lane: usize| {
        outputs.iter().map(|y| y.iter().skip(lane).step_by(count).copied().collect()).collect()
    };
    (0..count).map(lane).collect()
}

/// One series alone, in one go.
pub fn alone(
    row: &Row,
    params: &[Value],
    nan: Nan,
    begin: usize,
    inputs: &[Vec<f64>],
) -> Vec<Vec<f64>> {
    let n = inputs[0].len().max(1);
    run((row, params), Level::SCALAR, nan, begin, &[inputs.to_vec()], n).remove(0)
}

/// The definition on one series.
pub fn reference(
    row: &Row,
    params: &[Value],
    nan: Nan,
    begin: usize,
    inputs: &[Vec<f64>],
) -> Vec<Vec<f64>> {
    let mut outputs = vec![vec![-7.77e77; inputs[0].len()]; row.outputs.len()];
    let x: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
    let mut y: Vec<&mut [f64]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    row.reference(params, nan, begin, &x, &mut y);
    outputs
}

/// The same bits; one NaN is as good as another.
pub fn bits(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// The same bits everywhere.
pub fn same(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| bits(*a, *b))
}

/// Panics at the first cell of any output that is not the same.
#[track_caller]
pub fn assert_same(what: &str, a: &[Vec<f64>], b: &[Vec<f64>]) {
    assert_eq!(a.len(), b.len(), "{what}");
    for (o, (a, b)) in a.iter().zip(b).enumerate() {
        assert_eq!(a.len(), b.len(), "{what}");
        for t in 0..a.len() {
            assert!(bits(a[t], b[t]), "{what}: output {o} at {t}: {:e} and {:e}", a[t], b[t]);
        }
    }
}

/// Whether an output stays what it is when the inputs are scaled.
pub fn scale_free(row: &Row, params: &[Value], output: usize, inputs: &[Vec<f64>]) -> bool {
    let scaled = |x: &Vec<f64>| x.iter().map(|x| x * f64::powi(2.0, 20)).collect();
    let scaled: Vec<Vec<f64>> = inputs.iter().map(scaled).collect();
    let run = |x: &[Vec<f64>]| alone(row, params, Nan::Propagate, 0, x).swap_remove(output);
    let (plain, scaled) = (run(inputs), run(&scaled));
    same(&plain, &scaled) && plain.iter().any(|y| y.abs() > 0.0)
}

/// Whether a row is made of the waves that a Hilbert transform finds.
pub fn by_waves(row: &Row, params: &[Value]) -> bool {
    let mesa = row.params.iter().zip(params).any(|(param, value)| param.show(*value) == "mama");
    mesa || row.name == "mama" || row.name.starts_with("ht_")
}

/// How far, at most so far, the definition moves when every input does by a few of its last places:
/// what no way to compute it can do better than.
fn moved_by_rounding(row: &Row, params: &[Value], output: usize, inputs: &[Vec<f64>]) -> Vec<f64> {
    let definition =
        |inputs: &[Vec<f64>]| reference(row, params, Nan::Propagate, 0, inputs).swap_remove(output);
    let plain = definition(inputs);
    let mut random = Random::new(0);
    let mut moved = vec![0.0f64; plain.len()];
    for _ in 0..4 {
        let mut nudge = |x: &f64| x * (1.0 + f64::EPSILON * random.between(-8.0, 8.0));
        let nudged: Vec<Vec<f64>> =
            inputs.iter().map(|x| x.iter().map(&mut nudge).collect()).collect();
        let mut most = 0.0f64;
        for (t, y) in definition(&nudged).iter().enumerate() {
            most = most.max((y - plain[t]).abs());
            moved[t] = moved[t].max(most);
        }
    }
    moved
}

/// The distance that contract C10 allows at each timestep: 1e-9 of 0…100 for an output without a
/// scale, 64·2⁻⁵³ of the largest value so far for those on the scale of a price.
pub fn allowed(
    row: &Row,
    params: &[Value],
    output: usize,
    inputs: &[Vec<f64>],
    y: &[f64],
) -> Vec<f64> {
    let scale_free = scale_free(row, params, output, inputs);
    // What follows a wave errs as the level does beside it.
    let part = if by_waves(row, params) { 1e-12 } else { 32.0 * f64::EPSILON };
    let mut largest = 0.0f64;
    let at = |t: usize| {
        if scale_free {
            largest = largest.max(y[t].abs());
            return 1e-9 * (largest / 100.0).max(1.0);
        }
        largest = inputs.iter().fold(largest.max(y[t].abs()), |most, x| most.max(x[t].abs()));
        part * largest
    };
    let mut allowed: Vec<f64> = (0..y.len()).map(at).collect();
    if by_waves(row, params) {
        // A wave that is small beside the level errs as much more.
        let moved = moved_by_rounding(row, params, output, inputs);
        allowed.iter_mut().zip(moved).for_each(|(allowed, moved)| *allowed = allowed.max(moved));
    }
    if ["expanding_mean", "expanding_sum"].contains(&row.name) {
        // Contract C3, all values so far being in the window.
        let mut sum = 0.0;
        for t in 0..y.len() {
            let w = t as f64 + 1.0;
            sum += inputs[0][t].abs();
            let of = if row.name == "expanding_mean" { sum / w } else { sum };
            allowed[t] = allowed[t].max((w + 2.0) * f64::EPSILON / 2.0 * of);
        }
    }
    if ["ewm_var", "ewm_std", "expanding_var", "expanding_std"].contains(&row.name) {
        // Contract C3, all values so far being in the window.
        for t in 0..y.len() {
            let w = t as f64 + 1.0;
            allowed[t] = allowed[t].max(2.0 * w * (w + 4.0) * f64::EPSILON * y[t].abs());
        }
    }
    if row.name == "percentb" {
        // A place between bands that all but meet: the bands err as prices do, and it as much more
        // as they are close; far outside of them, by their distance once more.
        let bands = windrow::indicators::find("bbands").unwrap();
        let bands = reference(bands, params, Nan::Propagate, 0, inputs);
        let mut largest = 0.0f64;
        for t in 0..y.len() {
            largest = largest.max(inputs[0][t].abs());
            let off = 32.0 * f64::EPSILON * largest / (bands[0][t] - bands[2][t]).abs();
            allowed[t] = allowed[t].max(off * (1.0 + y[t].abs()));
        }
    }
    allowed
}
