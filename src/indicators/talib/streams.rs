//! TA-Lib's streams: every function has one, of its own type.

use std::sync::LazyLock;

use ta_lib::abstract_api::FuncId;
use ta_lib::{Core, MAType, RetCode};

use crate::kernel::Value;

/// One series of a function, past its first value.
pub trait Stream: Send {
    /// Takes bars to the end of the planes, or to the first that is not finite; says how many.
    fn advance(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], part: &Part) -> usize;
}

/// Which values of a plane are a series: from `start` on, `stride` apart.
pub struct Part {
    pub start: usize,
    pub stride: usize,
}

/// A stream and its value at the last of the bars that it was opened on.
type Opened = (Box<dyn Stream>, Vec<f64>);

struct Typed<S, U, const I: usize, const O: usize> {
    stream: S,
    update: U,
}

impl<S: Send, U, const I: usize, const O: usize> Stream for Typed<S, U, I, O>
where
    U: Fn(&mut S, [f64; I]) -> Result<[f64; O], RetCode> + Send,
{
    fn advance(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], part: &Part) -> usize {
        let inputs: &[&[f64]; I] = inputs.try_into().expect("a plane an input");
        let outputs: &mut [&mut [f64]; O] = outputs.try_into().expect("a plane an output");
        let mut taken = 0;
        for at in (part.start..inputs[0].len()).step_by(part.stride) {
            let mut x = [0.0; I];
            for i in 0..I {
                x[i] = inputs[i][at];
            }
            let Ok(y) = (self.update)(&mut self.stream, x) else { break };
            for o in 0..O {
                outputs[o][at] = y[o];
            }
            taken += 1;
        }
        taken
    }
}

fn opened<S, U, const I: usize, const O: usize>(stream: S, first: [f64; O], update: U) -> Opened
where
    S: Send + 'static,
    U: Fn(&mut S, [f64; I]) -> Result<[f64; O], RetCode> + Send + 'static,
{
    (Box::new(Typed { stream, update }), first.to_vec())
}

/// What a function takes as a parameter.
trait Argument {
    fn from(value: Value) -> Self;
}

impl Argument for i32 {
    fn from(value: Value) -> Self {
        value.real() as i32
    }
}

impl Argument for f64 {
    fn from(value: Value) -> Self {
        value.real()
    }
}

impl Argument for MAType {
    fn from(value: Value) -> Self {
        MAType::try_from(value.real() as i32).expect("one of the options")
    }
}

fn argument<T: Argument>(value: Value) -> T {
    T::from(value)
}

/// What a stream gives for a bar: a number, or several.
trait Values<const O: usize> {
    fn values(self) -> [f64; O];
}

impl Values<1> for f64 {
    fn values(self) -> [f64; 1] {
        [self]
    }
}

impl Values<1> for i32 {
    fn values(self) -> [f64; 1] {
        [self.into()]
    }
}

impl<A: Into<f64>, B: Into<f64>> Values<2> for (A, B) {
    fn values(self) -> [f64; 2] {
        [self.0.into(), self.1.into()]
    }
}

impl<A: Into<f64>, B: Into<f64>, C: Into<f64>> Values<3> for (A, B, C) {
    fn values(self) -> [f64; 3] {
        [self.0.into(), self.1.into(), self.2.into()]
    }
}

impl<A: Into<f64>, B: Into<f64>, C: Into<f64>, D: Into<f64>> Values<4> for (A, B, C, D) {
    fn values(self) -> [f64; 4] {
        [self.0.into(), self.1.into(), self.2.into(), self.3.into()]
    }
}

static CORE: LazyLock<Core> = LazyLock::new(Core::new);

/// One match over functions, listed by their numbers of inputs and parameters: all that the names
/// of TA-Lib's methods leave open. The compiler knows the rest, and refuses a wrong number.
macro_rules! streams {
    ($($inputs:tt $params:tt $($name:ident)+;)+) => {
        /// Opens a stream on one bar more than the warm-up has.
        ///
        /// `None` if TA-Lib refuses, as it does for parameters that do not go together.
        pub fn open(id: FuncId, params: &[Value], bars: &[Vec<f64>]) -> Option<Opened> {
            match id {
                $($(FuncId::$name => stream!($name $inputs $params params bars),)+)+
                _ => unreachable!("TA-Lib 0.8.3 has no other"),
            }
        }
    };
}

macro_rules! stream {
    ($name:ident [$($x:ident)+] [$($p:literal)*] $params:ident $bars:ident) => { pastey::paste! {{
        let [$($x),+] = $bars else { unreachable!("as many as the row has inputs") };
        let result = CORE.[<$name:lower _open>]($($x,)+ $(argument($params[$p])),*);
        let (stream, first) = result.ok()?;
        Some(opened(stream, first.values(), |stream, [$($x),+]| {
            Ok(stream.update($($x),+)?.values())
        }))
    }}};
}

streams! {
    [a] []
        ACOS ASIN ATAN CEIL COS COSH CUMSUM EXP FLOOR HT_DCPERIOD HT_DCPHASE HT_PHASOR HT_SINE
        HT_TRENDLINE HT_TRENDMODE LN LOG10 SIN SINH SQRT TAN TANH;
    [a] [0]
        AVGDEV CG CMO CMOU CTI DEMA DPO EMA ER FOSC HMA KAMA KURTOSIS LINEARREG LINEARREG_ANGLE
        LINEARREG_INTERCEPT LINEARREG_SLOPE MACDFIX MAX MAXINDEX MCGD MEDIAN MIDPOINT MIN
        MININDEX MINMAX MINMAXINDEX MOM PERCENTRANK RMA ROC ROCP ROCR ROCR100 RSI RVOL SMA SUM
        SWAK_2PHP SWAK_BUTTER SWAK_GAUSS SWAK_HP TEMA TRIMA TRIX TSF VHF WMA ZLEMA;
    [a] [0 1]
        MA MAMA PERCENTILE RVI STDDEV SWAK_BP T3 TSI VAR VIDYA;
    [a] [0 1 2]
        ALMA APO COPPOCK CRSI MACD PPO PVO STC;
    [a] [0 1 2 3]
        BBANDS BBW DOSC PERCENTB STOCHRSI;
    [a] [0 1 2 3 4 5]
        MACDEXT;
    [a] [0 1 2 3 4 5 6 7 8]
        KST;
    [a] [0 1 2 3 4 5 6 7 8 9 10]
        KSTEXT;
    [a b] []
        ADD DIV MEDPRICE MULT NVI OBV PVI PVT SUB;
    [a b] [0]
        ADR AROON AROONOSC BETA CORREL DONCHIAN EFI FISHER FRAMA IMI MIDPRICE MINUS_DM PLUS_DM
        QSTICK VWMA;
    [a b] [0 1]
        AO CVI FRACTAL MASSI RVIR SAR ZIGZAG;
    [a b] [0 1 2]
        AC ICHIMOKU MAVP;
    [a b] [0 1 2 3 4 5 6 7]
        SAREXT;
    [a b c] []
        IBS MARKETFI TRANGE TYPPRICE WAD WCLPRICE;
    [a b c] [0]
        ACCBANDS ADX ADXR ATR CCI CHOP CHOPTR DX ERI MINUS_DI NATR PLUS_DI VORTEX WILLR;
    [a b c] [0 1]
        EMV PSO SUPERTREND;
    [a b c] [0 1 2]
        CKSP KC STOCHF ULTOSC WAVETREND;
    [a b c] [0 1 2 3]
        SMI;
    [a b c] [0 1 2 3 4]
        KDJ STOCH;
    [a b c] [0 1 2 3 4 5]
        SQZMOM;
    [a b c d] []
        AD AVGPRICE BOP CDL2CROWS CDL3BLACKCROWS CDL3INSIDE CDL3LINESTRIKE CDL3OUTSIDE
        CDL3STARSINSOUTH CDL3WHITESOLDIERS CDLADVANCEBLOCK CDLBELTHOLD CDLBREAKAWAY
        CDLCLOSINGMARUBOZU CDLCONCEALBABYSWALL CDLCOUNTERATTACK CDLDOJI CDLDOJISTAR
        CDLDRAGONFLYDOJI CDLENGULFING CDLGAPSIDESIDEWHITE CDLGRAVESTONEDOJI CDLHAMMER
        CDLHANGINGMAN CDLHARAMI CDLHARAMICROSS CDLHIGHWAVE CDLHIKKAKE CDLHIKKAKEMOD
        CDLHOMINGPIGEON CDLIDENTICAL3CROWS CDLINNECK CDLINVERTEDHAMMER CDLKICKING
        CDLKICKINGBYLENGTH CDLLADDERBOTTOM CDLLONGLEGGEDDOJI CDLLONGLINE CDLMARUBOZU
        CDLMATCHINGLOW CDLONNECK CDLPIERCING CDLRICKSHAWMAN CDLRISEFALL3METHODS
        CDLSEPARATINGLINES CDLSHOOTINGSTAR CDLSHORTLINE CDLSPINNINGTOP CDLSTALLEDPATTERN
        CDLSTICKSANDWICH CDLTAKURI CDLTASUKIGAP CDLTHRUSTING CDLTRISTAR CDLUNIQUE3RIVER
        CDLUPSIDEGAP2CROWS CDLXSIDEGAP3METHODS HA VWAP;
    [a b c d] [0]
        ASI CDLABANDONEDBABY CDLDARKCLOUDCOVER CDLEVENINGDOJISTAR CDLEVENINGSTAR CDLMATHOLD
        CDLMORNINGDOJISTAR CDLMORNINGSTAR CMF MFI SI;
    [a b c d] [0 1]
        ADOSC ROGERSSATCHELL;
    [a b c d] [0 1 2]
        KVO;
}
