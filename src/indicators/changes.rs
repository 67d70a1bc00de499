//! A value against the one `period` timesteps before: one kernel for all.

/// Defines such a row and its parameter: what it says of itself, the definition of a value `x` and
/// the one before, and the same for lanes `L`.
macro_rules! change {
    (
        $row:ident($period:expr):
        $name:literal, $title:literal, $formula:literal, $source:literal, $stability:ident;
        |$x:ident, $before:ident| $definition:expr; $lanes:expr
    ) => {
        pub(super) struct $row;

        impl $crate::kernel::Kernel<1, 1, 1> for $row {
            const SPEC: $crate::kernel::Spec<1, 1, 1> = $crate::kernel::Spec {
                name: $name,
                title: $title,
                formula: $formula,
                source: $source,
                warmup: "period",
                inputs: [$crate::kernel::Input::Series("x")],
                params: [$period],
                outputs: [$crate::kernel::Output::new("")],
                stability: $crate::kernel::Stability::$stability,
            };

            type State<L: $crate::simd::Lanes> = $crate::kernel::state::Delay<L>;

            fn lookback([period]: [$crate::kernel::Value; 1]) -> usize {
                period.int()
            }

            fn reference(
                [period]: [$crate::kernel::Value; 1],
                [x]: [&[f64]; 1],
                [y]: [&mut [f64]; 1],
            ) {
                for t in period.int()..x.len() {
                    let ($x, $before) = (x[t], x[t - period.int()]);
                    y[t] = $definition;
                }
            }

            fn start<L: $crate::simd::Lanes>(
                [period]: [$crate::kernel::Value; 1],
            ) -> Self::State<L> {
                $crate::kernel::state::Delay::new(period.int())
            }

            #[inline(always)]
            fn step<L: $crate::simd::Lanes>(
                state: &mut Self::State<L>,
                [$x]: [L; 1],
            ) -> Option<[L; 1]> {
                let $before = state.step($x)?;
                Some([$lanes])
            }
        }
    };
}
pub(super) use change;
