-- Which start of the daemon an attempt was begun after: of those of an earlier one none goes on, whatever the clock says.
ALTER TABLE attempt ADD COLUMN start INTEGER NOT NULL DEFAULT 0;
