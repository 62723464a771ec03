-- Contacts that the index of their names has otherwise than they are now. The index itself is made when there are many.
CREATE TABLE search_stale (
    contact INTEGER PRIMARY KEY
) STRICT;
