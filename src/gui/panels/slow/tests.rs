//! The band as it is used.
