//! Expressions become values.

use std::cell::RefCell;
use std::rc::Rc;

use super::machine::{Frame, MAX_ITEMS, Machine, Site};
use super::value::{Arguments, NetworkKind, Scope, Unknown, Value};
use crate::code::layers;
use crate::code::python::{Argument, Clause, Collected, Comparison, Constant, Expr, ExprKind, Unpack};

impl Machine<'_> {
    /// The value of an expression.
    pub fn eval(&mut self, expr: &Expr, frame: &Frame) -> Value {
        if !self.fuel.enter() {
            return self.unknown(Site::of(expr), "the script is too long to be followed to its end");
        }
        let value = self.eval_inside(expr, frame);
        self.fuel.leave();
        value
    }

    fn eval_inside(&mut self, expr: &Expr, frame: &Frame) -> Value {
        let site = Site::of(expr);
        match &expr.kind {
            ExprKind::Name(name) => self.name(name, frame, site),
            ExprKind::Constant(constant) => constant_value(constant),
            ExprKind::Format(pieces) => {
                let pieces: Vec<Value> = pieces.iter().map(|piece| self.eval(piece, frame)).collect();
                let texts: Option<Vec<String>> = pieces.iter().map(plain_text).collect();
                texts.map_or_else(|| self.unknown(site, "this string is not known here"), |texts| Value::text(&texts.concat()))
            }
            ExprKind::Tuple(items) => Value::tuple(self.items_of(items, frame)),
            ExprKind::List(items) => Value::list(self.items_of(items, frame)),
            ExprKind::Dict(entries) => self.dict(entries, expr.line, frame),
            ExprKind::Comprehension { collected, item, value, clauses } => {
                self.comprehension(*collected, (item, value.as_deref()), clauses, frame, site)
            }
            ExprKind::Attribute(holder, name) => {
                let holder = self.eval(holder, frame);
                self.attribute(&holder, name, site)
            }
            ExprKind::Index(holder, index) => {
                let (holder, index) = (self.eval(holder, frame), self.eval(index, frame));
                self.item(&holder, &index, site)
            }
            ExprKind::Slice(start, stop, step) => {
                let mut part = |part: &Option<Box<Expr>>| part.as_ref().map_or(Value::None, |part| self.eval(part, frame));
                Value::Slice(Rc::new([part(start), part(stop), part(step)]))
            }
            ExprKind::Call { callee, arguments } => self.call_expression(callee, arguments, frame, site),
            ExprKind::Unary(operator, value) => {
                let value = self.eval(value, frame);
                self.unary(*operator, &value, site)
            }
            ExprKind::Binary(operator, left, right) => {
                let (left, right) = (self.eval(left, frame), self.eval(right, frame));
                self.binary(*operator, left, right, site)
            }
            ExprKind::Compare(first, rest) => self.compare_chain(first, rest, frame, site),
            ExprKind::And(values) => self.logical(values, false, frame, site),
            ExprKind::Or(values) => self.logical(values, true, frame, site),
            ExprKind::If { test, then, otherwise } => {
                let holds = self.eval(test, frame).truth();
                // What is not known is read as if it held, as with statements.
                self.eval(if holds == Some(false) { otherwise } else { then }, frame)
            }
            ExprKind::Lambda(function) => Value::Function(self.closure(function, frame)),
            ExprKind::Star(value) => self.eval(value, frame),
            ExprKind::Named(name, value) => {
                let value = self.eval(value, frame);
                self.give_name(name, &value, expr.line);
                frame.scope.set(name, value.clone());
                value
            }
            ExprKind::Yield(value, from) => {
                let value = self.eval(value, frame);
                let items = if *from { self.iterate(&value).unwrap_or_default() } else { vec![value] };
                let mut yielded = frame.yielded.borrow_mut();
                if yielded.len() + items.len() <= MAX_ITEMS {
                    yielded.extend(items);
                }
                Value::None
            }
            ExprKind::Broken(why) => self.unknown(site, format!("it does not parse: {why}")),
        }
    }

    fn name(&mut self, name: &str, frame: &Frame, site: Site) -> Value {
        if let Some(value) = frame.scope.find(name) {
            return value;
        }
        if name == "__name__" {
            return Value::text("__main__");
        }
        if let Some(full) = super::library::well_known(name) {
            return Value::Library(full.into());
        }
        if let Some(full) = layers::full_name(name, &self.stars, self.text) {
            return Value::Library(full.as_str().into());
        }
        if let Some(module) = self.stars.first() {
            // It may come from there; nothing else is known of it.
            return Value::Library(format!("{module}.{name}").as_str().into());
        }
        let undefined = Some(name.to_owned());
        let reason = format!("nothing named {name} is defined");
        Value::Unknown(Rc::new(Unknown { reason, source: self.source(site.span), line: site.line, undefined }))
    }

    /// The values of a list's items, with `*items` taken apart.
    fn items_of(&mut self, items: &[Expr], frame: &Frame) -> Vec<Value> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            let value = self.eval(item, frame);
            if let ExprKind::Star(_) = item.kind
                && let Some(inside) = self.iterate(&value)
            {
                values.extend(inside);
            } else {
                values.push(value);
            }
        }
        values.truncate(MAX_ITEMS);
        values
    }

    fn dict(&mut self, entries: &[(Option<Expr>, Expr)], line: usize, frame: &Frame) -> Value {
        let mut found = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let key = key.as_ref().map(|key| self.eval(key, frame));
            let value = self.eval(value, frame);
            match (key, value) {
                (Some(key), value) => {
                    if let Value::Text(name) = &key {
                        self.give_name(name, &value, line);
                    }
                    found.push((key, value));
                }
                (None, Value::Dict(more)) => found.extend(more.borrow().iter().cloned()),
                (None, _) => {}
            }
        }
        Value::Dict(Rc::new(RefCell::new(found)))
    }

    fn comprehension(
        &mut self,
        collected: Collected,
        (item, value): (&Expr, Option<&Expr>),
        clauses: &[Clause],
        frame: &Frame,
        site: Site,
    ) -> Value {
        let scope = Rc::new(Scope { parent: Some(frame.scope.clone()), ..Scope::default() });
        let inside = Frame { scope, ..frame.clone() };
        let mut found = Vec::new();
        if let Err(unknown) = self.collect((item, value), clauses, &inside, &mut found) {
            return self.unknown(site, unknown);
        }
        match collected {
            Collected::List => Value::list(found.into_iter().map(|(item, _)| item).collect()),
            Collected::Dict => Value::Dict(Rc::new(RefCell::new(found))),
        }
    }

    fn collect(
        &mut self,
        (item, value): (&Expr, Option<&Expr>),
        clauses: &[Clause],
        frame: &Frame,
        found: &mut Vec<(Value, Value)>,
    ) -> Result<(), String> {
        let Some((clause, rest)) = clauses.split_first() else {
            let made = (self.eval(item, frame), value.map_or(Value::None, |value| self.eval(value, frame)));
            found.push(made);
            return Ok(());
        };
        let items = self.eval(&clause.items, frame);
        let items = self.iterate(&items).ok_or_else(|| "what it runs over is not known here".to_owned())?;
        for round in items {
            if !self.fuel.spend(1) || found.len() >= MAX_ITEMS {
                return Err("it is too long to be followed".to_owned());
            }
            self.assign(&clause.target, &round, frame);
            let holds = clause.conditions.iter().all(|condition| self.eval(condition, frame).truth() != Some(false));
            if holds {
                self.collect((item, value), rest, frame, found)?;
            }
        }
        Ok(())
    }

    fn logical(&mut self, values: &[Expr], ends_with: bool, frame: &Frame, site: Site) -> Value {
        let mut last = Value::Bool(!ends_with);
        let mut open = None;
        for value in values {
            last = self.eval(value, frame);
            match last.truth() {
                Some(truth) if truth == ends_with => return last,
                Some(_) => {}
                None => open = Some(last.clone()),
            }
        }
        match open {
            None => last,
            // `given or default`: the second is what is known.
            Some(_) if ends_with && last.truth().is_some() => last,
            Some(Value::Unknown(unknown)) => Value::Unknown(unknown),
            Some(_) => self.unknown(site, "whether this holds is not known here"),
        }
    }

    fn compare_chain(&mut self, first: &Expr, rest: &[(Comparison, Expr)], frame: &Frame, site: Site) -> Value {
        let mut left = self.eval(first, frame);
        let mut result = Some(true);
        for (comparison, right) in rest {
            let right = self.eval(right, frame);
            match self.compare(*comparison, &left, &right) {
                Some(true) => {}
                Some(false) => return Value::Bool(false),
                None => result = None,
            }
            left = right;
        }
        result.map_or_else(|| self.unknown(site, "whether this holds is not known here"), Value::Bool)
    }

    fn call_expression(&mut self, callee: &Expr, arguments: &[Argument], frame: &Frame, site: Site) -> Value {
        if let ExprKind::Name(name) = &callee.kind
            && name == "super"
            && let (Some(Value::Object(object)), Some(owner)) = (&frame.me, &frame.owner)
        {
            return Value::Super(Rc::new((object.clone(), owner.clone())));
        }
        let function = self.eval(callee, frame);
        let arguments = self.arguments(arguments, frame);
        if let Value::Library(name) = &function
            && matches!(name.as_ref(), "builtins.locals" | "builtins.vars" | "builtins.globals")
        {
            return arguments.places.into_iter().next().unwrap_or(Value::None);
        }
        self.call(&function, arguments, site)
    }

    fn arguments(&mut self, arguments: &[Argument], frame: &Frame) -> Arguments {
        let mut found = Arguments::default();
        for argument in arguments {
            let value = self.eval(&argument.value, frame);
            match (&argument.name, argument.unpack) {
                (Some(name), _) => found.named.push((name.clone(), value)),
                (None, Unpack::No) => found.places.push(value),
                (None, Unpack::List) => match self.iterate(&value) {
                    Some(items) => found.places.extend(items),
                    None => found.places.push(value),
                },
                (None, Unpack::Dict) => {
                    if let Value::Dict(entries) = value {
                        let entries = entries.borrow();
                        found.named.extend(entries.iter().filter_map(|(key, value)| Some((key.as_text()?.to_owned(), value.clone()))));
                    }
                }
            }
        }
        found.places.truncate(MAX_ITEMS);
        found
    }

    /// What a loop runs over; none where that cannot be told.
    pub fn iterate(&mut self, value: &Value) -> Option<Vec<Value>> {
        let items = match value {
            Value::Dict(entries) => entries.borrow().iter().map(|(key, _)| key.clone()).collect(),
            Value::Text(text) => text.chars().take(MAX_ITEMS).map(|letter| Value::text(&letter.to_string())).collect(),
            Value::Network(network) => match &network.kind {
                NetworkKind::Sequential(items) => items.borrow().clone(),
                NetworkKind::Path { .. } => return None,
            },
            _ => value.items()?,
        };
        self.fuel.spend(items.len() / 4);
        Some(items)
    }
}

fn constant_value(constant: &Constant) -> Value {
    match constant {
        Constant::None | Constant::Ellipsis => Value::None,
        Constant::Bool(value) => Value::Bool(*value),
        Constant::Int(value) => Value::Int(*value),
        Constant::Float(value) => Value::Float(*value),
        Constant::Text(text) => Value::text(text),
    }
}

/// A value as it stands in a string, where that is plain.
pub fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.to_string()),
        Value::Int(value) => Some(value.to_string()),
        Value::Float(value) => Some(value.to_string()),
        Value::Bool(value) => Some(if *value { "True" } else { "False" }.to_owned()),
        _ => None,
    }
}
