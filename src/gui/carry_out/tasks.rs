//! Taking in what came of work on other threads.

use crate::code::CodeError;
use crate::gui::app::App;
use crate::gui::command::{Command, Notice};
use crate::gui::start::Illustrations;
use crate::gui::tasks::{self, Outcome};

impl App {
    /// Does work on a thread of its own.
    pub(in crate::gui) fn spawn(&mut self, name: &'static str, work: impl FnOnce() -> Outcome + Send + 'static) {
        if let Err(reason) = self.tasks.spawn(name, work) {
            self.notify(Notice::error(reason));
        }
    }

    /// Asks the graphics drivers, which can take a moment: only once somebody wants to know.
    pub(in crate::gui) fn look_for_devices(&mut self) {
        if !std::mem::replace(&mut self.looked_for_devices, true) {
            self.spawn("device list", || Outcome::Devices(crate::device::list().iter().map(|device| device.name.clone()).collect()));
        }
    }

    /// Makes the samples on the start screen.
    pub(in crate::gui) fn illustrate(&mut self) {
        self.spawn("illustrations", || Outcome::Illustrated(Illustrations::make()));
    }

    /// Takes in what has come.
    pub(in crate::gui) fn hear_tasks(&mut self, frame: &eframe::Frame) {
        while let Some(outcome) = self.tasks.next() {
            match outcome {
                Outcome::ProjectRead(path, read) => self.project_read(path, *read),
                Outcome::SourceOpened(opened) => self.source_opened(opened),
                Outcome::CodeRead(read) => self.code_read(*read),
                Outcome::ProjectWritten(path, Ok(())) => {
                    let step = self.run.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.g_steps);
                    self.project_saved(path, step);
                }
                Outcome::ProjectWritten(_, Err(error)) => self.save_failed(&error.to_string()),
                Outcome::CopiesFound(found) => self.recovery.take_in(found),
                Outcome::CopyRead(path, read) => self.copy_read(&path, *read),
                Outcome::CopyWritten(written) => self.copy_written(written),
                Outcome::DataLookedAt(path, looked_at) => self.data_looked_at(path, looked_at),
                Outcome::DataLoaded(wanted, loaded) => self.preview.take_in(&wanted, *loaded),
                Outcome::Exported(path, Ok(())) => self.notify(Notice::note(format!("Exported to {}.", path.display()))),
                Outcome::Exported(_, Err(reason)) | Outcome::PageOpened(Err(reason)) => self.notify(Notice::error(reason)),
                Outcome::PageOpened(Ok(())) => {}
                Outcome::Picked { purpose, path, failed } => {
                    self.picker.answered();
                    match path {
                        Some(path) => self.picked(purpose, path),
                        None if failed => {
                            // This system has no dialogs: from now on the window's own is shown at once.
                            self.system_dialogs = false;
                            let name = self.proposed_name(&purpose);
                            self.ask_in_window(purpose, &name);
                        }
                        None if matches!(purpose, crate::gui::files::Purpose::Save) => self.end_saving(),
                        None => {}
                    }
                }
                Outcome::Screenshot(image, rect) => self.photographed(&image, rect, frame),
                Outcome::Devices(devices) => self.devices = devices,
                Outcome::BestDrawn(drawn) => self.best_drawn(drawn),
                Outcome::Illustrated(illustrations) => self.start.illustrate(illustrations),
                Outcome::BrokeDown(task, said) => self.broke_down(task, &said),
            }
        }
    }

    /// A task broke down: nothing waits for it any more.
    fn broke_down(&mut self, task: &str, said: &str) {
        let reason = format!("a fault in the program itself ended a task ({task}: {said})");
        match task {
            tasks::name::SAVE => return self.save_failed(&format!("The project could not be saved: {reason}")),
            tasks::name::PREVIEW => return self.preview.broke_down(reason),
            tasks::name::READ_CODE => return self.code_read(Err(CodeError::Fault)),
            tasks::name::BEST => return self.best_drawn(Err(reason)),
            tasks::name::DIALOG => {
                // From now on the window's own is shown.
                self.picker.answered();
                self.system_dialogs = false;
                self.end_saving();
            }
            _ => {}
        }
        self.notify(Notice::error(format!("Sorry, {reason}.")));
    }

    /// Carries out what was asked for before there was a frame.
    pub(in crate::gui) fn commands_now(&mut self) {
        // Commands that need no dialog can be carried out at once, so that the first frame shows what was asked for.
        for command in self.commands.take() {
            match command {
                Command::LoadPreset(name) => self.load_preset(name, false),
                Command::BeginExample(name) => self.load_preset(name, true),
                Command::OpenPath(path) => self.open_path(path),
                other => self.commands.push(other),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use egui_kittest::Harness;

    use super::*;
    use crate::gui::AppOptions;
    use crate::gui::preview::State;

    type Window = Harness<'static, App>;

    fn window() -> Window {
        let options = AppOptions { system_dialogs: false, preset: Some("ring8".to_owned()), ..AppOptions::default() };
        Harness::builder().with_max_steps(40).build_eframe(|cc| App::new(cc, options))
    }

    /// Breaks a task down and waits until that is heard.
    fn break_down(window: &mut Window, task: &'static str, is_over: impl Fn(&App) -> bool) {
        assert!(!is_over(window.state()), "{task}");
        window.state_mut().spawn(task, || panic!("on purpose"));
        let end = Instant::now() + Duration::from_secs(60);
        while !is_over(window.state()) {
            assert!(Instant::now() < end, "{task} is still waited for");
            window.step();
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn nothing_waits_for_a_task_that_broke_down() {
        let mut window = window();
        let project = window.state().project().clone();
        window.state_mut().file.writing = Some(Box::new(project.clone()));
        window.state_mut().after_save = Some(Command::Save);
        break_down(&mut window, tasks::name::SAVE, |app| app.file.writing.is_none() && app.after_save.is_none());

        drop(window.state_mut().preview.begin(&project));
        let failed =
            |app: &App| matches!(app.preview.of(app.project()), State::Failed(reason) if reason.ends_with("(preview: on purpose)"));
        break_down(&mut window, tasks::name::PREVIEW, failed);

        window.state_mut().system_dialogs = true;
        break_down(&mut window, tasks::name::DIALOG, |app| !app.system_dialogs);
    }
}
