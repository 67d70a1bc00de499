//! Rows whose value at a timestep is a function of that timestep's inputs: one kernel for all.

/// Defines such a row: its inputs by number, name and kind, what it says of itself, the definition,
/// and the same for lanes `L`.
macro_rules! pointwise {
    (
        $row:ident: $count:literal, [$($x:ident: $input:expr),+],
        $name:literal, $title:literal, $formula:literal, $source:literal, $stability:ident;
        $definition:expr; $lanes:expr
    ) => {
        pub(super) struct $row;

        impl $crate::kernel::Kernel<$count, 0, 1> for $row {
            const SPEC: $crate::kernel::Spec<$count, 0, 1> = $crate::kernel::Spec {
                name: $name,
                title: $title,
                formula: $formula,
                source: $source,
                warmup: "0",
                inputs: [$($input),+],
                params: [],
                outputs: [$crate::kernel::Output::new("")],
                stability: $crate::kernel::Stability::$stability,
            };

            type State<L: $crate::simd::Lanes> = ();

            fn lookback([]: [$crate::kernel::Value; 0]) -> usize {
                0
            }

            fn reference(
                []: [$crate::kernel::Value; 0],
                [$($x),+]: [&[f64]; $count],
                [y]: [&mut [f64]; 1],
            ) {
                for t in 0..y.len() {
                    $(let $x = $x[t];)+
                    y[t] = $definition;
                }
            }

            fn start<L: $crate::simd::Lanes>([]: [$crate::kernel::Value; 0]) {}

            #[inline(always)]
            fn step<L: $crate::simd::Lanes>(
                (): &mut (),
                [$($x),+]: [L; $count],
            ) -> Option<[L; 1]> {
                Some([$lanes])
            }
        }
    };
}
pub(super) use pointwise;
