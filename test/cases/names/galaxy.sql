INSERT INTO galaxy_user (id, email) VALUES (1, 'ada@example.org'), (2, 'ben@example.org');
INSERT INTO history (id, user_id) VALUES (1, 1), (2, 2), (3, NULL);
INSERT INTO stored_workflow (id, user_id, name) VALUES (1, 1, 'stored'), (2, 1, 'stored'), (3, 1, 'stored'), (4, 1, 'stored'), (5, 1, 'stored');
INSERT INTO workflow (id, stored_workflow_id, name, create_time, update_time) VALUES
  (11, 1, E'two\nlines,\ttab=1', '2026-01-01', '2026-01-01'),
  (12, 2, '', '2026-01-01', '2026-01-01'),
  (13, 3, NULL, '2026-01-01', '2026-01-01'),
  (14, 4, repeat('🧪', 255) || E'\\\\and more', '2026-01-01', '2026-01-01'),
  (15, 5, E'C:\\path, "quoted"\\\\', '2026-01-01', '2026-01-01');
INSERT INTO workflow_invocation (id, workflow_id, history_id, create_time, update_time) VALUES
  (101, 11, 1, '2026-06-25 10:00:04', '2026-06-25 12:00:00'),
  (102, 12, 1, '2026-06-25 10:00:14', '2026-06-25 12:00:00'),
  (103, 13, 1, '2026-06-25 10:00:24', '2026-06-25 12:00:00'),
  (104, 14, 1, '2026-06-25 10:00:34', '2026-06-25 12:00:00'),
  (105, 15, 1, '2026-06-25 10:00:44', '2026-06-25 12:00:00');
