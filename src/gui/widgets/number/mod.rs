//! A field for numbers: dragged to and fro, typed, stepped with keys or the wheel.
//!
//! What is typed is taken with Enter, Tab or a click elsewhere, and given up with Escape. What cannot be taken stays, marked, with a
//! sentence that says what is allowed, and the value stays what it was.

mod arithmetic;
mod pace;
mod rules;

use eframe::egui::emath::Numeric;
use eframe::egui::response::Flags;
use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::{
    Button, CursorIcon, Event, Id, Key, Modifiers, MouseWheelUnit, Response, RichText, Sense, Stroke, TextEdit, TextStyle, Ui, Vec2,
    WidgetInfo, accesskit, vec2,
};

pub use pace::Pace;
pub use rules::{Parts, Rules};

use crate::gui::theme;

/// A field as it was drawn.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Says whether the value changed, and whether the hand left it.
    pub response: Response,
    /// Why what was typed is not taken, and what is allowed.
    pub wrong: Option<String>,
}

/// What is typed and not taken yet.
#[derive(Clone, Debug, Default)]
struct Draft {
    text: String,
    /// The values that it is to take the place of. Where they change by another hand, it is forgotten.
    of: Vec<f64>,
    /// Why it was not taken when it should have been.
    wrong: Option<String>,
}

/// Where a hand took hold.
#[derive(Clone, Debug)]
struct Grip {
    /// The values before anything moved.
    origin: Vec<f64>,
    from: Vec<f64>,
    part: usize,
    x: f32,
    large: bool,
}

/// A field for one number, at least `width` points wide.
pub fn one<N: Numeric>(ui: &mut Ui, rules: &Rules, value: &mut N, width: f32) -> Shown {
    let mut values = vec![value.to_f64()];
    let shown = several(ui, rules, &mut values, width);
    if let ([new], true) = (&values[..], shown.response.changed()) {
        *value = N::from_f64(*new);
    }
    shown
}

/// A field for as many numbers as `rules` say, at least `width` points wide.
pub fn several(ui: &mut Ui, rules: &Rules, values: &mut Vec<f64>, width: f32) -> Shown {
    // The field keeps its id whether it is typed into or not.
    let id = ui.next_auto_id();
    let typing = ui.is_enabled()
        && ui.memory_mut(|memory| {
            memory.interested_in_focus(id, ui.layer_id());
            memory.has_focus(id)
        });
    let before = values.clone();
    let mut draft = ui.data_mut(|data| data.remove_temp::<Draft>(id)).filter(|draft| draft.of == *values);
    obey_assistant(ui, id, rules, values);
    let mut field = Field { ui, id, rules, width };
    let mut response = if typing { field.typed(values, &mut draft) } else { field.resting(values, draft.as_ref()) };
    if !typing {
        draft = draft.and_then(|draft| field.left(draft, &response, values));
    }
    // The text's own changes are no changes of the value.
    response.flags.remove(Flags::CHANGED);
    if is_other(rules, &before, values) {
        response.mark_changed();
    } else {
        values.clone_from(&before);
    }
    let wrong = draft.as_ref().and_then(|draft| draft.wrong.clone());
    tell_assistant(ui, rules, values, &response, wrong.is_some());
    if let Some(draft) = draft {
        ui.data_mut(|data| data.insert_temp(id, draft));
    }
    Shown { response, wrong }
}

/// Are they others, at the precision they are kept with?
fn is_other(rules: &Rules, before: &[f64], after: &[f64]) -> bool {
    before.len() != after.len()
        || before.iter().zip(after).any(|(before, after)| if rules.whole { before != after } else { *before as f32 != *after as f32 })
}

fn obey_assistant(ui: &Ui, id: Id, rules: &Rules, values: &mut Vec<f64>) {
    use accesskit::{Action, ActionData};
    let steps = ui.input(|input| {
        let count = |action| input.num_accesskit_action_requests(id, action) as i32;
        count(Action::Increment) - count(Action::Decrement)
    });
    if steps != 0 {
        *values = rules.stepped(values, 0, steps, false);
    }
    let set = ui.input(|input| input.accesskit_action_requests(id, Action::SetValue).filter_map(|request| request.data.clone()).last());
    let text = match set {
        Some(ActionData::NumericValue(value)) => value.to_string(),
        Some(ActionData::Value(text)) => text.to_string(),
        _ => return,
    };
    if let Ok(read) = rules.read(&text) {
        *values = read;
    }
}

fn tell_assistant(ui: &Ui, rules: &Rules, values: &[f64], response: &Response, wrong: bool) {
    let value = values.first().copied().unwrap_or_default();
    response.widget_info(|| WidgetInfo::drag_value(ui.is_enabled(), value));
    let typing = response.has_focus();
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(rules.range.0);
        node.set_max_numeric_value(rules.range.1);
        for action in [accesskit::Action::SetValue, accesskit::Action::Increment, accesskit::Action::Decrement] {
            node.add_action(action);
        }
        // A button's text is no name of a number.
        node.clear_label();
        if !typing {
            node.set_value(rules.text(values));
        }
        if wrong {
            node.set_invalid(accesskit::Invalid::True);
        }
    });
}

struct Field<'a> {
    ui: &'a mut Ui,
    id: Id,
    rules: &'a Rules,
    width: f32,
}

impl Field<'_> {
    fn size(&self) -> Vec2 {
        vec2(self.width, self.ui.spacing().interact_size.y)
    }

    /// The field while nobody types: the number, to be dragged.
    fn resting(&mut self, values: &mut Vec<f64>, draft: Option<&Draft>) -> Response {
        let wrong = draft.is_some_and(|draft| draft.wrong.is_some());
        let text = draft.map_or_else(|| self.rules.text(values), |draft| draft.text.clone());
        let style = self.ui.style().drag_value_text_style.clone();
        let mut words = RichText::new(&text).text_style(style);
        if wrong {
            words = words.color(theme::tokens(self.ui).error);
        }
        let mut button = Button::new(words).sense(Sense::click_and_drag()).min_size(self.size()).truncate();
        if wrong {
            button = button.stroke(Stroke::new(1.0, theme::tokens(self.ui).error));
        }
        let response = self.ui.add(button).on_hover_cursor(CursorIcon::ResizeHorizontal);
        if response.clicked() {
            self.ui.memory_mut(|memory| memory.request_focus(self.id));
            self.select(0, text.chars().count());
        }
        self.drag(&response, &text, values);
        response
    }

    fn drag(&mut self, response: &Response, text: &str, values: &mut Vec<f64>) {
        let large = self.ui.input(|input| input.modifiers.shift);
        if response.drag_stopped() && self.ui.input(|input| input.key_pressed(Key::Escape)) {
            if let Some(grip) = self.ui.data(|data| data.get_temp::<Grip>(self.id)) {
                *values = grip.origin;
            }
            return;
        }
        let Some(pointer) = response.interact_pointer_pos() else { return };
        if response.drag_started() {
            let x = self.ui.input(|input| input.pointer.press_origin()).unwrap_or(pointer).x;
            let part = Rules::part_at(text, self.letter_at(response, text, x));
            let grip = Grip { origin: values.clone(), from: values.clone(), part, x, large };
            self.ui.data_mut(|data| data.insert_temp(self.id, grip));
        }
        if !response.dragged() {
            return;
        }
        self.ui.set_cursor_icon(CursorIcon::ResizeHorizontal);
        let Some(mut grip) = self.ui.data(|data| data.get_temp::<Grip>(self.id)) else { return };
        if grip.large != large {
            // What was reached stays; from here on it goes otherwise.
            grip = Grip { from: values.clone(), x: pointer.x, large, ..grip };
            self.ui.data_mut(|data| data.insert_temp(self.id, grip.clone()));
        }
        *values = self.rules.dragged(&grip.from, grip.part, pointer.x - grip.x, large);
    }

    /// Which letter of a text in the middle of the field is at `x`.
    fn letter_at(&self, response: &Response, text: &str, x: f32) -> usize {
        let font = TextStyle::resolve(&self.ui.style().drag_value_text_style, self.ui.style());
        let galley = self.ui.painter().layout_no_wrap(text.to_owned(), font, theme::tokens(self.ui).text);
        let left = response.rect.center().x - galley.size().x / 2.0;
        usize::from(galley.cursor_from_pos(vec2(x - left, 0.0)).index)
    }

    /// The field while somebody types.
    fn typed(&mut self, values: &mut Vec<f64>, draft: &mut Option<Draft>) -> Response {
        let old = draft.take();
        let mut wrong = old.as_ref().and_then(|draft| draft.wrong.clone());
        let mut text = old.map_or_else(|| self.rules.text(values), |draft| draft.text);
        let (steps, large) = self.keys();
        if steps != 0 {
            text = self.step(&text, values, steps, large);
            wrong = None;
        }
        let response = self.edit(&mut text, wrong.is_some());
        if response.gained_focus() {
            self.select(0, text.chars().count());
        }
        if response.contains_pointer() {
            let (steps, large) = self.wheel();
            if steps != 0 {
                text = self.step(&text, values, steps, large);
                wrong = None;
            }
        }
        // Once it was refused, it is judged while it is mended.
        if wrong.is_some() && response.changed() {
            wrong = self.rules.read(&text).err();
        }
        if !response.lost_focus() {
            *draft = Some(Draft { text, of: values.clone(), wrong });
        } else if !self.ui.input(|input| input.key_pressed(Key::Escape)) {
            *draft = self.take(text, values);
        }
        response
    }

    /// What becomes of a draft once nobody types there: the keyboard may have gone elsewhere before the field was drawn.
    fn left(&self, draft: Draft, response: &Response, values: &mut Vec<f64>) -> Option<Draft> {
        match (response.lost_focus(), draft.wrong.is_some()) {
            (true, _) if self.ui.input(|input| input.key_pressed(Key::Escape)) => None,
            (true, false) => self.take(draft.text, values),
            (false, false) => None,
            (_, true) => Some(draft),
        }
    }

    /// Takes what was typed, or keeps it to be mended.
    fn take(&self, text: String, values: &mut Vec<f64>) -> Option<Draft> {
        match self.rules.read(&text) {
            Ok(read) => {
                *values = read;
                None
            }
            Err(sentence) => {
                if self.ui.input(|input| input.key_pressed(Key::Enter)) {
                    self.ui.memory_mut(|memory| memory.request_focus(self.id));
                }
                Some(Draft { text, of: values.clone(), wrong: Some(sentence) })
            }
        }
    }

    fn edit(&mut self, text: &mut String, wrong: bool) -> Response {
        let error = theme::tokens(self.ui).error;
        let style = self.ui.style().drag_value_text_style.clone();
        let alignment = self.ui.layout().align2();
        let mut edit = TextEdit::singleline(text).id(self.id).font(style).align(alignment).min_size(self.size()).desired_width(0.0);
        edit = edit.clip_text(false);
        if !wrong {
            return self.ui.add(edit);
        }
        let ring = self.ui.visuals().selection.stroke;
        self.ui.visuals_mut().selection.stroke.color = error;
        let response = self.ui.add(edit.text_color(error));
        self.ui.visuals_mut().selection.stroke = ring;
        response
    }

    /// Steps from what is typed, where it can be read, and returns the text of it.
    fn step(&self, text: &str, values: &mut Vec<f64>, steps: i32, large: bool) -> String {
        let state = TextEdit::load_state(self.ui.ctx(), self.id).unwrap_or_default();
        let caret = state.cursor.char_range().map_or(0, |range| usize::from(range.primary.index).min(usize::from(range.secondary.index)));
        let part = Rules::part_at(text, caret);
        let from = self.rules.read(text).unwrap_or_else(|_| values.clone());
        *values = self.rules.stepped(&from, part, steps, large);
        let text = self.rules.text(values);
        let place = |number: usize| -> usize { text.split('×').take(number).map(|part| part.chars().count() + 1).sum() };
        let has_parts = text.contains('×') && self.rules.parts != Parts::One;
        let (begin, end) = if has_parts { (place(part), place(part + 1).saturating_sub(1)) } else { (0, text.chars().count()) };
        self.select(begin, end);
        text
    }

    fn select(&self, begin: usize, end: usize) {
        let mut state = TextEdit::load_state(self.ui.ctx(), self.id).unwrap_or_default();
        state.cursor.set_char_range(Some(CCursorRange::two(CCursor::new(begin), CCursor::new(end))));
        state.store(self.ui.ctx(), self.id);
    }

    /// Steps upwards that keys ask for, and whether they are large.
    fn keys(&mut self) -> (i32, bool) {
        self.ui.input_mut(|input| {
            let mut count = |modifiers| {
                input.count_and_consume_key(modifiers, Key::ArrowUp) as i32 - input.count_and_consume_key(modifiers, Key::ArrowDown) as i32
            };
            let large = count(Modifiers::SHIFT);
            if large != 0 { (large, true) } else { (count(Modifiers::NONE), false) }
        })
    }

    /// Steps upwards that the wheel asks for. The panel that the field is on does not scroll meanwhile.
    fn wheel(&mut self) -> (i32, bool) {
        let place = self.id.with("wheel");
        let carried = self.ui.data(|data| data.get_temp::<f32>(place)).unwrap_or_default();
        let (turned, large) = self.ui.input_mut(|input| {
            input.smooth_scroll_delta = Vec2::ZERO;
            let notches = |event: &Event| match event {
                Event::MouseWheel { unit: MouseWheelUnit::Line | MouseWheelUnit::Page, delta, .. } => delta.x + delta.y,
                Event::MouseWheel { unit: MouseWheelUnit::Point, delta, .. } => (delta.x + delta.y) / POINTS_OF_A_NOTCH,
                _ => 0.0,
            };
            (input.events.iter().map(notches).sum::<f32>(), input.modifiers.shift)
        });
        if turned == 0.0 {
            return (0, large);
        }
        let steps = (carried + turned).trunc();
        self.ui.data_mut(|data| data.insert_temp(place, carried + turned - steps));
        (steps as i32, large)
    }
}

/// So far fingers move on a pad for one step.
const POINTS_OF_A_NOTCH: f32 = 24.0;

#[cfg(test)]
mod tests;
