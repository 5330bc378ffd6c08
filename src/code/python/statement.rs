//! Statements.

use std::rc::Rc;

use super::parser::{Parsed, Parser, Stuck};
use super::token::TokenKind;
use super::tree::{Assignment, Binary, Block, Case, Class, Expr, ExprKind, Function, Parameter, ParameterKind, Statement, StatementKind};

const AUGMENTED: [(&str, Binary); 13] = [
    ("+=", Binary::Add),
    ("-=", Binary::Subtract),
    ("*=", Binary::Multiply),
    ("/=", Binary::Divide),
    ("//=", Binary::Floor),
    ("%=", Binary::Remainder),
    ("**=", Binary::Power),
    ("@=", Binary::Matrix),
    ("<<=", Binary::Left),
    (">>=", Binary::Right),
    ("&=", Binary::Bits),
    ("|=", Binary::Bits),
    ("^=", Binary::Bits),
];

impl Parser<'_> {
    pub fn statement(&mut self) -> Parsed<Statement> {
        self.deeper(|parser| {
            let line = parser.line();
            Ok(Statement { kind: parser.statement_kind()?, line })
        })
    }

    fn statement_kind(&mut self) -> Parsed<StatementKind> {
        if self.op("@") {
            return self.decorated();
        }
        let TokenKind::Name(word) = self.kind() else { return self.simple() };
        match word.as_str() {
            "async" if matches!(self.second(), TokenKind::Name(_)) => {
                self.take();
                self.statement_kind()
            }
            "def" => self.function(Vec::new()),
            "class" => self.class(),
            "if" => self.branches(),
            "for" => self.loop_over(),
            "while" => self.loop_while(),
            "with" => self.with(),
            "try" => self.attempt(),
            "match" => self.choice(),
            _ => self.simple(),
        }
    }

    /// Decorators, which are kept by name, and what they decorate.
    fn decorated(&mut self) -> Parsed<StatementKind> {
        let mut names = Vec::new();
        loop {
            let decorator = self.expression()?;
            names.push(dotted(&decorator));
            self.line_end()?;
            if !self.op("@") {
                break;
            }
        }
        self.word("async");
        if self.is_word("class") { self.class() } else { self.function(names) }
    }

    fn function(&mut self, decorators: Vec<String>) -> Parsed<StatementKind> {
        let line = self.line();
        self.want_word("def")?;
        let name = self.name()?;
        self.want("(")?;
        let parameters = self.parameters(")")?;
        self.want(")")?;
        if self.op("->") {
            self.expression()?;
        }
        let body = self.block()?;
        Ok(StatementKind::Function(Rc::new(Function { name, parameters, body, decorators, line })))
    }

    /// Parameters up to `close`, which is not taken.
    pub fn parameters(&mut self, close: &str) -> Parsed<Vec<Parameter>> {
        let mut found = Vec::new();
        let mut plain = ParameterKind::Plain;
        while !self.is_op(close) {
            if self.op("/") {
            } else if self.op("**") {
                let name = self.parameter_name(close)?;
                found.push(Parameter { name, default: None, kind: ParameterKind::NamedRest });
            } else if self.op("*") {
                if !self.is_op(",") {
                    let name = self.parameter_name(close)?;
                    found.push(Parameter { name, default: None, kind: ParameterKind::Rest });
                }
                plain = ParameterKind::Named;
            } else {
                let name = self.parameter_name(close)?;
                let default = if self.op("=") { Some(self.expression()?) } else { None };
                found.push(Parameter { name, default, kind: plain });
            }
            if !self.op(",") {
                break;
            }
        }
        Ok(found)
    }

    /// A name and, but for a lambda, its type, which says nothing that is needed.
    fn parameter_name(&mut self, close: &str) -> Parsed<String> {
        let name = self.name()?;
        if close == ")" && self.op(":") {
            self.expression()?;
        }
        Ok(name)
    }

    fn class(&mut self) -> Parsed<StatementKind> {
        self.want_word("class")?;
        let name = self.name()?;
        let mut bases = Vec::new();
        if self.op("(") {
            let arguments = self.arguments()?;
            bases.extend(arguments.into_iter().filter(|argument| argument.name.is_none()).map(|argument| argument.value));
        }
        let body = self.block()?;
        Ok(StatementKind::Class(Rc::new(Class { name, bases, body })))
    }

    fn branches(&mut self) -> Parsed<StatementKind> {
        let mut branches = Vec::new();
        self.want_word("if")?;
        loop {
            let test = self.named_expression()?;
            branches.push((test, self.block()?));
            if !self.word("elif") {
                break;
            }
        }
        Ok(StatementKind::If { branches, otherwise: self.otherwise()? })
    }

    fn otherwise(&mut self) -> Parsed<Block> {
        if self.word("else") { self.block() } else { Ok(Block::new()) }
    }

    fn loop_over(&mut self) -> Parsed<StatementKind> {
        self.want_word("for")?;
        let target = self.targets()?;
        self.want_word("in")?;
        let items = self.expressions()?;
        let body = self.block()?;
        Ok(StatementKind::For { target, items, body, otherwise: self.otherwise()? })
    }

    fn loop_while(&mut self) -> Parsed<StatementKind> {
        self.want_word("while")?;
        let test = self.named_expression()?;
        let body = self.block()?;
        self.otherwise()?;
        Ok(StatementKind::While { test, body })
    }

    /// `match` is a keyword only where a block of cases follows, and a name elsewhere.
    fn choice(&mut self) -> Parsed<StatementKind> {
        let mark = self.mark();
        self.take();
        let subject = self.expressions();
        let opens = self.op(":") && *self.kind() == TokenKind::Newline && *self.second() == TokenKind::Indent;
        let (Ok(subject), true) = (subject, opens) else {
            self.back(mark);
            return self.simple();
        };
        self.take();
        self.take();
        let mut cases = Vec::new();
        while self.word("case") {
            let pattern = self.pattern()?;
            if self.word("as") {
                self.target()?;
            }
            let guard = if self.word("if") { Some(self.expression()?) } else { None };
            cases.push(Case { pattern, guard, body: self.block()? });
        }
        if *self.kind() != TokenKind::Dedent {
            return Err(self.stuck("case is missing"));
        }
        self.take();
        Ok(StatementKind::Match { subject, cases })
    }

    fn with(&mut self) -> Parsed<StatementKind> {
        self.want_word("with")?;
        let mark = self.mark();
        let items = match self.with_items(true) {
            Ok(items) if self.is_op(":") => items,
            _ => {
                self.back(mark);
                self.with_items(false)?
            }
        };
        Ok(StatementKind::With { items, body: self.block()? })
    }

    fn with_items(&mut self, in_brackets: bool) -> Parsed<Vec<(Expr, Option<Expr>)>> {
        let mut items = Vec::new();
        if in_brackets {
            self.want("(")?;
        }
        loop {
            let value = self.expression()?;
            let name = if self.word("as") { Some(self.target()?) } else { None };
            items.push((value, name));
            if !self.op(",") || self.is_op(")") {
                break;
            }
        }
        if in_brackets {
            self.want(")")?;
        }
        Ok(items)
    }

    fn attempt(&mut self) -> Parsed<StatementKind> {
        self.want_word("try")?;
        let body = self.block()?;
        while self.word("except") {
            self.op("*");
            while !matches!(self.kind(), TokenKind::Op(":") | TokenKind::Newline | TokenKind::End) {
                self.take();
            }
            self.block()?;
        }
        let otherwise = self.otherwise()?;
        let last = if self.word("finally") { self.block()? } else { Block::new() };
        Ok(StatementKind::Try { body, otherwise, last })
    }

    /// A colon, and then statements on the same line or on deeper ones.
    fn block(&mut self) -> Parsed<Block> {
        self.want(":")?;
        let mut block = Block::new();
        if *self.kind() != TokenKind::Newline {
            let line = self.line();
            while self.line() == line && !matches!(self.kind(), TokenKind::End | TokenKind::Newline | TokenKind::Indent | TokenKind::Dedent)
            {
                self.statement_into(&mut block);
            }
            return Ok(block);
        }
        self.take();
        if *self.kind() != TokenKind::Indent {
            return Err(Stuck("the block that belongs to it is missing".to_owned()));
        }
        self.take();
        while !matches!(self.kind(), TokenKind::Dedent | TokenKind::End) {
            if *self.kind() == TokenKind::Indent {
                self.skip_nested(&mut block);
            } else {
                self.statement_into(&mut block);
            }
        }
        self.take();
        Ok(block)
    }

    /// A block that nothing opens, within a block: read as part of it, up to its end.
    fn skip_nested(&mut self, block: &mut Block) {
        let mut open = 0_usize;
        loop {
            match self.kind() {
                TokenKind::Indent => open += 1,
                TokenKind::Dedent => open -= 1,
                TokenKind::End => return,
                _ => {
                    self.statement_into(block);
                    continue;
                }
            }
            self.take();
            if open == 0 {
                return;
            }
        }
    }

    /// A statement without a block.
    fn simple(&mut self) -> Parsed<StatementKind> {
        let kind = match self.kind() {
            TokenKind::Name(word) => match word.as_str() {
                "import" => self.import(),
                "from" => self.import_from(),
                "return" => {
                    self.take();
                    let value = if self.at_line_end() { None } else { Some(self.expressions()?) };
                    Ok(StatementKind::Return(value))
                }
                "raise" => self.rest_of_line(StatementKind::Raise),
                "break" => self.rest_of_line(StatementKind::Break),
                "continue" => self.rest_of_line(StatementKind::Continue),
                "pass" | "global" | "nonlocal" | "del" | "assert" => self.rest_of_line(StatementKind::Nothing),
                // Python 2 knows it as a statement.
                "print" | "exec" if !matches!(self.second(), TokenKind::Op(_) | TokenKind::Newline | TokenKind::End) => {
                    self.rest_of_line(StatementKind::Nothing)
                }
                _ => self.assignment(),
            },
            _ => self.assignment(),
        }?;
        self.line_end()?;
        Ok(kind)
    }

    fn at_line_end(&self) -> bool {
        matches!(self.kind(), TokenKind::Newline | TokenKind::End | TokenKind::Dedent)
    }

    fn line_end(&mut self) -> Parsed<()> {
        match self.kind() {
            TokenKind::Newline => {
                self.take();
                Ok(())
            }
            TokenKind::End | TokenKind::Dedent => Ok(()),
            _ => Err(self.stuck("nothing more is expected")),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "stands beside statements that can fail")]
    fn rest_of_line(&mut self, kind: StatementKind) -> Parsed<StatementKind> {
        while !self.at_line_end() {
            self.take();
        }
        Ok(kind)
    }

    fn assignment(&mut self) -> Parsed<StatementKind> {
        let first = self.expressions()?;
        if let TokenKind::Op(operator) = self.kind()
            && let Some(&(_, operator)) = AUGMENTED.iter().find(|(text, _)| text == operator)
        {
            self.take();
            return Ok(StatementKind::Augment { target: first, operator, value: self.expressions()? });
        }
        if self.op(":") {
            self.expression()?;
            if !self.is_op("=") {
                return Ok(match first.kind {
                    ExprKind::Name(name) => StatementKind::Declare(name),
                    _ => StatementKind::Nothing,
                });
            }
        }
        let mut targets = vec![first];
        while self.op("=") {
            targets.push(self.expressions()?);
        }
        let Some(value) = targets.pop() else { return Ok(StatementKind::Nothing) };
        if targets.is_empty() {
            return Ok(StatementKind::Expression(value));
        }
        Ok(StatementKind::Assign(Assignment { targets, value }))
    }

    fn import(&mut self) -> Parsed<StatementKind> {
        self.take();
        let mut names = Vec::new();
        loop {
            let module = self.module()?;
            names.push((module, self.alias()?));
            if !self.op(",") {
                return Ok(StatementKind::Import(names));
            }
        }
    }

    fn module(&mut self) -> Parsed<String> {
        let mut name = String::new();
        while self.op(".") || self.op("...") {}
        if !self.is_word("import") {
            name.push_str(&self.name()?);
        }
        while self.op(".") {
            name.push('.');
            name.push_str(&self.name()?);
        }
        Ok(name)
    }

    fn alias(&mut self) -> Parsed<Option<String>> {
        if self.word("as") { self.name().map(Some) } else { Ok(None) }
    }

    fn import_from(&mut self) -> Parsed<StatementKind> {
        self.take();
        let module = self.module()?;
        self.want_word("import")?;
        if self.op("*") {
            return Ok(StatementKind::From { module, names: vec![("*".to_owned(), None)] });
        }
        let in_brackets = self.op("(");
        let mut names = Vec::new();
        while !self.is_op(")") {
            let name = self.name()?;
            names.push((name, self.alias()?));
            if !self.op(",") {
                break;
            }
        }
        if in_brackets {
            self.want(")")?;
        }
        Ok(StatementKind::From { module, names })
    }
}

/// The dotted name that an expression is, without the arguments of a call; empty where it is none.
fn dotted(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Name(name) => name.clone(),
        ExprKind::Attribute(value, name) => format!("{}.{name}", dotted(value)),
        ExprKind::Call { callee, .. } => dotted(callee),
        _ => String::new(),
    }
}
