//! Draws the middle and the right side without a display. `GANVAS_LOOK=folder cargo test --release --lib gui::look -- --nocapture` leaves
//! the pictures there to look at; without a graphics adapter, not even a software one, it says so and ends.

mod scenes;

use eframe::egui::{CentralPanel, Frame, Panel, Theme, Ui};
use egui_kittest::Harness;

use self::scenes::SCENES;
use super::fixtures::World;
use super::panels::right::RightPanel;
use super::theme::{self, SPACE};
use super::views::Centre;

/// The two parts and what they look at.
pub struct Window {
    pub world: World,
    pub centre: Centre,
    pub right: RightPanel,
}

impl Window {
    pub fn new(world: World) -> Self {
        Self { world, centre: Centre::default(), right: RightPanel::default() }
    }

    pub fn ui(&mut self, ui: &mut Ui) {
        let tokens = theme::tokens(ui);
        let plain = |fill| Frame::NONE.fill(fill).inner_margin(2.0 * SPACE);
        Panel::top("top").exact_size(40.0).frame(plain(tokens.panel)).show(ui, |_| {});
        Panel::bottom("bottom").exact_size(28.0).frame(plain(tokens.panel)).show(ui, |_| {});
        Panel::left("left").exact_size(290.0).frame(plain(tokens.panel)).show(ui, |_| {});
        let context = self.world.context();
        Panel::right("right").exact_size(300.0).frame(plain(tokens.panel)).show(ui, |ui| self.right.ui(&context, ui));
        CentralPanel::default().frame(Frame::NONE.fill(tokens.ground)).show(ui, |ui| self.centre.ui(&context, ui));
    }
}

/// A window that can be driven.
pub fn drive(window: Window) -> Harness<'static, Window> {
    builder().with_size([1280.0, 800.0]).build_ui_state(|ui, window| window.ui(ui), window)
}

fn builder() -> egui_kittest::HarnessBuilder<Window> {
    Harness::builder().with_context_setup(theme::install).with_max_steps(40)
}

fn has_adapter() -> bool {
    let instance = eframe::wgpu::Instance::new(eframe::wgpu::InstanceDescriptor::new_without_display_handle());
    !pollster::block_on(instance.enumerate_adapters(eframe::wgpu::Backends::all())).is_empty()
}

#[test]
fn look() {
    let Some(folder) = std::env::var_os("GANVAS_LOOK") else {
        eprintln!("skipped: GANVAS_LOOK names no folder");
        return;
    };
    if !has_adapter() {
        eprintln!("skipped: there is no graphics adapter");
        return;
    }
    let only = std::env::var("GANVAS_LOOK_ONLY").unwrap_or_default();
    let folder = std::path::PathBuf::from(folder);
    std::fs::create_dir_all(&folder).unwrap();
    for (name, make, act) in SCENES.into_iter().filter(|(name, ..)| name.contains(&only)) {
        for (theme, suffix) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
            for size in [[960.0, 600.0], [1280.0, 800.0], [2560.0, 1440.0]] {
                let mut harness =
                    builder().with_theme(theme).with_size(size).wgpu().build_ui_state(|ui, window: &mut Window| window.ui(ui), make());
                harness.run_steps(4);
                act(&mut harness);
                harness.run_steps(8);
                let begin = std::time::Instant::now();
                harness.run_steps(10);
                eprintln!("{name} {suffix} {size:?}: {:.1} ms a frame without drawing", begin.elapsed().as_secs_f64() * 100.0);
                let picture = harness.render().unwrap();
                picture.save(folder.join(format!("{name}_{suffix}_{}.png", size[0] as u32))).unwrap();
            }
        }
    }
}
