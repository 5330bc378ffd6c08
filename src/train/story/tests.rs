//! Told steps.
