//! Calls to other systems over HTTPS.
//!
//! [`guard`] says what may be called, [`secrets`] finds credentials, [`mask`] keeps both them and sensitive texts out of
//! history. One attempt is prepared, so that what will be sent can be kept before the first byte leaves, and then sent;
//! whether there is another attempt is decided elsewhere.

pub mod guard;
pub mod mask;
pub mod secrets;

mod attempt;

pub use mask::Masker;
pub use secrets::{SecretError, Secrets};
