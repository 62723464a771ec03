//! The API's counterpart for the command line.
