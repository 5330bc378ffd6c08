//! The rules of the house that a compiler does not check: which room may name what.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the ground up; none names one of a higher floor.
const FLOORS: [&[&str]; 6] = [
    &["random", "files", "logging", "numbers", "reference", "system"],
    &["spec"],
    &["ops"],
    &["code", "data", "nn", "device"],
    &["train", "latent", "measure", "project", "export"],
    &["cli", "gui"],
];

/// Crates of the window, and the only room that may name them.
const WINDOW: [&str; 5] = ["egui", "eframe", "egui_plot", "egui_kittest", "rfd"];

/// Crates of the terminal, and the only room that may name them.
const TERMINAL: [&str; 3] = ["clap", "indicatif", "ctrlc"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The room that a file of `src` belongs to: its folder, or its own name.
fn room(path: &Path) -> String {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    inside.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned()
}

fn root() -> &'static Path {
    // Cargo runs tests in the package's folder. Where that was at build time says nothing: builds are shared between checkouts.
    Path::new(".")
}

/// A line without what it says in words: comments, and strings that end on it.
fn code(line: &str) -> String {
    let line = line.split("//").next().unwrap_or_default();
    line.split('"').step_by(2).collect()
}

/// Does the code name `word`, as a whole word followed by `::`?
fn names(code: &str, word: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    code.match_indices(&format!("{word}::")).any(|(at, _)| !code[..at].ends_with(is_letter))
}

/// Is the whole file, or the folder that it is in, a test?
fn is_test(path: &Path) -> bool {
    path.ends_with("reference_tests.rs") || path.parent().is_some_and(|folder| folder.ends_with("tests"))
}

/// Every line of code, with its room and its place; tests, which may look at the whole house, are left out.
fn lines() -> Vec<(String, String, String)> {
    let mut lines = Vec::new();
    for path in sources(&root().join("src")).iter().filter(|path| !is_test(path)) {
        let text = fs::read_to_string(path).unwrap();
        for (number, line) in text.lines().enumerate().take_while(|(_, line)| !line.ends_with("mod tests {")) {
            lines.push((room(path), format!("{}:{}", path.display(), number + 1), code(line)));
        }
    }
    assert!(lines.len() > 1000, "the sources were found");
    lines
}

#[test]
fn only_the_window_names_the_crates_of_the_window() {
    for (room, place, code) in lines() {
        let named = WINDOW.iter().find(|name| names(&code, name));
        assert!(room == "gui" || named.is_none(), "{place} names {named:?}");
    }
}

#[test]
fn only_the_command_line_names_the_crates_of_the_terminal() {
    for (room, place, code) in lines() {
        let named = TERMINAL.iter().find(|name| names(&code, name));
        assert!(room == "cli" || named.is_none(), "{place} names {named:?}");
    }
}

#[test]
fn no_room_reaches_up() {
    let floor = |room: &str| FLOORS.iter().position(|floor| floor.contains(&room));
    for (room, place, code) in lines() {
        if ["lib", "main"].contains(&room.as_str()) {
            continue;
        }
        let own = floor(&room).unwrap_or_else(|| panic!("the room {room} stands on no floor: add it to FLOORS"));
        for (level, rooms) in FLOORS.iter().enumerate().skip(own + 1) {
            let named = rooms.iter().find(|name| names(&code, &format!("crate::{name}")));
            assert!(named.is_none(), "{place} is on floor {own} and names {named:?} on floor {level}");
        }
    }
}

#[test]
fn the_two_tops_do_not_lean_on_each_other() {
    for (room, place, code) in lines() {
        assert!(room != "gui" || !names(&code, "crate::cli"), "{place}");
    }
}

#[test]
fn words_are_not_code() {
    assert_eq!(code(r#"let x = "egui::Ui"; // egui::Ui"#), "let x = ; ");
    assert!(names("use egui::Ui;", "egui") && names("eframe::egui::Ui", "egui"));
    assert!(!names("use my_egui::Ui;", "egui") && !names("egui_plot::Line", "egui"));
}
