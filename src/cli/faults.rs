//! What is said when the program itself is at fault.

use super::console;

/// Says one sentence for a panic, in place of the backtrace that means nothing to a user. `RUST_BACKTRACE=1` brings the backtrace.
pub(super) fn install_hook() {
    if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
        return;
    }
    std::panic::set_hook(Box::new(|info| {
        let text = info.payload_as_str().unwrap_or("without words").replace('\n', " ");
        let place = info.location().map(|place| format!(" at {}:{}", place.file(), place.line())).unwrap_or_default();
        console::say(&format!(
            "ganvas: a fault in the program itself ({text}{place}); please report it together with the output of `ganvas --version`"
        ));
    }));
}
