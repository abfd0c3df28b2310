-- The tables that the procedure's queries name, with the columns they name.
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
CREATE TABLE kyc_case (case_id text, status text, updated_at timestamptz);
CREATE TABLE rne_subscription (tenant_id text, balance_remaining bigint, updated_at timestamptz);
CREATE TABLE tcr_declaration (declaration_id text, tenant_id text, status text, ides_reference text, payload jsonb, updated_at timestamptz);
CREATE TABLE tcr_ides_acknowledgement (kind text, received_at timestamptz, code text, ides_reference text);
CREATE TABLE audit_event (event_id bigint, tenant_id text, event_hash text, previous_hash text, occurred_at timestamptz);
CREATE TABLE kyc_biometric_check (tenant_id text, performed_at timestamptz, passed boolean, device jsonb);
CREATE TABLE certificates (id text, tenant_id text, organization_id text, status text, anchor_chain_id text, anchor_tx_hash text, created_at timestamptz);

INSERT INTO certificates VALUES ('c-1', 't', 'o', 'CERTIFIED', 'chain', '0xabc', now()), ('c-2', 't', 'o', 'CERTIFIED_NO_ANCHOR', '', '', now());
INSERT INTO rne_subscription VALUES ('acme-bank', 9000, now() - interval '1 day'), ('acme-bank', 12, now()), ('other', 5, now());
INSERT INTO audit_event VALUES
  (1, 'acme-bank', 'a', NULL, now() - interval '3 h'), (2, 'acme-bank', 'b', 'a', now() - interval '2 h'), (3, 'acme-bank', 'c', 'X', now() - interval '1 h');
INSERT INTO tcr_declaration VALUES ('d-1', 'acme-bank', 'rejected', 'r-1', '{}', now()), ('d-2', 'other', 'rejected', 'r-2', '{}', now());
INSERT INTO tcr_ides_acknowledgement VALUES ('error_report', now() - interval '23 h', 'CF03', 'r-1'), ('error_report', now() - interval '25 h', 'CV01', 'r-0'), ('receipt', now(), NULL, 'r-1');
-- An attacker from one range with one browser, who got through once; an honest customer who needed two tries; a device that names no address.
INSERT INTO kyc_biometric_check
  SELECT 'acme-bank', now() - interval '10 min', false, jsonb_build_object('ip', '198.51.100.' || n, 'user_agent', 'bot') FROM generate_series(1, 9) AS n;
INSERT INTO kyc_biometric_check VALUES
  ('acme-bank', now() - interval '9 min', false, '{"ip": "198.51.100.1", "user_agent": "bot"}'),
  ('acme-bank', now() - interval '8 min', true, '{"ip": "198.51.100.1", "user_agent": "bot"}'),
  ('acme-bank', now() - interval '7 min', false, '{"ip": "2001:db8::1", "user_agent": "phone"}'),
  ('acme-bank', now() - interval '6 min', true, '{"ip": "2001:db8::1", "user_agent": "phone"}'),
  ('acme-bank', now() - interval '5 min', false, '{"ip": "unknown, 10.0.0.1", "user_agent": "phone"}'),
  ('acme-bank', now() - interval '4 min', false, '{}'),
  ('other', now() - interval '4 min', false, '{"ip": "192.0.2.1", "user_agent": "phone"}');
