-- +goose Up

-- How a device that is being bound is found, till it is, and whether its pages ring.
ALTER TABLE devices
    ADD COLUMN way        text        NOT NULL DEFAULT 'qr', -- the link came by
    ADD COLUMN link_hash  bytea, -- of the token in the link; NULL once it was followed to the end
    ADD COLUMN link_until timestamptz,
    ADD COLUMN notices    boolean     NOT NULL DEFAULT true,
    ADD CONSTRAINT devices_link_hash UNIQUE (link_hash),
    ADD CONSTRAINT devices_link_hash_length CHECK (octet_length(link_hash) = 32),
    ADD CONSTRAINT devices_way CHECK (way IN ('qr', 'sms'));
