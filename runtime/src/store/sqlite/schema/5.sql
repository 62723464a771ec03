-- Contacts that were erased: their number and when, so that nobody asks for them in vain. `needles` is what the rest of the
-- history is still searched for, encoded, and null once that is done.
CREATE TABLE forgotten (
    contact INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    needles TEXT
) STRICT;
