//! How weights start, where functions say so: `nn.init.normal_(m.weight, 0.0, 0.02)`, `m.weight.data.normal_(0.0, 0.02)`.

use super::machine::{Machine, Site};
use super::value::{Arguments, Value};

impl Machine<'_> {
    /// `layer.weight.normal_(mean, deviation)`.
    pub(super) fn initialise_member(&mut self, holder: &Value, part: &str, method: &str, arguments: &Arguments, site: Site) -> Value {
        self.initialise(holder, part, method, &arguments.places);
        self.unknown(site, format!("what {method} gives is not known here"))
    }

    /// `nn.init.normal_(layer.weight, mean, deviation)`.
    pub(super) fn initialise_call(&mut self, method: &str, arguments: &Arguments) -> Value {
        if let Some(Value::Member(member)) = arguments.get(0, &["tensor"]) {
            let named = ["mean", "std"].map(|name| arguments.named(&[name]).cloned());
            let mut rest: Vec<Value> = arguments.places.iter().skip(1).cloned().collect();
            for (place, value) in named.into_iter().enumerate() {
                if let Some(value) = value {
                    rest.resize(rest.len().max(place + 1), Value::Float(0.0));
                    rest[place] = value;
                }
            }
            self.initialise(&member.0, &member.1, method, &rest);
        }
        Value::None
    }

    fn initialise(&mut self, holder: &Value, part: &str, method: &str, numbers: &[Value]) {
        let Value::Made(made) = holder else { return };
        // Other starts of the weights than these are part of no method that ends so.
        if part == "weight" && method.ends_with('_') {
            let kind = [Value::text(method.trim_end_matches('_'))];
            *made.start.borrow_mut() = Some(Value::tuple(kind.into_iter().chain(numbers.iter().cloned()).collect()));
        }
    }
}
