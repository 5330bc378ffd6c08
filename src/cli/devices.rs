//! `ganvas devices`: what there is to train on.

use super::console;
use super::error::Failure;
use crate::device::{self, DeviceChoice, DeviceInfo};

/// Lists the devices by name and kind, best first, and marks the one that is taken by itself.
pub(super) fn run() -> Result<(), Failure> {
    let automatic = device::resolve(&DeviceChoice::Auto)?;
    for line in lines(device::list(), &automatic) {
        console::print(&line);
    }
    Ok(())
}

fn lines(devices: &[DeviceInfo], automatic: &DeviceInfo) -> Vec<String> {
    let width = devices.iter().map(|device| device.name.chars().count()).max().unwrap_or(0);
    let line = |device: &DeviceInfo| {
        let api = device.api.map(|api| format!(", {api:?}")).unwrap_or_default();
        let mark = if device == automatic { "  (auto)" } else { "" };
        format!("{:width$}  {}{api}{mark}", device.name, device.kind.name())
    };
    devices.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_device_is_marked() {
        let automatic = device::resolve(&DeviceChoice::Auto).unwrap();
        let lines = lines(device::list(), &automatic);
        let marked: Vec<&String> = lines.iter().filter(|line| line.ends_with("(auto)")).collect();
        assert_eq!(marked.len(), 1, "{lines:?}");
        assert!(marked[0].starts_with(&automatic.name));
        assert!(lines.iter().any(|line| line.starts_with("CPU") && line.contains("processor")));
    }
}
