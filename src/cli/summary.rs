//! Statistics of every feature of a batch, with the same bits for any number of threads.

use rayon::prelude::*;
use windrow::Element;

/// Statistics of one feature; those of values are over its finite values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    pub finite: usize,
    pub nan: usize,
    pub infinite: usize,
    pub min: f64,
    pub max: f64,
    /// A value near the others, from which they are measured: an offset then costs no digits.
    anchor: f64,
    /// From the anchor.
    mean: f64,
    /// Sum of squared deviations from the mean.
    squares: f64,
}

impl Summary {
    const EMPTY: Summary = Summary {
        finite: 0,
        nan: 0,
        infinite: 0,
        min: f64::INFINITY,
        max: f64::NEG_INFINITY,
        anchor: 0.0,
        mean: 0.0,
        squares: 0.0,
    };

    /// Nothing yet; measured from the first finite value of the feature in `start`.
    fn anchored<E: Element>(start: &[E], feature: usize, features: usize) -> Summary {
        let values = start.iter().skip(feature).step_by(features).map(|value| value.widen());
        let anchor = { values }.find(|x| x.is_finite()).unwrap_or(0.0);
        Summary { anchor, ..Summary::EMPTY }
    }

    pub fn count(&self) -> usize {
        self.finite + self.nan + self.infinite
    }

    pub fn mean(&self) -> Option<f64> {
        (self.finite > 0).then_some(self.anchor + self.mean)
    }

    /// Of the population, as NumPy's default and as scalers use it.
    pub fn deviation(&self) -> Option<f64> {
        (self.finite > 0).then(|| (self.squares / self.finite as f64).sqrt())
    }

    /// The smallest and the largest value.
    pub fn range(&self) -> Option<(f64, f64)> {
        (self.finite > 0).then_some((self.min, self.max))
    }

    /// Chan's merge; both have the same anchor.
    fn merge(&mut self, other: &Summary) {
        self.nan += other.nan;
        self.infinite += other.infinite;
        if other.finite == 0 {
            return;
        }
        let (a, b) = (self.finite as f64, other.finite as f64);
        let delta = other.mean - self.mean;
        self.mean += delta * (b / (a + b));
        self.squares += other.squares + delta * delta * (a * b / (a + b));
        self.finite += other.finite;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }
}

/// Values in a block: what a core keeps in its cache.
const BLOCK: usize = 1 << 15;

/// Summaries of the features of values in C order that come in any portions.
///
/// Blocks are cut by the number of features alone and merged in order, so neither threads nor
/// portions decide anything.
pub struct Summaries<E> {
    total: Vec<Summary>,
    features: usize,
    anchored: bool,
    /// The begin of a block whose end is still to come.
    rest: Vec<E>,
}

impl<E: Element> Summaries<E> {
    pub fn new(features: usize) -> Self {
        let total = vec![Summary::EMPTY; features];
        Summaries { total, features, anchored: false, rest: Vec::new() }
    }

    /// The next rows.
    pub fn push(&mut self, mut values: &[E]) {
        if self.features == 0 {
            return;
        }
        let block = (BLOCK / self.features).max(1) * self.features;
        if !self.rest.is_empty() {
            let (head, tail) = values.split_at(values.len().min(block - self.rest.len()));
            self.rest.extend_from_slice(head);
            values = tail;
            if self.rest.len() < block {
                return;
            }
            let rest = std::mem::take(&mut self.rest);
            self.blocks(&rest, block);
        }
        let (whole, rest) = values.split_at(values.len() - values.len() % block);
        self.blocks(whole, block);
        self.rest.extend_from_slice(rest);
    }

    fn blocks(&mut self, values: &[E], block: usize) {
        if values.is_empty() {
            return;
        }
        let features = self.features;
        if !self.anchored {
            let start = &values[..block.min(values.len())];
            let anchored = |feature| Summary::anchored(start, feature, features);
            self.total = (0..features).map(anchored).collect();
            self.anchored = true;
        }
        let empty: Vec<Summary> =
            self.total.iter().map(|s| Summary { anchor: s.anchor, ..Summary::EMPTY }).collect();
        let blocks: Vec<Vec<Summary>> =
            values.par_chunks(block).map(|block| summarize(block, empty.clone())).collect();
        for block in &blocks {
            for (total, block) in self.total.iter_mut().zip(block) {
                total.merge(block);
            }
        }
    }

    /// A summary a feature.
    pub fn end(mut self) -> Vec<Summary> {
        let rest = std::mem::take(&mut self.rest);
        self.blocks(&rest, rest.len().max(1));
        self.total
    }
}

/// Two passes in cache: the mean first, then squared deviations from it.
fn summarize<E: Element>(block: &[E], mut summaries: Vec<Summary>) -> Vec<Summary> {
    let features = summaries.len();
    for row in block.chunks_exact(features) {
        for (summary, value) in summaries.iter_mut().zip(row) {
            let x = value.widen();
            if x.is_finite() {
                summary.finite += 1;
                summary.mean += x - summary.anchor;
                summary.min = summary.min.min(x);
                summary.max = summary.max.max(x);
            } else if x.is_nan() {
                summary.nan += 1;
            } else {
                summary.infinite += 1;
            }
        }
    }
    for summary in &mut summaries {
        summary.mean /= summary.finite.max(1) as f64;
    }
    // What rounding left of the sum of deviations corrects the mean and the squares.
    let mut rests = vec![0.0; features];
    for row in block.chunks_exact(features) {
        for ((summary, rest), value) in summaries.iter_mut().zip(&mut rests).zip(row) {
            let x = value.widen();
            if x.is_finite() {
                let deviation = (x - summary.anchor) - summary.mean;
                *rest += deviation;
                summary.squares += deviation * deviation;
            }
        }
    }
    for (summary, rest) in summaries.iter_mut().zip(rests) {
        let n = summary.finite.max(1) as f64;
        summary.mean += rest / n;
        summary.squares = (summary.squares - rest * rest / n).max(0.0);
    }
    summaries
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array3, ArrayView3};

    fn summaries<E: Element>(x: ArrayView3<'_, E>) -> Vec<Summary> {
        let mut summaries = Summaries::new(x.dim().2);
        summaries.push(x.as_slice().unwrap());
        summaries.end()
    }

    fn on_threads<E: Element>(n: usize, x: ArrayView3<'_, E>) -> Vec<Summary> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
        pool.install(|| summaries(x))
    }

    #[test]
    fn a_large_offset_costs_no_digits() {
        // 0, 1, …, 9 on 1e9: deviation exactly sqrt(8.25).
        let x = Array3::from_shape_fn((500, 100, 3), |(_, t, _)| 1e9 + (t % 10) as f64);
        for summary in summaries(x.view()) {
            assert_eq!(summary.mean(), Some(1e9 + 4.5));
            assert!((summary.deviation().unwrap() - 8.25f64.sqrt()).abs() < 1e-14);
            assert_eq!(summary.range(), Some((1e9, 1e9 + 9.0)));
        }
    }

    #[test]
    fn what_is_not_finite_is_counted_and_left_out() {
        let x = Array3::from_shape_vec(
            (1, 5, 2),
            vec![1.0f32, f32::NAN, 3.0, f32::NAN, f32::INFINITY, f32::NAN, 5.0, f32::NAN]
                .into_iter()
                .chain([f32::NAN, f32::NEG_INFINITY])
                .collect(),
        );
        let [first, second] = summaries(x.unwrap().view()).try_into().unwrap();
        assert_eq!((first.finite, first.nan, first.infinite), (3, 1, 1));
        assert_eq!((first.count(), first.mean(), first.range()), (5, Some(3.0), Some((1.0, 5.0))));
        assert_eq!((second.finite, second.nan, second.infinite), (0, 4, 1));
        assert_eq!((second.mean(), second.deviation(), second.range()), (None, None, None));
    }

    #[test]
    fn threads_decide_nothing() {
        let mut state = 1u64;
        let x = Array3::from_shape_simple_fn((997, 61, 7), || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as f64 / 1e3
        });
        let one = on_threads(1, x.view());
        assert!([2, 3, 8].into_iter().all(|n| on_threads(n, x.view()) == one));
        assert!(x.len() > 10 * BLOCK);
        for rows in [1, 61, 5000, 40_000] {
            let mut portions = Summaries::new(7);
            x.as_slice().unwrap().chunks(rows * 7).for_each(|values| portions.push(values));
            assert_eq!(portions.end(), one, "{rows} rows at a time");
        }
    }

    #[test]
    fn empty_batches_have_empty_summaries() {
        for shape in [(0, 3, 2), (3, 0, 2), (3, 2, 0)] {
            let summaries = summaries(Array3::<f64>::zeros(shape).view());
            assert_eq!(summaries, vec![Summary::EMPTY; shape.2]);
        }
    }
}
