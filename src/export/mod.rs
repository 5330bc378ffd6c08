//! Pictures and tables for other programs.
