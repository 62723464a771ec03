//! What the author got wrong, one topic a file, in the order in which a program is looked at.
