//! The program `ganvas`: the window, and the command line.

fn main() -> std::process::ExitCode {
    ganvas::cli::run()
}
