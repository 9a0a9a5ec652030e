-- Credentials of three kinds. The token of an installation and the user token of OAuth are replaced while they are in use, by
-- whichever worker comes first, under the lock of this row.
alter table credential
    -- When the token at hand was minted, refreshed or connected. Older programs leave it out: then it is as old as the row.
    add column issued_at timestamptz,
    -- What an OAuth user token is replaced with: good for one use, so that the next one is stored in the transaction of its use.
    -- An older program that replaces the whole credential leaves it here; it counts for OAuth user tokens alone.
    add column refresh_key_id text,
    add column refresh_ciphertext bytea,
    add column refresh_expires_at timestamptz,
    add constraint credential_refresh check ((refresh_key_id is null) = (refresh_ciphertext is null));
