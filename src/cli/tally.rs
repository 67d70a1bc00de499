//! How many cells of each column are no numbers.

use anyhow::bail;
use bytemuck::cast_slice;
use ndarray::ArrayView3;
use windrow::{Dtype, Element};

use super::print;

/// Counts of the cells of each column that are NaN or infinite.
#[derive(Debug, Clone)]
pub struct Tally {
    /// NaN, warm-up included.
    pub nan: Vec<u64>,
    pub infinite: Vec<u64>,
    warmups: Vec<usize>,
    names: Vec<String>,
    /// Samples seen, and rows of the one under way.
    samples: usize,
    rows: usize,
    /// Whether anything but warm-up must be a number.
    strict: bool,
}

/// Rows that are looked at together.
const ROWS: usize = 8;

/// Rows that are counted in numbers as wide as cells of f32, or narrower.
const MANY: usize = 1 << 16;

impl Tally {
    /// Of nothing yet.
    pub fn new(names: Vec<String>, warmups: Vec<usize>, strict: bool) -> Tally {
        let none = vec![0; names.len()];
        Tally { nan: none.clone(), infinite: none, warmups, names, samples: 0, rows: 0, strict }
    }

    /// Counts the cells of the next samples, or of the next rows of one; whether they end them.
    ///
    /// # Errors
    ///
    /// Where all must be numbers: the first cell beyond its column's warm-up that is none.
    pub fn push<O: Element>(&mut self, y: ArrayView3<'_, O>, ends: bool) -> anyhow::Result<()> {
        let (samples, steps, columns) = y.dim();
        let rows = y.as_slice().expect("blocks are in C order");
        if columns > 0 {
            for (index, rows) in rows.chunks(MANY * columns).enumerate() {
                self.look(rows, index * MANY, steps)?;
            }
        }
        match ends {
            true => (self.samples, self.rows) = (self.samples + samples, 0),
            false => self.rows += steps,
        }
        Ok(())
    }

    /// Leaves out samples whose counts are known.
    pub fn skip(&mut self, samples: usize) {
        self.samples += samples;
    }

    /// What a user should know of the cells of whole samples of `timesteps`: which columns hold no
    /// number, and how many others are no numbers where they should be.
    pub fn warnings(&self, timesteps: usize) -> Vec<String> {
        let cells = (self.samples * timesteps) as u64;
        let (mut empty, mut astray) = (Vec::new(), Vec::new());
        for (index, name) in self.names.iter().enumerate() {
            let warmup = (self.samples * self.warmups[index].min(timesteps)) as u64;
            let late = self.nan[index].saturating_sub(warmup);
            if self.nan[index] == cells && cells > 0 {
                empty.push(name.clone());
            } else if late + self.infinite[index] > 0 {
                astray.push((late + self.infinite[index], name));
            }
        }
        let mut warnings = Vec::new();
        let all = self.names.len();
        if !empty.is_empty() {
            let names = print::names(&empty);
            warnings.push(format!("no number in {} of {all} columns: {names}", empty.len()));
        }
        // The first of equals.
        if let Some((most, name)) = astray.iter().rev().max_by_key(|(count, _)| count) {
            warnings.push(format!(
                "NaN beyond the warm-up, or infinite values, in {} of {all} columns, most in `{name}`: \
                 {most} of {cells} cells",
                astray.len(),
            ));
        }
        warnings
    }

    /// Counts the cells of some rows, the first of which is the push's row `begin`.
    fn look<O: Element>(&mut self, rows: &[O], begin: usize, steps: usize) -> anyhow::Result<()> {
        let columns = self.names.len();
        let cells = rows.len().min(ROWS * columns);
        let [mut strays, mut infinite] = [vec![0_u32; cells], vec![0_u32; cells]];
        // Most rows hold numbers only, which is seen without regard to columns.
        for (index, rows) in rows.chunks(ROWS * columns).enumerate() {
            if numbers(rows) {
                continue;
            }
            count(rows, &mut strays, &mut infinite);
            if self.strict {
                for (row, cells) in rows.chunks_exact(columns).enumerate() {
                    let row = begin + index * ROWS + row;
                    let (sample, step) = (row / steps, row % steps);
                    self.check(self.samples + sample, self.rows + step, cells)?;
                }
            }
        }
        for (strays, infinite) in strays.chunks(columns).zip(infinite.chunks(columns)) {
            for (column, (strays, infinite)) in strays.iter().zip(infinite).enumerate() {
                self.nan[column] += u64::from(strays - infinite);
                self.infinite[column] += u64::from(*infinite);
            }
        }
        Ok(())
    }

    fn check<O: Element>(&self, sample: usize, timestep: usize, cells: &[O]) -> anyhow::Result<()> {
        for ((cell, name), warmup) in cells.iter().zip(&self.names).zip(&self.warmups) {
            let cell = cell.widen();
            let missing = cell.is_nan() && timestep < *warmup;
            if !cell.is_finite() && !missing {
                bail!(
                    "column `{name}` is {cell} at sample {sample}, timestep {timestep}; \
                     --require-finite allows NaN in the first {} only",
                    print::count(*warmup, "timestep"),
                );
            }
        }
        Ok(())
    }
}

/// Adds which cells of some rows are no numbers, and which of those are infinite. Compiles to a few
/// vector instructions whatever the number of columns, as whole rows of warm-up come here (measured:
/// cell by cell, a sixth of all of a build; row by row, a twentieth).
fn count<O: Element>(rows: &[O], strays: &mut [u32], infinite: &mut [u32]) {
    match O::DTYPE {
        Dtype::F32 => {
            count_by(cast_slice(rows), strays, infinite, f32::is_finite, f32::is_infinite)
        }
        Dtype::F64 => {
            count_by(cast_slice(rows), strays, infinite, f64::is_finite, f64::is_infinite)
        }
    }
}

fn count_by<X: Copy>(
    rows: &[X],
    strays: &mut [u32],
    infinite: &mut [u32],
    is_finite: impl Fn(X) -> bool,
    is_infinite: impl Fn(X) -> bool,
) {
    count_if(rows, strays, |x| !is_finite(x));
    // Warm-up is NaN.
    if any(rows, &is_infinite) {
        count_if(rows, infinite, is_infinite);
    }
}

fn count_if<X: Copy>(cells: &[X], counts: &mut [u32], is: impl Fn(X) -> bool) {
    for (count, cell) in counts.iter_mut().zip(cells) {
        *count += u32::from(is(*cell));
    }
}

fn any<X: Copy>(cells: &[X], is: impl Fn(X) -> bool) -> bool {
    cells.iter().fold(0, |found, cell| found | u32::from(is(*cell))) != 0
}

/// Whether all values are finite: one more in an exponent of ones alone goes over into the sign.
/// Compiles to a few vector instructions.
fn numbers<O: Element>(values: &[O]) -> bool {
    match O::DTYPE {
        Dtype::F32 => {
            let values: &[u32] = cast_slice(values);
            let over = |x: u32| (x & f32::INFINITY.to_bits()).wrapping_add(1 << 23);
            values.iter().fold(0, |found, x| found | over(*x)) >> 31 == 0
        }
        Dtype::F64 => {
            let values: &[u64] = cast_slice(values);
            let over = |x: u64| (x & f64::INFINITY.to_bits()).wrapping_add(1 << 52);
            values.iter().fold(0, |found, x| found | over(*x)) >> 63 == 0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array3, s};

    fn names() -> Vec<String> {
        ["a", "b"].map(str::to_owned).to_vec()
    }

    fn check<O: Element>() {
        let mut y = Array3::from_elem((5, 41, 2), O::round(1e30));
        for sample in 0..5 {
            for t in 0..3 {
                y[[sample, t, 1]] = O::round(f64::NAN);
            }
        }
        let mut tally = Tally::new(names(), vec![0, 3], true);
        tally.push(y.view(), true).unwrap();
        tally.push(y.view(), true).unwrap();
        assert_eq!((tally.nan.as_slice(), tally.infinite.as_slice()), (&[0, 30][..], &[0, 0][..]));

        y[[4, 40, 0]] = O::round(f64::NEG_INFINITY);
        let line = "column `a` is -inf at sample 14, timestep 40; \
                    --require-finite allows NaN in the first 0 timesteps only";
        assert_eq!(tally.push(y.view(), true).unwrap_err().to_string(), line);
        let mut lenient = Tally::new(names(), vec![0, 3], false);
        lenient.push(y.view(), true).unwrap();
        assert_eq!((lenient.nan, lenient.infinite), (vec![0, 15], vec![1, 0]));

        let mut y = Array3::from_elem((1, 7, 2), O::round(0.0));
        y[[0, 3, 1]] = O::round(f64::NAN);
        let start = "column `b` is NaN at sample 0, timestep 3";
        let error = Tally::new(names(), vec![0, 3], true).push(y.view(), true).unwrap_err();
        assert!(error.to_string().starts_with(start));
        let mut pieces = Tally::new(names(), vec![0, 3], true);
        pieces.push(y.slice(s![.., ..2, ..]), false).unwrap();
        let error = pieces.push(y.slice(s![.., 2.., ..]), true).unwrap_err();
        assert!(error.to_string().starts_with(start), "{error}");
    }

    /// Beyond the rows that are counted together.
    fn check_many<O: Element>() {
        let mut y = Array3::from_elem((1, MANY + 9, 1), O::round(1.0));
        for t in [0, 1, MANY - 1, MANY, MANY + 7] {
            y[[0, t, 0]] = O::round(f64::NAN);
        }
        y[[0, MANY + 8, 0]] = O::round(f64::INFINITY);
        let mut tally = Tally::new(vec!["a".to_owned()], vec![MANY + 8], false);
        tally.push(y.view(), true).unwrap();
        assert_eq!((tally.nan, tally.infinite), (vec![5], vec![1]));
        let mut strict = Tally::new(vec!["a".to_owned()], vec![MANY + 8], true);
        let error = strict.push(y.view(), true).unwrap_err().to_string();
        let start = format!("column `a` is inf at sample 0, timestep {};", MANY + 8);
        assert!(error.starts_with(&start), "{error}");
    }

    #[test]
    fn columns_without_numbers_are_told_from_those_with_some_missing() {
        let mut y = Array3::from_elem((4, 5, 4), 1.0_f32);
        y.slice_mut(s![.., ..2, 1]).fill(f32::NAN);
        y.slice_mut(s![.., .., 2]).fill(f32::NAN);
        let names = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        let warnings = |y: &Array3<f32>| {
            let mut tally = Tally::new(names.clone(), vec![0, 2, 9, 0], false);
            tally.push(y.view(), true).unwrap();
            tally.warnings(5)
        };
        let empty = "no number in 1 of 4 columns: c";
        assert_eq!(warnings(&y), [empty]);

        y[[2, 3, 1]] = f32::NAN;
        y[[3, 1, 3]] = f32::INFINITY;
        y[[3, 4, 3]] = f32::NAN;
        let astray = "NaN beyond the warm-up, or infinite values, in 2 of 4 columns, most in `d`: \
                      2 of 20 cells";
        assert_eq!(warnings(&y), [empty, astray]);
        assert!(warnings(&Array3::zeros((0, 5, 4))).is_empty());
    }

    #[test]
    fn what_is_no_number_is_counted() {
        check::<f32>();
        check::<f64>();
        check_many::<f32>();
        check_many::<f64>();
        let none = Array3::<f32>::zeros((3, 0, 2));
        Tally::new(names(), vec![0, 0], true).push(none.view(), true).unwrap();
        Tally::new(Vec::new(), Vec::new(), true)
            .push(Array3::<f32>::zeros((3, 2, 0)).view(), true)
            .unwrap();
    }
}
