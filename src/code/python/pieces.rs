//! What stands in brackets, and strings.

use super::expression::deepest;
use super::parser::{Parsed, Parser, Stuck};
use super::token::TokenKind;
use super::tree::{Argument, Clause, Collected, Constant, Expr, ExprKind, Unpack};

/// The most pieces of an f-string that are read.
const MAX_FIELDS: usize = 64;

impl Parser<'_> {
    /// Arguments of a call, the closing bracket included. An argument that does not parse is kept as such, and the next one is read.
    pub fn arguments(&mut self) -> Parsed<Vec<Argument>> {
        let mut found = Vec::new();
        while !self.is_op(")") {
            let place = self.place();
            let argument = match self.argument() {
                Ok(argument) => argument,
                Err(stuck) => Argument { name: None, unpack: Unpack::No, value: self.broken(place, stuck)? },
            };
            found.push(argument);
            if !self.op(",") {
                break;
            }
        }
        self.want(")")?;
        Ok(found)
    }

    fn argument(&mut self) -> Parsed<Argument> {
        for (sign, unpack) in [("**", Unpack::Dict), ("*", Unpack::List)] {
            if self.op(sign) {
                return Ok(Argument { name: None, unpack, value: self.expression()? });
            }
        }
        if let TokenKind::Name(name) = self.kind()
            && *self.second() == TokenKind::Op("=")
        {
            self.take();
            self.take();
            let value = self.expression()?;
            self.ends_item()?;
            return Ok(Argument { name: Some(name.clone()), unpack: Unpack::No, value });
        }
        let place = self.place();
        let item = self.named_expression()?;
        let value = if self.is_word("for") || self.is_word("async") { self.comprehension(place, item, None)? } else { item };
        self.ends_item()?;
        Ok(Argument { name: None, unpack: Unpack::No, value })
    }

    /// Behind an item stands a comma or the closing bracket.
    fn ends_item(&self) -> Parsed<()> {
        match self.kind() {
            TokenKind::Op("," | ")" | "]" | "}" | ":") => Ok(()),
            _ => Err(self.stuck("a comma is missing")),
        }
    }

    /// Keeps an item that does not parse, where the brackets around it are closed.
    fn broken(&mut self, place: (usize, usize), Stuck(why): Stuck) -> Parsed<Expr> {
        let mark = self.mark();
        if !self.skip_item() {
            self.back(mark);
            return Err(Stuck(why));
        }
        self.node(ExprKind::Broken(why), place, 0)
    }

    pub fn subscript(&mut self) -> Parsed<Expr> {
        let place = self.place();
        let mut items = vec![self.index()?];
        let mut is_tuple = false;
        while self.op(",") {
            is_tuple = true;
            if self.is_op("]") {
                break;
            }
            items.push(self.index()?);
        }
        self.want("]")?;
        match items.pop() {
            Some(only) if !is_tuple => Ok(only),
            last => {
                items.extend(last);
                let depth = deepest(&items);
                self.node(ExprKind::Tuple(items), place, depth)
            }
        }
    }

    fn index(&mut self) -> Parsed<Expr> {
        let place = self.place();
        let mut parts = [None, None, None];
        let mut depth = 0;
        let mut at = 0;
        loop {
            if !matches!(self.kind(), TokenKind::Op(":" | "," | "]")) {
                let value = self.starred()?;
                depth = depth.max(value.depth);
                if at == 0 && !self.is_op(":") {
                    return Ok(value);
                }
                parts[at] = Some(Box::new(value));
            }
            if at == 2 || !self.op(":") {
                break;
            }
            at += 1;
        }
        let [start, stop, step] = parts;
        self.node(ExprKind::Slice(start, stop, step), place, depth)
    }

    pub fn parenthesised(&mut self) -> Parsed<Expr> {
        let place = self.place();
        self.take();
        if self.op(")") {
            return self.node(ExprKind::Tuple(Vec::new()), place, 0);
        }
        let item = self.starred()?;
        if self.is_word("for") || self.is_word("async") {
            let made = self.comprehension(place, item, None)?;
            self.want(")")?;
            return Ok(made);
        }
        if self.op(")") {
            return Ok(Expr { span: (place.1, self.end()), ..item });
        }
        self.want(",")?;
        let items = self.items(item, ")")?;
        let depth = deepest(&items);
        self.node(ExprKind::Tuple(items), place, depth)
    }

    /// The items behind the first one and its comma, the closing bracket included.
    fn items(&mut self, first: Expr, close: &str) -> Parsed<Vec<Expr>> {
        let mut items = vec![first];
        while !self.is_op(close) {
            items.push(self.item()?);
            if !self.op(",") {
                break;
            }
        }
        self.want(close)?;
        Ok(items)
    }

    fn item(&mut self) -> Parsed<Expr> {
        let place = self.place();
        let parsed = self.starred().and_then(|item| {
            if self.is_word("for") || self.is_word("async") {
                return Ok(item);
            }
            self.ends_item().map(|()| item)
        });
        match parsed {
            Ok(item) => Ok(item),
            Err(stuck) => self.broken(place, stuck),
        }
    }

    pub fn list(&mut self) -> Parsed<Expr> {
        let place = self.place();
        self.take();
        if self.op("]") {
            return self.node(ExprKind::List(Vec::new()), place, 0);
        }
        let item = self.item()?;
        if self.is_word("for") || self.is_word("async") {
            let made = self.comprehension(place, item, None)?;
            self.want("]")?;
            return Ok(made);
        }
        let items = if self.op(",") {
            self.items(item, "]")?
        } else {
            self.want("]")?;
            vec![item]
        };
        let depth = deepest(&items);
        self.node(ExprKind::List(items), place, depth)
    }

    /// A dictionary or a set.
    pub fn braces(&mut self) -> Parsed<Expr> {
        let place = self.place();
        self.take();
        let mut entries = Vec::new();
        let mut items = Vec::new();
        while !self.is_op("}") {
            if self.op("**") {
                entries.push((None, self.expression()?));
            } else {
                let key = self.starred()?;
                let value = if self.op(":") { Some(self.expression()?) } else { None };
                if self.is_word("for") || self.is_word("async") {
                    let made = self.comprehension(place, key, value)?;
                    self.want("}")?;
                    return Ok(made);
                }
                match value {
                    Some(value) => entries.push((Some(key), value)),
                    None => items.push(key),
                }
            }
            if !self.op(",") {
                break;
            }
        }
        self.want("}")?;
        if entries.is_empty() && !items.is_empty() {
            let depth = deepest(&items);
            return self.node(ExprKind::List(items), place, depth);
        }
        let depth = deepest(entries.iter().flat_map(|(key, value)| key.iter().chain([value])));
        self.node(ExprKind::Dict(entries), place, depth)
    }

    fn comprehension(&mut self, place: (usize, usize), item: Expr, value: Option<Expr>) -> Parsed<Expr> {
        let mut clauses = Vec::new();
        let mut depth = deepest(value.iter().chain([&item]));
        while self.is_word("for") || self.is_word("async") {
            self.word("async");
            self.want_word("for")?;
            let target = self.targets()?;
            self.want_word("in")?;
            let items = self.condition()?;
            let mut conditions = Vec::new();
            while self.word("if") {
                conditions.push(self.condition()?);
            }
            depth = depth.max(deepest(conditions.iter().chain([&target, &items])));
            clauses.push(Clause { target, items, conditions });
        }
        let collected = if value.is_some() { Collected::Dict } else { Collected::List };
        let kind = ExprKind::Comprehension { collected, item: Box::new(item), value: value.map(Box::new), clauses };
        self.node(kind, place, depth)
    }

    /// An expression that ends before `if`, which begins the next condition.
    fn condition(&mut self) -> Parsed<Expr> {
        self.deeper(Self::either)
    }

    /// Strings beside each other are one.
    pub fn strings(&mut self) -> Parsed<Expr> {
        let place = self.place();
        let mut pieces = Vec::new();
        let mut plain = String::new();
        loop {
            let line = self.line();
            match self.kind() {
                TokenKind::Text(text) => plain.push_str(text),
                TokenKind::Format(raw) => {
                    for piece in self.fields(raw, line)? {
                        match piece {
                            Field::Text(text) => plain.push_str(&text),
                            Field::Value(value) => {
                                let text = Constant::Text(std::mem::take(&mut plain));
                                pieces.push(self.node(ExprKind::Constant(text), place, 0)?);
                                pieces.push(value);
                            }
                        }
                    }
                }
                _ => break,
            }
            self.take();
        }
        let text = ExprKind::Constant(Constant::Text(plain));
        if pieces.is_empty() {
            return self.node(text, place, 0);
        }
        pieces.push(self.node(text, place, 0)?);
        let depth = deepest(&pieces);
        self.node(ExprKind::Format(pieces), place, depth)
    }

    /// The pieces of an f-string.
    fn fields(&mut self, raw: &str, line: usize) -> Parsed<Vec<Field>> {
        let mut found = Vec::new();
        let mut rest = raw;
        while let Some(at) = rest.find(['{', '}']) {
            let (text, from) = rest.split_at(at);
            found.push(Field::Text(text.to_owned()));
            if from.starts_with("{{") || from.starts_with("}}") {
                found.push(Field::Text(from[..1].to_owned()));
                rest = &from[2..];
                continue;
            }
            let Some(close) = from.find('}').filter(|_| from.starts_with('{') && found.len() < MAX_FIELDS) else {
                rest = from;
                break;
            };
            // How the value is written, behind a colon or an exclamation mark, does not matter here.
            let inside = &from[1..close];
            let inside = inside.split([':', '!']).next().unwrap_or(inside);
            let depth = self.depth();
            let value = self.deeper(|_| Parser::inner(inside.trim(), line, depth + 1));
            found.push(value.map_or_else(|_| Field::Text(from[..=close].to_owned()), Field::Value));
            rest = &from[close + 1..];
        }
        found.push(Field::Text(rest.to_owned()));
        Ok(found)
    }
}

enum Field {
    Text(String),
    Value(Expr),
}
