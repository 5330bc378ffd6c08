//! Everything the window can be asked to do.

use std::cell::RefCell;
use std::path::PathBuf;

use super::fork::ForkCommand;
use super::run::Measuring;
use super::slow::SlowCommand;
use crate::code::Import;
use crate::code::write::Language;
use crate::device::DeviceChoice;
use crate::spec::{Edit, Place};
use crate::train::Show;

/// One thing to do. Panels push these while they are drawn; the app carries them out after the frame, in one place.
#[derive(Clone, Debug)]
pub enum Command {
    /// Changes the project.
    Edit(Edit),
    /// Changes the project; edits with the same key that follow each other at once are one step for undo (a slider being dragged).
    EditMerged(Edit, u64),
    /// The hand left the slider: the next edit is a step of its own.
    SealEdits,
    /// Takes the last edit back.
    Undo,
    /// Does it again.
    Redo,
    /// Shows the start screen.
    New,
    /// Begins a project from a preset, by name.
    LoadPreset(&'static str),
    /// Begins a project from a preset, by name, and trains it at once.
    BeginExample(&'static str),
    /// Leaves the start screen for the project that is there.
    CloseStart,
    /// Takes the notes away that explain both networks.
    CloseGuide,
    /// Asks for a project file, or a file of source code.
    Open,
    /// Asks for the path of anything that can be opened, in the window itself.
    OpenByPath,
    /// Opens a project file, shows source code, or takes a folder, archive or picture as data, whichever it is.
    OpenPath(PathBuf),
    /// Shows source code beside what is read of it; with no text, to paste some.
    ReadCode(String),
    /// Takes the networks that were read of source code.
    UseCode(Box<Import>),
    /// Asks for a folder of pictures.
    OpenDataFolder,
    /// Asks for a data file: `.zip`, IDX, a picture.
    OpenDataFile,
    /// Writes the project file; asks for a name where there is none yet.
    Save,
    /// Asks for a name and writes the project file.
    SaveAs,
    /// Starts training, or goes on.
    Train,
    /// Holds training.
    Pause,
    /// One step of the discriminator.
    StepD,
    /// One step of the generator.
    StepG,
    /// Slow motion, and what is shown in it.
    Slow(SlowCommand),
    /// A second run beside the one in hand.
    Fork(ForkCommand),
    /// Throws the run away and begins at step 0.
    Reset,
    /// Throws the run away and trains from step 0: with its own seed, or with another one.
    Repeat {
        /// With another one?
        other_seed: bool,
    },
    /// Trains the project as it is now, with what the layers that stay have learned.
    Restart,
    /// Goes back to the newest state that the run kept and that is not after this step.
    GoBack {
        /// Generator steps done.
        step: u64,
        /// With half of both learning rates?
        lower_rates: bool,
    },
    /// Opens a copy that a window left behind which did not close.
    OpenCopy(PathBuf),
    /// Throws such a copy away.
    DiscardCopy(PathBuf),
    /// Ends what the worker is preparing: loading data, opening a device.
    Cancel,
    /// Looks for devices to choose from.
    LookForDevices,
    /// Loads the project's data to be looked at.
    LoadData,
    /// Chooses a device; a run goes on there from its last checkpoint.
    SetDevice(DeviceChoice),
    /// Changes what the run shows.
    Show(Show),
    /// Changes how often the run is measured.
    Measure(Measuring),
    /// Shows the generator at its best, or the newest again.
    ShowBest(bool),
    /// Goes on from the step that was best.
    GoBackToBest,
    /// Takes this latent vector to the explorer and opens it.
    Explore(Vec<f32>),
    /// Asks for a name and writes the history as CSV.
    ExportHistory,
    /// Asks for a name and writes what was measured as CSV.
    ExportQuality,
    /// Asks for a name and writes the sample grid as PNG.
    ExportSamples,
    /// Asks for a name and writes the run's frames as an animated GIF.
    ExportTimelapse,
    /// Asks for a name and writes a picture of the charts as PNG: the part of the window they cover, in points.
    ExportCharts(eframe::egui::Rect),
    /// Asks for a name and writes the explorer's picture as PNG.
    ExportPicture,
    /// Asks for a name and writes the networks as source, with their weights, in a ZIP archive.
    ExportCode(Language),
    /// Brings the place of a fault into sight.
    Reveal(Place),
    /// Opens a page in the system's browser.
    OpenPage(&'static str),
    /// Shows or hides a panel.
    TogglePanel(Side),
    /// Shows layers as lines, or as cards.
    ToggleCompact,
    /// Unfolds what the doctor says of the run, or folds it up.
    ToggleDoctor,
    /// Closes the window; asks where there is something to lose.
    Quit,
    /// Says something in passing.
    Notify(Notice),
}

/// Where a panel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The networks.
    Left,
    /// Training, data, exploring.
    Right,
}

/// Something said in passing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Is it an error?
    pub is_error: bool,
    /// What happened, where, and what to do.
    pub text: String,
}

impl Notice {
    /// Something that went well.
    pub fn note(text: impl Into<String>) -> Self {
        Self { is_error: false, text: text.into() }
    }

    /// Something that did not.
    pub fn error(text: impl Into<String>) -> Self {
        Self { is_error: true, text: text.into() }
    }
}

/// Where panels leave their commands. Shared, because panels hold the context by reference.
#[derive(Debug, Default)]
pub struct Commands(RefCell<Vec<Command>>);

impl Commands {
    /// Leaves a command.
    pub fn push(&self, command: Command) {
        self.0.borrow_mut().push(command);
    }

    /// All commands left so far, which are then gone.
    pub fn take(&self) -> Vec<Command> {
        self.0.take()
    }
}
