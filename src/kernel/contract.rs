//! The contract that a kernel signs.

use super::spec::{Nan, Spec, Stability, Value};
use crate::simd::Lanes;

/// A function of `I` series with `P` parameters that gives `O` series.
///
/// Arrays carry the counts, so that a wrong number of inputs does not compile.
pub(crate) trait Kernel<const I: usize, const P: usize, const O: usize>: 'static {
    /// What it is called, takes and gives.
    const SPEC: Spec<I, P, O>;

    /// What it remembers between timesteps.
    type State<L: Lanes>: Clone + Send + 'static;

    /// What parameters have to be together, each being in its range, if they are not; nothing where
    /// all go together.
    fn refusal(params: [Value; P]) -> Option<&'static str> {
        let _ = params;
        None
    }

    /// How many leading timesteps have no value.
    fn lookback(params: [Value; P]) -> usize;

    /// How a value depends on the start of the series, where a parameter decides it.
    fn stability(params: [Value; P]) -> Stability {
        let _ = params;
        Self::SPEC.stability
    }

    /// Whether NaN is a missing value to it, for which it has a rule of its own.
    const PASSES_NAN: bool = false;

    /// The policy for what is not finite; `None` if `step` sees everything.
    fn policy(params: [Value; P], nan: Nan) -> Option<Nan> {
        (Self::stability(params).recursive() && !Self::PASSES_NAN).then_some(nan)
    }

    /// How many values it keeps of a series, about; `window` is the longest that it has, or the whole
    /// series where that is shorter.
    fn kept(params: [Value; P], window: usize) -> usize {
        let _ = params;
        3 * I * window
    }

    /// Parameters that do the same to a series of so many timesteps, longer than `lookback`, and take
    /// no more memory than such a series needs.
    fn within(params: [Value; P], timesteps: usize) -> [Value; P] {
        let _ = timesteps;
        params
    }

    /// The definition, for one series.
    ///
    /// Outputs come filled with NaN and are written from `lookback` on; the series may be shorter
    /// than that. Windows are rescanned at each step; nothing of `Lanes` or `state` is used, so
    /// that it cannot share an error with `step`.
    fn reference(params: [Value; P], inputs: [&[f64]; I], outputs: [&mut [f64]; O]);

    /// The state before the first timestep.
    fn start<L: Lanes>(params: [Value; P]) -> Self::State<L>;

    /// Takes one timestep of each lane; `None` while warming up. Mark it `#[inline(always)]`.
    ///
    /// A recursive kernel sees finite inputs only: the caller deals with the rest, unless it passes
    /// over NaN itself. A windowed one sees everything, and must give NaN while a NaN that it
    /// depends on is in its window, and forget it afterwards.
    fn step<L: Lanes>(state: &mut Self::State<L>, inputs: [L; I]) -> Option<[L; O]>;
}
