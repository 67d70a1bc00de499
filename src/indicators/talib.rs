//! What TA-Lib says of how long a recursive function takes to forget the start of its series, from
//! the tables of the crate `ta-lib`.

use ta_lib::abstract_api::{FUNCS, FuncInfo, OptInputType};
use ta_lib::{Core, FuncUnstId};

use crate::error::Line;
use crate::kernel::{Row, Value};

/// After how many more bars than the warm-up has the first 4, and the first 8, digits no longer
/// depend on where the series starts, by TA-Lib's rules; `None` for a row that TA-Lib does not have.
pub(super) fn settling(row: &Row, params: &[Value]) -> Option<[usize; 2]> {
    // `min_max`, whose plain name is that of a scaler, never depends on it.
    let info = FUNCS.iter().find(|info| info.name.to_lowercase() == row.name)?;
    // By the names of TA-Lib's Python wrapper: `timeperiod` for `optInTimePeriod`.
    let python = |name: &str| name.trim_start_matches("optIn").to_lowercase();
    let of = |name: &str| row.param(Line::NONE, &python(name)).ok();
    let params: Vec<Value> = info
        .opt_inputs
        .iter()
        .map(|theirs| of(theirs.param_name).map(|index| params[index]))
        .collect::<Option<_>>()?;
    let warmup = lookback(info, &params, 0);
    let levels = [Core::UNSTABLE_AUTO_PREC_4, Core::UNSTABLE_AUTO_PREC_8];
    Some(levels.map(|level| lookback(info, &params, level) - warmup))
}

/// The warm-up when everything that converges is given that many bars more, or TA-Lib's level.
fn lookback(info: &FuncInfo, params: &[Value], unstable: u32) -> usize {
    let core = Core::builder().unstable_period(FuncUnstId::ALL, unstable).build();
    let core = core.expect("a count, or a level of TA-Lib's own");
    let mut call = info.id.new_call(&core);
    for (index, (theirs, value)) in info.opt_inputs.iter().zip(params).enumerate() {
        let set = match theirs.kind {
            OptInputType::RealRange { .. } | OptInputType::RealList { .. } => {
                call.set_opt_input(index, value.real())
            }
            _ => call.set_opt_input(index, value.real() as i32),
        };
        set.expect("of its own kind");
    }
    call.lookback().expect("checked when the step was made")
}
