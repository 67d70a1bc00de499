//! Klinger volume oscillator.

use crate::kernel::state::{Ema, Wait};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Kvo;

impl Kernel<4, 3, 2> for Kvo {
    const SPEC: Spec<4, 3, 2> = Spec {
        name: "kvo",
        title: "Klinger Volume Oscillator",
        formula: "kvo = f - s, f, s = exponential averages over fast and slow of volume·|2·d/c - \
                  1|·100·trend, 0 where c is 0; d = high - low; trend = 1, -1 as high + low + \
                  close rises, falls, kept where it does neither, at first 1; c = sum of d since \
                  the bar before the trend turned; signal = exponential average of kvo; each \
                  average begun with its first value",
        source: "S. Klinger, Stocks & Commodities 15:12, 1997; TA-Lib KVO",
        warmup: "max(max(fast, slow), signal)",
        inputs: [Input::High, Input::Low, Input::Close, Input::Volume],
        params: [
            int("fast", &["fastperiod"], 2, 100_000, 34),
            int("slow", &["slowperiod"], 2, 100_000, 55),
            int("signal", &["signalperiod"], 2, 100_000, 13),
        ],
        outputs: [Output::new("kvo"), Output::new("signal")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback(params: [Value; 3]) -> usize {
        params.map(Value::int).into_iter().max().expect("there are three")
    }

    fn reference(
        params: [Value; 3],
        [high, low, close, volume]: [&[f64]; 4],
        [kvo, signal]: [&mut [f64]; 2],
    ) {
        let [k_fast, k_slow, k_signal] = params.map(|period| 2.0 / (period.real() + 1.0));
        let (mut trend, mut total) = (1.0, 0.0);
        let (mut fast, mut slow, mut smooth) = (0.0, 0.0, 0.0);
        for t in 1..close.len() {
            let sum = |t: usize| high[t] + low[t] + close[t];
            let range = |t: usize| high[t] - low[t];
            let turned = match sum(t).partial_cmp(&sum(t - 1)) {
                Some(std::cmp::Ordering::Greater) => 1.0,
                Some(std::cmp::Ordering::Less) => -1.0,
                _ => trend,
            };
            let kept = if turned == trend && t > 1 { total } else { range(t - 1) };
            (trend, total) = (turned, kept + range(t));
            let size = (2.0 * range(t) / total - 1.0).abs();
            let force = if total == 0.0 { 0.0 } else { volume[t] * size * 100.0 * trend };
            if t == 1 {
                (fast, slow) = (force, force);
            }
            fast += k_fast * (force - fast);
            slow += k_slow * (force - slow);
            smooth += k_signal * (fast - slow - smooth);
            if t >= Self::lookback(params) {
                (kvo[t], signal[t]) = (fast - slow, smooth);
            }
        }
    }

    fn start<L: Lanes>(params: [Value; 3]) -> State<L> {
        let [fast, slow, signal] = params.map(|period| Ema::unseeded(period.int()));
        State {
            before: None,
            trend: L::splat(1.0),
            total: None,
            fast,
            slow,
            signal,
            wait: Wait(Self::lookback(params) - 1),
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close, volume]: [L; 4]) -> Option<[L; 2]> {
        let bar = [high + low + close, high - low];
        let [sum, range] = bar;
        let [last_sum, last_range] = state.before.replace(bar)?;
        let (zero, one) = (L::splat(0.0), L::splat(1.0));
        let trend = L::select(sum.gt(last_sum), one, state.trend);
        let trend = L::select(sum.lt(last_sum), -one, trend);
        let kept = match state.total {
            Some(total) => L::select(trend.eq(state.trend), total, last_range),
            None => last_range,
        };
        let total = kept + range;
        (state.trend, state.total) = (trend, Some(total));
        let away = (L::splat(2.0) * (range / total) - one).abs();
        let force = volume * away * L::splat(100.0) * trend;
        let force = force.keep(!total.eq(zero));
        let fast = state.fast.step(force);
        let gap = fast? - state.slow.step(force)?;
        let signal = state.signal.step(gap)?;
        state.wait.over().then_some([gap, signal])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    /// High + low + close, and high - low.
    before: Option<[L; 2]>,
    /// 1 or -1.
    trend: L,
    /// Of ranges since the bar before the trend turned.
    total: Option<L>,
    fast: Ema<L>,
    slow: Ema<L>,
    signal: Ema<L>,
    wait: Wait,
}
