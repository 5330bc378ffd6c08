//! What an expression of a script is, as far as it can be told without running it.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::code::python::{Class, Function};

/// A value. Copies share what they hold, as in Python.
#[derive(Clone, Debug)]
pub enum Value {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A string.
    Text(Rc<str>),
    /// A tuple.
    Tuple(Rc<Vec<Value>>),
    /// A list or a set.
    List(Rc<RefCell<Vec<Value>>>),
    /// A dictionary, in the order of its making.
    Dict(Rc<RefCell<Vec<(Value, Value)>>>),
    /// A function of the script.
    Function(Rc<Closure>),
    /// A function of the script with the object it was taken from.
    Method(Rc<(Value, Rc<Closure>)>),
    /// A class of the script.
    Class(Rc<ClassValue>),
    /// An object of such a class, or a bag of names.
    Object(Rc<Object>),
    /// The class above the one whose method is running, for an object.
    Super(Rc<(Rc<Object>, Rc<ClassValue>)>),
    /// Something of a library, by its full name: `torch.nn.Linear`.
    Library(Rc<str>),
    /// A name of a value that is not of the script: `model.add`.
    Member(Rc<(Value, String)>),
    /// What a call of a library gave: a layer, an optimiser, a loss, or anything.
    Made(Rc<Made>),
    /// A list of layers or a path from an input to an output.
    Network(Rc<Network>),
    /// A place in a network: the number of its node.
    Tensor(usize),
    /// The shape of what is at a place in a network.
    ShapeOf(usize),
    /// One number of such a shape that is not known, by its axis.
    SizeOf(i64),
    /// The weights of something: what an optimiser gets.
    Weights(Rc<Value>),
    /// A part of an index: `a:b`.
    Slice(Rc<[Value; 3]>),
    /// Cannot be told.
    Unknown(Rc<Unknown>),
}

/// Why a value cannot be told, and where that began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// In words.
    pub reason: String,
    /// The code.
    pub source: String,
    /// Its line.
    pub line: usize,
    /// A name that nothing in the script defines.
    pub undefined: Option<String>,
}

/// A function with what it sees around it.
#[derive(Debug)]
pub struct Closure {
    /// The function.
    pub function: Rc<Function>,
    /// The names around it.
    pub scope: Rc<Scope>,
    /// What its parameters are where a call does not say, computed at its definition.
    pub defaults: Vec<Option<Value>>,
    /// The class it stands in.
    pub owner: RefCell<Option<Rc<ClassValue>>>,
    /// Has it ever been called?
    pub called: Cell<bool>,
}

/// A class.
#[derive(Debug)]
pub struct ClassValue {
    /// The class.
    pub class: Rc<Class>,
    /// What it extends.
    pub bases: Vec<Value>,
    /// What stands in it.
    pub scope: Rc<Scope>,
    /// Has an object of it ever been made?
    pub used: Cell<bool>,
}

/// An object.
#[derive(Debug)]
pub struct Object {
    /// Counts all objects and networks in the order they are made.
    pub id: usize,
    /// Its class; none for a bag of names.
    pub class: Option<Rc<ClassValue>>,
    /// Its attributes.
    pub scope: Rc<Scope>,
    /// What it is and was called.
    pub names: Names,
}

/// Where a thing was made and what it was assigned to.
#[derive(Debug, Default)]
pub struct Names {
    /// The names it was assigned to, in order.
    pub given: RefCell<Vec<String>>,
    /// The functions that were running when it was made, the innermost last.
    pub makers: Vec<String>,
    /// The line it was made on.
    pub line: usize,
    /// The shape of its input, where something said so from outside: `model.build(shape)`.
    pub built: RefCell<Option<Value>>,
}

/// Names and their values.
#[derive(Debug, Default)]
pub struct Scope {
    /// The names.
    pub names: RefCell<HashMap<String, Value>>,
    /// In the order they were given first.
    pub order: RefCell<Vec<String>>,
    /// Names that got their place before they got a value.
    pub declared: RefCell<HashSet<String>>,
    /// Where a name is looked for next.
    pub parent: Option<Rc<Scope>>,
}

impl Scope {
    /// The value of a name in this scope alone.
    pub fn own(&self, name: &str) -> Option<Value> {
        self.names.borrow().get(name).cloned()
    }

    /// The value of a name here or further out.
    pub fn find(&self, name: &str) -> Option<Value> {
        let mut scope = Some(self);
        while let Some(here) = scope {
            if let Some(value) = here.own(name) {
                return Some(value);
            }
            scope = here.parent.as_deref();
        }
        None
    }

    /// Gives a name its value.
    pub fn set(&self, name: &str, value: Value) {
        if self.names.borrow_mut().insert(name.to_owned(), value).is_none() && !self.declared.borrow().contains(name) {
            self.order.borrow_mut().push(name.to_owned());
        }
    }

    /// Gives a name its place without a value: `name: int`.
    pub fn declare(&self, name: &str) {
        if !self.names.borrow().contains_key(name) && self.declared.borrow_mut().insert(name.to_owned()) {
            self.order.borrow_mut().push(name.to_owned());
        }
    }

    /// All values, in the order their names were given.
    pub fn values(&self) -> Vec<(String, Value)> {
        self.order.borrow().iter().filter_map(|name| Some((name.clone(), self.own(name)?))).collect()
    }
}

/// The arguments of a call.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    /// By place.
    pub places: Vec<Value>,
    /// By name.
    pub named: Vec<(String, Value)>,
}

impl Arguments {
    /// Arguments by place alone.
    pub fn of(places: Vec<Value>) -> Self {
        Self { places, named: Vec::new() }
    }

    /// The argument at a place or with one of these names.
    pub fn get(&self, place: usize, names: &[&str]) -> Option<&Value> {
        self.named(names).or_else(|| self.places.get(place))
    }

    /// The argument with one of these names.
    pub fn named(&self, names: &[&str]) -> Option<&Value> {
        self.named.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| value)
    }

    /// All values.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.places.iter().chain(self.named.iter().map(|(_, value)| value))
    }
}

/// What a call of a library gave.
#[derive(Debug)]
pub struct Made {
    /// The full name of what was called.
    pub name: Rc<str>,
    /// With what.
    pub arguments: Arguments,
    /// The line of the call.
    pub line: usize,
    /// The call as it is written.
    pub source: String,
    /// How the weights start, where something said so from outside.
    pub start: RefCell<Option<Value>>,
    /// Is it under spectral normalisation?
    pub spectral: Cell<bool>,
    /// What it was assigned to, in order.
    pub given: RefCell<Vec<String>>,
}

impl Made {
    /// The last part of its name: `Dense`.
    pub fn short(&self) -> &str {
        last_part(&self.name)
    }
}

/// The part of a dotted name behind the last dot.
pub fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// A network as the script builds it.
#[derive(Debug)]
pub struct Network {
    /// Counts all objects and networks in the order they are made.
    pub id: usize,
    /// How it is built.
    pub kind: NetworkKind,
    /// Where it was made and what it was called.
    pub names: Names,
}

/// How a network is built.
#[derive(Debug)]
pub enum NetworkKind {
    /// From parts in order.
    Sequential(RefCell<Vec<Value>>),
    /// From a place to a place.
    Path {
        /// The nodes of the inputs.
        inputs: Vec<usize>,
        /// The node of the output.
        output: usize,
    },
}

/// A place in a network: what is done to what is at the place before.
#[derive(Clone, Debug)]
pub struct Node {
    /// The place before; none for an input.
    pub before: Option<usize>,
    /// What is done.
    pub step: Step,
}

/// What is done between two places of a network.
#[derive(Clone, Debug)]
pub enum Step {
    /// Nothing: it is an input, with its shape as written, without the batch.
    Input {
        /// The numbers of the shape.
        shape: Option<Vec<Value>>,
        /// Is it a label or a condition, as far as its name tells?
        is_label: bool,
    },
    /// A layer or a function of a library.
    Call(Rc<Made>),
    /// Several paths come together.
    Merge {
        /// What brings them together.
        made: Rc<Made>,
        /// The other paths.
        others: Vec<usize>,
    },
    /// Something that cannot be followed.
    Gap {
        /// The code.
        source: String,
        /// Its line.
        line: usize,
        /// Why.
        reason: String,
    },
}

impl Value {
    /// A string.
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// A list.
    pub fn list(values: Vec<Self>) -> Self {
        Self::List(Rc::new(RefCell::new(values)))
    }

    /// A tuple.
    pub fn tuple(values: Vec<Self>) -> Self {
        Self::Tuple(Rc::new(values))
    }

    /// As a whole number; floats that are whole count.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Bool(value) => Some(i64::from(*value)),
            Self::Float(value) if value.fract() == 0.0 && value.abs() < 1e15 => Some(*value as i64),
            _ => None,
        }
    }

    /// As a number.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(*value),
            _ => self.as_int().map(|value| value as f64),
        }
    }

    /// As a string.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The values of a list or a tuple.
    pub fn items(&self) -> Option<Vec<Self>> {
        match self {
            Self::Tuple(items) => Some(items.to_vec()),
            Self::List(items) => Some(items.borrow().clone()),
            _ => None,
        }
    }

    /// Is it true? None where that cannot be told.
    pub fn truth(&self) -> Option<bool> {
        Some(match self {
            Self::None => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Tuple(items) => !items.is_empty(),
            Self::List(items) => !items.borrow().is_empty(),
            Self::Dict(items) => !items.borrow().is_empty(),
            Self::Function(_) | Self::Method(_) | Self::Class(_) | Self::Library(_) | Self::Network(_) => true,
            Self::Object(object) if object.class.is_some() => true,
            Self::Made(made) if made.name.starts_with("torch.nn.") || made.name.contains("keras.") => true,
            _ => return None,
        })
    }
}
