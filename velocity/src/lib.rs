//! The Velocity Template Language over plain data.
