//! `windrow plan`.

use super::arguments::Plan;
use super::session::Session;
use super::{files, print};

pub fn plan(session: &Session, arguments: &Plan) -> anyhow::Result<()> {
    let pipeline = files::read_pipeline(&arguments.pipeline)?;
    let (shape, dtype) = match &arguments.input {
        Some(input) => {
            let layout = files::layout(input, pipeline.input_columns())?;
            (Some(layout.shape), Some(layout.dtype))
        }
        None => (arguments.shape, arguments.dtype),
    };
    let plan = pipeline.plan(shape, dtype)?;
    match session.json() {
        true => print::json(&plan),
        false => print::results(&plan.to_string()),
    }
}
