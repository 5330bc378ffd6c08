//! The app: it listens to the worker, draws the panels, and then carries out what they asked for.

use std::path::{Path, PathBuf};

use eframe::egui::{self, CentralPanel, Frame, Margin, Panel, Ui};

use super::AppOptions;
use super::command::{Command, Commands, Notice};
use super::context::ViewContext;
use super::dialogs::Dialog;
use super::doctor::Doctor;
use super::files::{self, Picker};
use super::fork::Fork;
use super::graphics;
use super::keyboard;
use super::notifications::Notifications;
use super::panels::right::RightPanel;
use super::panels::stacks::StackPanel;
use super::panels::{doctor, slow, status, top};
use super::preview::Preview;
use super::recovery::Recovery;
use super::run::{Before, Run};
use super::start::{Entrance, StartScreen};
use super::tasks::Tasks;
use super::theme::{self, SPACE};
use super::views::Centre;
use crate::device::DeviceChoice;
use crate::spec::{Editor, Fault, Finding, Limits, PRESETS, Preset, Project, TrainSpec, lint_within};
use crate::system;
use crate::train::{Pictures, Worker};

/// The window's state. Panels read it through a [`ViewContext`].
pub struct App {
    pub(super) ctx: egui::Context,
    pub(super) editor: Editor,
    faults: Faults,
    pub(super) run: Run,
    pub(super) worker: Option<Worker>,
    /// What follows once the worker holds.
    pub(super) on_pause: Option<OnPause>,
    pub(super) before: Before,
    /// The run beside the one in hand.
    pub(super) fork: Option<Box<Fork>>,
    pub(super) recovery: Recovery,
    /// The settings that the worker knows.
    pub(super) sent_train: Option<TrainSpec>,
    pub(super) device: DeviceChoice,
    pub(super) devices: Vec<String>,
    pub(super) looked_for_devices: bool,
    pub(super) file: OpenFile,
    pub(super) commands: Commands,
    /// Is the start screen shown?
    pub(super) at_start: bool,
    /// Has nothing been begun yet? Then there is nothing to go back to.
    pub(super) is_fresh: bool,
    pub(super) start: StartScreen,
    pub(super) left_open: bool,
    pub(super) right_open: bool,
    pub(super) doctor: Doctor,
    pub(super) doctor_open: bool,
    pub(super) stacks: StackPanel,
    pub(super) centre: Centre,
    pub(super) right: RightPanel,
    pub(super) notifications: Notifications,
    pub(super) dialog: Option<Dialog>,
    pub(super) picker: Picker,
    pub(super) system_dialogs: bool,
    pub(super) tasks: Tasks,
    pub(super) recent: Vec<PathBuf>,
    /// The project's data, loaded to be looked at.
    pub(super) preview: Preview,
    /// What follows once the project is saved.
    pub(super) after_save: Option<Command>,
    /// Are there notes that explain both networks?
    pub(super) guides: bool,
    /// May the window close without asking?
    pub(super) may_close: bool,
    title: String,
    /// Was a frame laid out yet?
    is_laid_out: bool,
}

/// What follows once the worker holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnPause {
    /// A start from the checkpoint then made.
    Restart,
    /// A copy of the run: as it was at this step, or as it is then.
    Fork(Option<u64>),
}

/// The project's file, and what it holds.
#[derive(Debug)]
pub struct OpenFile {
    /// Where it is, if there is one.
    pub path: Option<PathBuf>,
    /// The project as it is in the file, or as it began.
    pub project: Project,
    /// The step that the file holds.
    pub step: u64,
    /// Did the discriminator take steps by itself since then, or since what is being written? The generator's are counted alone.
    pub is_behind_d: bool,
    /// Was it so before what is being written?
    was_behind_d: bool,
    /// Is what is there a copy that was left behind, and in no file?
    pub is_lost: bool,
    /// Is what no file holds given up, while the window asks for another project?
    pub is_given_up: bool,
    /// What is being written: the project then, to become `project`.
    pub writing: Option<Box<Project>>,
    /// Does it differ? Computed once for each revision.
    unsaved: (u64, bool),
}

impl OpenFile {
    /// A project that is in no file yet, and has not been changed.
    pub fn new(project: Project) -> Self {
        Self {
            path: None,
            project,
            step: 0,
            is_behind_d: false,
            was_behind_d: false,
            is_lost: false,
            is_given_up: false,
            writing: None,
            unsaved: (u64::MAX, false),
        }
    }

    /// A project as it is in the file at `path`, which holds so many steps.
    pub fn at(path: PathBuf, project: Project, step: u64) -> Self {
        Self { path: Some(path), step, ..Self::new(project) }
    }

    /// A project whose file, if there is one at `path`, is older than what is there.
    pub fn lost(path: Option<PathBuf>, project: Project) -> Self {
        Self { path, is_lost: true, ..Self::new(project) }
    }

    /// What is there now is in the file, or is given up.
    pub fn keep(&mut self, project: Project, step: u64) {
        self.project = project;
        self.step = step;
        self.was_behind_d = false;
        self.is_lost = false;
        self.unsaved.0 = u64::MAX;
    }

    /// Holds it fewer steps of the discriminator than were taken?
    pub fn lacks_d_steps(&self) -> bool {
        self.is_behind_d || self.was_behind_d
    }

    /// The project is being written as it is now.
    pub fn begin_writing(&mut self, project: Project) {
        self.was_behind_d |= std::mem::take(&mut self.is_behind_d);
        self.writing = Some(Box::new(project));
    }

    /// It is not being written any more, and is not in the file.
    pub fn end_writing(&mut self) {
        self.is_behind_d |= std::mem::take(&mut self.was_behind_d);
        self.writing = None;
    }
}

/// What is wrong with the project, computed once for each revision.
#[derive(Debug)]
struct Faults {
    revision: u64,
    list: Vec<Fault>,
    findings: Vec<Finding>,
    limits: Limits,
}

impl Faults {
    fn of(project: &Project, revision: u64, limits: Limits) -> Self {
        Self { revision, list: project.faults(), findings: lint_within(project, limits), limits }
    }
}

impl App {
    /// The app as it begins.
    pub fn new(cc: &eframe::CreationContext<'_>, options: AppOptions) -> Self {
        let ctx = cc.egui_ctx.clone();
        theme::install(&ctx);
        if let Some(render_state) = &cc.wgpu_render_state {
            graphics::guard(render_state);
        }
        if let Some(theme) = options.theme {
            ctx.set_theme(egui::Theme::from(theme));
        }
        let project = PRESETS[0].project();
        let recent = cc.storage.and_then(|storage| eframe::get_value(storage, RECENT)).unwrap_or_default();
        let mut app = Self {
            tasks: Tasks::new(ctx.clone()),
            ctx,
            faults: Faults { revision: 0, list: Vec::new(), findings: Vec::new(), limits: Limits { memory_bytes: system::memory() } },
            file: OpenFile::new(project.clone()),
            editor: Editor::new(project),
            run: Run::default(),
            preview: Preview::default(),
            worker: None,
            on_pause: None,
            before: Before::default(),
            fork: None,
            recovery: Recovery::in_folder(options.recovery.clone()),
            sent_train: None,
            device: options.device,
            devices: Vec::new(),
            looked_for_devices: false,
            commands: Commands::default(),
            at_start: true,
            is_fresh: true,
            start: StartScreen::default(),
            left_open: true,
            right_open: true,
            doctor: Doctor::default(),
            doctor_open: false,
            stacks: StackPanel::default(),
            centre: Centre::default(),
            right: RightPanel::default(),
            notifications: Notifications::default(),
            dialog: None,
            picker: Picker::default(),
            system_dialogs: options.system_dialogs,
            recent,
            after_save: None,
            guides: false,
            may_close: false,
            title: String::new(),
            is_laid_out: false,
        };
        app.illustrate();
        app.look_for_copies();
        match (&options.path, &options.preset) {
            (Some(path), _) => app.commands.push(Command::OpenPath(path.clone())),
            (None, Some(preset)) => match Preset::from_name(preset) {
                Some(preset) if options.train => app.commands.push(Command::BeginExample(preset.name)),
                Some(preset) => app.commands.push(Command::LoadPreset(preset.name)),
                None => app.notifications.push(Notice::error(format!("There is no preset called {preset}."))),
            },
            (None, None) => {}
        }
        app.commands_now();
        app
    }

    /// Begins with another project, with nothing to undo.
    pub(super) fn take_up(&mut self, project: Project) {
        self.editor = Editor::new(project);
    }

    /// Is there anything that no file holds, and that was not given up?
    pub(super) fn unsaved(&mut self) -> bool {
        !self.file.is_given_up && self.differs_from_file()
    }

    /// Is there anything that no file holds?
    pub(super) fn differs_from_file(&mut self) -> bool {
        if self.file.unsaved.0 != self.editor.revision() {
            self.file.unsaved = (self.editor.revision(), self.file.project != *self.editor.project());
        }
        self.file.unsaved.1 || self.file.is_lost || self.has_trained_on()
    }

    /// Has the run gone on since the file was written, and was that not given up?
    pub(super) fn unsaved_training(&self) -> bool {
        !self.file.is_given_up && self.has_trained_on()
    }

    fn has_trained_on(&self) -> bool {
        self.run.progress.step != self.file.step || self.file.lacks_d_steps() || self.file.is_lost && self.run.progress.step > 0
    }

    /// Everything that keeps the project from being trained.
    pub(super) fn faults(&mut self) -> &[Fault] {
        if self.faults.revision != self.editor.revision() {
            self.faults = Faults::of(self.editor.project(), self.editor.revision(), self.faults.limits);
        }
        &self.faults.list
    }

    /// Says something in passing.
    pub(super) fn notify(&mut self, notice: Notice) {
        self.notifications.push(notice);
    }

    /// The run, for tests and screenshots.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// The run beside it, for tests and screenshots.
    pub fn other(&self) -> Option<&Fork> {
        self.fork.as_deref()
    }

    /// The project, for tests.
    pub fn project(&self) -> &Project {
        self.editor.project()
    }

    /// Is everything in the file? For tests.
    pub fn is_saved(&self) -> bool {
        self.file.project == *self.editor.project() && !self.file.is_lost && !self.unsaved_training()
    }

    /// The explorer's picture, where it shows one.
    pub fn picture(&self) -> Option<Pictures> {
        self.right.picture()
    }

    /// The charts alone, to measure them.
    pub(super) fn charts_ui(&mut self, ui: &mut Ui) {
        let ctx = ViewContext {
            editor: &self.editor,
            faults: &self.faults.list,
            findings: &self.faults.findings,
            diagnoses: self.doctor.list(),
            doctor_open: self.doctor_open,
            limits: self.faults.limits,
            guides: self.guides,
            run: &self.run,
            fork: self.fork.as_deref(),
            device: &self.device,
            devices: &self.devices,
            path: None,
            unsaved: false,
            preview: &self.preview,
            commands: &self.commands,
        };
        self.centre.charts_ui(&ctx, ui);
    }

    /// Leaves a command as a panel would, for tests and screenshots.
    pub fn command(&self, command: Command) {
        self.commands.push(command);
        self.ctx.request_repaint();
    }

    fn title(&mut self) {
        let mark = if self.unsaved() { " •" } else { "" };
        let title = if self.at_start { "Ganvas".to_owned() } else { format!("{}{mark} – Ganvas", self.editor.project().name) };
        if title != self.title {
            self.ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }

    /// Asks before the window closes, where there is something to lose.
    fn guard_closing(&mut self) {
        if !self.ctx.input(|input| input.viewport().close_requested()) || self.may_close {
            return;
        }
        if self.unsaved() || self.fork.as_ref().is_some_and(|fork| fork.is_unsaved()) {
            self.ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            self.commands.push(Command::Quit);
        }
    }

    fn panels_ui(&mut self, ui: &mut Ui) {
        let unsaved = self.unsaved();
        self.faults();
        self.doctor.consult(self.editor.project(), self.editor.revision(), &self.run);
        let ctx = ViewContext {
            editor: &self.editor,
            faults: &self.faults.list,
            findings: &self.faults.findings,
            diagnoses: self.doctor.list(),
            doctor_open: self.doctor_open,
            limits: self.faults.limits,
            guides: self.guides,
            run: &self.run,
            fork: self.fork.as_deref(),
            device: &self.device,
            devices: &self.devices,
            path: self.file.path.as_deref(),
            unsaved,
            preview: &self.preview,
            commands: &self.commands,
        };
        if self.at_start {
            let ground = theme::tokens(ui).ground;
            CentralPanel::default().frame(Frame::new().fill(ground)).show(ui, |ui| {
                self.start.ui(&ctx, &Entrance { recent: &self.recent, offers: &self.recovery.offers(), can_return: !self.is_fresh }, ui);
            });
            return;
        }
        let panel = |margin: Margin| Frame::new().inner_margin(margin);
        let fill = theme::tokens(ui).panel;
        let narrow = ui.available_width() < 1100.0;
        Panel::top("top bar").exact_size(top::HEIGHT).resizable(false).frame(panel(Margin::symmetric(8, 0)).fill(fill)).show(ui, |ui| {
            let shown = top::Shown { left: self.left_open, right: self.right_open };
            top::ui(&ctx, shown, ui);
        });
        Panel::bottom("status").exact_size(status::HEIGHT).resizable(false).frame(panel(Margin::symmetric(8, 0)).fill(fill)).show(
            ui,
            |ui| {
                status::ui(&ctx, ui);
            },
        );
        slow::panel_ui(&ctx, ui);
        doctor::panel_ui(&ctx, ui);
        let left = Panel::left("stacks").default_size(if narrow { 272.0 } else { 336.0 }).size_range(256.0..=480.0);
        left.frame(panel(Margin::symmetric(8, 4)).fill(fill)).show_collapsible(ui, &mut self.left_open, |ui| self.stacks.ui(&ctx, ui));
        let right = Panel::right("settings").default_size(if narrow { 264.0 } else { 312.0 }).size_range(256.0..=560.0);
        right.frame(panel(Margin::symmetric(8, 4)).fill(fill)).show_collapsible(ui, &mut self.right_open, |ui| self.right.ui(&ctx, ui));
        let ground = theme::tokens(ui).ground;
        CentralPanel::default().frame(panel(Margin::ZERO).fill(ground)).show(ui, |ui| self.centre.ui(&ctx, ui));
    }

    /// What is dragged over the window, and what is dropped on it.
    fn drop_ui(&mut self, ui: &Ui) {
        if let Some(path) = files::dropped(ui.ctx()) {
            self.commands.push(Command::OpenPath(path));
        }
        if ui.input(|input| input.raw.hovered_files.is_empty()) {
            return;
        }
        let tokens = theme::tokens(ui);
        let rect = ui.ctx().content_rect();
        let painter = ui.ctx().layer_painter(egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("drop hint")));
        painter.rect_filled(rect, 0.0, tokens.ground.gamma_multiply(0.85));
        let frame = rect.shrink(6.0 * SPACE);
        painter.rect_stroke(frame, theme::CORNER, (2.0, tokens.accent), egui::StrokeKind::Inside);
        let words = "Drop a project or code to open it, or pictures to learn from";
        painter.text(rect.center(), egui::Align2::CENTER_CENTER, words, egui::FontId::proportional(theme::TITLE), tokens.text);
    }

    fn dialog_ui(&mut self, frame: &eframe::Frame) {
        let answer = self.dialog.as_mut().and_then(|dialog| dialog.ui(&self.ctx));
        if let Some(answer) = answer {
            self.dialog = None;
            self.answer(answer, frame);
        }
    }
}

/// Where the paths opened lately are kept between sessions.
const RECENT: &str = "recent-1";

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, frame: &mut eframe::Frame) {
        // Where the system is late to let the window draw, this runs without drawing, and the frame that was asked for is forgotten.
        self.notifications.wake(ctx);
        if self.right.is_moving() || self.at_start {
            ctx.request_repaint_after_secs(0.2);
        }
        self.hear_worker();
        self.hear_tasks(frame);
        self.tend_copy();
        self.guard_closing();
        self.title();
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        if self.dialog.is_none() {
            for command in keyboard::commands(ui.ctx(), &self.run) {
                self.commands.push(command);
            }
            if let Some(text) = files::pasted_code(ui.ctx()) {
                self.commands.push(Command::ReadCode(text));
            }
        }
        self.tend_slow_motion(ui.ctx());
        self.panels_ui(ui);
        self.drop_ui(ui);
        self.notifications.ui(ui.ctx(), if self.at_start { 0.0 } else { status::HEIGHT });
        self.dialog_ui(frame);
        self.read_code();
        let commands = self.commands.take();
        if !commands.is_empty() {
            // What they change is drawn in the next frame.
            ui.ctx().request_repaint();
        }
        for command in commands {
            self.carry_out(command, frame);
        }
        if !std::mem::replace(&mut self.is_laid_out, true)
            && let Some(age) = system::age()
        {
            log::info!("the first frame is laid out {} ms after the program's start", age.as_millis());
        }
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        eframe::set_value(storage, RECENT, &self.recent);
    }

    fn on_exit(&mut self) {
        // Who closes the window has saved, or does not want to.
        let beside = self.fork.take().and_then(|fork| fork.own);
        for own in self.recovery.leave().into_iter().chain(beside) {
            own.remove();
        }
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}

/// The folder that dialogs begin in: that of the project, or the current one.
pub(super) fn folder_of(path: Option<&Path>) -> PathBuf {
    let folder = path.and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty()).map(Path::to_owned);
    folder.or_else(|| std::env::current_dir().ok()).or_else(std::env::home_dir).unwrap_or_default()
}
