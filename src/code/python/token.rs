//! Python's text as tokens: indentation, brackets, strings, comments, lines that go on.

use super::text::{Scanned, scan_number, scan_string};

/// A piece of the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// The line it begins on, counted from 1.
    pub line: usize,
    /// Its first byte.
    pub start: usize,
    /// The byte behind its last.
    pub end: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub enum TokenKind {
    /// A name or a keyword.
    Name(String),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// The value of a string.
    Text(String),
    /// The inside of an f-string, as written.
    Format(String),
    /// An operator or a bracket.
    Op(&'static str),
    /// The end of a statement's line.
    Newline,
    /// A deeper block begins.
    Indent,
    /// A block ends.
    Dedent,
    /// Something that is no Python, with the reason.
    Broken(&'static str),
    /// The end of the text.
    End,
}

/// Longest first, so that `**=` is not read as `**`.
const OPERATORS: [&str; 47] = [
    "**=", "//=", ">>=", "<<=", "...", "**", "//", ">>", "<<", "<=", ">=", "==", "!=", "->", "+=", "-=", "*=", "/=", "%=", "&=", "|=",
    "^=", "@=", ":=", "<>", "+", "-", "*", "/", "%", "@", "&", "|", "^", "~", "<", ">", "(", ")", "[", "]", "{", "}", ",", ":", ".", "=",
];

/// Words that only ever begin a statement: where one stands first in a line that is inside brackets, a bracket was never closed.
const BEGINNINGS: [&str; 10] = ["def", "class", "import", "return", "while", "with", "try", "raise", "assert", "del"];

/// Deeper nesting is no script that a person wrote.
const MAX_INDENTS: usize = 40;

/// All tokens of a text. There is always an answer: what cannot be read is a [`TokenKind::Broken`].
pub fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { text, at: 0, line: 1, brackets: 0, indents: vec![0], found: Vec::new() };
    lexer.run();
    lexer.found
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    brackets: usize,
    indents: Vec<usize>,
    found: Vec<Token>,
}

impl Lexer<'_> {
    fn run(&mut self) {
        let mut first = true;
        while self.at < self.text.len() {
            if first {
                self.begin_line();
            }
            first = self.step();
        }
        self.newline();
        while self.indents.len() > 1 {
            self.indents.pop();
            self.push(TokenKind::Dedent, self.at);
        }
        self.push(TokenKind::End, self.at);
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.found.push(Token { kind, line: self.line, start, end: self.at });
    }

    /// Ends the statement, unless nothing of one is there.
    fn newline(&mut self) {
        self.brackets = 0;
        let is_open = |token: &Token| !matches!(token.kind, TokenKind::Newline | TokenKind::Indent | TokenKind::Dedent);
        if self.found.last().is_some_and(is_open) {
            self.push(TokenKind::Newline, self.at);
        }
    }

    /// Measures the indentation of a line, which opens and closes blocks.
    fn begin_line(&mut self) {
        let start = self.at;
        let mut column = 0;
        while let Some(letter) = self.peek() {
            match letter {
                ' ' => column += 1,
                '\t' => column = column / 8 * 8 + 8,
                '\u{c}' | '\u{feff}' => {}
                _ => break,
            }
            self.at += letter.len_utf8();
        }
        match self.peek() {
            None | Some('\n' | '\r' | '#') => return,
            Some(_) => {}
        }
        if self.brackets > 0 {
            if !self.begins_statement() {
                return;
            }
            self.push(TokenKind::Broken("a bracket before this line is never closed"), start);
            self.newline();
        }
        self.indent(column);
    }

    fn begins_statement(&self) -> bool {
        let rest = self.rest();
        let word: String = rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
        // `return=` and `return,` are no statements, but nobody writes them.
        BEGINNINGS.contains(&word.as_str()) && rest[word.len()..].starts_with([' ', ':', '\n'])
    }

    fn indent(&mut self, column: usize) {
        let current = self.indents.last().copied().unwrap_or(0);
        if column > current && self.indents.len() < MAX_INDENTS {
            self.indents.push(column);
            self.push(TokenKind::Indent, self.at);
        }
        // A line between two levels belongs to the deeper one that it has left, as the nearest reading.
        while self.indents.len() > 1 && self.indents.last().is_some_and(|&open| column < open) {
            self.indents.pop();
            self.push(TokenKind::Dedent, self.at);
        }
    }

    /// Reads one token; says whether a new line begins.
    fn step(&mut self) -> bool {
        let Some(letter) = self.peek() else { return false };
        let start = self.at;
        match letter {
            '\n' => return self.end_line(),
            '\\' if self.rest().starts_with("\\\n") || self.rest().starts_with("\\\r\n") => {
                self.at += self.rest().find('\n').map_or(1, |at| at + 1);
                self.line += 1;
            }
            '#' => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
            ';' if self.brackets == 0 => {
                self.at += 1;
                self.newline();
            }
            _ if letter.is_whitespace() || letter == '\u{feff}' => self.at += letter.len_utf8(),
            _ if letter.is_ascii_digit() || (letter == '.' && self.rest()[1..].starts_with(|next: char| next.is_ascii_digit())) => {
                let (kind, length) = scan_number(self.rest());
                self.at += length;
                self.push(kind, start);
            }
            _ => {
                if !self.string() {
                    self.word_or_operator(letter);
                }
            }
        }
        false
    }

    fn end_line(&mut self) -> bool {
        if self.brackets == 0 {
            self.newline();
        }
        self.at += 1;
        self.line += 1;
        true
    }

    fn string(&mut self) -> bool {
        let Some(Scanned { kind, length }) = scan_string(self.rest()) else { return false };
        let (start, line) = (self.at, self.line);
        self.at += length;
        self.line += self.text[start..self.at].matches('\n').count();
        self.found.push(Token { kind, line, start, end: self.at });
        true
    }

    fn word_or_operator(&mut self, letter: char) {
        let start = self.at;
        if letter.is_alphabetic() || letter == '_' {
            let word: String = self.rest().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
            self.at += word.len();
            return self.push(TokenKind::Name(word), start);
        }
        let Some(operator) = OPERATORS.into_iter().find(|operator| self.rest().starts_with(operator)) else {
            self.at += letter.len_utf8();
            return self.push(TokenKind::Broken("this sign means nothing in Python"), start);
        };
        match operator {
            "(" | "[" | "{" => self.brackets += 1,
            ")" | "]" | "}" => self.brackets = self.brackets.saturating_sub(1),
            _ => {}
        }
        self.at += operator.len();
        self.push(TokenKind::Op(operator), start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<TokenKind> {
        tokens(text).into_iter().map(|token| token.kind).collect()
    }

    fn name(text: &str) -> TokenKind {
        TokenKind::Name(text.to_owned())
    }

    #[test]
    fn blocks_open_and_close_by_their_indentation() {
        use TokenKind::{Dedent, End, Indent, Newline, Op};
        let text = "if a:\n    b\n\n  # words\n\tc\nd";
        let wanted = [
            name("if"),
            name("a"),
            Op(":"),
            Newline,
            Indent,
            name("b"),
            Newline,
            // A tab reaches to the eighth column.
            Indent,
            name("c"),
            Newline,
            Dedent,
            Dedent,
            name("d"),
            Newline,
            End,
        ];
        assert_eq!(kinds(text), wanted);
    }

    #[test]
    fn lines_go_on_in_brackets_and_after_backslashes() {
        let found = tokens("a = (1,\n  2) + \\\n 3\nb");
        assert_eq!(found.iter().filter(|token| token.kind == TokenKind::Newline).count(), 2);
        let b = found.iter().find(|token| token.kind == name("b")).unwrap();
        assert_eq!(b.line, 4);
    }

    #[test]
    fn a_bracket_that_is_never_closed_swallows_only_its_statement() {
        let found = tokens("a = f(1,\ndef g():\n    pass\n");
        let at = found.iter().position(|token| matches!(token.kind, TokenKind::Broken(_))).unwrap();
        assert_eq!(found[at + 1].kind, TokenKind::Newline);
        assert_eq!((found[at + 2].kind.clone(), found[at + 2].line), (name("def"), 2));
    }

    #[test]
    fn numbers_and_strings_have_their_values() {
        use TokenKind::{Float, Format, Int, Text};
        let text = "0x1F 1_000 2e-4 .5 3. 'a\\n\\'b' r\"\\n\" b'x' f'{y}!' \"\"\"two\nlines\"\"\"";
        let wanted = [
            Int(31),
            Int(1000),
            Float(2e-4),
            Float(0.5),
            Float(3.0),
            Text("a\n'b".to_owned()),
            Text("\\n".to_owned()),
            Text("x".to_owned()),
            Format("{y}!".to_owned()),
            Text("two\nlines".to_owned()),
        ];
        assert_eq!(kinds(text)[..wanted.len()], wanted);
    }
}
