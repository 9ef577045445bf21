-- Who is signed in: found by the hash of what the browser holds, and opened by that alone
-- depends:

-- migrate: apply

-- `renewing_until`: somebody asks the provider for new tokens, and nobody else does before.
CREATE TABLE sessions (
    id_hash bytea PRIMARY KEY,
    account uuid NOT NULL,
    provider_session bytea,
    began_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    renewing_until timestamptz NOT NULL DEFAULT '-infinity',
    sealed bytea NOT NULL
);
CREATE INDEX sessions_of_account ON sessions (account);
CREATE INDEX sessions_at_provider ON sessions (provider_session);
CREATE INDEX sessions_by_last_use ON sessions (seen_at);

-- migrate: rollback

DROP TABLE sessions;
