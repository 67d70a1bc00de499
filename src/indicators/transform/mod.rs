//! Functions of one series, value by value.

use super::Group;
use super::pointwise::pointwise;
use crate::kernel::Input::Series;
use crate::kernel::row;
use crate::simd::functions;

pointwise! {
    Acos: 1, [x: Series("x")],
    "acos", "Arc Cosine", "y[t] = arccos(x[t])", "textbook; TA-Lib ACOS", Rounding;
    x.acos(); functions::acos(x)
}

pointwise! {
    Asin: 1, [x: Series("x")],
    "asin", "Arc Sine", "y[t] = arcsin(x[t])", "textbook; TA-Lib ASIN", Rounding;
    x.asin(); functions::asin(x)
}

pointwise! {
    Atan: 1, [x: Series("x")],
    "atan", "Arc Tangent", "y[t] = arctan(x[t])", "textbook; TA-Lib ATAN", Rounding;
    x.atan(); functions::atan(x)
}

pointwise! {
    Ceil: 1, [x: Series("x")],
    "ceil", "Ceiling", "y[t] = the smallest whole number not below x[t]", "textbook; TA-Lib CEIL", Exact;
    x.ceil(); functions::ceil(x)
}

pointwise! {
    Cos: 1, [x: Series("x")],
    "cos", "Cosine", "y[t] = cos(x[t])", "textbook; TA-Lib COS", Rounding;
    x.cos(); functions::cos(x)
}

pointwise! {
    Cosh: 1, [x: Series("x")],
    "cosh", "Hyperbolic Cosine", "y[t] = cosh(x[t])", "textbook; TA-Lib COSH", Rounding;
    x.cosh(); functions::cosh(x)
}

pointwise! {
    Exp: 1, [x: Series("x")],
    "exp", "Exponential", "y[t] = exp(x[t])", "textbook; TA-Lib EXP", Rounding;
    x.exp(); functions::exp(x)
}

pointwise! {
    Floor: 1, [x: Series("x")],
    "floor", "Floor", "y[t] = the largest whole number not above x[t]", "textbook; TA-Lib FLOOR", Exact;
    x.floor(); functions::floor(x)
}

pointwise! {
    Ln: 1, [x: Series("x")],
    "ln", "Natural Logarithm", "y[t] = ln(x[t])", "textbook; TA-Lib LN", Rounding;
    x.ln(); functions::ln(x)
}

pointwise! {
    Log10: 1, [x: Series("x")],
    "log10", "Logarithm to Base 10", "y[t] = log10(x[t])", "textbook; TA-Lib LOG10", Rounding;
    x.log10(); functions::log10(x)
}

pointwise! {
    Sin: 1, [x: Series("x")],
    "sin", "Sine", "y[t] = sin(x[t])", "textbook; TA-Lib SIN", Rounding;
    x.sin(); functions::sin(x)
}

pointwise! {
    Sinh: 1, [x: Series("x")],
    "sinh", "Hyperbolic Sine", "y[t] = sinh(x[t])", "textbook; TA-Lib SINH", Rounding;
    x.sinh(); functions::sinh(x)
}

pointwise! {
    Sqrt: 1, [x: Series("x")],
    "sqrt", "Square Root", "y[t] = sqrt(x[t])", "textbook; TA-Lib SQRT", Exact;
    x.sqrt(); x.sqrt()
}

pointwise! {
    Tan: 1, [x: Series("x")],
    "tan", "Tangent", "y[t] = tan(x[t])", "textbook; TA-Lib TAN", Rounding;
    x.tan(); functions::tan(x)
}

pointwise! {
    Tanh: 1, [x: Series("x")],
    "tanh", "Hyperbolic Tangent", "y[t] = tanh(x[t])", "textbook; TA-Lib TANH", Rounding;
    x.tanh(); functions::tanh(x)
}

pub(super) const GROUP: Group = Group {
    name: "Math Transform",
    rows: &[
        row::<Acos, _, _, _>(),
        row::<Asin, _, _, _>(),
        row::<Atan, _, _, _>(),
        row::<Ceil, _, _, _>(),
        row::<Cos, _, _, _>(),
        row::<Cosh, _, _, _>(),
        row::<Exp, _, _, _>(),
        row::<Floor, _, _, _>(),
        row::<Ln, _, _, _>(),
        row::<Log10, _, _, _>(),
        row::<Sin, _, _, _>(),
        row::<Sinh, _, _, _>(),
        row::<Sqrt, _, _, _>(),
        row::<Tan, _, _, _>(),
        row::<Tanh, _, _, _>(),
    ],
};
