//! The code in a document: a script, the fenced blocks of a text, the cells of a notebook.

use serde::Deserialize;

use super::python::StatementKind;
use super::{CodeError, Format, Place};

/// The most text that is read, in bytes. Notebooks hold their pictures.
pub const MAX_BYTES: usize = 32 << 20;
/// The most code that is followed, in bytes.
const MAX_CODE: usize = 1 << 20;

/// Code, and where its lines stand in the document.
#[derive(Debug)]
pub struct Document {
    /// Every line of code; lines that are none are empty.
    pub code: String,
    /// For a notebook: the cell and the line in it, for each line of the code.
    places: Option<Vec<(usize, usize)>>,
}

impl Document {
    /// The code of a document.
    ///
    /// # Errors
    /// There is none, or too much.
    pub fn read(text: &str, format: Format) -> Result<Self, CodeError> {
        if text.len() > MAX_BYTES {
            return Err(CodeError::TooLarge);
        }
        let document = match format {
            Format::Python => Self { code: without_commands(text), places: None },
            Format::Markdown => fenced(text).ok_or(CodeError::NoBlocks)?,
            Format::Notebook => notebook(text)?,
            Format::Text => {
                fenced(text).unwrap_or_else(|| Self { code: without_commands(&without_prose(&without_prompts(text))), places: None })
            }
        };
        if document.code.len() > MAX_CODE {
            return Err(CodeError::TooLarge);
        }
        Ok(document)
    }

    /// Where a line of the code stands.
    pub fn place(&self, line: usize) -> Place {
        let in_cell = self.places.as_ref().and_then(|places| places.get(line.checked_sub(1)?));
        in_cell.map_or(Place { cell: None, line }, |&(cell, line)| Place { cell: Some(cell), line })
    }
}

/// Commands to the notebook or the shell are no Python.
fn without_commands(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let begins = line.trim_start();
        if let Some(timed) = begins.strip_prefix("%time ") {
            // What is timed is run.
            code.push_str(&line[..line.len() - begins.len()]);
            code.push_str(timed);
        } else if !is_command(begins.trim_end()) {
            code.push_str(line);
        }
        code.push('\n');
    }
    code
}

/// A command, a question about a name, or what a command gives.
fn is_command(line: &str) -> bool {
    let is_path = |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || "_.".contains(letter));
    let asks = line.strip_suffix("??").or_else(|| line.strip_suffix('?')).or_else(|| line.strip_prefix('?'));
    let given = line.split_once(" = ").is_some_and(|(name, value)| is_path(name) && value.starts_with(['!', '%']));
    line.starts_with(['%', '!', '$']) || asks.is_some_and(is_path) || given
}

/// `>>> x = 1` as it is printed in a manual.
fn without_prompts(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    for line in text.lines() {
        let plain = line.strip_prefix(">>> ").or_else(|| line.strip_prefix("... ")).unwrap_or(line);
        code.push_str(plain);
        code.push('\n');
    }
    code
}

/// Sentences around code are no Python: lines of words that do not parse and begin a line. Between brackets all lines belong to a statement.
fn without_prose(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut open = 0;
    for line in text.lines() {
        if line.trim().is_empty() {
            open = 0;
        }
        if open > 0 || !is_prose(line) {
            code.push_str(line);
            open = (open + opened(line)).max(0);
        }
        code.push('\n');
    }
    code
}

/// How many brackets a line opens and does not close, but for those in its texts and comments.
fn opened(line: &str) -> i32 {
    let (mut open, mut quote, mut escaped) = (0, None, false);
    for letter in line.chars() {
        match (quote, letter) {
            (None, '#') => break,
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(' | '[' | '{') => open += 1,
            (None, ')' | ']' | '}') => open -= 1,
            (Some(mark), _) if letter == mark && !escaped => quote = None,
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
    }
    open
}

fn is_prose(line: &str) -> bool {
    let is_word = |word: &&str| {
        word.trim_matches(['.', ',', ':', ';', '?', '!', '(', ')', '\'', '"'])
            .chars()
            .all(|letter| letter.is_alphabetic() || letter == '\'')
    };
    let words: Vec<&str> = line.split_whitespace().collect();
    let plain = words.iter().filter(|word| is_word(word)).count();
    let is_line = line.len() < 2000 && line.starts_with(char::is_alphabetic) && !line.contains('=');
    let goes_on = line.trim_end().ends_with(['(', '[', '{', '\\']);
    is_line && !goes_on && plain >= 3 && 4 * plain >= 3 * words.len() && !parses(line) && !heads_block(line)
}

/// Does the line begin a block, such as `for layer in layers:`? By itself that is no statement.
fn heads_block(line: &str) -> bool {
    // These follow another block.
    let follows = ["else", "elif", "except", "finally", "case"].into_iter().any(|word| line.starts_with(word));
    let line = line.split('#').next().unwrap_or(line).trim_end();
    line.ends_with(':') && (follows || parses(&format!("{line}\n    pass\n")))
}

/// Is most of it Python?
fn parses(code: &str) -> bool {
    let block = super::python::parse(code);
    let broken = block.iter().filter(|statement| matches!(statement.kind, StatementKind::Broken { .. })).count();
    2 * broken < block.len().max(1)
}

/// The fenced blocks of a text, on the lines they stand on; none where there are no blocks. What a program printed is no code.
fn fenced(text: &str) -> Option<Document> {
    let mut code = String::with_capacity(text.len());
    let mut fence: Option<Fence> = None;
    let mut any = false;
    // Where the block that is open begins.
    let mut begun = 0;
    for line in text.lines() {
        let begins = line.trim_start();
        match &fence {
            None => {
                fence = Fence::open(line);
                begun = code.len() + 1;
            }
            Some(open) if begins.starts_with(&open.marks) && begins.trim_end().chars().all(|letter| open.marks.contains(letter)) => {
                let block = code.get(begun..).unwrap_or_default();
                if open.is_python && !open.is_named && !parses(&without_commands(block)) {
                    let lines = block.matches('\n').count();
                    code.truncate(begun);
                    code.push_str(&"\n".repeat(lines));
                } else {
                    any |= open.is_python;
                }
                fence = None;
            }
            Some(open) if open.is_python => {
                // A block within a list is indented with it.
                let indented = line.len() - begins.len();
                code.push_str(line.get(open.indent.min(indented)..).unwrap_or(line));
            }
            Some(_) => {}
        }
        code.push('\n');
    }
    any |= fence.is_some_and(|open| open.is_python);
    any.then(|| Document { code: without_commands(&code), places: None })
}

struct Fence {
    marks: String,
    indent: usize,
    is_python: bool,
    /// Does it say its language?
    is_named: bool,
}

impl Fence {
    fn open(line: &str) -> Option<Self> {
        let begins = line.trim_start();
        let mark = begins.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
        let length = begins.chars().take_while(|letter| *letter == mark).count();
        if length < 3 {
            return None;
        }
        let language: String = begins[length..].chars().take_while(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).collect();
        let language = language.trim_matches(['{', '}', '.']);
        let is_python =
            matches!(language, "" | "python" | "python3" | "py" | "ipython" | "ipython3" | "pycon" | "keras" | "pytorch" | "tensorflow");
        let marks = mark.to_string().repeat(length);
        Some(Self { marks, indent: line.len() - begins.len(), is_python, is_named: !language.is_empty() })
    }
}

#[derive(Deserialize)]
struct Notebook {
    #[serde(default)]
    cells: Vec<Cell>,
    /// Where notebooks of the third version keep their cells.
    #[serde(default)]
    worksheets: Vec<Worksheet>,
}

#[derive(Deserialize)]
struct Worksheet {
    #[serde(default)]
    cells: Vec<Cell>,
}

#[derive(Deserialize)]
struct Cell {
    cell_type: String,
    #[serde(default, alias = "input")]
    source: Source,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Source {
    Lines(Vec<String>),
    Whole(String),
}

impl Default for Source {
    fn default() -> Self {
        Self::Whole(String::new())
    }
}

/// The code of a notebook's cells, each with its number.
fn cells(text: &str) -> Result<Vec<(usize, String)>, CodeError> {
    let notebook: Notebook = serde_json::from_str(text).map_err(|_| CodeError::NoNotebook)?;
    let cells = notebook.cells.into_iter().chain(notebook.worksheets.into_iter().flat_map(|sheet| sheet.cells));
    let mut found = Vec::new();
    for (cell, number) in cells.zip(1..) {
        let source = match cell.source {
            Source::Lines(lines) => lines.concat(),
            Source::Whole(text) => text,
        };
        // A cell that begins with such a command is in another language.
        let first = source.lines().next().unwrap_or_default();
        let is_other = first.starts_with("%%") && !first.starts_with("%%time") && !first.starts_with("%%capture");
        if cell.cell_type == "code" && !is_other {
            found.push((number, source));
        }
    }
    Ok(found)
}

fn notebook(text: &str) -> Result<Document, CodeError> {
    let (mut code, mut places) = (String::new(), Vec::new());
    for (number, source) in cells(text)? {
        let source = without_commands(&source);
        places.extend((1..=source.lines().count()).map(|line| (number, line)));
        code.push_str(&source);
    }
    if code.trim().is_empty() {
        return Err(CodeError::NoBlocks);
    }
    Ok(Document { code, places: Some(places) })
}

/// A notebook's code as one script, with the numbers of the cells in comments.
///
/// # Errors
/// It is no notebook, or too large.
pub fn notebook_listing(text: &str) -> Result<String, CodeError> {
    if text.len() > MAX_BYTES {
        return Err(CodeError::TooLarge);
    }
    let script = |(number, source): (usize, String)| format!("# Cell {number}\n{}\n\n", source.trim_end());
    Ok(cells(text)?.into_iter().map(script).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str, format: Format) -> String {
        Document::read(text, format).unwrap().code
    }

    #[test]
    fn blocks_of_a_text_stay_on_their_lines() {
        let text = "# Title\n\n1. First:\n   ```python\n   a = 1\n   ```\nwords\n```bash\npip install\n```\n~~~\nb = 2\n~~~\n";
        assert_eq!(code(text, Format::Markdown), "\n\n\n\na = 1\n\n\n\n\n\n\nb = 2\n\n");
        assert_eq!(Document::read("only words", Format::Markdown).unwrap_err(), CodeError::NoBlocks);
    }

    #[test]
    fn cells_say_where_their_lines_are() {
        let text = r#"{"cells":[{"cell_type":"markdown","source":["x"]},{"cell_type":"code","source":["!pip\n","a = 1\n","b"]},
            {"cell_type":"code","source":"%%bash\nls"},{"cell_type":"code","source":"c = 3"}]}"#;
        let document = Document::read(text, Format::Notebook).unwrap();
        assert_eq!(document.code, "\na = 1\nb\nc = 3\n");
        assert_eq!(document.place(2), Place { cell: Some(2), line: 2 });
        assert_eq!(document.place(4).to_string(), "cell 4, line 1");
        assert_eq!(Document::read("{", Format::Notebook).unwrap_err(), CodeError::NoNotebook);
        assert_eq!(notebook_listing(text).unwrap(), "# Cell 2\n!pip\na = 1\nb\n\n# Cell 4\nc = 3\n\n");
    }

    #[test]
    fn sentences_and_what_was_printed_are_left_out() {
        let text = "This is my generator:\n\n    a = f(1)\n\nand here is what it does not do\nfor x in y: pass\nWhy is it so? Thanks!\n";
        assert_eq!(code(text, Format::Text), "\n\n    a = f(1)\n\n\nfor x in y: pass\n\n");
        let text = "```\na = 1\n```\n```\nGenerator(\n  (net): Sequential(\n```\n```\nEpoch 1: loss 0.5\n```\n";
        assert_eq!(code(text, Format::Markdown), "\na = 1\n\n\n\n\n\n\n\n\n");
    }

    #[test]
    fn prompts_are_left_out_of_plain_text() {
        assert_eq!(code(">>> a = 1\n... b\n$ ls\n", Format::Text), "a = 1\nb\n\n");
    }
}
