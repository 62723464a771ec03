//! What the author got wrong, one topic a file, in the order in which a program is looked at.

// What leaves the house: requests and messages.
mod address;
mod body;
pub(crate) mod connector;
mod credential;
mod file;
mod header;
mod mention;
pub(crate) mod message;
mod pieces;
mod secret;
mod settings;
mod template;
mod url;
pub(crate) mod webhook;
mod xml;
