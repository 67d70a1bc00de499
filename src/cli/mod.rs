//! The program: arguments in, library calls, results on stdout, everything else on stderr.

mod arguments;
mod bench;
mod build;
mod demo;
mod destination;
mod files;
mod indicators;
mod inspect;
mod inverse;
mod memory;
mod partial;
mod parts;
mod plan;
mod print;
mod progress;
mod provenance;
mod session;
mod shards;
mod signals;
mod stream;
mod summary;
mod tally;
mod weights;

use std::fmt;
use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use session::Session;

/// Runs the program: 0 done, 1 the work failed, 2 the command was wrong.
pub fn main() -> ExitCode {
    let Arguments { command, global } = Arguments::parse();
    match Session::new(global).and_then(|session| run(&session, command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print::message(&format!("windrow: {}", print::one_line(&error.to_string())));
            ExitCode::from(if error.is::<Usage>() { 2 } else { 1 })
        }
    }
}

fn run(session: &Session, command: Command) -> anyhow::Result<()> {
    session.install(|| match command {
        Command::Build(arguments) => build::build(session, &arguments),
        Command::Fit(arguments) if arguments.partial => partial::fit(session, &arguments),
        Command::Fit(arguments) => build::fit(session, &arguments),
        Command::MergeFit(arguments) => partial::merge(session, &arguments),
        Command::Transform(arguments) => build::transform(session, &arguments),
        Command::Inverse(arguments) => inverse::inverse(session, &arguments),
        Command::Plan(arguments) => plan::plan(session, &arguments),
        Command::Inspect(arguments) => inspect::inspect(session, &arguments),
        Command::Indicators(arguments) => indicators::indicators(session, &arguments),
        Command::Bench(arguments) => bench::bench(session, &arguments),
        Command::Demo(arguments) => demo::demo(session, &arguments),
    })
}

/// The command itself is wrong, whatever its files hold.
#[derive(Debug)]
struct Usage(String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}
