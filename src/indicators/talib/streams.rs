//! TA-Lib's streams, each of its own type, of the functions without a kernel: one number a bar.

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

impl Argument for MAType {
    fn from(value: Value) -> Self {
        MAType::try_from(value.real() as i32).expect("one of the options")
    }
}

fn argument<T: Argument>(value: Value) -> T {
    T::from(value)
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
                _ => unreachable!("a kernel has the others"),
            }
        }
    };
}

macro_rules! stream {
    ($name:ident [$($x:ident)+] [$($p:literal)*] $params:ident $bars:ident) => { pastey::paste! {{
        let [$($x),+] = $bars else { unreachable!("as many as the row has inputs") };
        let result = CORE.[<$name:lower _open>]($($x,)+ $(argument($params[$p])),*);
        let (stream, first) = result.ok()?;
        Some(opened(stream, [first], |stream, [$($x),+]| {
            Ok([stream.update($($x),+)?])
        }))
    }}};
}

streams! {
    [a b] [0 1 2]
        MAVP;
}
