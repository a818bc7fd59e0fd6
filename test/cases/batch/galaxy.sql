INSERT INTO galaxy_user (id, email) VALUES (1, 'ada@example.org'), (2, 'ben@example.org');
INSERT INTO history (id, user_id) VALUES (1, 1), (2, 2), (3, NULL);
INSERT INTO stored_workflow (id, user_id, name) VALUES (1, 1, 'A'), (2, 2, 'B');
INSERT INTO workflow (id, stored_workflow_id, name, uuid, source_metadata, create_time, update_time) VALUES
  (11, 1, 'Old', NULL, NULL, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (12, 1, 'New', NULL, NULL, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (21, 2, 'Other', NULL, NULL, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (31, NULL, 'Inner', NULL, NULL, '2026-01-01 00:00:00', '2026-01-01 00:00:00');
INSERT INTO workflow_invocation (id, workflow_id, history_id, create_time, update_time) VALUES
  (101, 12, 1, '2026-06-25 10:00:01', '2026-06-25 12:00:00'),
  (102, 12, 2, '2026-06-25 10:00:02', '2026-06-25 12:00:00'),
  (103, 11, 3, '2026-06-25 10:00:03', '2026-06-25 12:00:00'),
  (104, 31, 1, '2026-06-25 10:00:02', '2026-06-25 12:00:00'),
  (105, 21, 1, '2026-06-25 10:00:02', '2026-06-25 12:00:00'),
  (106, 12, 1, '2026-06-25 10:00:02.5', '2026-06-25 12:00:00');
INSERT INTO workflow_invocation_to_subworkflow_invocation_association (workflow_invocation_id, subworkflow_invocation_id)
VALUES (101, 104), (105, 106);
