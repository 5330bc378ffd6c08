//! Noticing that something shared was replaced.

use std::sync::Arc;

/// Gives every new value a number. It holds the value it saw last, so that no other one can take its place in memory unnoticed.
#[derive(Debug)]
pub struct Revision<T> {
    last: Option<Arc<T>>,
    number: u64,
}

impl<T> Default for Revision<T> {
    fn default() -> Self {
        Self { last: None, number: 0 }
    }
}

impl<T> Revision<T> {
    /// The number of this value: the same as long as the value is.
    pub fn of(&mut self, value: Option<&Arc<T>>) -> u64 {
        let same = match (&self.last, value) {
            (Some(last), Some(value)) => Arc::ptr_eq(last, value),
            (None, None) => true,
            _ => false,
        };
        if !same {
            self.last = value.cloned();
            self.number += 1;
        }
        self.number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_new_value_has_a_new_number() {
        let mut revision = Revision::default();
        let (a, b) = (Arc::new(1), Arc::new(1));
        let none = revision.of(None);
        let first = revision.of(Some(&a));
        assert_ne!(first, none);
        assert_eq!(revision.of(Some(&a)), first);
        assert_ne!(revision.of(Some(&b)), first, "equal, but another one");
    }
}
