//! The embedded durable engine.
