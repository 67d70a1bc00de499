//! `windrow plan`.

use serde::Serialize;
use windrow::Plan;

use super::arguments;
use super::memory::Budget;
use super::session::Session;
use super::{files, print};

/// A plan, and how files would go through it.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    plan: Plan,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory: Option<Budget>,
}

pub fn plan(session: &Session, arguments: &arguments::Plan) -> anyhow::Result<()> {
    let pipeline = files::read_pipeline(&arguments.pipeline)?;
    let (shape, dtype) = match &arguments.input {
        Some(input) => {
            let paths = std::slice::from_ref(input);
            let source = files::open_source(paths, arguments.cast, pipeline.input_columns())?;
            files::tell_joined(session, &source);
            let layout = source.layout();
            (Some(layout.shape), Some(layout.dtype))
        }
        None => (arguments.shape, arguments.dtype),
    };
    let plan = pipeline.plan(shape, dtype)?;
    let size = plan.size.as_ref();
    let engine = session.engine()?;
    let memory = size
        .map(|size| Budget::new(session.memory(), session.threads(), engine, size))
        .transpose()?;
    if session.json() {
        return print::json(&Shown { plan, memory });
    }
    let mut text = plan.to_string();
    if let (Some(Budget { cap, fit, transform, .. }), Some([_, timesteps, _])) = (memory, shape) {
        text.push_str(&format!(
            "memory    {} for the fit, {}; {} for the transform, {}; cap {}\n",
            print::size(fit.bytes),
            fit.text(timesteps),
            print::size(transform.bytes),
            transform.text(timesteps),
            print::size(cap),
        ));
    }
    print::results(&text)
}
