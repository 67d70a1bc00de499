//! Ichimoku cloud.

use super::super::reference::middle;
use crate::kernel::state::{Extent, Sliding};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Ichimoku;

impl Kernel<2, 3, 4> for Ichimoku {
    const SPEC: Spec<2, 3, 4> = Spec {
        name: "ichimoku",
        title: "Ichimoku Cloud",
        formula: "tenkan, kijun, span_b = half way between the highest high and the lowest low of \
                  the last tenkan, kijun, senkou_b bars; span_a = half way between tenkan and \
                  kijun; each at the bar it is computed at, not shifted as charts show it",
        source: "G. Hosoda, 1969; TA-Lib ICHIMOKU",
        warmup: "max(max(tenkan, kijun), senkou_b) - 1",
        inputs: [Input::High, Input::Low],
        params: [
            int("tenkan", &["tenkanperiod"], 2, 100_000, 9),
            int("kijun", &["kijunperiod"], 2, 100_000, 26),
            int("senkou_b", &["senkoubperiod"], 2, 100_000, 52),
        ],
        outputs: [
            Output::new("tenkan"),
            Output::new("kijun"),
            Output::new("span_a"),
            Output::new("span_b"),
        ],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = [Sliding<[L; 2], Extent<L>>; 3];

    fn lookback([tenkan, kijun, senkou_b]: [Value; 3]) -> usize {
        tenkan.int().max(kijun.int()).max(senkou_b.int()) - 1
    }

    fn reference(
        params: [Value; 3],
        [high, low]: [&[f64]; 2],
        [tenkan, kijun, span_a, span_b]: [&mut [f64]; 4],
    ) {
        for t in Self::lookback(params)..high.len() {
            let half_way = |period: Value| {
                let window = t + 1 - period.int()..=t;
                middle(&high[window.clone()], &low[window])
            };
            [tenkan[t], kijun[t], span_b[t]] = params.map(half_way);
            span_a[t] = (tenkan[t] + kijun[t]) / 2.0;
        }
    }

    fn start<L: Lanes>(params: [Value; 3]) -> [Sliding<[L; 2], Extent<L>>; 3] {
        params.map(|period| Sliding::new(period.int()))
    }

    #[inline(always)]
    fn step<L: Lanes>(
        state: &mut [Sliding<[L; 2], Extent<L>>; 3],
        [high, low]: [L; 2],
    ) -> Option<[L; 4]> {
        let [tenkan, kijun, span_b] = state;
        let (tenkan, kijun) = (tenkan.step([high, low]), kijun.step([high, low]));
        let span_b = span_b.step([high, low])?.0.middle();
        let (tenkan, kijun) = (tenkan?.0.middle(), kijun?.0.middle());
        Some([tenkan, kijun, (tenkan + kijun) / L::splat(2.0), span_b])
    }
}
