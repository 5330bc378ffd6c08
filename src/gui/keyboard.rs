//! The keys, all in one place: menus and tooltips show them from here.

use eframe::egui::{Context, Key, KeyboardShortcut, Modifiers};

use super::command::{Command, Side};
use super::fork::ForkCommand;
use super::panels::slow;
use super::run::Run;
use super::slow::SlowCommand;

const fn keys(modifiers: Modifiers, key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(modifiers, key)
}

const COMMAND_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// Shows the start screen.
pub const NEW: KeyboardShortcut = keys(Modifiers::COMMAND, Key::N);
/// Opens a project.
pub const OPEN: KeyboardShortcut = keys(Modifiers::COMMAND, Key::O);
/// Opens anything by its path.
pub const OPEN_BY_PATH: KeyboardShortcut = keys(COMMAND_SHIFT, Key::O);
/// Saves.
pub const SAVE: KeyboardShortcut = keys(Modifiers::COMMAND, Key::S);
/// Saves under another name.
pub const SAVE_AS: KeyboardShortcut = keys(COMMAND_SHIFT, Key::S);
/// Takes back.
pub const UNDO: KeyboardShortcut = keys(Modifiers::COMMAND, Key::Z);
/// Does again.
pub const REDO: KeyboardShortcut = keys(COMMAND_SHIFT, Key::Z);
/// Does again, as on Windows.
pub const REDO_TOO: KeyboardShortcut = keys(Modifiers::COMMAND, Key::Y);
/// Trains or holds.
pub const TRAIN: KeyboardShortcut = keys(Modifiers::NONE, Key::F5);
/// One step of the discriminator.
pub const STEP_D: KeyboardShortcut = keys(Modifiers::NONE, Key::F6);
/// One step of the generator.
pub const STEP_G: KeyboardShortcut = keys(Modifiers::NONE, Key::F7);
/// Begins slow motion, or leaves it.
pub const SLOW: KeyboardShortcut = keys(Modifiers::NONE, Key::F8);
/// Copies the run, to train both.
pub const FORK: KeyboardShortcut = keys(COMMAND_SHIFT, Key::F);
/// Begins at step 0.
pub const RESET: KeyboardShortcut = keys(COMMAND_SHIFT, Key::R);
/// Shows or hides the networks.
pub const LEFT_PANEL: KeyboardShortcut = keys(Modifiers::COMMAND, Key::Num1);
/// Shows or hides the settings.
pub const RIGHT_PANEL: KeyboardShortcut = keys(Modifiers::COMMAND, Key::Num2);
/// Shows layers as lines, or as cards.
pub const COMPACT: KeyboardShortcut = keys(Modifiers::COMMAND, Key::Num3);
/// Closes the window.
pub const QUIT: KeyboardShortcut = keys(Modifiers::COMMAND, Key::Q);
/// Opens and closes the parameters of the selected layers.
pub const PARAMETERS: KeyboardShortcut = keys(Modifiers::NONE, Key::Enter);
/// Switches them on or off.
pub const SWITCH: KeyboardShortcut = keys(Modifiers::NONE, Key::Space);
/// Copies them.
pub const COPY: KeyboardShortcut = keys(Modifiers::COMMAND, Key::C);
/// Copies them and takes them out.
pub const CUT: KeyboardShortcut = keys(Modifiers::COMMAND, Key::X);
/// Puts what was copied after them; code of networks is shown beside what is read of it.
pub const PASTE: KeyboardShortcut = keys(Modifiers::COMMAND, Key::V);
/// Doubles them.
pub const DUPLICATE: KeyboardShortcut = keys(Modifiers::COMMAND, Key::D);
/// Opens the catalogue after the layer that has the keyboard.
pub const ADD: KeyboardShortcut = keys(Modifiers::NONE, Key::Insert);
/// The same, on keyboards without that key.
pub const ADD_TOO: [KeyboardShortcut; 2] = [keys(Modifiers::NONE, Key::Slash), keys(Modifiers::NONE, Key::Plus)];
/// Moves the selected layers up.
pub const MOVE_UP: KeyboardShortcut = keys(Modifiers::ALT, Key::ArrowUp);
/// Moves them down.
pub const MOVE_DOWN: KeyboardShortcut = keys(Modifiers::ALT, Key::ArrowDown);
/// Makes one residual block of them.
pub const WRAP: KeyboardShortcut = keys(Modifiers::COMMAND, Key::G);
/// Makes layers of a residual block.
pub const UNWRAP: KeyboardShortcut = keys(COMMAND_SHIFT, Key::G);
/// Selects all layers of a stack.
pub const SELECT_ALL: KeyboardShortcut = keys(Modifiers::COMMAND, Key::A);
/// Takes a layer into the selection or out of it, where the keyboard moves without selecting.
pub const SELECT_TOO: KeyboardShortcut = keys(Modifiers::COMMAND, Key::Space);
/// Removes the selected layers.
pub const DELETE: KeyboardShortcut = keys(Modifiers::NONE, Key::Delete);
/// The same, where that key is hard to reach.
pub const DELETE_TOO: KeyboardShortcut = keys(Modifiers::NONE, Key::Backspace);

/// What the keys pressed in this frame ask for. Longer combinations come first: egui lets the shorter ones match them, too.
pub fn commands(ctx: &Context, run: &Run) -> Vec<Command> {
    let train = if run.phase.is_busy() { Command::Pause } else { Command::Train };
    let typing = ctx.text_edit_focused();
    let table = [
        (SAVE_AS, Command::SaveAs),
        (SAVE, Command::Save),
        (OPEN_BY_PATH, Command::OpenByPath),
        (OPEN, Command::Open),
        (NEW, Command::New),
        (TRAIN, train.clone()),
        (STEP_D, Command::StepD),
        (STEP_G, Command::StepG),
        (SLOW, Command::Slow(SlowCommand::Toggle)),
        (FORK, Command::Fork(ForkCommand::Begin(None))),
        (RESET, Command::Reset),
        (LEFT_PANEL, Command::TogglePanel(Side::Left)),
        (RIGHT_PANEL, Command::TogglePanel(Side::Right)),
        (COMPACT, Command::ToggleCompact),
        (QUIT, Command::Quit),
    ];
    // A text field has its own undo, on the same keys.
    let while_not_typing = [(REDO, Command::Redo), (REDO_TOO, Command::Redo), (UNDO, Command::Undo)];
    let mut commands = Vec::new();
    ctx.input_mut(|input| {
        let mut take = |(shortcut, command): (KeyboardShortcut, Command)| {
            if input.consume_shortcut(&shortcut) {
                commands.push(command);
            }
        };
        table.into_iter().for_each(&mut take);
        if !typing {
            while_not_typing.into_iter().for_each(&mut take);
        }
    });
    if run.slow.is_on() && ctx.memory(|memory| memory.focused().is_none()) {
        for key in [Key::Space, Key::ArrowLeft, Key::ArrowRight] {
            if let Some(asked) = slow::keys(&run.slow, key).filter(|_| ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key))) {
                commands.extend(asked.map(Command::Slow));
            }
        }
    }
    // The space bar presses whatever has the keyboard; only where nothing has, it is free.
    if ctx.memory(|memory| memory.focused().is_none()) && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Space)) {
        commands.push(train);
    }
    commands
}
