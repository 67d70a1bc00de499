//! Arithmetic of two series.

use super::super::pointwise::pointwise;
use crate::kernel::Input::Series;

pointwise! {
    Add: 2, [a: Series("a"), b: Series("b")],
    "add", "Sum of Two Series", "y[t] = a[t] + b[t]", "textbook; TA-Lib ADD", Exact;
    a + b; a + b
}

pointwise! {
    Sub: 2, [a: Series("a"), b: Series("b")],
    "sub", "Difference of Two Series", "y[t] = a[t] - b[t]", "textbook; TA-Lib SUB", Exact;
    a - b; a - b
}

pointwise! {
    Mult: 2, [a: Series("a"), b: Series("b")],
    "mult", "Product of Two Series", "y[t] = a[t]·b[t]", "textbook; TA-Lib MULT", Exact;
    a * b; a * b
}

pointwise! {
    Div: 2, [a: Series("a"), b: Series("b")],
    "div", "Quotient of Two Series", "y[t] = a[t] / b[t]", "textbook; TA-Lib DIV", Exact;
    a / b; a / b
}
