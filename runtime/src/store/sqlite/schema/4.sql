-- Which program ran from when on. One that is activated again has a further row.
CREATE TABLE activation (
    at      INTEGER PRIMARY KEY,
    program INTEGER NOT NULL
) STRICT;
