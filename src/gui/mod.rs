//! The window: one of the two readers of the engine, and the only place that names egui.
//!
//! Panels and views read a [`context::ViewContext`] and push [`command::Command`]s; the app carries those out after the frame. Nothing
//! here changes a project except through `spec::Edit`.

pub mod command;
pub mod context;
pub mod panels;
pub mod run;
pub mod theme;
pub mod views;
pub mod widgets;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod look;
