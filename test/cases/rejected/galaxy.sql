INSERT INTO galaxy_user (id, email) VALUES (1, 'ada@example.org'), (2, 'ben@example.org');
INSERT INTO history (id, user_id) VALUES (1, 1), (2, 2), (3, NULL);
INSERT INTO stored_workflow (id, user_id, name) VALUES (1, 1, 'A'), (2, 1, 'B');
INSERT INTO workflow (id, stored_workflow_id, name, uuid, source_metadata, create_time, update_time) VALUES
  (11, 1, 'A', NULL, NULL, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (21, 2, 'B', NULL, NULL, '2026-01-01 00:00:00', '2026-01-01 00:00:00');
INSERT INTO workflow_invocation (id, workflow_id, history_id, create_time, update_time) VALUES
  (101, 11, 1, '2026-06-25 10:01:04', '2026-06-25 12:00:00'),
  (102, 21, 1, '2026-06-25 10:09:04', '2026-06-25 12:00:00'),
  (103, 11, 1, '2026-06-25 10:20:30', '2026-06-25 12:00:00');
