//! What tells two batches apart without keeping them.

use bytemuck::cast_slice;
use twox_hash::XxHash3_128;

use crate::batch::Element;

/// XXH3 (128 bits) of numbers in C order, as this machine stores them.
///
/// It names the numbers, not the file: the same batch in an .npy file, an archive or several shards
/// has the same fingerprint. It finds accidents; it is no defence against forgery.
#[derive(Clone, Default)]
pub struct Fingerprint(XxHash3_128);

impl Fingerprint {
    /// Of nothing yet.
    pub fn new() -> Fingerprint {
        Fingerprint::default()
    }

    /// Of those and these.
    pub fn push<E: Element>(&mut self, values: &[E]) {
        self.0.write(cast_slice(values));
    }

    /// In 32 hexadecimal digits.
    pub fn text(&self) -> String {
        format!("{:032x}", self.0.finish_128())
    }

    /// Of a text.
    pub fn of_text(text: &str) -> String {
        let mut hash = Fingerprint::new();
        hash.0.write(text.as_bytes());
        hash.text()
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fingerprint({})", self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Figures of `xxhsum -H2`, xxHash 0.8.
    #[test]
    fn it_is_what_xxhsum_says() {
        assert_eq!(Fingerprint::of_text(""), "99aa06d3014798d86001c324468d497f");
    }

    #[test]
    fn parts_are_the_whole() {
        let x: Vec<f32> = (0..5000).map(|i| i as f32).collect();
        let mut whole = Fingerprint::new();
        whole.push(&x);
        let mut parts = Fingerprint::new();
        x.chunks(37).for_each(|part| parts.push(part));
        assert_eq!(parts.text(), whole.text());
        parts.push(&[0f32]);
        assert_ne!(parts.text(), whole.text());
    }
}
