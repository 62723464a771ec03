//! Delivery of messages.
