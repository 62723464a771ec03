-- A store as the first format left it: an event, the one contact that is left, a run that waits, an attempt, a message.
INSERT INTO program (number, hash, json) VALUES (1, '5a', '{"ir_version":1}');
INSERT INTO mark (name, value) VALUES ('last_program', 1), ('outbox_written', 1);
INSERT INTO contact (id, email, created_at, updated_at, fields)
VALUES (1, 'ann@example.com', 1774688400000000000, 1774688400000000000, '{"email":"ann@example.com"}');
-- Six others were erased.
UPDATE sqlite_sequence SET seq = 7 WHERE name = 'contact';
INSERT INTO event (acceptance, id, source, payload_hash, name, occurred_at, received_at, program, params)
VALUES (1, 'a', 'shop', zeroblob(32), 'ordered', 1774688400000000000, 1774688400000000000, 1, '{"total":99.50}');
INSERT INTO run (number, workflow_key, workflow, program, contact, status, started_at, wake_at)
VALUES (4096, 671958187, 'welcome', 1, 1, 1, 1774688400000000000, 1774688460000000000);
INSERT INTO run_state (run, updated_at, revision, saved) VALUES (4096, 1774688401000000000, 2, '{"format":1}');
INSERT INTO attempt (id, run, step, number, started_at, request)
VALUES (1, 4096, 'call:w', 1, 1774688400000000000, '{"method":"GET"}');
INSERT INTO attempt_outcome (attempt, duration_ms, response) VALUES (1, 12, '{"status":200}');
INSERT INTO message (number, run, contact, step, status, at, message_id, mail)
VALUES (1, 4096, 1, 'send:m', 0, 1774688400000000000, 'm1',
        '{"message":"m","from":"a@example.com","to":"ann@example.com","subject":"s","text":"t"}');
