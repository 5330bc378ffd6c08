//! Where log lines go: warnings and errors to the terminal. Libraries under the window report some failures nowhere else, so those are counted.

use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use log::{Level, LevelFilter, Log, Metadata, Record};

/// The variable that sets how much is printed: `off`, `error`, `warn` (as without it), `info`, `debug` or `trace`.
pub const LEVEL_VARIABLE: &str = "GANVAS_LOG";

static DIALOG_FAILURES: AtomicU64 = AtomicU64::new(0);

struct Terminal {
    level: LevelFilter,
}

impl Log for Terminal {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= self.level || is_dialog_failure(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if is_dialog_failure(record.metadata()) {
            DIALOG_FAILURES.fetch_add(1, Ordering::Relaxed);
        }
        if record.level() <= self.level {
            // A terminal that has gone away is no reason to end.
            let _ = writeln!(std::io::stderr(), "{}: {}: {}", record.level().as_str().to_lowercase(), record.target(), record.args());
        }
    }

    fn flush(&self) {}
}

/// File dialogs say that they failed in the log alone: to the caller it looks as if the person had cancelled. Where there is another
/// way to show one, a failure of the first is no failure yet.
fn is_dialog_failure(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let has_another_way = target.ends_with("::portal") || target.contains("::portal::");
    metadata.level() == Level::Error && (target == "rfd" || target.starts_with("rfd::")) && !has_another_way
}

/// Takes in log lines from now on. Further calls change nothing.
pub fn init() {
    let level = std::env::var(LEVEL_VARIABLE).ok().and_then(|text| text.parse().ok()).unwrap_or(LevelFilter::Warn);
    // An error means that a logger is there already, which is all that is asked for.
    if log::set_boxed_logger(Box::new(Terminal { level })).is_ok() {
        log::set_max_level(level.max(LevelFilter::Error));
    }
}

/// How many times a file dialog could not be shown since the program began.
pub fn dialog_failures() -> u64 {
    DIALOG_FAILURES.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_error(logger: &Terminal, target: &str, level: Level) {
        logger.log(&Record::builder().level(level).target(target).args(format_args!("a test line")).build());
    }

    #[test]
    fn only_errors_of_dialogs_are_counted() {
        let logger = Terminal { level: LevelFilter::Off };
        let before = dialog_failures();
        log_error(&logger, "rfd::backend::xdg_desktop_portal::portal::libdbus", Level::Error);
        log_error(&logger, "rfd::backend::xdg_desktop_portal", Level::Error);
        log_error(&logger, "rfd::backend::xdg_desktop_portal", Level::Warn);
        log_error(&logger, "rfdish", Level::Error);
        log_error(&logger, "wgpu_core", Level::Error);
        assert_eq!(dialog_failures() - before, 1);
    }
}
