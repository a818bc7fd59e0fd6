INSERT INTO galaxy_user (id, email) VALUES (1, 'ada@example.org'), (2, 'ben@example.org');
INSERT INTO history (id, user_id) VALUES (1, 1), (2, 2), (3, NULL);
INSERT INTO stored_workflow (id, user_id, name) VALUES (1, 1, 'ATAC'), (2, 1, 'Hub'), (3, 2, 'Ours'), (4, 2, 'Nobody'), (5, 2, 'Address');
INSERT INTO workflow (id, stored_workflow_id, name, uuid, source_metadata, create_time, update_time) VALUES
  (11, 1, 'ATAC', NULL, convert_to('{"trs_server": "dockstore", "trs_tool_id": "%23workflow%2Fgithub.com%2Fiwc-workflows%2Fatac%2Fmain", "trs_version_id": "v0.4"}', 'UTF8'), '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (12, 2, 'Hub', NULL, convert_to('{"trs_server": null, "trs_tool_id": 109, "trs_version_id": "5", "trs_url": "https://workflowhub.eu/ga4gh/trs/v2/tools/109/versions/5"}', 'UTF8'), '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (13, 3, 'Ours', NULL, convert_to('{"trs_server": "ours", "trs_tool_id": "8", "trs_version_id": "2", "trs_url": "https://trs.example.org/ga4gh/trs/v2/tools/8/versions/2"}', 'UTF8'), '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (14, 4, 'Nobody', NULL, convert_to('{"trs_server": "", "trs_tool_id": "9", "trs_version_id": ""}', 'UTF8'), '2026-01-01 00:00:00', '2026-01-01 00:00:00'),
  (15, 5, 'Address', NULL, convert_to('{"url": "https://dockstore.org/api/ga4gh/trs/v2/tools/#workflow/github.com/iwc-workflows/atac/main/versions/v0.5/PLAIN-GALAXY/descriptor"}', 'UTF8'), '2026-01-01 00:00:00', '2026-01-01 00:00:00');
INSERT INTO workflow_invocation (id, workflow_id, history_id, create_time, update_time) VALUES
  (101, 11, 1, '2026-06-25 10:00:04.5', '2026-06-25 12:00:00'),
  (102, 12, 1, '2026-06-25 10:00:14.5', '2026-06-25 12:00:00'),
  (103, 13, 1, '2026-06-25 10:00:24.5', '2026-06-25 12:00:00'),
  (104, 14, 1, '2026-06-25 10:00:34.5', '2026-06-25 12:00:00'),
  (105, 15, 1, '2026-06-25 10:00:44.5', '2026-06-25 12:00:00');
