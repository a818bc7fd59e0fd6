INSERT INTO galaxy_user (id, email) VALUES (1, 'ada@example.org'), (2, 'ben@example.org');
INSERT INTO history (id, user_id) VALUES (1, 1), (2, 2), (3, NULL);
INSERT INTO stored_workflow (id, user_id, name) VALUES (1, 1, 'A'), (2, 1, 'B'), (3, 2, 'C'), (4, 2, 'D');
INSERT INTO workflow (id, stored_workflow_id, name, uuid, source_metadata, create_time, update_time) VALUES
  (11, 1, 'With secrets', NULL, convert_to('{"url": "https://me:password@example.org/a,b=c.ga?signature=secret#step"}', 'UTF8'), '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (12, 2, 'From a disk', NULL, convert_to('{"url": "file:///home/me/b.ga"}', 'UTF8'), '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (13, 3, 'Half a text', NULL, convert_to('{"url": "https://example.org/', 'UTF8'), '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (14, 4, 'Somebodys own', NULL, NULL, '2026-01-01 00:00:00', '2026-01-01 00:00:00');
INSERT INTO workflow_invocation (id, workflow_id, history_id, create_time, update_time) VALUES
  (101, 11, 1, '2026-06-25 10:00:04.5', '2026-06-25 12:00:00'),
  (102, 12, 1, '2026-06-25 10:00:14.5', '2026-06-25 12:00:00'),
  (103, 13, 2, '2026-06-25 10:00:24.5', '2026-06-25 12:00:00'),
  (104, 14, 3, '2026-06-25 10:00:34.5', '2026-06-25 12:00:00');
