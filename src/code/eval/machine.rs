//! What is known of a script while it is followed.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::fuel::Fuel;
use super::value::{Arguments, ClassValue, Closure, Made, Names, Network, NetworkKind, Node, Object, Scope, Step, Unknown, Value};
use crate::code::layers;
use crate::code::python::{Expr, shorten};

/// More places in networks are no script that a person wrote.
const MAX_NODES: usize = 20_000;
/// A list that is longer is no part of a network.
pub const MAX_ITEMS: usize = 4096;
/// More remarks would not be read.
const MAX_NOTES: usize = 200;

/// Follows one script.
#[derive(Debug)]
pub struct Machine<'a> {
    /// The script.
    pub text: &'a str,
    /// The names of the module.
    pub globals: Rc<Scope>,
    /// Every place in every network.
    pub nodes: Vec<Node>,
    /// Networks in the order they were made.
    pub networks: Vec<Rc<Network>>,
    /// Objects of the script's classes, in the order they were made.
    pub objects: Vec<Rc<Object>>,
    /// What calls of libraries gave.
    pub made: Vec<Rc<Made>>,
    /// Functions of the script, also those within classes.
    pub closures: Vec<Rc<Closure>>,
    /// Classes of the script.
    pub classes: Vec<Rc<ClassValue>>,
    /// Which network or object was applied on the way to which place.
    pub applied: Vec<Applied>,
    /// Functions that made a path behind an input.
    pub functions: Vec<Computed>,
    /// What has to be said.
    pub notes: Vec<Note>,
    /// Networks that were given an optimiser and a loss.
    pub compiled: Vec<Compiled>,
    /// Calls of `fit`.
    pub fitted: Vec<Fitted>,
    /// Names that got numbers, and where.
    pub numbers: Vec<(String, Value, usize)>,
    /// Did the script say that channels come before rows?
    pub channels_first: bool,
    /// Modules of which everything was imported.
    pub stars: Vec<String>,
    pub(super) fuel: Fuel,
    /// The functions and classes that are running, the innermost last.
    pub(super) makers: Vec<String>,
    next_id: usize,
}

/// A network or an object that was applied.
#[derive(Clone, Copy, Debug)]
pub struct Applied {
    /// Its number.
    pub id: usize,
    /// The place behind it.
    pub output: usize,
}

/// A function that computed with an input of a network.
#[derive(Clone, Debug)]
pub struct Computed {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub line: usize,
    /// The place behind it.
    pub output: usize,
}

/// What has to be said about a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The line.
    pub line: usize,
    /// The code or the name it is about.
    pub what: String,
    /// What is said of it.
    pub why: String,
}

/// `network.compile(...)`.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The number of the network or the object; none where it is neither.
    pub id: Option<usize>,
    /// With what.
    pub arguments: Arguments,
    /// Where.
    pub line: usize,
}

/// `network.fit(...)`.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// With what.
    pub arguments: Arguments,
    /// Where.
    pub line: usize,
}

/// Where something is called.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// Its line.
    pub line: usize,
    /// The bytes of the call.
    pub span: (usize, usize),
}

impl Site {
    pub fn of(expr: &Expr) -> Self {
        Self { line: expr.line, span: expr.span }
    }
}

/// What runs: its names, and the class and the object it belongs to.
#[derive(Clone, Debug)]
pub struct Frame {
    pub scope: Rc<Scope>,
    pub owner: Option<Rc<ClassValue>>,
    pub me: Option<Value>,
    /// What a function that yields has given so far.
    pub yielded: Rc<RefCell<Vec<Value>>>,
}

impl<'a> Machine<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            globals: Rc::default(),
            nodes: Vec::new(),
            networks: Vec::new(),
            objects: Vec::new(),
            made: Vec::new(),
            closures: Vec::new(),
            classes: Vec::new(),
            applied: Vec::new(),
            functions: Vec::new(),
            notes: Vec::new(),
            compiled: Vec::new(),
            fitted: Vec::new(),
            numbers: Vec::new(),
            channels_first: false,
            stars: Vec::new(),
            fuel: Fuel::new(),
            makers: Vec::new(),
            next_id: 0,
        }
    }

    /// The frame of the module.
    pub fn top(&self) -> Frame {
        Frame { scope: self.globals.clone(), owner: None, me: None, yielded: Rc::default() }
    }

    /// Was the script too long to be followed to its end?
    pub fn is_exhausted(&self) -> bool {
        self.fuel.is_empty()
    }

    /// Pays for work that is done elsewhere.
    pub fn pay(&mut self, steps: usize) {
        self.fuel.spend(steps);
    }

    /// The code at `span`, on one line.
    pub fn source(&self, (start, end): (usize, usize)) -> String {
        shorten(self.text.get(start..end).unwrap_or_default())
    }

    pub fn note(&mut self, line: usize, what: impl Into<String>, why: impl Into<String>) {
        let note = Note { line, what: what.into(), why: why.into() };
        if self.notes.len() < MAX_NOTES && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// A value that cannot be told.
    pub fn unknown(&self, site: Site, reason: impl Into<String>) -> Value {
        let unknown = Unknown { reason: reason.into(), source: self.source(site.span), line: site.line, undefined: None };
        Value::Unknown(Rc::new(unknown))
    }

    /// A number for something that is a network or an object.
    pub fn id(&mut self) -> usize {
        self.next_id += 1;
        self.next_id
    }

    fn names(&self, line: usize) -> Names {
        Names { makers: self.makers.clone(), line, ..Names::default() }
    }

    /// A new place behind `before`.
    pub fn node(&mut self, before: Option<usize>, step: Step) -> Value {
        if self.nodes.len() >= MAX_NODES {
            return before.map_or(Value::None, Value::Tensor);
        }
        self.nodes.push(Node { before, step });
        Value::Tensor(self.nodes.len() - 1)
    }

    /// An input of a network.
    pub fn input(&mut self, shape: Option<Vec<Value>>) -> Value {
        self.node(None, Step::Input { shape, is_label: false })
    }

    /// A place behind something that cannot be followed.
    pub fn gap(&mut self, before: usize, site: Site, reason: impl Into<String>) -> Value {
        let source = self.source(site.span);
        self.node(Some(before), Step::Gap { source, line: site.line, reason: reason.into() })
    }

    pub fn network(&mut self, kind: NetworkKind, line: usize) -> Value {
        let network = Rc::new(Network { id: self.id(), kind, names: self.names(line) });
        self.networks.push(network.clone());
        Value::Network(network)
    }

    pub fn object(&mut self, class: Option<Rc<ClassValue>>, line: usize) -> Rc<Object> {
        let object = Rc::new(Object { id: self.id(), class, scope: Rc::default(), names: self.names(line) });
        if object.class.is_some() {
            self.objects.push(object.clone());
        }
        object
    }

    /// What a call of a library gives, kept for later.
    pub fn make(&mut self, name: &str, arguments: Arguments, site: Site) -> Rc<Made> {
        let made = Rc::new(Made {
            name: name.into(),
            arguments,
            line: site.line,
            source: self.source(site.span),
            start: RefCell::default(),
            spectral: Cell::default(),
            given: RefCell::default(),
        });
        if self.made.len() < MAX_NODES {
            self.made.push(made.clone());
        }
        made
    }

    /// Remembers what a value is called.
    pub fn give_name(&mut self, name: &str, value: &Value, line: usize) {
        let given = match value {
            Value::Network(network) => &network.names.given,
            Value::Object(object) => &object.names.given,
            Value::Made(made) => &made.given,
            Value::Tensor(_) => return self.name_input(name, value),
            Value::Int(_) | Value::Float(_) => {
                if self.numbers.len() < MAX_ITEMS {
                    self.numbers.push((name.to_owned(), value.clone(), line));
                }
                return;
            }
            _ => return,
        };
        let mut given = given.borrow_mut();
        if given.len() < 16 && !given.iter().any(|known| known == name) {
            given.push(name.to_owned());
        }
    }

    /// The places from the input to `node`, both included.
    pub fn path(&self, node: usize) -> Vec<usize> {
        let mut path = Vec::new();
        let mut at = Some(node);
        while let Some(node) = at {
            path.push(node);
            // Each place stands behind the one before, so that this ends.
            at = self.nodes.get(node).and_then(|found| found.before).filter(|&before| before < node);
        }
        path.reverse();
        path
    }

    /// Remembers that an input is a label, where its name says so.
    pub fn name_input(&mut self, name: &str, value: &Value) {
        if let Value::Tensor(node) = value
            && let Some(Node { step: Step::Input { is_label, .. }, .. }) = self.nodes.get_mut(*node)
        {
            *is_label |= layers::names_label(name);
        }
    }

    /// Brings several paths together at the one that carries the picture: not a label, and the longest.
    pub fn merge(&mut self, made: Rc<Made>, tensors: &[usize]) -> Value {
        self.fuel.spend(tensors.len() * 8);
        let rank = |machine: &Self, node: usize| {
            let path = machine.path(node);
            let steps: Vec<&Step> = path.iter().filter_map(|&at| machine.nodes.get(at)).map(|node| &node.step).collect();
            let is_label = steps.iter().any(|step| match step {
                Step::Call(made) => layers::is_label(made.short()),
                Step::Input { is_label, .. } => *is_label,
                _ => false,
            });
            (!is_label, steps.len(), std::cmp::Reverse(path.first().copied()))
        };
        let Some(&main) = tensors.iter().max_by_key(|&&node| rank(self, node)) else { return Value::None };
        self.fuel.spend(self.path(main).len());
        let others = tensors.iter().copied().filter(|&node| node != main).collect();
        self.node(Some(main), Step::Merge { made, others })
    }
}
