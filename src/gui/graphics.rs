//! The window's own graphics device, which is not the one that trains.

use std::sync::Arc;

use eframe::egui_wgpu::RenderState;

/// Makes faults of the window's graphics device words in the log: left alone, they would end the program where it stands, and training,
/// which runs on a device of its own, with it.
pub fn guard(render_state: &RenderState) {
    render_state.device.on_uncaptured_error(Arc::new(|error: eframe::wgpu::Error| {
        log::error!("the graphics driver refused a part of the window ({error}); if something looks wrong, save and restart the program");
    }));
    render_state.device.set_device_lost_callback(|reason, message| {
        // Closing the window gives its device back, too.
        if reason != eframe::wgpu::DeviceLostReason::Destroyed {
            log::error!("the graphics driver gave the window up ({message}); save with Ctrl+S and restart the program");
        }
    });
}
