INSERT INTO galaxy_user (id, email) VALUES (1, 'ada@example.org'), (2, 'ben@example.org');
INSERT INTO history (id, user_id) VALUES (1, 1), (2, 2), (3, NULL);
INSERT INTO stored_workflow (id, user_id, name) VALUES (1, 1, 'A'), (2, 2, 'B'), (3, 2, 'C');
INSERT INTO workflow (id, stored_workflow_id, name, uuid, source_metadata, create_time, update_time) VALUES
  (11, 1, 'A', '0f6c1a52b7de4a3c9b1d5e8f7a2c4d60', NULL, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (12, 3, 'C', '7a1b2c3d4e5f60718293a4b5c6d7e8f9', NULL, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (13, 3, 'C', '7a1b2c3d4e5f60718293a4b5c6d7e8f9', NULL, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (21, 2, 'B', '0f6c1a52b7de4a3c9b1d5e8f7a2c4d60', NULL, '2026-01-01 00:00:00', '2026-01-01 00:00:00');
INSERT INTO workflow_invocation (id, workflow_id, history_id, create_time, update_time) VALUES
  (101, 11, 1, '2026-06-25 10:00:03', '2026-06-25 12:00:00'),
  (102, 21, 2, '2026-06-25 10:00:04', '2026-06-25 12:00:00'),
  (103, 13, 2, '2026-06-25 10:15:04', '2026-06-25 12:00:00');
