//! Did the system fail to show a file dialog? It says so in the log alone: to the caller it looks as if the person had cancelled.

use std::sync::atomic::{AtomicU64, Ordering};

use log::{Level, Metadata};

static COUNT: AtomicU64 = AtomicU64::new(0);

/// Counts failures from now on.
pub fn watch() {
    crate::logging::watch(count);
}

/// How many dialogs could not be shown since then.
pub fn so_far() -> u64 {
    COUNT.load(Ordering::Relaxed)
}

/// Where there is another way to show a dialog, a failure of the first is no failure yet.
fn count(metadata: &Metadata<'_>) {
    let target = metadata.target();
    let has_another_way = target.ends_with("::portal") || target.contains("::portal::");
    if metadata.level() == Level::Error && (target == "rfd" || target.starts_with("rfd::")) && !has_another_way {
        COUNT.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_way_to_show_a_dialog_counts() {
        let said = |target: &str, level: Level| count(&Metadata::builder().target(target).level(level).build());
        let before = so_far();
        said("rfd::backend::xdg_desktop_portal::portal::libdbus", Level::Error);
        said("rfd::backend::xdg_desktop_portal", Level::Error);
        said("rfd::backend::xdg_desktop_portal", Level::Warn);
        said("rfdish", Level::Error);
        said("wgpu_core", Level::Error);
        assert_eq!(so_far() - before, 1);
    }
}
