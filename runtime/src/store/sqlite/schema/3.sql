-- Long requests and answers, compressed. `id` is twice the attempt's, and one more for the answer; their columns are empty.
CREATE TABLE body (
    id    INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;

-- When a contact last entered a workflow, of runs that were taken out: `once` looks back further than history reaches.
CREATE TABLE entry (
    contact      INTEGER NOT NULL,
    workflow_key INTEGER NOT NULL,
    started_at   INTEGER NOT NULL,
    PRIMARY KEY (contact, workflow_key)
) STRICT, WITHOUT ROWID;

-- The lists of one workflow and of one type of event, however few of very many they are.
CREATE INDEX run_workflow ON run (workflow_key);
CREATE INDEX event_name ON event (name);

-- Whether a run still listens to an event that is to be taken out.
CREATE INDEX inbox_event ON inbox (acceptance);
