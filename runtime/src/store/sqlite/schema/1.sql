-- The first schema. Instants are nanoseconds since 1970-01-01 UTC. Only what the writer's thread does is ever committed,
-- so rules that it keeps, such as references between tables, are not declared again here.

-- Compiled programs. A number stands for the 64 digits of the hash everywhere else. `json` is null while only the hash is
-- known.
CREATE TABLE program (
    number INTEGER PRIMARY KEY,
    hash   TEXT NOT NULL UNIQUE,
    json   TEXT
) STRICT;

-- Accepted events. INVARIANT: the newest row is never deleted, so that no acceptance number is given twice.
-- `payload_hash` is null for an event without a key. `occurred_at` is the caller's and may be any instant: one that 64
-- bits do not hold is a text.
CREATE TABLE event (
    acceptance   INTEGER PRIMARY KEY,
    id           TEXT NOT NULL,
    source       TEXT NOT NULL,
    payload_hash BLOB,
    name         TEXT NOT NULL,
    occurred_at  ANY NOT NULL,
    received_at  INTEGER NOT NULL,
    program      INTEGER NOT NULL,
    kept_out     TEXT,
    params       TEXT NOT NULL
) STRICT;

-- An id is unique within its source and the dedup window only.
CREATE INDEX event_id ON event (id);

-- Contacts. AUTOINCREMENT, because the number of a contact that was erased must not become somebody else's. The three
-- identifiers repeat what is in `fields`.
CREATE TABLE contact (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    external_id TEXT,
    phone       TEXT,
    email       TEXT,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    fields      TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX contact_external_id ON contact (external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX contact_phone ON contact (phone) WHERE phone IS NOT NULL;
CREATE UNIQUE INDEX contact_email ON contact (email) WHERE email IS NOT NULL;

-- Runs: what lists and look-ups need, narrow, so that many share a page. `number` is the acceptance number times 4096 plus
-- the run's place among those that the event started. `status`: 0 running, 1 waiting, 2 completed, 3 stopped, 4 exited,
-- 5 failed, 6 cancelled.
CREATE TABLE run (
    number       INTEGER PRIMARY KEY,
    workflow_key INTEGER NOT NULL,
    workflow     TEXT NOT NULL,
    program      INTEGER NOT NULL,
    contact      INTEGER,
    status       INTEGER NOT NULL,
    started_at   INTEGER NOT NULL,
    wake_at      INTEGER,
    reason_code  TEXT,
    reason       TEXT
) STRICT;

-- Which of a contact's runs of a workflow was the last, and all runs of a contact.
CREATE INDEX run_contact ON run (contact, workflow_key) WHERE contact IS NOT NULL;
-- What goes on, the timers, and the ends that people look for. A completed run is in none of them. With `wake_at`, so that
-- a restart passes over a million sleeping runs without reading their rows.
CREATE INDEX run_unfinished ON run (number, wake_at) WHERE status < 2;
CREATE INDEX run_due ON run (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX run_ended_early ON run (status) WHERE status > 2;

-- Where each run stands, from its first turn on. Apart from `run`, because it is wide and is written at every turn: a turn
-- that changes neither the status nor the timer touches no index. `revision` counts the turns that were recorded.
CREATE TABLE run_state (
    run        INTEGER PRIMARY KEY,
    updated_at INTEGER NOT NULL,
    revision   INTEGER NOT NULL,
    saved      TEXT NOT NULL
) STRICT;

-- Attempts of calls and deliveries; their outcomes apart, so that both are only ever appended.
CREATE TABLE attempt (
    id         INTEGER PRIMARY KEY,
    run        INTEGER NOT NULL,
    step       TEXT NOT NULL,
    number     INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    request    TEXT NOT NULL,
    UNIQUE (run, step, number)
) STRICT;

CREATE TABLE attempt_outcome (
    attempt     INTEGER PRIMARY KEY,
    duration_ms INTEGER NOT NULL,
    address     TEXT,
    response    TEXT,
    error       TEXT
) STRICT;

-- Messages. INVARIANT: the newest row is never deleted, so that no number is given twice. `status`: 0 outbox, 1 sending,
-- 2 sent, 3 failed.
CREATE TABLE message (
    number     INTEGER PRIMARY KEY,
    run        INTEGER NOT NULL,
    contact    INTEGER,
    step       TEXT NOT NULL,
    status     INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    error      TEXT,
    mail       TEXT NOT NULL
) STRICT;

CREATE INDEX message_run ON message (run);

-- Single numbers by name.
CREATE TABLE mark (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO mark (name, value) VALUES ('identity', random());
