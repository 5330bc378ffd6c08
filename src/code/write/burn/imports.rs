//! `use` lines, merged and sorted as rustfmt leaves them.

use std::collections::{BTreeMap, BTreeSet};

/// How wide a line may be.
const WIDTH: usize = 100;

/// Names by the module that they come from.
#[derive(Clone, Debug, Default)]
pub struct Imports(BTreeMap<String, BTreeSet<String>>);

impl Imports {
    /// One name with its path: `burn::nn::Linear`.
    pub fn add(&mut self, path: &str) {
        if let Some((module, name)) = path.rsplit_once("::") {
            self.0.entry(module.to_owned()).or_default().insert(name.to_owned());
        }
    }

    /// Those of another file, too.
    pub fn extend(&mut self, other: &Self) {
        for (module, names) in &other.0 {
            self.0.entry(module.clone()).or_default().extend(names.iter().cloned());
        }
    }

    /// Takes the `use` lines, each of one name, off the beginning of a piece of source.
    pub fn take(&mut self, source: &str) -> String {
        let is_use = |line: &&str| line.starts_with("use ");
        for line in source.lines().take_while(is_use) {
            self.add(line.trim_start_matches("use ").trim_end_matches(';'));
        }
        let rest: String = source.lines().skip_while(is_use).map(|line| format!("{line}\n")).collect();
        rest.trim_start().to_owned()
    }

    /// The lines: the standard library's, those of crates, and those of this one, with an empty line between.
    pub fn text(&self) -> String {
        let group = |module: &str| match module.split("::").next() {
            Some("std") => 0,
            Some("crate" | "super") => 2,
            _ => 1,
        };
        let mut groups = [const { Vec::new() }; 3];
        for (module, names) in &self.0 {
            groups[group(module)].push((key(module, names), line(module, names)));
        }
        let text = |mut group: Vec<(Vec<String>, String)>| {
            group.sort();
            group.into_iter().map(|(_, line)| line).collect::<String>()
        };
        groups.into_iter().map(text).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

/// A list comes behind all names in its place.
fn key(module: &str, names: &BTreeSet<String>) -> Vec<String> {
    let last = match names.first() {
        Some(name) if names.len() == 1 => name.clone(),
        _ => "{".to_owned(),
    };
    module.split("::").map(str::to_owned).chain([last]).collect()
}

fn line(module: &str, names: &BTreeSet<String>) -> String {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let list = names.join(", ");
    match names.as_slice() {
        [name] => format!("use {module}::{name};\n"),
        _ if module.len() + list.len() + "use ::{};".len() <= WIDTH => format!("use {module}::{{{list}}};\n"),
        names => format!("use {module}::{{\n{}}};\n", packed(names)),
    }
}

/// As many names on each line as fit.
fn packed(names: &[&str]) -> String {
    let (mut text, mut row) = (String::new(), String::new());
    for name in names {
        if !row.is_empty() && 4 + row.len() + 1 + name.len() + 1 > WIDTH {
            text += &format!("    {row}\n");
            row.clear();
        }
        let space = if row.is_empty() { "" } else { " " };
        row += &format!("{space}{name},");
    }
    text + &format!("    {row}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_merged_and_lists_come_last() {
        let mut imports = Imports::default();
        let rest = imports
            .take("use std::path::Path;\nuse burn::nn::Linear;\nuse burn::nn::conv::Conv2d;\nuse burn::nn::LinearConfig;\n\nfn f() {}\n");
        imports.add("crate::layers::PixelNorm");
        assert_eq!(rest, "fn f() {}\n");
        let wanted =
            "use std::path::Path;\n\nuse burn::nn::conv::Conv2d;\nuse burn::nn::{Linear, LinearConfig};\n\nuse crate::layers::PixelNorm;\n";
        assert_eq!(imports.text(), wanted);
    }
}
