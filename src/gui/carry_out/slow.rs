//! Slow motion: its controls, and the steps that it takes.

use eframe::egui;

use crate::gui::app::App;
use crate::gui::run::Phase;
use crate::gui::slow::SlowCommand;
use crate::train;

impl App {
    /// Does what was asked for.
    pub(in crate::gui) fn slow(&mut self, command: SlowCommand) {
        let slow = &mut self.run.slow;
        match command {
            SlowCommand::Toggle if slow.is_on() => slow.leave(),
            SlowCommand::Toggle => self.enter_slow_motion(),
            SlowCommand::Play(playing) => slow.play(playing),
            SlowCommand::Previous => slow.previous(),
            SlowCommand::Show(moment) => slow.show(moment),
            SlowCommand::Speed(speed) => slow.set_speed(speed),
            SlowCommand::Next => {
                if slow.advance() {
                    self.step_once(train::Command::TellStep);
                }
            }
        }
    }

    fn enter_slow_motion(&mut self) {
        if matches!(self.run.phase, Phase::Loading(_) | Phase::Preparing { .. }) {
            return;
        }
        // A step begins a run where there is none, and with it everything that is known of one.
        self.step_once(train::Command::TellStep);
        if self.run.phase.is_live() || matches!(self.run.phase, Phase::Finished(_)) {
            self.run.slow.enter();
        }
    }

    /// Time passes.
    pub(in crate::gui) fn tend_slow_motion(&mut self, ctx: &egui::Context) {
        if self.run.slow.pass(ctx.input(|input| input.time)) {
            self.step_once(train::Command::TellStep);
        }
        if let Some(seconds) = self.run.slow.waits_for() {
            ctx.request_repaint_after_secs(seconds as f32);
        }
    }
}
