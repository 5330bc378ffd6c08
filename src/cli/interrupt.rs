//! Ctrl-C: the first one asks for an end, the second one is the end.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

static FIRST: OnceLock<Instant> = OnceLock::new();

/// Signals that follow each other faster than fingers are one: `timeout` sends its signal twice.
const ONE_PRESS: Duration = Duration::from_millis(300);

/// What a shell shows for a program ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Listens from now on.
pub(super) fn listen() {
    let heard = || {
        if FIRST.get_or_init(Instant::now).elapsed() > ONE_PRESS {
            std::process::exit(INTERRUPTED);
        }
    };
    if let Err(error) = ctrlc::set_handler(heard) {
        log::warn!("Ctrl-C will end the program at once, without saving: {error}");
    }
}

/// Was an end asked for?
pub(super) fn asked() -> bool {
    FIRST.get().is_some()
}
