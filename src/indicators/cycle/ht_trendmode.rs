//! Hilbert Transform - Trend vs Cycle Mode.

use super::super::cycles::{phases, trendline, waves};
use crate::kernel::state::clone_in_place;
use crate::kernel::state::hilbert::{Cycle, Phase, Trendline, sines};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

pub(super) struct HtTrendmode;

impl Kernel<1, 0, 1> for HtTrendmode {
    const SPEC: Spec<1, 0, 1> = Spec {
        name: "ht_trendmode",
        title: "Hilbert Transform - Trend vs Cycle Mode",
        formula: "y[t] = 1 in a trend, 0 in a cycle: 0 while fewer than half of ht_dcperiod's timesteps have passed since sine and leadsine of ht_sine crossed, and where ht_dcphase has moved by 0.67 to 1.5 of 360/ht_dcperiod; but 1 where the price, weighted 4, 3, 2, 1, is 1.5% or more from ht_trendline",
        source: "J. Ehlers, Rocket Science for Traders, 2001; TA-Lib HT_TRENDMODE",
        warmup: "63",
        inputs: [Input::Series("x")],
        params: [],
        outputs: [Output::new("").within(0.0, 1.0)],
        stability: Stability::PathDependent,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([]: [Value; 0]) -> usize {
        63
    }

    fn reference([]: [Value; 0], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let waves = waves(37, x);
        let (phases, line) = (phases(&waves), trendline(37, &waves, x));
        let sines =
            |t: usize| (phases[t].to_radians().sin(), (phases[t] + 45.0).to_radians().sin());
        let mut days = 0.0;
        for t in 0..waves.len() {
            let (sine, lead) = sines(t);
            let (last_sine, last_lead) = if t > 0 { sines(t - 1) } else { (0.0, 0.0) };
            let crossed =
                (sine > lead && last_sine <= last_lead) || (sine < lead && last_sine >= last_lead);
            days = if crossed { 1.0 } else { days + 1.0 };
            let last = if t > 0 { phases[t - 1] } else { 0.0 };
            let part = (phases[t] - last) * waves[t].period / 360.0;
            let cycles = crossed || days < 0.5 * waves[t].period || (part > 0.67 && part < 1.5);
            let away = ((waves[t].smoothed - line[t]) / line[t]).abs();
            let trends = line[t] != 0.0 && away >= 0.015;
            if t >= 26 {
                y[37 + t] = if trends || !cycles { 1.0 } else { 0.0 };
            }
        }
    }

    fn start<L: Lanes>([]: [Value; 0]) -> State<L> {
        let zero = L::splat(0.0);
        State {
            cycle: Cycle::new(37),
            wait: 26,
            phase: Phase::new(),
            line: Trendline::new(),
            degrees: zero,
            sines: (zero, zero),
            days: zero,
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let wave = state.cycle.step(x);
        let line = state.line.step(x, wave.as_ref())?;
        let wave = wave?;
        let (zero, one) = (L::splat(0.0), L::splat(1.0));

        let degrees = state.phase.step(&wave);
        let moved = degrees - std::mem::replace(&mut state.degrees, degrees);
        let (sine, lead) = sines(degrees);
        let (last_sine, last_lead) = std::mem::replace(&mut state.sines, (sine, lead));
        let crossed =
            (sine.gt(lead) & last_lead.ge(last_sine)) | (lead.gt(sine) & last_sine.ge(last_lead));
        state.days = L::select(crossed, one, state.days + one);

        let part = moved * wave.period / L::splat(360.0);
        let early = (L::splat(0.5) * wave.period).gt(state.days);
        let cycles = crossed | early | (part.gt(L::splat(0.67)) & L::splat(1.5).gt(part));
        let away = ((wave.smoothed - line) / line).abs();
        let trends = !line.eq(zero) & away.ge(L::splat(0.015));
        if state.wait > 0 {
            state.wait -= 1;
            return None;
        }
        Some([L::select(trends | !cycles, one, zero)])
    }
}

pub(super) struct State<L> {
    cycle: Cycle<L>,
    /// Timesteps of the cycle before the first value.
    wait: usize,
    phase: Phase<L>,
    line: Trendline<L>,
    degrees: L,
    sines: (L, L),
    /// Timesteps since the sines crossed.
    days: L,
}

clone_in_place!(State<L> { cycle, wait, phase, line, degrees, sines, days });
