-- Which events a run listens to: a row for each event type, from the admission to the end. `key` tells the workflow of one
-- program from that of another, for each says by its own lines whose an event is. An event that is accepted before `since`
-- does not count; on one with `leaves` the run leaves, whenever it is accepted.
CREATE TABLE listener (
    contact INTEGER NOT NULL,
    event   TEXT NOT NULL,
    run     INTEGER NOT NULL,
    leaves  INTEGER NOT NULL,
    key     INTEGER NOT NULL,
    since   INTEGER NOT NULL,
    PRIMARY KEY (contact, event, run, leaves)
) STRICT, WITHOUT ROWID;

CREATE INDEX listener_run ON listener (run);
CREATE INDEX listener_key ON listener (key);

-- Events that a run listens to and has not taken in. A row is written with the event itself, and goes with the turn that
-- takes it in.
CREATE TABLE inbox (
    run        INTEGER NOT NULL,
    acceptance INTEGER NOT NULL,
    PRIMARY KEY (run, acceptance)
) STRICT, WITHOUT ROWID;

-- How many runs led to an event, each by what it wrote or raised.
ALTER TABLE event ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;

-- Schedules of the program that runs. `tick` is the last time that was begun; while it goes on, `come_to` is the contact that
-- it has come to and `up_to` the last one that there was when it began.
CREATE TABLE schedule (
    schedule TEXT PRIMARY KEY,
    tick     INTEGER NOT NULL,
    come_to  INTEGER,
    up_to    INTEGER
) STRICT, WITHOUT ROWID;
