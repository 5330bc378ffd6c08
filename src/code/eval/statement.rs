//! Statements are followed in their order.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::call::is_module;
use super::machine::{Frame, Machine, Site};
use super::value::{Arguments, ClassValue, Closure, NetworkKind, Scope, Step, Value};
use crate::code::python::{Binary, Class, Expr, ExprKind, Function, Statement, StatementKind};

/// Loops that run longer than this train; those that build networks are short.
const MAX_ROUNDS: usize = 64;

/// How a statement ends.
#[derive(Debug)]
pub enum Flow {
    Next,
    Return(Value),
    Break,
    Continue,
    /// An error is raised.
    Raise,
}

impl Machine<'_> {
    /// Follows statements in their order.
    pub fn run(&mut self, block: &[Statement], frame: &Frame) -> Flow {
        for statement in block {
            if !self.fuel.enter() {
                return Flow::Raise;
            }
            let flow = self.statement(statement, frame);
            self.fuel.leave();
            if !matches!(flow, Flow::Next) {
                return flow;
            }
        }
        Flow::Next
    }

    fn statement(&mut self, statement: &Statement, frame: &Frame) -> Flow {
        match &statement.kind {
            StatementKind::Expression(expr) => drop(self.eval(expr, frame)),
            StatementKind::Assign(assignment) => {
                let value = self.eval(&assignment.value, frame);
                for target in &assignment.targets {
                    self.assign(target, &value, frame);
                }
            }
            StatementKind::Augment { target, operator, value } => self.augment(target, *operator, value, frame),
            StatementKind::Function(function) => self.define(function, frame),
            StatementKind::Class(class) => self.define_class(class, frame),
            StatementKind::If { branches, otherwise } => return self.branch(branches, otherwise, frame),
            StatementKind::For { target, items, body, otherwise } => return self.for_each(target, items, (body, otherwise), frame),
            StatementKind::While { test, body } => return self.while_true(test, body, frame),
            StatementKind::Match { subject, cases } => return self.choose_case(subject, cases, frame),
            StatementKind::With { items, body } => {
                for (item, name) in items {
                    let value = self.eval(item, frame);
                    if let Some(name) = name {
                        self.assign(name, &value, frame);
                    }
                }
                return self.run(body, frame);
            }
            StatementKind::Try { body, otherwise, last } => {
                let flow = match self.run(body, frame) {
                    Flow::Next => self.run(otherwise, frame),
                    Flow::Raise => Flow::Next,
                    flow => flow,
                };
                return match self.run(last, frame) {
                    Flow::Next => flow,
                    ends => ends,
                };
            }
            StatementKind::Import(names) => self.import(names, frame),
            StatementKind::From { module, names } => self.import_from(module, names, frame),
            StatementKind::Return(value) => return Flow::Return(value.as_ref().map_or(Value::None, |value| self.eval(value, frame))),
            StatementKind::Raise => return Flow::Raise,
            StatementKind::Break => return Flow::Break,
            StatementKind::Continue => return Flow::Continue,
            StatementKind::Declare(name) => frame.scope.declare(name),
            StatementKind::Nothing => {}
            StatementKind::Broken { source, why } => self.broken(source, why, statement.line, frame),
        }
        Flow::Next
    }

    /// A statement that does not parse. Where it adds to a network, a gap stands for it; in any case it is said.
    fn broken(&mut self, source: &str, why: &str, line: usize, frame: &Frame) {
        let word: String = source.chars().take_while(|letter| letter.is_alphanumeric() || "_.".contains(*letter)).collect();
        let reason = format!("it does not parse: {why}");
        let holder = word.strip_suffix(".add").or_else(|| word.strip_suffix(".append")).unwrap_or(&word);
        let mut parts = holder.split('.');
        let mut value = parts.next().and_then(|name| frame.scope.find(name));
        for part in parts {
            value = match value {
                Some(Value::Object(object)) => object.scope.own(part),
                _ => None,
            };
        }
        let gap = Step::Gap { source: source.to_owned(), line, reason: reason.clone() };
        match value {
            Some(Value::Tensor(node)) if !word.contains('.') => {
                let behind = self.node(Some(node), gap);
                return frame.scope.set(&word, behind);
            }
            Some(Value::Network(network)) if holder != word => {
                if let NetworkKind::Sequential(items) = &network.kind {
                    return items.borrow_mut().push(self.unknown_at(source, line, reason));
                }
            }
            Some(Value::List(items)) if holder != word => return items.borrow_mut().push(self.unknown_at(source, line, reason)),
            _ => {}
        }
        self.note(line, source, reason);
    }

    fn unknown_at(&self, source: &str, line: usize, reason: String) -> Value {
        Value::Unknown(Rc::new(super::value::Unknown { reason, source: source.to_owned(), line, undefined: None }))
    }

    /// Gives a value its name, or takes it apart.
    pub fn assign(&mut self, target: &Expr, value: &Value, frame: &Frame) {
        match &target.kind {
            ExprKind::Name(name) => {
                self.give_name(name, value, target.line);
                frame.scope.set(name, value.clone());
            }
            ExprKind::Attribute(holder, name) => {
                let holder = self.eval(holder, frame);
                self.give_name(name, value, target.line);
                self.set_attribute(&holder, name, value.clone());
            }
            ExprKind::Index(holder, index) => {
                let (holder, index) = (self.eval(holder, frame), self.eval(index, frame));
                if let Value::Text(name) = &index {
                    self.give_name(name, value, target.line);
                }
                self.set_item(&holder, &index, value.clone());
            }
            ExprKind::Tuple(targets) | ExprKind::List(targets) => self.assign_parts(targets, value, target, frame),
            ExprKind::Star(inner) => self.assign(inner, value, frame),
            _ => {}
        }
    }

    fn assign_parts(&mut self, targets: &[Expr], value: &Value, whole: &Expr, frame: &Frame) {
        let items = match value {
            Value::ShapeOf(node) => (0..targets.len()).map(|axis| self.size_of(*node, axis as i64)).collect(),
            Value::Tensor(node) => self.tensor_parts(*node, targets.len()),
            _ => value.items().unwrap_or_default(),
        };
        let star = targets.iter().position(|target| matches!(target.kind, ExprKind::Star(_)));
        for (place, target) in targets.iter().enumerate() {
            let from_end = targets.len() - place;
            let part = match star {
                Some(star) if place == star => {
                    let end = (items.len() + 1).saturating_sub(from_end).max(place.min(items.len()));
                    Some(Value::list(items.get(place..end).unwrap_or_default().to_vec()))
                }
                Some(star) if place > star => items.len().checked_sub(from_end).and_then(|at| items.get(at).cloned()),
                _ => items.get(place).cloned(),
            };
            let part = part.unwrap_or_else(|| match value {
                Value::Unknown(_) => value.clone(),
                _ => self.unknown(Site::of(whole), "what it holds is not known here"),
            });
            self.assign(target, &part, frame);
        }
    }

    fn augment(&mut self, target: &Expr, operator: Binary, value: &Expr, frame: &Frame) {
        let (old, value) = (self.eval(target, frame), self.eval(value, frame));
        // A list grows where it is, for everybody who holds it.
        if let (Value::List(items), Some(more), Binary::Add) = (&old, value.items(), operator) {
            if self.fuel.spend(more.len()) && items.borrow().len() + more.len() <= super::machine::MAX_ITEMS {
                items.borrow_mut().extend(more);
            }
            return;
        }
        let site = Site { line: target.line, span: target.span };
        let new = self.binary(operator, old, value, site);
        self.assign(target, &new, frame);
    }

    fn define(&mut self, function: &Rc<Function>, frame: &Frame) {
        let closure = self.closure(function, frame);
        frame.scope.set(&function.name, Value::Function(closure));
    }

    /// A function with the values of its defaults.
    pub fn closure(&mut self, function: &Rc<Function>, frame: &Frame) -> Rc<Closure> {
        let defaults =
            function.parameters.iter().map(|parameter| parameter.default.as_ref().map(|value| self.eval(value, frame))).collect();
        let closure = Rc::new(Closure {
            function: function.clone(),
            scope: frame.scope.clone(),
            defaults,
            owner: RefCell::new(frame.owner.clone()),
            called: Cell::new(false),
        });
        if self.closures.len() < super::machine::MAX_ITEMS {
            self.closures.push(closure.clone());
        }
        closure
    }

    fn define_class(&mut self, class: &Rc<Class>, frame: &Frame) {
        let bases = class.bases.iter().map(|base| self.eval(base, frame)).collect();
        let scope = Rc::new(Scope { parent: Some(frame.scope.clone()), ..Scope::default() });
        let inside = Frame { scope: scope.clone(), ..frame.clone() };
        self.run(&class.body, &inside);
        let value = Rc::new(ClassValue { class: class.clone(), bases, scope, used: Cell::new(false) });
        for (_, member) in value.scope.values() {
            if let Value::Function(closure) = member {
                // Methods see the module and not the class around them.
                *closure.owner.borrow_mut() = Some(value.clone());
            }
        }
        if self.classes.len() < super::machine::MAX_ITEMS {
            self.classes.push(value.clone());
        }
        frame.scope.set(&class.name, Value::Class(value));
    }

    fn branch(&mut self, branches: &[(Expr, Vec<Statement>)], otherwise: &[Statement], frame: &Frame) -> Flow {
        for (at, (test, body)) in branches.iter().enumerate() {
            let value = self.eval(test, frame);
            match value.truth() {
                Some(true) => return self.run(body, frame),
                Some(false) => {}
                None => {
                    let is_last = at + 1 == branches.len() && otherwise.is_empty();
                    // A check that ends what it stands in is taken to be passed.
                    if is_last && body.last().is_some_and(ends) {
                        return Flow::Next;
                    }
                    return self.supposed("if", test, body, frame);
                }
            }
        }
        self.run(otherwise, frame)
    }

    /// Follows a branch of which it is not known whether it is taken, and says so where it builds a part of a network.
    pub(super) fn supposed(&mut self, word: &str, test: &Expr, body: &[Statement], frame: &Frame) -> Flow {
        let before = self.made.len();
        let flow = self.run(body, frame);
        let builds = self.made.iter().skip(before).any(|made| crate::code::layers::is_layer(&made.name));
        if builds {
            let what = format!("{word} {}", self.source(test.span));
            self.note(test.line, what, "whether this holds is not known here; it is read as if it did");
        }
        flow
    }

    fn for_each(&mut self, target: &Expr, items: &Expr, (body, otherwise): (&[Statement], &[Statement]), frame: &Frame) -> Flow {
        let value = self.eval(items, frame);
        self.count_rounds(target, items, frame);
        let rounds = match self.iterate(&value) {
            Some(rounds) if rounds.len() <= MAX_ROUNDS => rounds,
            Some(rounds) => rounds.into_iter().take(1).collect(),
            None => vec![self.unknown(Site::of(items), "what this loop runs over is not known here")],
        };
        for round in rounds {
            self.assign(target, &round, frame);
            match self.run(body, frame) {
                Flow::Next | Flow::Continue => {}
                Flow::Break => return Flow::Next,
                flow => return flow,
            }
            if self.fuel.is_empty() {
                return Flow::Raise;
            }
        }
        self.run(otherwise, frame)
    }

    /// Remembers how often a loop over numbers runs, under the name of its variable: `for epoch`.
    fn count_rounds(&mut self, target: &Expr, items: &Expr, frame: &Frame) {
        if let ExprKind::Named(_, items) = &items.kind {
            return self.count_rounds(target, items, frame);
        }
        let (ExprKind::Name(name), ExprKind::Call { callee, arguments }) = (&target.kind, &items.kind) else { return };
        let (ExprKind::Name(function) | ExprKind::Attribute(_, function)) = &callee.kind else { return };
        match (function.as_str(), arguments.as_slice()) {
            ("range" | "trange" | "xrange", [end] | [_, end, ..]) => {
                let end = self.eval(&end.value, frame);
                self.give_name(&format!("for {name}"), &end, target.line);
            }
            ("tqdm" | "enumerate" | "track", [inner, ..]) => self.count_rounds(target, &inner.value, frame),
            _ => {}
        }
    }

    fn while_true(&mut self, test: &Expr, body: &[Statement], frame: &Frame) -> Flow {
        for _ in 0..MAX_ROUNDS {
            let truth = self.eval(test, frame).truth();
            if truth == Some(false) {
                return Flow::Next;
            }
            match self.run(body, frame) {
                Flow::Next | Flow::Continue => {}
                Flow::Break => return Flow::Next,
                flow => return flow,
            }
            let forever = matches!(test.kind, ExprKind::Constant(_));
            if truth.is_none() || forever || self.fuel.is_empty() {
                return Flow::Next;
            }
        }
        Flow::Next
    }

    fn import(&mut self, names: &[(String, Option<String>)], frame: &Frame) {
        for (module, alias) in names {
            match alias {
                Some(alias) => frame.scope.set(alias, Value::Library(module.as_str().into())),
                None => {
                    let root = module.split('.').next().unwrap_or(module);
                    frame.scope.set(root, Value::Library(root.into()));
                }
            }
        }
    }

    fn import_from(&mut self, module: &str, names: &[(String, Option<String>)], frame: &Frame) {
        for (name, alias) in names {
            if name == "*" {
                self.stars.push(module.to_owned());
                continue;
            }
            let full = if module.is_empty() { name.clone() } else { format!("{module}.{name}") };
            frame.scope.set(alias.as_ref().unwrap_or(name), Value::Library(full.as_str().into()));
        }
    }

    /// Makes an object of a class, as a call of the class does.
    pub fn instantiate(&mut self, class: &Rc<ClassValue>, arguments: Arguments, site: Site) -> Value {
        class.used.set(true);
        if class.class.name.to_lowercase().contains("spectralnorm")
            && let Some(Value::Made(made)) = arguments.places.first()
        {
            made.spectral.set(true);
            return Value::Made(made.clone());
        }
        self.makers.push(class.class.name.clone());
        let object = self.object(Some(class.clone()), site.line);
        let me = Value::Object(object.clone());
        match self.find_method(class, "__init__") {
            Some(closure) => drop(self.call_closure(&closure, Some(me.clone()), arguments, site)),
            None if is_module(class) => self.module_without_init(&me, arguments, site),
            // A data class.
            None => {
                let fields = class.scope.order.borrow().clone();
                for (name, value) in fields.into_iter().zip(arguments.places).chain(arguments.named) {
                    self.give_name(&name, &value, site.line);
                    object.scope.set(&name, value);
                }
            }
        }
        self.makers.pop();
        me
    }
}

/// Does the statement leave what it stands in?
fn ends(statement: &Statement) -> bool {
    matches!(statement.kind, StatementKind::Raise | StatementKind::Return(_) | StatementKind::Continue | StatementKind::Break)
        || matches!(&statement.kind, StatementKind::Expression(Expr { kind: ExprKind::Call { callee, .. }, .. })
            if matches!(&callee.kind, ExprKind::Name(name) if name == "exit" || name == "quit")
                || matches!(&callee.kind, ExprKind::Attribute(_, name) if name == "exit"))
}
