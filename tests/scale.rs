//! Scalers against exact arithmetic, at the edges of f64, and the bits that must not change.
//!
//! The names FIT-nn are rows of the catalogue of cases that these tests were written from.

mod common;

use common::{Random, assert_same_bits, bars, engines, exact_moments, on_threads, relative};
use dashu::rational::RBig;
use ndarray::{Array3, ArrayView3, Axis, s};
use windrow::scale::{
    Affine, FittedScaler, MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler, Statistics,
};
use windrow::{Element, Pipeline, Run};

/// Where the column under test stands among unrelated ones.
const PLACE: usize = 1;

/// The values as feature [`PLACE`] of a batch of this many samples, among noise of other sizes.
fn batch<E: Element>(values: &[f64], samples: usize) -> Array3<E> {
    let timesteps = values.len() / samples;
    assert_eq!(samples * timesteps, values.len());
    let mut random = Random(99);
    Array3::from_shape_fn((samples, timesteps, 4), |(sample, t, feature)| match feature {
        PLACE => E::round(values[sample * timesteps + t]),
        _ => E::round((random.next() - 0.5) * 10_f64.powi(5 * feature as i32)),
    })
}

/// Every way to cut `n` values into samples that the tests use.
fn cuts(n: usize) -> impl Iterator<Item = usize> {
    [1, 2, 5, 10, 25, 125, n].into_iter().filter(move |samples| n.is_multiple_of(*samples))
}

/// Fits the column among its neighbours, and checks that they change nothing.
fn fit<E: Element>(scaler: StandardScaler, values: &[f64], samples: usize) -> FittedScaler {
    let x = batch::<E>(values, samples);
    let fitted = scaler.fit(x.view()).unwrap();
    let alone = scaler.fit(x.slice(s![.., .., PLACE..=PLACE])).unwrap();
    assert_eq!(fitted.statistics()[PLACE], alone.statistics()[0], "{values:?}");
    fitted
}

/// Mean and variance as fitted.
fn moments(statistics: &Statistics) -> (f64, f64) {
    let Statistics::Moments(moments) = statistics else { panic!("{statistics:?}") };
    (moments.mean(), moments.deviation(0).powi(2))
}

fn normal(random: &mut Random) -> f64 {
    // Twelve uniforms: normal enough.
    (0..12).map(|_| random.next()).sum::<f64>() - 6.0
}

fn check_constant<E: Element>(value: f64, n: usize) {
    for samples in cuts(n) {
        let values = vec![value; n];
        let fitted = fit::<E>(StandardScaler::default(), &values, samples);
        let widened = E::round(value).widen();
        let what = format!("{n} times {value} in {samples} samples, {}", E::DTYPE);
        assert_eq!(moments(&fitted.statistics()[PLACE]), (widened, 0.0), "{what}");
        assert_eq!(fitted.maps()[PLACE].affine().unwrap().factor, 1.0, "{what}");
        let y = fitted.transform(batch::<E>(&values, samples).view()).unwrap();
        assert!(y.index_axis(Axis(2), PLACE).iter().all(|y| y.widen().to_bits() == 0), "{what}");
    }
}

/// FIT-01, FIT-02, FIT-03: values that a sum of them does not represent.
#[test]
fn a_constant_column_becomes_exactly_zero() {
    for n in [8, 10, 22, 1000] {
        for value in [14.62, f64::ln(1e-5), 0.1, -7.3e9, 0.0] {
            check_constant::<f64>(value, n);
            check_constant::<f32>(value, n);
        }
        for value in [1e-100, 1e100, 5e-324, f64::MAX, f64::MIN] {
            check_constant::<f64>(value, n);
        }
        for value in [1e-38, 1e38, f64::from(f32::MAX)] {
            check_constant::<f32>(value, n);
        }
    }
}

/// FIT-04.
#[test]
fn moments_far_from_zero_are_those_of_exact_arithmetic() {
    for (offset, spread) in [(1e8, 1.0), (0.0, 1.0), (-1e15, 1.0), (1e15, 3.0), (1e-3, 1e-9)] {
        let mut random = Random(4);
        let values: Vec<f64> = (0..10_000).map(|_| offset + spread * normal(&mut random)).collect();
        let (mean, variance) = exact_moments(&values);
        for samples in cuts(values.len()) {
            let got = moments(
                &fit::<f64>(StandardScaler::default(), &values, samples).statistics()[PLACE],
            );
            let what = format!("{offset} ± {spread} in {samples} samples");
            if offset != 0.0 {
                assert!(relative(got.0, &mean) <= 1e-13, "{what}: mean {}", got.0);
            }
            let error = relative(got.1, &variance);
            assert!(error <= 1e-13, "{what}: variance {} off by {error:e}", got.1);
        }
    }
}

/// FIT-07: only values that are all equal count as constant.
#[test]
fn nearly_constant_columns_are_scaled_by_their_deviation() {
    for a in [1e-10, 1.0, 1e10] {
        for exponent in -30..20 {
            let s = 10_f64.powi(exponent);
            for n in [10, 100, 10_000] {
                let halves: Vec<f64> =
                    (0..n).map(|i| if i < n / 2 { a + s } else { a - s }).collect();
                let mixed: Vec<f64> =
                    (0..n).map(|i| if i % 2 == 0 { a + s } else { a - s }).collect();
                for values in [halves, mixed] {
                    check_deviation::<f64>(&values, &format!("{n} of {a} ± {s}, f64"));
                    let narrow: Vec<f64> = values.iter().map(|x| f64::from(*x as f32)).collect();
                    check_deviation::<f32>(&narrow, &format!("{n} of {a} ± {s}, f32"));
                }
            }
        }
    }
}

/// Two values, half each: the deviation is half their distance.
fn check_deviation<E: Element>(values: &[f64], what: &str) {
    let (low, high) = (values.iter().copied().fold(f64::MAX, f64::min), values[0]);
    for samples in [1, 10] {
        let fitted = fit::<E>(StandardScaler::default(), values, samples);
        let factor = fitted.maps()[PLACE].affine().unwrap().factor;
        if low == high {
            assert_eq!(factor, 1.0, "{what}");
        } else {
            let half =
                (RBig::try_from(high).unwrap() - RBig::try_from(low).unwrap()) / RBig::from(2);
            // The square root, the reciprocal and the variance's own bound of 1e-13 halved.
            let error = relative(1.0 / factor, &half);
            assert!(error <= 1e-13, "{what}: deviation {:e} off by {error:e}", 1.0 / factor);
        }
    }
}

/// FIT-08: statistics of parts, merged; a naive sum of squares errs by more than the variance.
#[test]
fn merging_parts_loses_nothing() {
    let values: Vec<f64> =
        std::iter::repeat_n(1e8, 5000).chain(std::iter::repeat_n(f64::ln(1e-5), 5000)).collect();
    let (mean, variance) = exact_moments(&values);
    for parts in [1, 7, 10_000] {
        let fits = values.chunks(values.len().div_ceil(parts)).map(|part| {
            let x = Array3::from_shape_vec((part.len(), 1, 1), part.to_vec()).unwrap();
            StandardScaler::default().fit(x.view()).unwrap().statistics()[0].clone()
        });
        let merge = |mut a: Statistics, b: Statistics| {
            a.merge(&b).unwrap();
            a
        };
        let got = moments(&fits.reduce(merge).unwrap());
        assert!(relative(got.0, &mean) <= 1e-13, "{parts} parts: mean {}", got.0);
        let error = relative(got.1, &variance);
        assert!(error <= 1e-13, "{parts} parts: variance {} off by {error:e}", got.1);
    }
}

/// FIT-09: f32 holds the values, and not their mean.
#[test]
fn the_mean_is_not_rounded_to_f32() {
    let x = Array3::from_shape_vec((1, 2, 1), vec![1e8_f32, 1e8 + 8.0]).unwrap();
    let y = StandardScaler::default().fit(x.view()).unwrap().transform(x.view()).unwrap();
    assert_eq!(y.as_slice().unwrap(), [-1.0, 1.0]);
}

/// FIT-14.
#[test]
fn a_cell_that_is_not_finite_is_named() {
    for (bad, shown) in [(f64::INFINITY, "inf"), (f64::NEG_INFINITY, "-inf"), (f64::NAN, "NaN")] {
        for place in [(0, 0, 0), (8, 40, 2), (17, 129, 3)] {
            let mut x = batch::<f64>(&vec![1.5; 18 * 130], 18);
            x[place] = bad;
            let cell = format!(
                "column `{}` is {shown} at sample {}, timestep {}; a fit needs finite values",
                place.2, place.0, place.1
            );
            let error = StandardScaler::default().fit(x.view()).unwrap_err();
            assert_eq!(error.to_string(), format!("cannot fit `standardize`: {cell}"));
            let error = MinMaxScaler::default().fit(x.mapv(|x| x as f32).view()).unwrap_err();
            assert_eq!(error.to_string(), format!("cannot fit `minmax`: {cell}"));
        }
    }
}

fn column<E: Element>(values: &[f64]) -> Array3<E> {
    Array3::from_shape_fn((1, values.len(), 1), |(_, t, _)| E::round(values[t]))
}

/// FIT-16, FIT-17, FIT-18: what a scaler makes of values that it was not fitted on.
#[test]
fn unseen_values_go_through_the_map_of_the_fit() {
    fn check<E: Element>(fitted: &FittedScaler, test: &[f64], expected: &[f64]) {
        let y = fitted.transform(column::<E>(test).view()).unwrap();
        assert_same_bits(y.view(), column::<E>(expected).view(), "unseen");
    }
    fn both<E: Element>() {
        let constant = StandardScaler::default().fit(column::<E>(&[3.0; 5]).view()).unwrap();
        check::<E>(&constant, &[4.0, 3.0, 1.0], &[1.0, 0.0, -2.0]);
        let minmax = MinMaxScaler::default();
        let fitted = minmax.fit(column::<E>(&[0.0, 10.0]).view()).unwrap();
        check::<E>(&fitted, &[-5.0, 15.0, 10.0], &[-0.5, 1.5, 1.0]);
        let fitted = minmax.fit(column::<E>(&[7.0; 9]).view()).unwrap();
        check::<E>(&fitted, &[7.0, 8.0], &[0.0, 1.0]);
        let clipped = MinMaxScaler { clip: true, ..minmax };
        let fitted = clipped.fit(column::<E>(&[0.0, 10.0]).view()).unwrap();
        check::<E>(&fitted, &[-5.0, 15.0, 5.0, f64::NAN], &[0.0, 1.0, 0.5, f64::NAN]);
        let maxabs = MaxAbsScaler::default();
        let fitted = maxabs.fit(column::<E>(&[2.0, -4.0]).view()).unwrap();
        check::<E>(&fitted, &[-5.0, 0.0, 2.0], &[-1.25, 0.0, 0.5]);
        let clipped = MaxAbsScaler { clip: true, ..maxabs };
        let fitted = clipped.fit(column::<E>(&[2.0, -4.0]).view()).unwrap();
        check::<E>(&fitted, &[-5.0, 6.0, 2.0], &[-1.0, 1.0, 0.5]);
        let fitted = maxabs.fit(column::<E>(&[0.0, 0.0]).view()).unwrap();
        check::<E>(&fitted, &[-5.0, 0.0], &[-5.0, 0.0]);
        let fitted =
            MinMaxScaler { low: -1.0, high: 3.0, ..minmax }.fit(column::<E>(&[2.0, 4.0]).view());
        check::<E>(&fitted.unwrap(), &[2.0, 3.0, 4.0, 5.0], &[-1.0, 1.0, 3.0, 5.0]);
    }
    both::<f64>();
    both::<f32>();
}

/// FIT-19, FIT-21: what f64 cannot scale is refused by name, and never quietly left unscaled.
#[test]
fn a_spread_beyond_f64_is_an_error() {
    let refused = |result: windrow::Result<FittedScaler>, values: &[f64]| {
        let error = result.expect_err(&format!("{values:?}")).to_string();
        assert!(error.contains("column `0` has a spread that f64 cannot scale"), "{error}");
        assert!(!error.contains(['{', '[']), "in words: {error}");
    };
    for values in [[1e308, -1e308], [f64::MAX, f64::MIN], [-1.7e308, 1.7e308]] {
        refused(MinMaxScaler::default().fit(column::<f64>(&values).view()), &values);
        refused(StandardScaler::default().fit(column::<f64>(&values).view()), &values);
        let apart = Array3::from_shape_vec((2, 1, 1), values.to_vec()).unwrap();
        refused(StandardScaler::default().fit(apart.view()), &values);
    }
    for size in [1e200, 1e155, 1e154] {
        for n in [2, 10, 300] {
            let values: Vec<f64> = (0..n).map(|i| if i % 2 == 0 { size } else { -size }).collect();
            let fitted = StandardScaler::default().fit(column::<f64>(&values).view()).unwrap();
            assert_eq!(
                fitted.maps()[0].affine(),
                Some(&Affine::new(0.0, 1.0 / size)),
                "{n} of ±{size}"
            );
        }
    }
    // The squares underflow within the sample.
    let tiny = StandardScaler::default().fit(column::<f64>(&[1e-200, -1e-200]).view()).unwrap();
    assert_eq!(tiny.maps()[0].apply(1e-200), 1.0);
    let tiny = MinMaxScaler::default().fit(column::<f64>(&[1e-200, -1e-200]).view()).unwrap();
    assert_eq!(tiny.maps()[0].apply(1e-200), 1.0);
}

/// FIT-22: the cut into parts is fixed by the shape, so nobody's threads or level show.
#[test]
fn threads_and_levels_change_no_bit_of_a_fit() {
    let text = format!("{}[[step]]\nop = 'standardize'\n", common::INPUT);
    for shape in [(37, 61), (1, 1000), (300, 3), (9, 257)] {
        let x = bars::<f64>(22, shape.0, shape.1);
        let expected = on_threads(1, || StandardScaler::default().fit(x.view()).unwrap());
        for threads in [2, 3, 16] {
            let got = on_threads(threads, || StandardScaler::default().fit(x.view()).unwrap());
            assert_eq!(got, expected, "{threads} threads");
        }
        let mut order = Array3::zeros(ndarray::ShapeBuilder::f(x.dim()));
        order.assign(&x);
        assert_eq!(
            StandardScaler::default().fit(order.view()).unwrap(),
            expected,
            "in Fortran order"
        );
        for engine in engines() {
            let pipeline = Pipeline::from_toml(&text).unwrap();
            let fitted = pipeline.fit_with(x.view(), &Run::new(engine)).unwrap();
            let got = statistics_of(&fitted.to_json());
            assert_eq!(got, expected.statistics(), "a pipeline, {engine}");
        }
    }
}

/// The statistics in the saved state of a pipeline.
fn statistics_of(json: &str) -> Vec<Statistics> {
    let state: serde_json::Value = serde_json::from_str(json).unwrap();
    let scalers = state["scalers"].as_array().unwrap().iter();
    scalers.map(|s| serde_json::from_value(s["statistics"].clone()).unwrap()).collect()
}

/// FIT-23, and more: samples are merged without rounding, so that their order shows nowhere.
#[test]
fn the_order_of_samples_changes_no_bit() {
    let mut x = bars::<f64>(23, 40, 50);
    x.slice_mut(s![.., .., 1]).mapv_inplace(|x| x * 1e150 - 1e152);
    x.slice_mut(s![..20, .., 2]).mapv_inplace(|x| x * 1e-150);
    let mut order: Vec<usize> = (0..40).collect();
    Random(1).shuffle(&mut order);
    let shuffled = x.select(Axis(0), &order);
    for scaler in [Scaler::Standard, Scaler::MinMax, Scaler::MaxAbs, Scaler::Robust] {
        assert_eq!(scaler.fit(shuffled.view()), scaler.fit(x.view()), "{scaler:?}");
    }
}

/// FIT-22, and more: whatever samples came together first.
#[test]
fn parts_in_any_order_give_the_bits_of_the_whole() {
    let x = bars::<f64>(22, 203, 33);
    for scaler in [Scaler::Standard, Scaler::MinMax, Scaler::MaxAbs] {
        let whole = scaler.fit(x.view());
        for parts in [2_usize, 37, 203] {
            let mut fits: Vec<FittedScaler> = x
                .axis_chunks_iter(Axis(0), 203_usize.div_ceil(parts))
                .map(|part| scaler.fit(part))
                .collect();
            Random(parts as u64).shuffle(&mut fits);
            let mut merged = fits.pop().unwrap();
            fits.iter().for_each(|other| merged.merge(other).unwrap());
            assert_eq!(merged, whole, "{scaler:?}, {parts} parts");
            assert_eq!(merged.to_json(), whole.to_json());
        }
    }
    let narrow = Scaler::MinMax.fit(x.slice(s![.., .., ..2]));
    let error = Scaler::MinMax.fit(x.view()).merge(&narrow).unwrap_err().to_string();
    assert_eq!(
        error,
        "the scaler to merge is `minmax` of 2 features; expected `minmax` of 5, with the same options"
    );
    let robust = Scaler::Robust.fit(x.view());
    let error = robust.clone().merge(&robust).unwrap_err().to_string();
    assert!(error.ends_with("`0` has quantiles, which are of all values at once"), "{error}");
    let error = Scaler::MaxAbs.fit(x.view()).merge(&Scaler::MinMax.fit(x.view())).unwrap_err();
    assert!(error.to_string().starts_with("the scaler to merge is `minmax`"), "{error}");
}

/// The scalers by name.
#[derive(Debug, Clone, Copy)]
enum Scaler {
    Standard,
    MinMax,
    MaxAbs,
    Robust,
}

impl Scaler {
    fn fit<E: Element>(self, x: ArrayView3<'_, E>) -> FittedScaler {
        match self {
            Scaler::Standard => StandardScaler::default().fit(x),
            Scaler::MinMax => MinMaxScaler::default().fit(x),
            Scaler::MaxAbs => MaxAbsScaler::default().fit(x),
            Scaler::Robust => RobustScaler::default().fit(x),
        }
        .unwrap()
    }
}

/// Of samples of one timestep nothing is rounded before the end.
#[test]
fn mean_and_deviation_of_single_values_are_rounded_once() {
    let mut random = Random(17);
    for round in 0..200 {
        let n = 2 + random.below(30);
        let decades = [0.0, 3.0, 40.0, 290.0][round % 4];
        let mut value = || normal(&mut random) * 10_f64.powf(decades * (random.next() - 0.5));
        let values: Vec<f64> = (0..n).map(|_| value()).collect();
        let x = Array3::from_shape_vec((n, 1, 1), values.clone()).unwrap();
        let fitted = StandardScaler::default().fit(x.view()).unwrap();
        let Statistics::Moments(moments) = &fitted.statistics()[0] else { unreachable!() };
        let (mean, variance) = exact_moments(&values);
        assert_eq!(moments.mean(), mean.to_f64().value(), "{values:?}");
        for ddof in [0, 1] {
            let variance = &variance * RBig::from(n) / RBig::from(n as u64 - ddof);
            let got = moments.deviation(ddof);
            let at = |x: f64| RBig::try_from(x).unwrap();
            let half = |neighbour: f64| (at(got) + at(neighbour)) / RBig::from(2);
            let (below, above) = (half(got.next_down()), half(got.next_up()));
            assert!(
                &below * &below <= variance && variance <= &above * &above,
                "{values:?}: {got}"
            );
        }
    }
}

/// FIT-26: a power of two changes exponents only.
#[test]
fn scaling_by_a_power_of_two_shows_nowhere() {
    fn check<E: Element>() {
        let x = bars::<E>(26, 11, 33);
        for k in [-40, 40] {
            let scaled = x.mapv(|x| E::round(x.widen() * 2_f64.powi(k)));
            let standard = |x: &Array3<E>| {
                StandardScaler::default().fit(x.view()).unwrap().transform(x.view())
            };
            let what = format!("2^{k}, {}", E::DTYPE);
            assert_same_bits(
                standard(&scaled).unwrap().view(),
                standard(&x).unwrap().view(),
                &what,
            );
            let minmax =
                |x: &Array3<E>| MinMaxScaler::default().fit(x.view()).unwrap().transform(x.view());
            assert_same_bits(minmax(&scaled).unwrap().view(), minmax(&x).unwrap().view(), &what);
        }
    }
    check::<f64>();
    check::<f32>();
}

/// FIT-27: no sum of values, whose overflow would show, stands anywhere.
#[test]
fn the_mean_of_huge_values_does_not_overflow() {
    let fit = |x: ArrayView3<'_, f64>| StandardScaler::default().fit(x).unwrap();
    let one = fit(column(&[1.8e303]).view()).statistics()[0].clone();
    let mut merged = one.clone();
    (1..100_000).for_each(|_| merged.merge(&one).unwrap());
    assert_eq!(moments(&merged), (1.8e303, 0.0));
    let x = Array3::from_elem((100_000, 1, 1), 1.8e303);
    let (mean, _) = moments(&fit(x.view()).statistics()[0]);
    assert!((mean / 1.8e303 - 1.0).abs() <= 1e-12);
}

/// FIT-28, of all that are straight lines, saved and loaded: three roundings of the distance to the
/// mean and one of the value come back.
#[test]
fn the_inverse_gives_the_values_back() {
    let x = bars::<f64>(28, 20, 40);
    for scaler in [Scaler::Standard, Scaler::MinMax, Scaler::MaxAbs, Scaler::Robust] {
        let fitted = FittedScaler::from_json(&scaler.fit(x.view()).to_json()).unwrap();
        let back = fitted.inverse_transform(fitted.transform(x.view()).unwrap().view()).unwrap();
        for (place, value) in x.indexed_iter() {
            let center = fitted.maps()[place.2].affine().unwrap().center;
            let bound = 4.0 * (f64::EPSILON / 2.0) * (value.abs() + center.abs());
            assert!((back[place] - value).abs() <= bound, "{place:?}: {} for {value}", back[place]);
        }
    }
}

#[test]
fn a_batch_that_does_not_fit_is_refused() {
    let fitted = StandardScaler::default().fit(bars::<f32>(1, 2, 3).view()).unwrap();
    let error = fitted.transform(Array3::<f32>::zeros((2, 3, 4)).view()).unwrap_err();
    let expected = "the batch has shape (2, 3, 4); expected 5 features, as in the fit";
    assert_eq!(error.to_string(), expected);
    for shape in [(0, 3, 1), (2, 0, 1)] {
        let error = StandardScaler::default().fit(Array3::<f32>::zeros(shape).view()).unwrap_err();
        assert!(error.to_string().ends_with("column `0` has no values"), "{error}");
    }
    for (low, high) in [(1.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY), (1.0, 0.0)] {
        let error = MinMaxScaler { low, high, ..MinMaxScaler::default() }
            .fit(bars::<f32>(1, 2, 3).view())
            .unwrap_err();
        let range =
            format!("the range of `minmax` is [{low}, {high}]; allowed: a low below its high");
        assert_eq!(error.to_string(), range);
    }
}
