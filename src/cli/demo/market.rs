//! Price bars that behave like a market's: geometric random walks whose volatility clusters.

use std::ops::Range;

use ndarray::Array3;
use ndarray::parallel::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, LogNormal, StandardNormal};
use windrow::io::block;

pub const COLUMNS: [&str; 5] = ["open", "high", "low", "close", "volume"];

const SEED: u64 = 20_240_229;
/// Prices looked at inside a bar; the highest and the lowest are the bar's.
const TICKS: usize = 4;
/// How much of the variance is the last step's news (GARCH).
const NEWS: f64 = 0.08;
/// How much of it stays from the step before.
const MEMORY: f64 = 0.9;

/// These samples of open, high, low, close and volume. The random stream of a sample is its own, so
/// neither threads nor the number of samples decide what is in it.
pub fn bars(samples: Range<usize>, timesteps: usize) -> windrow::Result<Array3<f32>> {
    let mut x = block([samples.len(), timesteps, COLUMNS.len()])?;
    x.outer_iter_mut().into_par_iter().enumerate().for_each(|(index, mut bars)| {
        let mut random = ChaCha8Rng::seed_from_u64(SEED);
        random.set_stream((samples.start + index) as u64);
        let mut walk = Walk::new(&mut random);
        for mut bar in bars.outer_iter_mut() {
            for (cell, value) in bar.iter_mut().zip(walk.bar(&mut random)) {
                *cell = value as f32;
            }
        }
    });
    Ok(x)
}

struct Walk {
    price: f64,
    drift: f64,
    /// The variance that a step returns to.
    usual: f64,
    variance: f64,
    volume: LogNormal<f64>,
}

impl Walk {
    fn new(random: &mut ChaCha8Rng) -> Walk {
        let price = (4.0 + 0.7 * normal(random)).exp();
        let deviation = (-4.3 + 0.4 * normal(random)).exp();
        let traded = 12.0 + 1.5 * normal(random);
        Walk {
            price: price.clamp(5.0, 2000.0),
            drift: 0.0003 + 0.0005 * normal(random),
            usual: deviation * deviation,
            variance: deviation * deviation,
            volume: LogNormal::new(traded, 0.35).expect("a deviation above zero"),
        }
    }

    fn bar(&mut self, random: &mut ChaCha8Rng) -> [f64; 5] {
        let deviation = self.variance.sqrt();
        let open = self.price * (0.2 * deviation * normal(random)).exp();
        let (mut high, mut low, mut price) = (open, open, open);
        let tick = deviation / (TICKS as f64).sqrt();
        for _ in 0..TICKS {
            price *= (self.drift / TICKS as f64 + tick * normal(random)).exp();
            high = high.max(price);
            low = low.min(price);
        }
        let step = (price / self.price).ln();
        // Restless bars trade more.
        let volume = self.volume.sample(random) * (0.5 + step.abs() / deviation);
        self.variance =
            (1.0 - NEWS - MEMORY) * self.usual + NEWS * step * step + MEMORY * self.variance;
        self.price = price;
        [cents(open), cents(high), cents(low), cents(price), volume.round().max(1.0)]
    }
}

fn normal(random: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(random)
}

fn cents(price: f64) -> f64 {
    ((price * 100.0).round() / 100.0).max(0.01)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_consistent() {
        for bar in bars(0..50, 120).unwrap().rows() {
            let [open, high, low, close, volume] = [0, 1, 2, 3, 4].map(|i| bar[i]);
            assert!(low <= open.min(close) && high >= open.max(close), "{bar}");
            assert!(low > 0.0 && high.is_finite() && volume >= 1.0, "{bar}");
        }
    }

    #[test]
    fn volatility_clusters() {
        // Squared returns of neighbours go together.
        let x = bars(0..400, 120).unwrap();
        let mut correlation = 0.0;
        for bars in x.outer_iter() {
            let squares: Vec<f64> = (1..120)
                .map(|t| (f64::from(bars[[t, 3]]) / f64::from(bars[[t - 1, 3]])).ln().powi(2))
                .collect();
            let mean = squares.iter().sum::<f64>() / squares.len() as f64;
            let spread: f64 = squares.iter().map(|s| (s - mean).powi(2)).sum();
            let pairs = squares.windows(2).map(|w| (w[0] - mean) * (w[1] - mean));
            correlation += pairs.sum::<f64>() / spread / 400.0;
        }
        assert!(correlation > 0.02, "{correlation}");
    }

    #[test]
    fn neither_threads_nor_the_number_of_samples_decide() {
        let on = |threads, samples| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| bars(samples, 30).unwrap())
        };
        let one = on(1, 0..20);
        assert_eq!(on(3, 0..20), one);
        assert_eq!(on(2, 0..50).slice(ndarray::s![..20, .., ..]), one);
        assert_eq!(
            on(2, 15..50).slice(ndarray::s![..5, .., ..]),
            one.slice(ndarray::s![15.., .., ..])
        );
    }
}
