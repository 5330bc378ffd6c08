//! Undo and redo.

use std::sync::atomic::{AtomicU64, Ordering};

use super::edit::{Edit, EditError};
use super::group::Spot;
use super::project::Project;

/// A project with its past and its undone future.
#[derive(Clone, Debug)]
pub struct Editor {
    project: Project,
    undo: Vec<Step>,
    redo: Vec<Step>,
    /// Grows with every change; equal numbers mean the same project, whichever editor holds it.
    revision: u64,
}

#[derive(Clone, Debug)]
struct Step {
    label: String,
    /// Brings the project back to where this step came from.
    inverse: Edit,
    /// Steps with the same key that follow each other at once are one step: dragging a slider is one change.
    merge_key: Option<u64>,
}

/// How many steps can be undone.
const MAX_STEPS: usize = 500;

/// A number that no editor has had: what was computed for one is not taken for another's.
fn next_revision() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

impl Editor {
    /// Begins with nothing to undo.
    pub fn new(project: Project) -> Self {
        Self { project, undo: Vec::new(), redo: Vec::new(), revision: next_revision() }
    }

    /// The project as it is now.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// Grows with every change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Applies an edit as a step of its own.
    ///
    /// # Errors
    /// The edit does not fit the project, which stays as it is.
    pub fn apply(&mut self, edit: Edit) -> Result<(), EditError> {
        self.apply_merged(edit, None)
    }

    /// Applies an edit; directly after another one with the same `merge_key` the two become one step.
    ///
    /// # Errors
    /// The edit does not fit the project, which stays as it is.
    pub fn apply_merged(&mut self, edit: Edit, merge_key: Option<u64>) -> Result<(), EditError> {
        let label = edit.describe(&self.project);
        let inverse = edit.apply(&mut self.project)?;
        self.revision = next_revision();
        self.redo.clear();
        match self.undo.last_mut() {
            // The older inverse leads back further: it stays, and only the words change.
            Some(last) if merge_key.is_some() && last.merge_key == merge_key => last.label = label,
            _ => self.undo.push(Step { label, inverse, merge_key }),
        }
        if self.undo.len() > MAX_STEPS {
            self.undo.remove(0);
        }
        Ok(())
    }

    /// Ends merging: the next edit is a step of its own.
    pub fn seal(&mut self) {
        if let Some(last) = self.undo.last_mut() {
            last.merge_key = None;
        }
    }

    /// What undo would take back.
    pub fn undo_label(&self) -> Option<&str> {
        self.undo.last().map(|step| step.label.as_str())
    }

    /// What redo would do again.
    pub fn redo_label(&self) -> Option<&str> {
        self.redo.last().map(|step| step.label.as_str())
    }

    /// The layers that undo would touch, those that are there now and those that would be there then.
    pub fn undo_spots(&self) -> Vec<Spot> {
        self.undo.last().map(|step| step.inverse.spots()).unwrap_or_default()
    }

    /// The layers that redo would touch.
    pub fn redo_spots(&self) -> Vec<Spot> {
        self.redo.last().map(|step| step.inverse.spots()).unwrap_or_default()
    }

    /// Takes the last step back. Returns whether there was one.
    pub fn undo(&mut self) -> bool {
        let Some(step) = self.undo.pop() else { return false };
        let done = Self::turn(&mut self.project, step);
        self.revision = next_revision();
        self.redo.extend(done);
        true
    }

    /// Does the last step that was taken back again. Returns whether there was one.
    pub fn redo(&mut self) -> bool {
        let Some(step) = self.redo.pop() else { return false };
        let done = Self::turn(&mut self.project, step);
        self.revision = next_revision();
        self.undo.extend(done);
        true
    }

    fn turn(project: &mut Project, step: Step) -> Option<Step> {
        // An inverse always fits the state that its edit left behind, and nothing else changes the project.
        let inverse = step.inverse.apply(project).ok()?;
        Some(Step { label: step.label, inverse, merge_key: None })
    }
}

#[cfg(test)]
mod tests {
    use rand::RngExt as _;

    use super::*;
    use crate::random::{Purpose, stream};
    use crate::spec::edit::tests::{random_edit, random_group_edit};
    use crate::spec::{LayerId, PRESETS, Preset, Role};

    fn editor() -> Editor {
        Editor::new(Preset::from_name("mlp").unwrap().project())
    }

    #[test]
    fn undoing_all_leads_to_the_start_and_redoing_all_to_the_end() {
        for seed in 0..40 {
            let rng = &mut stream(seed, Purpose::Synthetic, 2);
            let start = PRESETS[seed as usize % PRESETS.len()].project();
            let mut editor = Editor::new(start.clone());
            for _ in 0..60 {
                let edit = random_edit(editor.project(), rng);
                // An edit that does not fit is refused, and the editor goes on.
                let _ = editor.apply(edit);
            }
            let end = editor.project().clone();
            while editor.undo() {}
            assert_eq!(editor.project(), &start);
            while editor.redo() {}
            assert_eq!(editor.project(), &end);
        }
    }

    #[test]
    fn whatever_is_done_to_selections_is_taken_back_and_done_again_exactly() {
        let (mut steps, mut wrapped) = (0, 0);
        for seed in 0..60 {
            let rng = &mut stream(seed, Purpose::Synthetic, 5);
            let start = PRESETS[seed as usize % PRESETS.len()].project();
            let mut editor = Editor::new(start.clone());
            for _ in 0..60 {
                match rng.random_range(0..8) {
                    0 => drop(editor.undo()),
                    1 => drop(editor.redo()),
                    2 => drop(editor.apply(random_edit(editor.project(), rng))),
                    _ => {
                        let Some(edit) = random_group_edit(editor.project(), rng) else { continue };
                        wrapped += usize::from(edit.describe(editor.project()).starts_with("wrap"));
                        let touched = edit.clone();
                        editor.apply(edit).unwrap_or_else(|error| panic!("{error}: what is offered fits: {touched:?}"));
                        steps += 1;
                    }
                }
            }
            let end = editor.project().clone();
            let mut undone = 0;
            while editor.undo() {
                undone += 1;
            }
            assert_eq!(editor.project(), &start);
            for _ in 0..undone {
                assert!(editor.redo());
            }
            assert_eq!(editor.project(), &end);
        }
        assert!(steps > 1000 && wrapped > 20, "{steps} steps, {wrapped} of them wrapped layers: there should be many");
    }

    #[test]
    fn an_edit_after_undo_forgets_the_undone_future() {
        let mut editor = editor();
        editor.apply(Edit::SetSeed(5)).unwrap();
        assert!(editor.undo());
        assert_eq!(editor.redo_label(), Some("change seed to 5"));
        assert!(editor.undo_spots().is_empty() && editor.redo_spots().is_empty());
        editor.apply(Edit::SetSeed(6)).unwrap();
        assert!(!editor.redo());
        assert_eq!(editor.project().seed, 6);
    }

    #[test]
    fn dragging_a_slider_is_one_step_until_the_hand_leaves_it() {
        let mut editor = editor();
        for seed in 10..15 {
            editor.apply_merged(Edit::SetSeed(seed), Some(1)).unwrap();
        }
        editor.seal();
        editor.apply_merged(Edit::SetSeed(20), Some(1)).unwrap();
        assert_eq!(editor.undo_label(), Some("change seed to 20"));
        assert!(editor.undo());
        assert_eq!((editor.project().seed, editor.undo_label()), (14, Some("change seed to 14")));
        assert!(editor.undo());
        assert_eq!(editor.project().seed, 1);
        assert!(!editor.undo());
    }

    #[test]
    fn the_revision_grows_with_every_change_and_only_then() {
        let mut editor = editor();
        let mut revision = editor.revision();
        let mut grew = |editor: &Editor| editor.revision() > std::mem::replace(&mut revision, editor.revision());
        editor.apply(Edit::SetSeed(2)).unwrap();
        assert!(grew(&editor));
        assert!(editor.apply(Edit::Remove { role: Role::Generator, id: LayerId(99) }).is_err());
        assert!(!grew(&editor));
        editor.undo();
        assert!(grew(&editor));
        editor.undo();
        assert!(!grew(&editor));
    }

    #[test]
    fn only_so_many_steps_are_kept() {
        let mut editor = editor();
        for seed in 0..MAX_STEPS as u64 + 10 {
            editor.apply(Edit::SetSeed(seed)).unwrap();
        }
        let mut steps = 0;
        while editor.undo() {
            steps += 1;
        }
        assert_eq!((steps, editor.project().seed), (MAX_STEPS, 9));
    }
}
