//! What tells the samples of a fit from others, in whatever order and grouping they come.

use bytemuck::cast_slice;
use ndarray::{ArrayView2, ArrayView3};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use twox_hash::XxHash3_128;

use crate::batch::{Dtype, Element};
use crate::scale::Weights;

/// Samples that a pass of a fit saw.
///
/// The fingerprint is the sum of the XXH3 (128 bits) of each, in C order, as this machine stores
/// them. It finds accidents; it is no defence against forgery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seen {
    #[serde(with = "name")]
    pub dtype: Dtype,
    pub samples: u64,
    #[serde(with = "hexadecimal")]
    fingerprint: u128,
}

impl Seen {
    /// No samples of that dtype.
    pub fn none(dtype: Dtype) -> Seen {
        Seen { dtype, samples: 0, fingerprint: 0 }
    }

    /// Every sample of a batch.
    pub fn of<E: Element>(x: &ArrayView3<'_, E>, weights: Option<&Weights<'_>>) -> Seen {
        let mut seen = Seen::none(E::DTYPE);
        for (index, sample) in x.outer_iter().enumerate() {
            seen.push(sample, weights.map(|weights| weights.of_sample(index)));
        }
        seen
    }

    /// One sample more, with the weights that it has.
    pub fn push<E: Element>(&mut self, sample: ArrayView2<'_, E>, weights: Option<&[f64]>) {
        let hash = match (weights, sample.as_slice()) {
            (Some(weights), _) => {
                let mut hash = Hash::new();
                hash.push(sample);
                hash.push_weights(weights);
                hash.0.finish_128()
            }
            (None, Some(values)) => XxHash3_128::oneshot(cast_slice(values)),
            (None, None) => XxHash3_128::oneshot(cast_slice(&in_order(&sample))),
        };
        self.add(hash);
    }

    fn add(&mut self, hash: u128) {
        self.samples += 1;
        self.fingerprint = self.fingerprint.wrapping_add(hash);
    }

    /// The samples of another, of the same dtype.
    pub fn merge(&mut self, other: &Seen) {
        self.samples = self.samples.saturating_add(other.samples);
        self.fingerprint = self.fingerprint.wrapping_add(other.fingerprint);
    }
}

/// The values in C order.
fn in_order<E: Element>(values: &ArrayView2<'_, E>) -> Vec<E> {
    values.iter().copied().collect()
}

/// The fingerprint of one sample that comes in pieces of time.
pub(super) struct Hash(XxHash3_128);

impl Hash {
    pub fn new() -> Hash {
        Hash(XxHash3_128::new())
    }

    /// The next timesteps.
    pub fn push<E: Element>(&mut self, piece: ArrayView2<'_, E>) {
        match piece.as_slice() {
            Some(values) => self.0.write(cast_slice(values)),
            None => self.0.write(cast_slice(&in_order(&piece))),
        }
    }

    /// What its cells weigh, once they were given.
    fn push_weights(&mut self, weights: &[f64]) {
        self.0.write(cast_slice(weights));
    }

    /// The sample alone.
    pub fn seen(&self, dtype: Dtype) -> Seen {
        let mut seen = Seen::none(dtype);
        seen.add(self.0.finish_128());
        seen
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Seen { dtype, samples, fingerprint } = self;
        write!(f, "{samples} samples of {dtype} with fingerprint {fingerprint:032x}")
    }
}

/// A dtype by its name.
mod name {
    use serde::de::Error as _;

    use super::{Deserialize, Deserializer, Dtype, Serializer};

    pub fn serialize<S: Serializer>(dtype: &Dtype, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(dtype.name())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Dtype, D::Error> {
        let text = String::deserialize(deserializer)?;
        Dtype::parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is no dtype")))
    }
}

/// A fingerprint in 32 digits.
mod hexadecimal {
    use serde::de::Error as _;

    use super::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(hash: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{hash:032x}"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
        let text = String::deserialize(deserializer)?;
        let hash = u128::from_str_radix(&text, 16).ok().filter(|_| text.len() == 32);
        hash.ok_or_else(|| D::Error::custom(format!("`{text}` is no fingerprint")))
    }
}
