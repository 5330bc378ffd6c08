//! The small parts that panels and views are made of.

pub mod button;
pub mod controls;
pub mod curves;
pub mod format;
pub mod latent_slider;
pub mod measures;
pub mod metric_plot;
pub mod number;
pub mod pictures;
pub mod place;
pub mod plot_scale;
pub mod revision;
pub mod rows;
