/** Accounts, deployments, campaigns, calls, attempts, deliveries. */
export const sql = `
CREATE TABLE accounts (
  account_id INTEGER PRIMARY KEY AUTOINCREMENT,
  login TEXT NOT NULL UNIQUE,
  pin_hash TEXT NOT NULL,
  default_deployment_id INTEGER REFERENCES deployments (deployment_id),
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE deployments (
  deployment_id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (account_id),
  name TEXT NOT NULL,
  trunk TEXT NOT NULL,
  caller_id TEXT,
  ring_timeout_ms INTEGER NOT NULL,
  max_channels INTEGER NOT NULL,
  redial_declined INTEGER NOT NULL,
  record_calls INTEGER NOT NULL,
  start_method TEXT NOT NULL,
  profile TEXT NOT NULL,
  calling_window TEXT,
  default_campaign_id INTEGER REFERENCES campaigns (campaign_id)
) STRICT;

-- The last five columns count the calls by state, so that no one ever counts rows.
CREATE TABLE campaigns (
  campaign_id INTEGER PRIMARY KEY AUTOINCREMENT,
  deployment_id INTEGER NOT NULL REFERENCES deployments (deployment_id),
  name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('loading', 'open', 'stopped')),
  created_at INTEGER NOT NULL,
  settings TEXT,
  queued INTEGER NOT NULL DEFAULT 0,
  dialing INTEGER NOT NULL DEFAULT 0,
  completed INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  canceled INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX campaigns_waiting ON campaigns (deployment_id) WHERE state = 'open' AND queued > 0;

CREATE TABLE calls (
  call_id INTEGER PRIMARY KEY AUTOINCREMENT,
  campaign_id INTEGER NOT NULL REFERENCES campaigns (campaign_id),
  deployment_id INTEGER NOT NULL,
  destination TEXT NOT NULL,
  number TEXT NOT NULL,
  ani TEXT,
  post_digits TEXT,
  start_url TEXT NOT NULL,
  result_url TEXT,
  message_reference TEXT,
  call_parameters TEXT,
  campaign_parameters TEXT,
  variables TEXT,
  max_attempts INTEGER NOT NULL,
  retry_interval_ms INTEGER NOT NULL,
  queued_at INTEGER NOT NULL,
  scheduled_at INTEGER,
  expires_at INTEGER,
  state TEXT NOT NULL CHECK (state IN ('queued', 'dialing', 'completed', 'failed', 'canceled')),
  next_at INTEGER NOT NULL,
  attempts_made INTEGER NOT NULL DEFAULT 0,
  releases INTEGER NOT NULL DEFAULT 0,
  callee_type TEXT,
  reason TEXT,
  last_attempt_at INTEGER,
  duration_ms INTEGER,
  ended_at INTEGER
) STRICT;
-- First in, first out within a campaign; the claim takes the earliest head of a deployment's campaigns.
CREATE INDEX calls_queued ON calls (campaign_id, next_at, call_id) WHERE state = 'queued';
CREATE INDEX calls_expiring ON calls (expires_at) WHERE state = 'queued' AND expires_at IS NOT NULL;
CREATE INDEX calls_campaign ON calls (campaign_id);

CREATE TABLE attempts (
  attempt_id INTEGER PRIMARY KEY AUTOINCREMENT,
  call_id INTEGER NOT NULL REFERENCES calls (call_id),
  number INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'ended', 'released')),
  claimed_at INTEGER NOT NULL,
  invite_sent_at INTEGER,
  ringing_at INTEGER,
  answered_at INTEGER,
  decided_at INTEGER,
  ended_at INTEGER,
  result TEXT,
  callee_type TEXT,
  reason TEXT,
  explanation TEXT,
  sip_status INTEGER,
  q850_cause INTEGER,
  keys TEXT,
  beep_at INTEGER,
  recording_path TEXT
) STRICT;
CREATE INDEX attempts_call ON attempts (call_id);
CREATE INDEX attempts_open ON attempts (attempt_id) WHERE state = 'open';
CREATE INDEX attempts_recorded ON attempts (ended_at) WHERE recording_path IS NOT NULL;

CREATE TABLE deliveries (
  delivery_id INTEGER PRIMARY KEY AUTOINCREMENT,
  call_id INTEGER NOT NULL REFERENCES calls (call_id),
  url TEXT NOT NULL,
  host TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'delivered', 'abandoned')),
  tries INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  last_try_at INTEGER,
  last_status INTEGER,
  last_error TEXT,
  is_acknowledged INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX deliveries_due ON deliveries (host, next_at, delivery_id) WHERE state = 'pending';
CREATE INDEX deliveries_next ON deliveries (next_at) WHERE state = 'pending';
CREATE INDEX deliveries_sending ON deliveries (delivery_id) WHERE state = 'sending';
CREATE INDEX deliveries_call ON deliveries (call_id);
`;
