//! Where log lines go: warnings and errors to the terminal.

use std::io::Write as _;
use std::sync::OnceLock;

use log::{Level, LevelFilter, Log, Metadata, Record};

/// The variable that sets how much is printed: `off`, `error`, `warn` (as without it), `info`, `debug` or `trace`.
pub const LEVEL_VARIABLE: &str = "GANVAS_LOG";

/// Looks at every error, whatever is printed. Some libraries say in the log alone that they failed.
static WATCHER: OnceLock<fn(&Metadata<'_>)> = OnceLock::new();

struct Terminal {
    level: LevelFilter,
}

impl Log for Terminal {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= self.level || metadata.level() == Level::Error
    }

    fn log(&self, record: &Record<'_>) {
        if let (Level::Error, Some(watcher)) = (record.level(), WATCHER.get()) {
            watcher(record.metadata());
        }
        if record.level() <= self.level {
            // A terminal that has gone away is no reason to end.
            let _ = writeln!(std::io::stderr(), "{}: {}: {}", record.level().as_str().to_lowercase(), record.target(), record.args());
        }
    }

    fn flush(&self) {}
}

/// Takes in log lines from now on. Further calls change nothing.
pub fn init() {
    let level = std::env::var(LEVEL_VARIABLE).ok().and_then(|text| text.parse().ok()).unwrap_or(LevelFilter::Warn);
    // An error means that a logger is there already, which is all that is asked for.
    if log::set_boxed_logger(Box::new(Terminal { level })).is_ok() {
        log::set_max_level(level.max(LevelFilter::Error));
    }
}

/// Shows every error from now on to `watcher`, too. The first call counts.
pub fn watch(watcher: fn(&Metadata<'_>)) {
    let _ = WATCHER.set(watcher);
}
