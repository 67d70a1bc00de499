//! A fast average less a slow one: one kernel for all.

/// Defines such a row: the series that it reads, what it says of itself, the definition of both
/// averages, and the same for lanes `L`.
macro_rules! gap {
    (
        $row:ident: $input:expr,
        $name:literal, $title:literal, $formula:literal, $source:literal;
        |$fast:ident, $slow:ident| $definition:expr; $lanes:expr
    ) => {
        pub(super) struct $row;

        impl $crate::kernel::Kernel<1, 3, 1> for $row {
            const SPEC: $crate::kernel::Spec<1, 3, 1> = $crate::kernel::Spec {
                name: $name,
                title: $title,
                formula: $formula,
                source: $source,
                warmup: "that of the longer average: with ema, max(fast, slow) - 1",
                inputs: [$input],
                params: [
                    $crate::kernel::int("fast", &["fastperiod"], 2, 100_000, 12),
                    $crate::kernel::int("slow", &["slowperiod"], 2, 100_000, 26),
                    $crate::kernel::choice("matype", &[], $crate::kernel::state::AVERAGES, 1),
                ],
                outputs: [$crate::kernel::Output::new("")],
                stability: $crate::kernel::Stability::Converging,
            };

            type State<L: $crate::simd::Lanes> =
                $crate::kernel::state::Pair<$crate::kernel::state::Average<L>>;

            fn lookback([fast, slow, matype]: [$crate::kernel::Value; 3]) -> usize {
                let longer = fast.int().max(slow.int());
                $crate::kernel::state::average::lookback(matype.choice(), longer)
            }

            fn stability(
                [fast, slow, matype]: [$crate::kernel::Value; 3],
            ) -> $crate::kernel::Stability {
                let longer = fast.int().max(slow.int());
                $crate::kernel::state::average::stability(matype.choice(), longer)
            }

            fn reference(
                [fast, slow, matype]: [$crate::kernel::Value; 3],
                [x]: [&[f64]; 1],
                [y]: [&mut [f64]; 1],
            ) {
                let of =
                    |period| $crate::indicators::reference::average(matype.choice(), period, x);
                let (fast, slow) = (of(fast.int().min(slow.int())), of(fast.int().max(slow.int())));
                let late = &fast[fast.len() - slow.len()..];
                let value = |($fast, $slow): (&f64, &f64)| $definition;
                let values: Vec<f64> = late.iter().zip(&slow).map(value).collect();
                $crate::indicators::reference::place(&values, y);
            }

            fn start<L: $crate::simd::Lanes>(
                [fast, slow, matype]: [$crate::kernel::Value; 3],
            ) -> Self::State<L> {
                let of = |period| $crate::kernel::state::Average::new(matype.choice(), period);
                let (shorter, longer) = (fast.int().min(slow.int()), fast.int().max(slow.int()));
                $crate::kernel::state::Pair::new(of(shorter), of(longer))
            }

            #[inline(always)]
            fn step<L: $crate::simd::Lanes>(
                state: &mut Self::State<L>,
                [x]: [L; 1],
            ) -> Option<[L; 1]> {
                let ($fast, $slow) = state.step(x)?;
                Some([$lanes])
            }
        }
    };
}
pub(super) use gap;
