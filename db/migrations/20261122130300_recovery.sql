-- +goose Up

-- The three questions by whose answers a person can be known when they have lost
-- their phone (ID-02, REC-02). Answers are kept as passwords are: only their hashes.
CREATE TABLE control_questions (
    account_id  bigint      NOT NULL REFERENCES accounts,
    position    smallint    NOT NULL,
    question    text        NOT NULL, -- names the question in the catalogues
    answer_hash text        NOT NULL,
    set_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, position),
    CONSTRAINT control_questions_once UNIQUE (account_id, question),
    CONSTRAINT control_questions_position CHECK (position BETWEEN 1 AND 3)
);

-- Rounds of answers, by a keyed hash of whom they were about, whether or not there
-- is such a person. A row goes when the answers were right, or a day after the last.
CREATE TABLE control_question_rounds (
    key     bytea       NOT NULL PRIMARY KEY,
    rounds  integer     NOT NULL DEFAULT 1,
    since   timestamptz NOT NULL DEFAULT now(), -- the first of them, or the one too many
    CONSTRAINT control_question_rounds_key_length CHECK (octet_length(key) = 32)
) WITH (fillfactor = 80);
CREATE INDEX control_question_rounds_by_age ON control_question_rounds (since);

-- Copies of identity papers that somebody showed to get their account back (REC-05),
-- sealed with a key that is not in the database and erased when it is decided. What
-- was shown stays known by its digest.
CREATE TABLE recovery_evidence (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id  text        NOT NULL,
    request    text        NOT NULL, -- public id of what it was shown for
    kind       text        NOT NULL,
    mime       text        NOT NULL,
    size       integer     NOT NULL,
    sha256     bytea       NOT NULL,
    sealed     bytea, -- NULL once it is erased
    created_at timestamptz NOT NULL DEFAULT now(),
    erased_at  timestamptz,
    CONSTRAINT recovery_evidence_public_id UNIQUE (public_id),
    CONSTRAINT recovery_evidence_once UNIQUE (request, sha256),
    CONSTRAINT recovery_evidence_kind CHECK (kind IN ('passport', 'other')),
    CONSTRAINT recovery_evidence_mime CHECK (mime IN ('application/pdf', 'image/jpeg')),
    CONSTRAINT recovery_evidence_size CHECK (size BETWEEN 1 AND 5242880),
    CONSTRAINT recovery_evidence_sha256_length CHECK (octet_length(sha256) = 32),
    CONSTRAINT recovery_evidence_erased CHECK ((sealed IS NULL) = (erased_at IS NOT NULL))
);
-- A copy is of no use to search in, and compressing what is sealed is wasted work.
ALTER TABLE recovery_evidence ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE INDEX recovery_evidence_kept ON recovery_evidence (created_at) WHERE sealed IS NOT NULL;
