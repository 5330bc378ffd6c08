//! Networks as Burn modules, built from stacks.
