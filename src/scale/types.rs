//! The scalers as types with options, to be fitted without a pipeline.

use ndarray::{ArrayView2, ArrayView3};

use super::fitted::FittedScaler;
use super::missing::Missing;
use super::power::Method;
use super::quantile::Distribution;
use super::scaler::{Constant, Scaler};
use crate::batch::Element;
use crate::error::{Error, Line, Result};

/// Scales every feature to mean 0 and standard deviation 1, over all samples and timesteps.
///
/// The standard deviation is that of the population, as in scikit-learn, unless `ddof` says
/// otherwise. A constant feature is only centred.
///
/// ```
/// use ndarray::array;
/// let x = array![[[1.0], [3.0]], [[5.0], [7.0]]];
/// let scaler = windrow::scale::StandardScaler::default().fit(x.view())?;
/// assert_eq!(scaler.transform(x.view())?[[1, 1, 0]], 3.0 / 5_f64.sqrt());
/// # Ok::<(), windrow::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct StandardScaler {
    /// Whether to subtract the mean.
    pub with_mean: bool,
    /// Whether to divide by the standard deviation.
    pub with_std: bool,
    /// By how much the divisor of the variance is less than the number of values.
    pub ddof: u64,
    /// Which features keep their unit.
    pub constant: Constant,
    /// What the fit does with NaN.
    pub nan: Missing,
}

impl Default for StandardScaler {
    fn default() -> Self {
        let (constant, nan) = (Constant::Equal, Missing::Error);
        StandardScaler { with_mean: true, with_std: true, ddof: 0, constant, nan }
    }
}

impl StandardScaler {
    /// Fits every feature of a batch.
    ///
    /// # Errors
    ///
    /// A value that is not finite, a batch with too few values.
    pub fn fit<E: Element>(self, x: ArrayView3<'_, E>) -> Result<FittedScaler> {
        FittedScaler::fit(self.scaler(), self.nan, &E::any(x))
    }

    /// Fits a batch whose cells count as often as weights say: (samples, 1) or (samples, timesteps).
    ///
    /// As [`Pipeline::fit_weighted`](crate::Pipeline::fit_weighted): a cell of weight 0 is left out,
    /// whatever it holds, sums are exact, and `ddof` is taken off the sum of the weights.
    ///
    /// ```
    /// use ndarray::array;
    /// let scaler = windrow::scale::StandardScaler { with_std: false, ..Default::default() };
    /// let x = array![[[1.0], [f64::NAN]], [[4.0], [5.0]]];
    /// let fitted = scaler.fit_weighted(x.view(), array![[1.0, 0.0], [0.5, 0.5]].view())?;
    /// assert_eq!(fitted.transform(x.view())?[[1, 1, 0]], 2.25);
    /// # Ok::<(), windrow::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A value that is not finite where the weight is not 0, weights of another shape, a weight that
    /// is neither 0 nor from 1e-30 to 1e30, a batch with too little weight.
    pub fn fit_weighted<E: Element>(
        self,
        x: ArrayView3<'_, E>,
        weights: ArrayView2<'_, f64>,
    ) -> Result<FittedScaler> {
        FittedScaler::fit_weighted(self.scaler(), self.nan, &E::any(x), weights)
    }

    fn scaler(self) -> Scaler {
        let StandardScaler { with_mean, with_std, ddof, constant, .. } = self;
        Scaler::Standardize { with_mean, with_std, ddof, constant }
    }
}

/// Scales every feature from its smallest and largest value to `low` and `high`.
#[derive(Debug, Clone, Copy)]
pub struct MinMaxScaler {
    /// What the smallest value becomes.
    pub low: f64,
    /// What the largest value becomes.
    pub high: f64,
    /// Whether values that the fit did not see stay within.
    pub clip: bool,
    /// What the fit does with NaN.
    pub nan: Missing,
}

impl Default for MinMaxScaler {
    fn default() -> Self {
        MinMaxScaler { low: 0.0, high: 1.0, clip: false, nan: Missing::Error }
    }
}

impl MinMaxScaler {
    /// Fits every feature of a batch.
    ///
    /// # Errors
    ///
    /// A low that is not below high, a value that is not finite, a batch without values, a range
    /// beyond f64.
    pub fn fit<E: Element>(self, x: ArrayView3<'_, E>) -> Result<FittedScaler> {
        let MinMaxScaler { low, high, clip, nan } = self;
        let scaler = Scaler::MinMax { low, high, clip };
        check(&scaler, "the range of `minmax`", [low, high], "allowed: a low below its high")?;
        FittedScaler::fit(scaler, nan, &E::any(x))
    }
}

/// Divides every feature by its largest absolute value; zeros stay zero.
///
/// ```
/// use ndarray::array;
/// let x = array![[[1.0], [-4.0]]];
/// let scaler = windrow::scale::MaxAbsScaler::default().fit(x.view())?;
/// assert_eq!(scaler.transform(x.view())?, array![[[0.25], [-1.0]]]);
/// # Ok::<(), windrow::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct MaxAbsScaler {
    /// Whether values that the fit did not see stay within -1 and 1.
    pub clip: bool,
    /// What the fit does with NaN.
    pub nan: Missing,
}

impl MaxAbsScaler {
    /// Fits every feature of a batch.
    ///
    /// # Errors
    ///
    /// A value that is not finite, a batch without values.
    pub fn fit<E: Element>(self, x: ArrayView3<'_, E>) -> Result<FittedScaler> {
        FittedScaler::fit(Scaler::MaxAbs { clip: self.clip }, self.nan, &E::any(x))
    }
}

/// Scales every feature to median 0 and a distance of 1 between two quantiles, which outliers do
/// not move.
///
/// Quantiles are exact unless `approximate` is set, between two values as NumPy's method `linear`;
/// memory does not grow with the batch.
///
/// ```
/// use ndarray::array;
/// let x = array![[[1.0], [2.0], [3.0], [4.0], [1e9]]];
/// let scaler = windrow::scale::RobustScaler::default().fit(x.view())?;
/// assert_eq!(scaler.transform(x.view())?[[0, 3, 0]], 0.5);
/// # Ok::<(), windrow::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct RobustScaler {
    /// The two quantiles, in percent.
    pub quantiles: [f64; 2],
    /// Whether to subtract the median.
    pub with_centering: bool,
    /// Whether to divide by the distance of the quantiles.
    pub with_scaling: bool,
    /// Whether a distance of 1 is that of the quantiles of the standard normal distribution, so that
    /// what is normal gets a deviation of 1.
    pub unit_variance: bool,
    /// Whether quantiles are found in one pass instead of up to four: each value that one stands at or
    /// between is within a 256th part of its size.
    pub approximate: bool,
    /// What the fit does with NaN.
    pub nan: Missing,
}

impl Default for RobustScaler {
    fn default() -> Self {
        RobustScaler {
            quantiles: [25.0, 75.0],
            with_centering: true,
            with_scaling: true,
            unit_variance: false,
            approximate: false,
            nan: Missing::Error,
        }
    }
}

impl RobustScaler {
    /// Fits every feature of a batch.
    ///
    /// # Errors
    ///
    /// Quantiles that are not two, in order, from 0 to 100, or, for `unit_variance`, between; a value
    /// that is not finite, a batch without values.
    pub fn fit<E: Element>(self, x: ArrayView3<'_, E>) -> Result<FittedScaler> {
        let RobustScaler { quantiles, with_centering, with_scaling, .. } = self;
        let RobustScaler { unit_variance, approximate, nan, .. } = self;
        let scaler =
            Scaler::Robust { quantiles, with_centering, with_scaling, unit_variance, approximate };
        let allowed = match unit_variance {
            true => "allowed: a low below its high, above 0 and below 100",
            false => "allowed: a low below its high, from 0 to 100",
        };
        check(&scaler, "the quantile range of `robust`", quantiles, allowed)?;
        FittedScaler::fit(scaler, nan, &E::any(x))
    }
}

/// Turns every value into the share of the fit's values below it, or into the number with that share
/// below it in the standard normal distribution.
///
/// Quantiles are of all values, whatever their number, and exact unless `approximate` is set; memory
/// does not grow with the batch.
/// The smallest value and what is below become 0, the largest and what is above 1 (to a normal
/// distribution, -5.2 and 5.2).
///
/// ```
/// use ndarray::array;
/// let x = array![[[1.0], [2.0], [4.0], [8.0], [1e9]]];
/// let scaler = windrow::scale::QuantileScaler::default().fit(x.view())?;
/// let unseen = array![[[-5.0], [2.0], [3.0], [2e9]]];
/// assert_eq!(scaler.transform(unseen.view())?, array![[[0.0], [0.25], [0.375], [1.0]]]);
/// # Ok::<(), windrow::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct QuantileScaler {
    /// Between how many quantiles shares are interpolated, from 2 to 10,000: no more than there are
    /// values.
    pub quantiles: u64,
    /// What the shares are distributed as.
    pub output: Distribution,
    /// Whether quantiles are found in one pass instead of several (seven of 1000, 13 of 10,000): each value that one stands at or
    /// between is within a 256th part of its size.
    pub approximate: bool,
    /// What the fit does with NaN.
    pub nan: Missing,
}

impl Default for QuantileScaler {
    fn default() -> Self {
        let (output, nan) = (Distribution::default(), Missing::default());
        QuantileScaler { quantiles: 1000, output, approximate: false, nan }
    }
}

impl QuantileScaler {
    /// Fits every feature of a batch.
    ///
    /// # Errors
    ///
    /// Another number of quantiles than allowed; a value that is not finite, a batch without values.
    pub fn fit<E: Element>(self, x: ArrayView3<'_, E>) -> Result<FittedScaler> {
        let QuantileScaler { quantiles, output, approximate, nan } = self;
        let scaler = Scaler::Quantile { quantiles, output, approximate };
        if !scaler.is_sound() {
            let subject = "the number of quantiles";
            return Err(Error::value(Line::NONE, subject, quantiles, "allowed: 2 to 10000"));
        }
        FittedScaler::fit(scaler, nan, &E::any(x))
    }
}

/// Raises every feature to the power that makes it as normal as it can be: the exponent of the
/// greatest likelihood.
///
/// ```
/// use ndarray::array;
/// let x = array![[[1.0], [10.0], [100.0], [1000.0]]];
/// let method = windrow::scale::Method::BoxCox;
/// let scaler = windrow::scale::PowerScaler { method, ..Default::default() }.fit(x.view())?;
/// // Logarithms, as good as: of even distances.
/// assert!((scaler.transform(x.view())?[[0, 2, 0]] - 0.2_f64.sqrt()).abs() < 1e-9);
/// # Ok::<(), windrow::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct PowerScaler {
    /// The family of powers.
    pub method: Method,
    /// Whether to scale the powers to mean 0 and standard deviation 1.
    pub standardize: bool,
    /// What the fit does with NaN.
    pub nan: Missing,
}

impl Default for PowerScaler {
    fn default() -> Self {
        PowerScaler { method: Method::default(), standardize: true, nan: Missing::default() }
    }
}

impl PowerScaler {
    /// Fits every feature of a batch.
    ///
    /// # Errors
    ///
    /// A value that is not finite or, for Box and Cox, not positive; a batch without values; a
    /// spread beyond f64.
    pub fn fit<E: Element>(self, x: ArrayView3<'_, E>) -> Result<FittedScaler> {
        let PowerScaler { method, standardize, nan } = self;
        FittedScaler::fit(Scaler::Power { method, standardize }, nan, &E::any(x))
    }
}

fn check(scaler: &Scaler, subject: &str, [low, high]: [f64; 2], allowed: &str) -> Result<()> {
    match scaler.is_sound() {
        true => Ok(()),
        false => Err(Error::value(Line::NONE, subject, format!("[{low}, {high}]"), allowed)),
    }
}
