//! Running a script, and then what in it was never run.

use std::rc::Rc;

use super::call::first_tensor;
use super::machine::{Machine, Site};
use super::statement::Flow;
use super::value::{Arguments, Object, Value};

impl Machine<'_> {
    /// Runs what was never run, with what is known under the names of its parameters, so that nothing in it is overlooked.
    pub fn run_unused(&mut self, wanted: impl Fn(&str) -> bool) {
        let top = Site { line: 1, span: (0, 0) };
        for class in self.classes.clone() {
            if !class.used.get() && wanted(&class.class.name) {
                let value = self.instantiate(&class, Arguments::default(), top);
                self.give_name(&class.class.name, &value, value_line(&value));
            }
        }
        for closure in self.closures.clone() {
            let name = &closure.function.name;
            if closure.called.get() || name == "lambda" || !wanted(name) {
                continue;
            }
            let me = closure.owner.borrow().as_ref().and_then(|owner| {
                let of_owner = |object: &&Rc<Object>| object.class.as_ref().is_some_and(|class| Rc::ptr_eq(class, owner));
                self.objects.iter().find(of_owner).map(|object| Value::Object(object.clone()))
            });
            // A method without an object, and what forwards a picture, have their own ways in.
            if (me.is_none() && closure.owner.borrow().is_some()) || name.starts_with("__") || matches!(name.as_str(), "forward" | "call") {
                continue;
            }
            let site = Site { line: closure.function.line, span: (0, 0) };
            let value = self.call_closure(&closure, me, Arguments::default(), site);
            if first_tensor(&value).is_none() {
                self.give_name(name, &value, site.line);
            }
        }
    }

    /// Runs functions that are called like a network with what may come in, where no network of that role was made.
    pub fn run_functions(&mut self, wanted: impl Fn(&str) -> bool) {
        for closure in self.closures.clone() {
            let function = &closure.function;
            if closure.owner.borrow().is_some() || function.parameters.is_empty() || !wanted(&function.name) {
                continue;
            }
            let input = self.input(None);
            let site = Site { line: function.line, span: (0, 0) };
            self.call_closure(&closure, None, Arguments::of(vec![input]), site);
        }
    }

    /// Runs the whole script.
    pub fn run_script(&mut self, block: &[crate::code::python::Statement]) {
        let top = self.top();
        for statement in block {
            // An error ends nothing here: what follows is still read.
            if let Flow::Raise = self.run(std::slice::from_ref(statement), &top)
                && self.is_exhausted()
            {
                self.note(statement.line, "the script", "it is too long to be followed to its end; reading stops here");
                return;
            }
        }
    }
}

fn value_line(value: &Value) -> usize {
    match value {
        Value::Object(object) => object.names.line,
        _ => 1,
    }
}
