-- Which start of the daemon an attempt was begun after: of those of an earlier one none goes on, whatever the clock says.
ALTER TABLE attempt ADD COLUMN start INTEGER NOT NULL DEFAULT 0;

-- The keys that receivers see of runs up to here are made without the time of their acceptance.
INSERT INTO mark (name, value) SELECT 'keys_without_time', acceptance FROM event ORDER BY acceptance DESC LIMIT 1;
