//! As much of Python's pickles as state dicts use. Nothing is run: calls are understood or become nothing.

use std::collections::HashMap;
use std::rc::Rc;

/// A value; what is not needed of it is `Other`.
#[derive(Clone, Debug)]
pub enum Value {
    /// Text.
    Text(Rc<str>),
    /// A whole number.
    Int(i64),
    /// Several, as a tuple or a list: its place among all.
    List(usize),
    /// Names and values, in order: its place in [`Pickle::dicts`].
    Dict(usize),
    /// `module name` of something to call.
    Global(Rc<str>),
    /// A storage: its kind and its key.
    Storage(Rc<str>, Rc<str>),
    /// A part of a storage.
    Tensor(Rc<Tensor>),
    /// Anything else.
    Other,
}

/// What a pickle holds. Lists and dictionaries lie beside each other, however deep the pickle nests them, or in themselves.
#[derive(Debug)]
pub struct Pickle {
    /// The value of the whole.
    pub root: Value,
    /// All dictionaries.
    pub dicts: Vec<Vec<(Value, Value)>>,
}

/// Where a tensor's values are.
#[derive(Debug)]
pub struct Tensor {
    /// `FloatStorage` and the like.
    pub kind: Rc<str>,
    /// The key of the storage.
    pub storage: Rc<str>,
    /// Where it begins there, in values.
    pub offset: usize,
    /// Its sizes.
    pub shape: Vec<usize>,
    /// Steps from one place to the next along each axis, in values.
    pub strides: Vec<usize>,
}

/// Dimensions of a tensor.
const MAX_AXES: usize = 8;

/// Reads a pickle of version 2 to 5.
///
/// # Errors
/// It is cut short, or says something that no state dict says.
pub fn load(bytes: &[u8]) -> Result<Pickle, String> {
    let mut machine = Machine { bytes, stack: Vec::new(), marks: Vec::new(), memo: HashMap::new(), lists: Vec::new(), dicts: Vec::new() };
    while let Some(value) = machine.step().map_err(|why| format!("its list of tensors cannot be read: {why}"))? {
        if let Some(root) = value.0 {
            return Ok(Pickle { root, dicts: machine.dicts });
        }
    }
    Err("its list of tensors was cut short".to_owned())
}

struct Machine<'a> {
    bytes: &'a [u8],
    stack: Vec<Value>,
    marks: Vec<usize>,
    memo: HashMap<usize, Value>,
    lists: Vec<Vec<Value>>,
    dicts: Vec<Vec<(Value, Value)>>,
}

/// The result, once there is one.
struct Done(Option<Value>);

impl<'a> Machine<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or("it ends too soon")?;
        self.bytes = rest;
        Ok(taken)
    }

    /// A whole number of so many bytes, the smallest first.
    fn number(&mut self, count: usize) -> Result<usize, String> {
        let bytes = self.take(count)?;
        let value = bytes.iter().rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        usize::try_from(value).map_err(|_| "a number is too large".to_owned())
    }

    fn text(&mut self, count: usize) -> Result<Value, String> {
        let text = std::str::from_utf8(self.take(count)?).map_err(|_| "a name is no text")?;
        Ok(Value::Text(text.into()))
    }

    fn line(&mut self) -> Result<&'a str, String> {
        let end = self.bytes.iter().position(|byte| *byte == b'\n').ok_or("a line does not end")?;
        let line = self.take(end + 1)?;
        std::str::from_utf8(&line[..end]).map_err(|_| "a name is no text".to_owned())
    }

    fn pop(&mut self) -> Result<Value, String> {
        self.stack.pop().ok_or_else(|| "a value is missing".to_owned())
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Value>, String> {
        let from = self.stack.len().checked_sub(count).ok_or("values are missing")?;
        Ok(self.stack.split_off(from))
    }

    fn pop_marked(&mut self) -> Result<Vec<Value>, String> {
        let mark = self.marks.pop().filter(|mark| *mark <= self.stack.len()).ok_or("a mark is missing")?;
        Ok(self.stack.split_off(mark))
    }

    fn push_list(&mut self, items: Vec<Value>) {
        self.stack.push(Value::List(self.lists.len()));
        self.lists.push(items);
    }

    fn new_dict(&mut self, entries: Vec<(Value, Value)>) -> Value {
        self.dicts.push(entries);
        Value::Dict(self.dicts.len() - 1)
    }

    fn remember(&mut self, at: usize) -> Result<(), String> {
        let value = self.stack.last().cloned().ok_or("nothing is there to remember")?;
        self.memo.insert(at, value);
        Ok(())
    }

    fn recall(&mut self, at: usize) -> Result<(), String> {
        let value = self.memo.get(&at).cloned().ok_or("it names what was not remembered")?;
        self.stack.push(value);
        Ok(())
    }

    /// One instruction. None at the end of the bytes; the value at the end of the pickle.
    fn step(&mut self) -> Result<Option<Done>, String> {
        let Some((&code, rest)) = self.bytes.split_first() else { return Ok(None) };
        self.bytes = rest;
        match code {
            b'.' => return Ok(Some(Done(Some(self.pop()?)))),
            0x80 => drop(self.take(1)?),
            0x95 => drop(self.take(8)?),
            b'(' => self.marks.push(self.stack.len()),
            b'q' | b'r' | b'p' | 0x94 | b'h' | b'j' | b'g' => self.memory(code)?,
            b'X' | 0x8c | 0x8d | b'K' | b'M' | b'J' | 0x8a | b'G' | b'N' | 0x88 | 0x89 | b'C' | b'B' => self.constant(code)?,
            b')' | 0x85 | 0x86 | 0x87 | b't' | b']' | b'}' | b'l' | b'd' => self.collection(code)?,
            b's' | b'u' | b'a' | b'e' | b'b' | b'0' => self.change(code)?,
            b'c' | 0x93 | b'R' | 0x81 | b'Q' => self.call(code)?,
            other => return Err(format!("instruction {other:#04x} has no place in a list of tensors")),
        }
        Ok(Some(Done(None)))
    }

    fn memory(&mut self, code: u8) -> Result<(), String> {
        match code {
            b'q' => self.number(1).and_then(|at| self.remember(at)),
            b'r' => self.number(4).and_then(|at| self.remember(at)),
            0x94 => self.remember(self.memo.len()),
            b'h' => self.number(1).and_then(|at| self.recall(at)),
            b'j' => self.number(4).and_then(|at| self.recall(at)),
            _ => Err("it is written in a way that is older than PyTorch".to_owned()),
        }
    }

    fn constant(&mut self, code: u8) -> Result<(), String> {
        let value = match code {
            b'X' => self.number(4).and_then(|count| self.text(count))?,
            0x8c => self.number(1).and_then(|count| self.text(count))?,
            0x8d => self.number(8).and_then(|count| self.text(count))?,
            b'K' => Value::Int(self.number(1)? as i64),
            b'M' => Value::Int(self.number(2)? as i64),
            b'J' => Value::Int(i64::from(self.number(4)? as u32 as i32)),
            0x8a => {
                let count = self.number(1)?;
                if count <= 7 { Value::Int(self.number(count)? as i64) } else { self.take(count).map(|_| Value::Other)? }
            }
            b'G' => self.take(8).map(|_| Value::Other)?,
            b'C' => self.number(1).and_then(|count| self.take(count)).map(|_| Value::Other)?,
            b'B' => self.number(4).and_then(|count| self.take(count)).map(|_| Value::Other)?,
            _ => Value::Other,
        };
        self.stack.push(value);
        Ok(())
    }

    fn collection(&mut self, code: u8) -> Result<(), String> {
        match code {
            b')' | b']' => self.push_list(Vec::new()),
            0x85..=0x87 => {
                let items = self.pop_many(usize::from(code - 0x84))?;
                self.push_list(items);
            }
            b'd' => {
                let items = self.pop_marked()?;
                let dict = self.new_dict(pairs(&items));
                self.stack.push(dict);
            }
            b'}' => {
                let dict = self.new_dict(Vec::new());
                self.stack.push(dict);
            }
            _ => {
                let items = self.pop_marked()?;
                self.push_list(items);
            }
        }
        Ok(())
    }

    /// What is put into a value that is there already.
    fn change(&mut self, code: u8) -> Result<(), String> {
        let added = match code {
            b'u' | b'e' => self.pop_marked()?,
            b's' => self.pop_many(2)?,
            _ => self.pop_many(1)?,
        };
        if let (b's' | b'u', Some(Value::Dict(dict))) = (code, self.stack.last())
            && let Some(entries) = self.dicts.get_mut(*dict)
        {
            entries.extend(pairs(&added));
        }
        Ok(())
    }

    fn call(&mut self, code: u8) -> Result<(), String> {
        let value = match code {
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                Value::Global(format!("{module} {name}").into())
            }
            0x93 => match self.pop_many(2)?.as_slice() {
                [Value::Text(module), Value::Text(name)] => Value::Global(format!("{module} {name}").into()),
                _ => Value::Other,
            },
            b'Q' => {
                let value = self.pop()?;
                storage(self.items(&value))
            }
            _ => {
                let (arguments, function) = (self.pop()?, self.pop()?);
                self.called(&function, &arguments)
            }
        };
        self.stack.push(value);
        Ok(())
    }

    fn items(&self, value: &Value) -> &[Value] {
        match value {
            Value::List(list) => self.lists.get(*list).map(Vec::as_slice).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The few calls that are understood: ordered dictionaries, tensors and parameters.
    fn called(&mut self, function: &Value, arguments: &Value) -> Value {
        let Value::Global(name) = function else { return Value::Other };
        match (name.as_ref(), self.items(arguments)) {
            ("collections OrderedDict", _) => self.new_dict(Vec::new()),
            ("torch._utils _rebuild_parameter", [tensor, ..]) => tensor.clone(),
            ("torch._utils _rebuild_tensor_v2", [Value::Storage(kind, key), Value::Int(offset), shape, strides, ..]) => {
                match (usize::try_from(*offset), sizes(self.items(shape)), sizes(self.items(strides))) {
                    (Ok(offset), Some(shape), Some(strides)) if shape.len() == strides.len() && shape.len() <= MAX_AXES => {
                        Value::Tensor(Rc::new(Tensor { kind: kind.clone(), storage: key.clone(), offset, shape, strides }))
                    }
                    _ => Value::Other,
                }
            }
            _ => Value::Other,
        }
    }
}

fn sizes(items: &[Value]) -> Option<Vec<usize>> {
    items.iter().map(|item| if let Value::Int(size) = item { usize::try_from(*size).ok() } else { None }).collect()
}

fn pairs(items: &[Value]) -> Vec<(Value, Value)> {
    items.as_chunks::<2>().0.iter().map(|[key, value]| (key.clone(), value.clone())).collect()
}

/// `('storage', torch.FloatStorage, '0', 'cpu', 12)`.
fn storage(items: &[Value]) -> Value {
    match items {
        [Value::Text(word), Value::Global(kind), Value::Text(key), ..] if word.as_ref() == "storage" => {
            let kind = kind.rsplit(' ').next().unwrap_or_default();
            Value::Storage(kind.into(), key.clone())
        }
        _ => Value::Other,
    }
}
