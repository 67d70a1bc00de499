//! Lagged copies of every feature, joined along the feature axis.

use ndarray::{Array3, ArrayView3, Axis, s};
use rayon::prelude::*;

use crate::batch::filled;
use crate::error::{Error, Line, Result};

/// Checks a list of lags: each at least 1.
///
/// # Errors
///
/// A lag of 0, which is the column itself, or below, which would read the future.
pub fn check(line: Line, lags: impl IntoIterator<Item = i64>) -> Result<Vec<usize>> {
    let check = |lag: i64| match lag {
        1.. => Ok(lag as usize),
        0 => Err(Error::value(
            line,
            "a lag",
            lag,
            "allowed: 1 and above (lag 0 is the column itself, which is kept anyway)",
        )),
        _ => Err(Error::value(
            line,
            "a lag",
            lag,
            "allowed: 1 and above (a negative lag would read the future)",
        )),
    };
    lags.into_iter().map(check).collect()
}

/// The lagged batches in the order of `lags`, then the batch itself, joined along the features.
///
/// `(samples, timesteps, features)` becomes `(samples, timesteps, features * (lags.len() + 1))`.
/// A timestep before the lag holds `fill`; a lag as long as the sample, or longer, is all fill.
/// Values are moved, not computed: every bit is kept. No lags give a copy.
///
/// ```
/// use ndarray::array;
/// let x = array![[[1, 2], [3, 4], [5, 6]]];
/// let y = windrow::frame::lag::concat(x.view(), &[1], 0)?;
/// assert_eq!(y, array![[[0, 0, 1, 2], [1, 2, 3, 4], [3, 4, 5, 6]]]);
/// # Ok::<(), windrow::Error>(())
/// ```
///
/// # Errors
///
/// A lag below 1; a result that no memory holds.
pub fn concat<T: Copy + Send + Sync>(
    x: ArrayView3<'_, T>,
    lags: &[i64],
    fill: T,
) -> Result<Array3<T>> {
    let lags = check(Line::NONE, lags.iter().copied())?;
    let (samples, timesteps, features) = x.dim();
    let width = features as u128 * (lags.len() as u128 + 1);
    let width = usize::try_from(width).unwrap_or(usize::MAX);
    let shape = [samples, timesteps, width];

    let mut y = filled("the lagged batch", shape, fill)?;
    y.axis_iter_mut(Axis(0)).into_par_iter().zip(x.axis_iter(Axis(0))).for_each(|(mut y, x)| {
        for (block, lag) in lags.iter().copied().chain([0]).enumerate() {
            let kept = timesteps.saturating_sub(lag);
            let columns = block * features..(block + 1) * features;
            y.slice_mut(s![timesteps - kept.., columns]).assign(&x.slice(s![..kept, ..]));
        }
    });
    Ok(y)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array3, ArrayView3, ShapeBuilder, array};

    use super::concat;

    #[test]
    fn blocks_stand_in_the_order_of_the_lags_and_the_batch_last() {
        let x = Array3::from_shape_vec((1, 4, 2), (1..=8).collect()).unwrap();
        let y = concat(x.view(), &[1, 2], 0).unwrap();
        let expected = array![[
            [0, 0, 0, 0, 1, 2],
            [1, 2, 0, 0, 3, 4],
            [3, 4, 1, 2, 5, 6],
            [5, 6, 3, 4, 7, 8]
        ]];
        assert_eq!(y, expected);
        let swapped = concat(x.view(), &[2, 1], 0).unwrap();
        assert_eq!(swapped.slice(ndarray::s![0, 3, ..]).to_vec(), [3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn edges_of_the_list_and_of_the_shape() {
        let x = Array3::from_shape_vec((1, 2, 1), vec![1.5_f32, -0.0]).unwrap();
        assert_eq!(concat(x.view(), &[], 0.0).unwrap(), x, "no lags: a copy");
        let all_fill = concat(x.view(), &[2, 9], 7.0).unwrap();
        assert_eq!(all_fill, array![[[7.0, 7.0, 1.5], [7.0, 7.0, -0.0]]]);
        let twice = concat(x.view(), &[1, 1], 0.0).unwrap();
        assert_eq!(twice, array![[[0.0, 0.0, 1.5], [1.5, 1.5, -0.0]]]);
        assert!(twice[[0, 1, 2]].is_sign_negative(), "bits are kept");
        assert_eq!(
            concat(Array3::<f32>::zeros((0, 4, 2)).view(), &[1], 0.0).unwrap().dim(),
            (0, 4, 4)
        );
        assert_eq!(
            concat(Array3::<f32>::zeros((3, 4, 0)).view(), &[1], 0.0).unwrap().dim(),
            (3, 4, 0)
        );
    }

    #[test]
    fn what_reads_the_future_or_fits_nowhere_is_refused_by_name() {
        let x = Array3::<f32>::zeros((1, 2, 1));
        let refused = |lags: &[i64]| concat(x.view(), lags, 0.0).unwrap_err().to_string();
        assert!(refused(&[1, 0]).starts_with("a lag is 0; allowed: 1 and above"));
        assert!(refused(&[-1]).contains("would read the future"));
        let wide =
            ArrayView3::from_shape((1 << 20, 1 << 15, 1 << 5).strides((0, 0, 0)), &[0.0_f32]);
        let error = concat(wide.unwrap(), &vec![1; 1 << 20], 0.0).unwrap_err().to_string();
        assert!(
            error.contains("the lagged batch needs 4611690416473899008 bytes, more than"),
            "{error}"
        );
    }
}
