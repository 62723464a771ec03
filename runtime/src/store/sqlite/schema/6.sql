-- The commit that a program was loaded from, where its folder was a checkout.
CREATE TABLE program_commit (
    program     INTEGER PRIMARY KEY,
    id          TEXT NOT NULL,
    has_changes INTEGER NOT NULL
) STRICT;
