//! What keeps every script from taking forever.

/// Steps that one script may take. The longest scripts of the literature take some ten thousand.
const FUEL: u64 = 300_000;
/// Levels of expressions, statements and calls together.
const MAX_DEPTH: usize = 700;
/// Calls of the script's functions within each other.
const MAX_CALLS: usize = 40;

/// Counts steps and levels.
#[derive(Debug)]
pub struct Fuel {
    left: u64,
    depth: usize,
    calls: usize,
}

impl Fuel {
    pub fn new() -> Self {
        Self { left: FUEL, depth: 0, calls: 0 }
    }

    /// Pays for `steps`; false where they are used up.
    pub fn spend(&mut self, steps: usize) -> bool {
        self.left = self.left.saturating_sub(steps as u64);
        self.left > 0
    }

    /// Are all steps used up?
    pub fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// Goes one level deeper; false where that is too deep, and then [`Fuel::leave`] is not called.
    pub fn enter(&mut self) -> bool {
        if self.depth >= MAX_DEPTH || !self.spend(1) {
            return false;
        }
        self.depth += 1;
        true
    }

    pub fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Begins a call of a function; false where too many are running, and then [`Fuel::end_call`] is not called.
    pub fn begin_call(&mut self) -> bool {
        if self.calls >= MAX_CALLS {
            return false;
        }
        self.calls += 1;
        true
    }

    pub fn end_call(&mut self) {
        self.calls = self.calls.saturating_sub(1);
    }
}
