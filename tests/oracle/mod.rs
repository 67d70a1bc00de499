//! The crate `ta-lib` 0.8.3 as an oracle: a function is found by the row's name in capitals, a
//! parameter by one of the row's names for it.
#![allow(dead_code)]

use ta_lib::Core;
use ta_lib::abstract_api::{
    FuncInfo, InputType, OptInputType, OutputType, get_func_handle, get_func_info,
};
use windrow::Row;
use windrow::indicators::{Input, Param, Value};

/// The row's function, if TA-Lib has it.
pub fn function(row: &Row) -> Option<&'static FuncInfo> {
    // `min_max` is MINMAX: the plain name is that of a scaler.
    let name = row.name.to_uppercase();
    let handle = get_func_handle(&name).or_else(|| get_func_handle(&name.replace('_', "")));
    handle.map(get_func_info)
}

/// The row's parameter for one of TA-Lib's, `optInFastK_Period` being `fastk_period`.
pub fn matching(row: &Row, name: &str) -> usize {
    let plain = |name: &str| name.replace('_', "").to_lowercase();
    let wanted = plain(name.trim_start_matches("optIn"));
    let named = |p: &Param| plain(p.name) == wanted || p.aliases.iter().any(|a| plain(a) == wanted);
    let found = row.params.iter().position(named);
    found.unwrap_or_else(|| panic!("{} has no name for {name}", row.name))
}

/// TA-Lib's outputs, NaN before they begin, and its lookback.
pub fn oracle(
    row: &Row,
    info: &FuncInfo,
    params: &[Value],
    inputs: &[Vec<f64>],
) -> (usize, Vec<Vec<f64>>) {
    let (core, n) = (Core::new(), inputs[0].len());
    let mut outputs = vec![vec![f64::NAN; n]; info.outputs.len()];
    let mut call = info.id.new_call(&core);
    let mut next = 0;
    for (slot, input) in info.inputs.iter().enumerate() {
        if input.kind == InputType::Real {
            call.set_input(slot, &inputs[next]).unwrap();
            next += 1;
            continue;
        }
        let roles = [Input::Open, Input::High, Input::Low, Input::Close, Input::Volume];
        let mut prices = [None; 6];
        for (i, role) in roles.into_iter().enumerate() {
            if input.flags.0 & (1 << i) != 0 {
                assert_eq!(row.inputs[next], role, "{}: its prices in TA-Lib's order", row.name);
                prices[i] = Some(&inputs[next][..]);
                next += 1;
            }
        }
        let [open, high, low, close, volume, interest] = prices;
        call.set_price_input(slot, open, high, low, close, volume, interest).unwrap();
    }
    assert_eq!(next, row.inputs.len(), "{}: inputs", row.name);
    for (i, optional) in info.opt_inputs.iter().enumerate() {
        let value = params[matching(row, optional.param_name)].real();
        match optional.kind {
            OptInputType::RealRange { .. } | OptInputType::RealList { .. } => {
                call.set_opt_input(i, value).unwrap();
            }
            _ => {
                call.set_opt_input(i, value as i32).unwrap();
            }
        }
    }
    // Whole numbers come as such.
    let mut whole = vec![vec![0; n]; info.outputs.len()];
    let mut slots: Vec<_> = outputs.iter_mut().zip(&mut whole).enumerate().collect();
    for (i, (output, whole)) in &mut slots {
        match info.outputs[*i].kind {
            OutputType::Integer => call.set_int_output(*i, whole).unwrap(),
            OutputType::Real => call.set_output(*i, output).unwrap(),
        };
    }
    let lookback = call.lookback().unwrap();
    let range = call.call(0, n - 1).unwrap();
    for (i, (output, whole)) in slots {
        if info.outputs[i].kind == OutputType::Integer {
            *output = whole.iter().map(|x| f64::from(*x)).collect();
        }
    }
    for output in &mut outputs {
        let values = output[..range.count].to_vec();
        output.fill(f64::NAN);
        if !values.is_empty() {
            output[range.beg_idx..][..values.len()].copy_from_slice(&values);
        }
    }
    (lookback, outputs)
}

/// Whether the answer of a pattern hangs on the rounding of the sums that it compares with: TA-Lib
/// gives the other answer too, to the same bars, where they are all that it sees, or quoted in
/// another unit. Which price is higher is the same in every unit.
pub fn decided_by_rounding(
    row: &Row,
    info: &FuncInfo,
    params: &[Value],
    inputs: &[Vec<f64>],
    t: usize,
    answer: f64,
) -> bool {
    let window = t - row.lookback(params)..=t;
    let quoted = |unit: f64| -> Vec<Vec<f64>> {
        inputs.iter().map(|x| x[window.clone()].iter().map(|x| x * unit).collect()).collect()
    };
    info.group.as_str() == "Pattern Recognition"
        && (0..60).any(|k| {
            let (_, outputs) = oracle(row, info, params, &quoted(1.0 + 0.037 * f64::from(k)));
            outputs[0].last() == Some(&answer)
        })
}
