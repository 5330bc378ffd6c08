//! The command line: one of the two readers of the engine.
