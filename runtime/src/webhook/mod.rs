//! Calls to other systems over HTTPS.
