//! Parses arguments, then starts the window or a command.

fn main() {}
