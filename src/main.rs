//! The program `windrow`: see `windrow --help`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
