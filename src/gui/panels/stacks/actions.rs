//! What can be done with the selected cards, by a key or in the menu.

use eframe::egui::{self, KeyboardShortcut, Rect, Ui};

use super::{Adding, Shown, StackPanel, selection};
use crate::gui::command::{Command, Notice};
use crate::gui::context::ViewContext;
use crate::gui::icons::Icon;
use crate::gui::keyboard;
use crate::spec::{Group, GroupEdit, NoBlock};

/// Something to do with all selected cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Opens or closes their parameters.
    Parameters,
    /// Switches them on or off.
    Switch,
    /// Copies them and takes them out.
    Cut,
    /// Copies them.
    Copy,
    /// Puts what was copied after the last one.
    Paste,
    /// Doubles them.
    Duplicate,
    /// Opens the catalogue after the one that has the keyboard.
    Add,
    /// Moves them towards the input.
    MoveUp,
    /// Moves them away from it.
    MoveDown,
    /// Makes one residual block of them.
    Wrap,
    /// Makes layers of residual blocks.
    Unwrap,
    /// Selects their whole stack.
    SelectAll,
    /// Removes them.
    Delete,
}

impl Action {
    /// Those that a key does, longer combinations first: egui lets the shorter ones match them, too. Copying, cutting and pasting come
    /// as events of their own.
    pub(super) const BY_KEY: [Self; 10] = [
        Self::Unwrap,
        Self::Wrap,
        Self::Duplicate,
        Self::SelectAll,
        Self::MoveUp,
        Self::MoveDown,
        Self::Switch,
        Self::Parameters,
        Self::Add,
        Self::Delete,
    ];

    /// The keys that the menu shows.
    pub(super) const fn shortcut(self) -> KeyboardShortcut {
        match self {
            Self::Parameters => keyboard::PARAMETERS,
            Self::Switch => keyboard::SWITCH,
            Self::Cut => keyboard::CUT,
            Self::Copy => keyboard::COPY,
            Self::Paste => keyboard::PASTE,
            Self::Duplicate => keyboard::DUPLICATE,
            Self::Add => keyboard::ADD,
            Self::MoveUp => keyboard::MOVE_UP,
            Self::MoveDown => keyboard::MOVE_DOWN,
            Self::Wrap => keyboard::WRAP,
            Self::Unwrap => keyboard::UNWRAP,
            Self::SelectAll => keyboard::SELECT_ALL,
            Self::Delete => keyboard::DELETE,
        }
    }

    /// Other keys that do the same.
    pub(super) const fn more_shortcuts(self) -> &'static [KeyboardShortcut] {
        match self {
            Self::Add => &keyboard::ADD_TOO,
            Self::Delete => &[keyboard::DELETE_TOO],
            _ => &[],
        }
    }

    /// In front of its line of the menu, where it has one.
    pub(super) const fn icon(self, is_on: bool) -> Option<Icon> {
        match self {
            Self::Switch if is_on => Some(Icon::EyeOff),
            Self::Switch => Some(Icon::Eye),
            Self::Duplicate => Some(Icon::Copy),
            Self::Add => Some(Icon::Plus),
            Self::MoveUp => Some(Icon::Up),
            Self::MoveDown => Some(Icon::Down),
            Self::Delete => Some(Icon::Trash),
            _ => None,
        }
    }
}

impl StackPanel {
    /// The selected layers.
    pub(super) fn group<'a>(&self, ctx: &ViewContext<'a>) -> Group<'a> {
        Group::new(ctx.editor.project(), self.selection.spots())
    }

    /// Does something with the selected cards. What opens beside them opens at `at`.
    pub(super) fn act(&mut self, ctx: &ViewContext<'_>, ui: &Ui, action: Action, at: Rect) {
        let group = self.group(ctx);
        match action {
            Action::Parameters => self.open_or_close(),
            Action::Copy => self.copy(ctx, ui),
            Action::Cut => self.cut(ctx, ui),
            Action::Paste => ui.ctx().send_viewport_cmd(egui::ViewportCommand::RequestPaste),
            Action::Add => self.add_after_head(ctx, at),
            Action::SelectAll => self.selection.all(ctx.project(), self.selection.role()),
            Action::Wrap => self.wrap(ctx, &group),
            Action::Unwrap => self.unwrap(ctx, &group),
            Action::Switch => self.change(ctx, group.switch()),
            Action::Duplicate => self.change(ctx, group.duplicate()),
            Action::MoveUp => self.change(ctx, group.move_up()),
            Action::MoveDown => self.change(ctx, group.move_down()),
            Action::Delete => self.change(ctx, group.remove()),
        }
        self.field_of = None;
        if self.adding.is_none() {
            self.next = self.selection.head();
        }
    }

    /// Leaves an edit of the selected layers; what it leaves to look at is selected once it is carried out.
    pub(super) fn change(&mut self, ctx: &ViewContext<'_>, change: Option<GroupEdit>) {
        if let Some(GroupEdit { edit, spots }) = change {
            ctx.edit(edit);
            self.shown = Some(Shown { spots, takes_keyboard: true });
        }
    }

    /// Opens all where any is closed, and else closes all.
    fn open_or_close(&mut self) {
        let opens = self.selection.spots().any(|spot| !self.open.contains(&spot));
        for spot in self.selection.spots() {
            if opens {
                self.open.insert(spot);
            } else {
                self.open.remove(&spot);
            }
        }
    }

    fn add_after_head(&mut self, ctx: &ViewContext<'_>, at: Rect) {
        let Some((role, id)) = self.selection.head() else { return };
        if let Some(index) = ctx.project().stack(role).position(id) {
            self.adding = Some(Adding::new(role, index + 1, at));
        }
    }

    fn wrap(&mut self, ctx: &ViewContext<'_>, group: &Group<'_>) {
        match group.wrap() {
            Ok(wrapped) => {
                self.change(ctx, Some(wrapped.change));
                if !wrapped.left_out.is_empty() {
                    let text = format!("Left out, since a residual block has none: {}.", wrapped.left_out.join(", "));
                    ctx.command(Command::Notify(Notice::note(text)));
                }
            }
            Err(why) => refuse(ctx, "These layers cannot become a residual block", &why),
        }
    }

    fn unwrap(&mut self, ctx: &ViewContext<'_>, group: &Group<'_>) {
        match group.unwrap_blocks() {
            Ok(change) => {
                self.change(ctx, Some(change));
                let text = "Unwrapped: the shortcut past these layers is gone, and they begin with weights of their own.";
                ctx.command(Command::Notify(Notice::note(text)));
            }
            Err(why) => refuse(ctx, "This cannot be unwrapped", &why),
        }
    }

    /// Takes note of what was edited since the last frame: selected is what was to be looked at, and the keyboard stays at a card.
    pub(super) fn follow(&mut self, ctx: &ViewContext<'_>, ui: &Ui) {
        let now = selection::all_spots(ctx.project());
        let before = std::mem::replace(&mut self.seen, now.clone());
        self.next = self.next.filter(|spot| now.contains(spot));
        self.sight = None;
        let has_keyboard = self.focused_card(ui).is_some();
        let mut is_sent = false;
        if let Some(shown) = self.shown.take() {
            let spots: Vec<_> = now.iter().copied().filter(|spot| shown.spots.contains(spot)).collect();
            if !spots.is_empty() {
                self.selection.show(&spots);
                self.sight = self.selection.head();
                is_sent = shown.takes_keyboard;
            }
        }
        let head = self.selection.head();
        self.selection.follow(&before, &now);
        self.open.retain(|spot| now.contains(spot));
        if is_sent || has_keyboard && (self.sight.is_some() || head != self.selection.head()) {
            self.next = self.selection.head();
        }
    }
}

fn refuse(ctx: &ViewContext<'_>, what: &str, why: &NoBlock) {
    ctx.command(Command::Notify(Notice::error(format!("{what}: {why}."))));
}
