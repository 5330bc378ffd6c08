//! Numbers in sentences for people.

use crate::numbers;

/// A number with its thousands apart: `10,000`.
pub(super) fn grouped(number: usize) -> String {
    numbers::grouped(number as u64)
}

/// `1 picture`, `2 pictures`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(10_000), "10,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(counted(1, "picture", "pictures"), "1 picture");
    }
}
