/** The trace file: one row per entry, appended in about the order of time. */
export const sql = `
CREATE TABLE traces (
  trace_id INTEGER PRIMARY KEY AUTOINCREMENT,
  call_id INTEGER NOT NULL,
  attempt_id INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  source TEXT NOT NULL,
  kind TEXT NOT NULL,
  data TEXT
) STRICT;
CREATE INDEX traces_call ON traces (call_id);
`;
