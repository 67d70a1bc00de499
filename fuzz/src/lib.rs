//! What the targets share: drawing choices and numbers from the fuzzer's bytes.

/// Bytes that are read off one by one; zeros when they run out.
pub struct Draw<'a>(pub &'a [u8]);

impl Draw<'_> {
    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        let two = usize::from(self.byte()) << 8 | usize::from(self.byte());
        two % bound
    }

    /// A price-like number: a step on a grid, so that ties and flats are common.
    pub fn price(&mut self) -> f64 {
        100.0 + f64::from(self.byte() as i8) / 4.0
    }

    /// Any number: now and then one that breaks things.
    pub fn number(&mut self) -> f64 {
        match self.byte() {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => f64::NEG_INFINITY,
            3 => -0.0,
            4 => 5e-324,
            5 => 1e300,
            6 => -1e300,
            7..=20 => f64::from_bits((0..8).fold(0, |bits, _| bits << 8 | u64::from(self.byte()))),
            _ => self.price(),
        }
    }
}

/// Bits, with one pattern for NaN.
pub fn bits(value: f64) -> u64 {
    if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }
}
