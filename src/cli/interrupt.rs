//! Ctrl-C: the first one asks for an end, the second one is the end.

use std::sync::atomic::{AtomicU32, Ordering};

static TIMES: AtomicU32 = AtomicU32::new(0);

/// What a shell shows for a program ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Listens from now on.
pub(super) fn listen() {
    let heard = || {
        if TIMES.fetch_add(1, Ordering::Relaxed) > 0 {
            std::process::exit(INTERRUPTED);
        }
    };
    if let Err(error) = ctrlc::set_handler(heard) {
        log::warn!("Ctrl-C will end the program at once, without saving: {error}");
    }
}

/// Was an end asked for?
pub(super) fn asked() -> bool {
    TIMES.load(Ordering::Relaxed) > 0
}
