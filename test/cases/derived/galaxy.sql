INSERT INTO galaxy_user (id, email) VALUES (1, 'ada@example.org'), (2, 'ben@example.org');
INSERT INTO history (id, user_id) VALUES (1, 1), (2, 2), (3, NULL);
INSERT INTO stored_workflow (id, user_id, name) VALUES (1, 1, 'A'), (2, 1, 'B');
INSERT INTO workflow (id, stored_workflow_id, name, uuid, source_metadata, create_time, update_time) VALUES
  (11, 1, 'As imported', NULL, convert_to('{"trs_server": "dockstore", "trs_tool_id": "atac", "trs_version_id": "v1"}', 'UTF8'), '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (12, 1, 'Edited', NULL, convert_to('{}', 'UTF8'), '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (13, 1, 'Edited again', NULL, NULL, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (14, 1, 'Imported anew', NULL, convert_to('{"url": "https://example.org/a.ga"}', 'UTF8'), '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (21, 2, 'My own', NULL, NULL, '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (22, 2, 'Replaced', NULL, convert_to('{"trs_server": "dockstore", "trs_tool_id": "atac", "trs_version_id": "v1"}', 'UTF8'), '2026-01-01 00:00:00', '2026-01-01 00:00:00');
INSERT INTO workflow_invocation (id, workflow_id, history_id, create_time, update_time) VALUES
  (101, 13, 1, '2026-06-25 10:00:04', '2026-06-25 12:00:00'),
  (102, 14, 1, '2026-06-25 10:05:04', '2026-06-25 12:00:00'),
  (103, 11, 1, '2026-06-25 10:10:04', '2026-06-25 12:00:00'),
  (104, 21, 1, '2026-06-25 10:15:04', '2026-06-25 12:00:00');
