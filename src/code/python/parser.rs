//! The parser's hands: looking at tokens, taking them, and going on after what cannot be read.

use super::token::{Token, TokenKind, tokens};
use super::tree::{Block, Expr, ExprKind, Statement, StatementKind};

/// Deeper trees are no script that a person wrote, and walks over them would need a large stack.
const MAX_DEPTH: usize = 120;

/// Why a statement does not parse, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck(pub String);

pub type Parsed<T> = Result<T, Stuck>;

/// The tree of `text`. What does not parse is in it as [`StatementKind::Broken`] or [`ExprKind::Broken`].
pub fn parse(text: &str) -> Block {
    let tokens = tokens(text);
    let mut parser = Parser { text, tokens: &tokens, at: 0, depth: 0, shift: 0 };
    let mut block = Block::new();
    while !parser.is_end() {
        parser.statement_into(&mut block);
    }
    block
}

pub struct Parser<'a> {
    pub text: &'a str,
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    /// Added to every line, where the text is a part of another one.
    shift: usize,
}

impl<'a> Parser<'a> {
    /// The expression that is all of `text`, which stands on `line`.
    pub fn inner(text: &str, line: usize, depth: usize) -> Parsed<Expr> {
        let tokens = tokens(text);
        let mut parser = Parser { text, tokens: &tokens, at: 0, depth, shift: line.saturating_sub(1) };
        parser.expression()
    }

    fn token(&self) -> Option<&'a Token> {
        self.tokens.get(self.at.min(self.tokens.len().saturating_sub(1)))
    }

    pub fn kind(&self) -> &'a TokenKind {
        self.token().map_or(&TokenKind::End, |token| &token.kind)
    }

    /// The token after the next one.
    pub fn second(&self) -> &'a TokenKind {
        self.tokens.get(self.at + 1).map_or(&TokenKind::End, |token| &token.kind)
    }

    pub fn line(&self) -> usize {
        self.token().map_or(1, |token| token.line) + self.shift
    }

    pub fn start(&self) -> usize {
        self.token().map_or(0, |token| token.start)
    }

    /// Where the token that was taken last ends.
    pub fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |token| token.end)
    }

    pub fn take(&mut self) {
        self.at += 1;
    }

    pub fn is_end(&self) -> bool {
        *self.kind() == TokenKind::End
    }

    pub fn is_op(&self, operator: &str) -> bool {
        matches!(self.kind(), TokenKind::Op(found) if *found == operator)
    }

    pub fn is_word(&self, word: &str) -> bool {
        matches!(self.kind(), TokenKind::Name(found) if found == word)
    }

    pub fn op(&mut self, operator: &str) -> bool {
        let found = self.is_op(operator);
        self.at += usize::from(found);
        found
    }

    pub fn word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    pub fn want(&mut self, operator: &str) -> Parsed<()> {
        if self.op(operator) { Ok(()) } else { Err(self.stuck(&format!("{operator} is missing"))) }
    }

    pub fn want_word(&mut self, word: &str) -> Parsed<()> {
        if self.word(word) { Ok(()) } else { Err(self.stuck(&format!("{word} is missing"))) }
    }

    pub fn name(&mut self) -> Parsed<String> {
        match self.kind() {
            TokenKind::Name(name) => {
                self.take();
                Ok(name.clone())
            }
            _ => Err(self.stuck("a name is missing")),
        }
    }

    /// Why it does not go on here.
    pub fn stuck(&self, wanted: &str) -> Stuck {
        let why = match self.kind() {
            TokenKind::Broken(why) => (*why).to_owned(),
            TokenKind::Newline | TokenKind::End | TokenKind::Indent | TokenKind::Dedent => format!("{wanted} at the end of the line"),
            _ => {
                let found = self.token().and_then(|token| self.text.get(token.start..token.end)).unwrap_or_default();
                format!("{wanted} before {}", shorten(found))
            }
        };
        Stuck(why)
    }

    /// Goes one step deeper, or refuses.
    pub fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(Stuck("it is nested too deeply".to_owned()));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// How deep the parser is, for texts within the text.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// A node of the tree that begins at `start`.
    pub fn node(&self, kind: ExprKind, (line, start): (usize, usize), children: usize) -> Parsed<Expr> {
        let depth = children + 1;
        if depth > MAX_DEPTH {
            return Err(Stuck("it is nested too deeply".to_owned()));
        }
        Ok(Expr { kind, line, span: (start, self.end().max(start)), depth })
    }

    /// The line and the first byte of what comes.
    pub fn place(&self) -> (usize, usize) {
        (self.line(), self.start())
    }

    /// Reads one statement, or several on one line, into `block`; whatever comes, something is taken.
    pub fn statement_into(&mut self, block: &mut Block) {
        let (before, place, indents) = (self.at, self.place(), self.depth);
        match self.kind() {
            TokenKind::Newline | TokenKind::Dedent => return self.take(),
            // A block that nothing opens, as in a snippet cut out of a function, is read as if it stood further left.
            TokenKind::Indent => return self.take(),
            _ => {}
        }
        match self.statement() {
            Ok(statement) => block.push(statement),
            Err(Stuck(why)) => {
                self.depth = indents;
                let source = self.first_line(place.1);
                self.recover(before);
                block.push(Statement { kind: StatementKind::Broken { source, why }, line: place.0 });
            }
        }
    }

    fn first_line(&self, start: usize) -> String {
        let rest = self.text.get(start..).unwrap_or_default();
        shorten(rest.lines().next().unwrap_or_default())
    }

    /// Skips to the end of the line that begins at `from`, and the block that it opens.
    fn recover(&mut self, from: usize) {
        self.at = self.at.max(from);
        while !matches!(self.kind(), TokenKind::Newline | TokenKind::End | TokenKind::Dedent) {
            self.take();
        }
        if *self.kind() == TokenKind::Newline {
            self.take();
        }
        if self.at == from {
            self.take();
        }
    }

    /// Skips to the next comma or the closing bracket at this level; says whether there is one before the statement ends.
    pub fn skip_item(&mut self) -> bool {
        let mut open = 0_usize;
        loop {
            match self.kind() {
                TokenKind::Op("(" | "[" | "{") => open += 1,
                TokenKind::Op(")" | "]" | "}") if open == 0 => return true,
                TokenKind::Op(")" | "]" | "}") => open -= 1,
                TokenKind::Op(",") if open == 0 => return true,
                TokenKind::Newline | TokenKind::End | TokenKind::Indent | TokenKind::Dedent => return false,
                TokenKind::Broken(why) if why.contains("bracket") => return false,
                _ => {}
            }
            self.take();
        }
    }

    /// Where the parser stands, to come back to.
    pub fn mark(&self) -> usize {
        self.at
    }

    /// Goes back to a mark.
    pub fn back(&mut self, mark: usize) {
        self.at = mark;
    }
}

/// Code as it is shown to people: on one line, and not too long.
pub fn shorten(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= 80 { line } else { line.chars().take(79).chain(['…']).collect() }
}
