-- Which stretches of history have runs of a workflow, and events of a type: a stretch is 256 events. A row is written with the first
-- of them only, where an index had one for each.
CREATE TABLE workflow_stretch (
    workflow_key INTEGER NOT NULL,
    stretch      INTEGER NOT NULL,
    PRIMARY KEY (workflow_key, stretch)
) STRICT, WITHOUT ROWID;

CREATE TABLE event_stretch (
    name    TEXT NOT NULL,
    stretch INTEGER NOT NULL,
    PRIMARY KEY (name, stretch)
) STRICT, WITHOUT ROWID;

-- For what is taken out of history.
CREATE INDEX workflow_stretch_number ON workflow_stretch (stretch);
CREATE INDEX event_stretch_number ON event_stretch (stretch);

INSERT INTO workflow_stretch SELECT DISTINCT workflow_key, number / 4096 / 256 FROM run INDEXED BY run_workflow;
INSERT INTO event_stretch SELECT DISTINCT name, acceptance / 256 FROM event INDEXED BY event_name;
DROP INDEX run_workflow;
DROP INDEX event_name;

-- The last number that a contact was given. What SQLite keeps of it is the last one that is set aside from now on.
INSERT INTO mark (name, value) SELECT 'contact_numbers', seq FROM sqlite_sequence WHERE name = 'contact';
