//! What stands around the middle.

pub mod doctor;
mod quality;
pub mod right;
pub mod slow;
pub mod stacks;
pub mod status;
pub mod top;

mod data;
mod explore;
mod findings;
mod training;

use eframe::egui::Response;

use super::command::Command;
use super::context::ViewContext;
use crate::spec::Edit;

/// Leaves the edit that a control asks for. While a hand is on it all its edits are one step for undo.
fn commit(ctx: &ViewContext<'_>, response: &Response, key: &str, edit: impl FnOnce() -> Edit) {
    if response.changed() {
        ctx.command(Command::EditMerged(edit(), merge_key(key)));
    }
    if response.drag_stopped() || response.lost_focus() {
        ctx.command(Command::SealEdits);
    }
}

/// A number for a control's name (FNV-1a).
fn merge_key(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
