-- What the migrations make, for reading. `make schema` writes this file.

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';

CREATE TYPE public.river_job_state AS ENUM (
    'available',
    'cancelled',
    'completed',
    'discarded',
    'pending',
    'retryable',
    'running',
    'scheduled'
);

CREATE FUNCTION public.audit_entries_stay() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are never changed or removed';
END
$$;

CREATE FUNCTION public.river_job_state_in_bitmask(bitmask bit, state public.river_job_state) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE state
        WHEN 'available' THEN get_bit(bitmask, 7)
        WHEN 'cancelled' THEN get_bit(bitmask, 6)
        WHEN 'completed' THEN get_bit(bitmask, 5)
        WHEN 'discarded' THEN get_bit(bitmask, 4)
        WHEN 'pending'   THEN get_bit(bitmask, 3)
        WHEN 'retryable' THEN get_bit(bitmask, 2)
        WHEN 'running'   THEN get_bit(bitmask, 1)
        WHEN 'scheduled' THEN get_bit(bitmask, 0)
        ELSE 0
    END = 1;
$$;

CREATE TABLE public.account_events (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    kind text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    device text DEFAULT ''::text NOT NULL,
    address text DEFAULT ''::text NOT NULL,
    session text DEFAULT ''::text NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    hidden_at timestamp with time zone
);

ALTER TABLE public.account_events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.account_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounts (
    id bigint NOT NULL,
    public_id text NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    phone text,
    password_hash text DEFAULT ''::text NOT NULL,
    confirmed boolean DEFAULT false NOT NULL,
    rights bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    snils text,
    inn text,
    lang text DEFAULT 'ru'::text NOT NULL,
    email_confirmed_at timestamp with time zone,
    phone_confirmed_at timestamp with time zone,
    password_set_at timestamp with time zone DEFAULT now() NOT NULL,
    password_until timestamp with time zone,
    second_factor text DEFAULT 'sms'::text NOT NULL,
    phone_sign_in boolean DEFAULT true NOT NULL,
    alerts boolean DEFAULT true NOT NULL,
    bound_to_address boolean DEFAULT false NOT NULL,
    networks cidr[] DEFAULT '{}'::cidr[] NOT NULL,
    lock text DEFAULT ''::text NOT NULL,
    locked_at timestamp with time zone,
    email_wanted text DEFAULT ''::text NOT NULL,
    phone_wanted text DEFAULT ''::text NOT NULL,
    consented_at timestamp with time zone,
    confirm_asked_at timestamp with time zone,
    attempt_alerts boolean DEFAULT true NOT NULL,
    birth_date date,
    CONSTRAINT accounts_email_spelling CHECK ((email = lower((email COLLATE "C")))),
    CONSTRAINT accounts_inn_spelling CHECK ((inn ~ '^[0-9]{12}$'::text)),
    CONSTRAINT accounts_lang CHECK ((lang = ANY (ARRAY['ru'::text, 'en'::text]))),
    CONSTRAINT accounts_lock CHECK ((lock = ANY (ARRAY[''::text, 'suspicious'::text, 'blocked'::text]))),
    CONSTRAINT accounts_phone_spelling CHECK ((phone ~ '^\+[1-9][0-9]{7,14}$'::text)),
    CONSTRAINT accounts_second_factor CHECK ((second_factor = ANY (ARRAY['off'::text, 'sms'::text, 'mail'::text, 'totp'::text, 'passkey'::text]))),
    CONSTRAINT accounts_snils_spelling CHECK ((snils ~ '^[0-9]{11}$'::text))
);

ALTER TABLE public.accounts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.accounts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alerts (
    id bigint NOT NULL,
    public_id text NOT NULL,
    account_id bigint NOT NULL,
    event_id bigint NOT NULL,
    kind text NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    answer text DEFAULT ''::text NOT NULL,
    CONSTRAINT alerts_answer CHECK ((answer = ANY (ARRAY[''::text, 'mine'::text, 'not_mine'::text]))),
    CONSTRAINT alerts_token_hash_length CHECK ((octet_length(token_hash) = 32))
);

ALTER TABLE public.alerts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.alerts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.audit_entries (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    account_id bigint,
    session text DEFAULT ''::text NOT NULL,
    action text NOT NULL,
    object text DEFAULT ''::text NOT NULL,
    details jsonb DEFAULT '{}'::jsonb NOT NULL
);

ALTER TABLE public.audit_entries ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_entries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.backup_codes (
    account_id bigint NOT NULL,
    hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT backup_codes_hash_length CHECK ((octet_length(hash) = 32))
);

CREATE TABLE public.ballots (
    poll_id bigint NOT NULL,
    account_id bigint NOT NULL,
    option_id bigint NOT NULL,
    request_key text NOT NULL,
    cast_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE public.browsers (
    account_id bigint NOT NULL,
    token_hash bytea NOT NULL,
    device text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT browsers_token_hash_length CHECK ((octet_length(token_hash) = 32))
);

CREATE TABLE public.codes (
    id bigint NOT NULL,
    public_id text NOT NULL,
    purpose text NOT NULL,
    account_id bigint,
    holder text NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    lang text DEFAULT 'ru'::text NOT NULL,
    sends integer DEFAULT 1 NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    delivery text DEFAULT 'queued'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    sent_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT codes_channel CHECK ((channel = ANY (ARRAY['sms'::text, 'mail'::text]))),
    CONSTRAINT codes_delivery CHECK ((delivery = ANY (ARRAY['queued'::text, 'sent'::text, 'delivered'::text, 'failed'::text])))
);

ALTER TABLE public.codes ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.codes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.comments (
    id bigint NOT NULL,
    post_id bigint NOT NULL,
    parent_id bigint,
    author_id bigint NOT NULL,
    official boolean DEFAULT false NOT NULL,
    body text NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    turn bigint NOT NULL,
    request_key text,
    ground text DEFAULT ''::text NOT NULL,
    decided_at timestamp with time zone,
    told boolean DEFAULT true NOT NULL,
    CONSTRAINT comments_not_own_parent CHECK ((parent_id <> id)),
    CONSTRAINT comments_state CHECK ((state = ANY (ARRAY['pending'::text, 'published'::text, 'rejected'::text, 'removed'::text])))
);

CREATE SEQUENCE public.comment_turns
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.comment_turns OWNED BY public.comments.turn;

ALTER TABLE public.comments ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.comments_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.contact_changes (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    channel text NOT NULL,
    former text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT contact_changes_channel CHECK ((channel = ANY (ARRAY['sms'::text, 'mail'::text])))
);

ALTER TABLE public.contact_changes ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.contact_changes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.control_question_rounds (
    key bytea NOT NULL,
    rounds integer DEFAULT 1 NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT control_question_rounds_key_length CHECK ((octet_length(key) = 32))
)
WITH (fillfactor='80');

CREATE TABLE public.control_questions (
    account_id bigint NOT NULL,
    "position" smallint NOT NULL,
    question text NOT NULL,
    answer_hash text NOT NULL,
    set_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT control_questions_position CHECK ((("position" >= 1) AND ("position" <= 3)))
);

CREATE TABLE public.devices (
    id bigint NOT NULL,
    public_id text NOT NULL,
    account_id bigint NOT NULL,
    kind text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    reach text DEFAULT 'full'::text NOT NULL,
    token_hash bytea,
    device text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    bound_at timestamp with time zone,
    seen_at timestamp with time zone,
    way text DEFAULT 'qr'::text NOT NULL,
    link_hash bytea,
    link_until timestamp with time zone,
    notices boolean DEFAULT true NOT NULL,
    CONSTRAINT devices_kind CHECK ((kind = ANY (ARRAY['phone'::text, 'tablet'::text, 'watch'::text]))),
    CONSTRAINT devices_link_hash_length CHECK ((octet_length(link_hash) = 32)),
    CONSTRAINT devices_reach CHECK ((reach = ANY (ARRAY['view'::text, 'sign'::text, 'full'::text]))),
    CONSTRAINT devices_token_hash_length CHECK ((octet_length(token_hash) = 32)),
    CONSTRAINT devices_way CHECK ((way = ANY (ARRAY['qr'::text, 'sms'::text])))
);

ALTER TABLE public.devices ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.devices_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.email_links (
    id bigint NOT NULL,
    public_id text NOT NULL,
    token_hash bytea NOT NULL,
    account_id bigint NOT NULL,
    email text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT email_links_token_hash_length CHECK ((octet_length(token_hash) = 32))
);

ALTER TABLE public.email_links ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.email_links_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.goose_db_version (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.goose_db_version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_db_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.grants (
    account_id bigint NOT NULL,
    role text NOT NULL,
    scope text DEFAULT ''::text NOT NULL,
    until timestamp with time zone,
    granted_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.identities (
    id bigint NOT NULL,
    public_id text NOT NULL,
    account_id bigint NOT NULL,
    provider text NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    email text DEFAULT ''::text NOT NULL,
    linked_at timestamp with time zone DEFAULT now() NOT NULL,
    used_at timestamp with time zone
);

ALTER TABLE public.identities ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.identities_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.identity_logouts (
    issuer text NOT NULL,
    token_hash bytea NOT NULL,
    provider_sid text DEFAULT ''::text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT identity_logouts_token_hash_length CHECK ((octet_length(token_hash) = 32))
);

CREATE TABLE public.identity_requests (
    state_hash bytea NOT NULL,
    browser_hash bytea NOT NULL,
    provider text NOT NULL,
    purpose text NOT NULL,
    account_id bigint,
    next text DEFAULT '/'::text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT identity_requests_account CHECK (((purpose = 'link'::text) = (account_id IS NOT NULL))),
    CONSTRAINT identity_requests_browser_hash_length CHECK ((octet_length(browser_hash) = 32)),
    CONSTRAINT identity_requests_purpose CHECK ((purpose = ANY (ARRAY['sign_in'::text, 'link'::text]))),
    CONSTRAINT identity_requests_state_hash_length CHECK ((octet_length(state_hash) = 32))
);

CREATE TABLE public.moderation_items (
    id bigint NOT NULL,
    kind text NOT NULL,
    object_id bigint NOT NULL,
    author_id bigint NOT NULL,
    title text DEFAULT ''::text NOT NULL,
    path text NOT NULL,
    text text NOT NULL,
    suspicions text[] DEFAULT '{}'::text[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    held_by bigint,
    held_before bigint,
    held_until timestamp with time zone,
    token bigint DEFAULT 0 NOT NULL,
    decided_by bigint,
    outcome text DEFAULT ''::text NOT NULL,
    ground text DEFAULT ''::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    decided_at timestamp with time zone,
    effective_at timestamp with time zone,
    CONSTRAINT moderation_items_decided CHECK ((((state = 'waiting'::text) = (decided_by IS NULL)) AND ((state = 'waiting'::text) = (outcome = ''::text)) AND ((state = 'waiting'::text) = (decided_at IS NULL)) AND ((state = 'waiting'::text) = (effective_at IS NULL)))),
    CONSTRAINT moderation_items_ground CHECK (((state = 'waiting'::text) OR ((ground <> ''::text) = (outcome = 'refuse'::text)))),
    CONSTRAINT moderation_items_lease CHECK (((held_by IS NULL) = (held_until IS NULL))),
    CONSTRAINT moderation_items_lease_waits CHECK (((held_by IS NULL) OR (state = 'waiting'::text))),
    CONSTRAINT moderation_items_not_own CHECK (((author_id <> decided_by) AND (author_id <> held_by))),
    CONSTRAINT moderation_items_outcome CHECK ((outcome = ANY (ARRAY[''::text, 'allow'::text, 'refuse'::text]))),
    CONSTRAINT moderation_items_state CHECK ((state = ANY (ARRAY['waiting'::text, 'decided'::text, 'settled'::text])))
);

ALTER TABLE public.moderation_items ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.moderation_items_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.notification_deliveries (
    notification_id bigint NOT NULL,
    channel text NOT NULL,
    state text DEFAULT 'queued'::text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT notification_deliveries_channel CHECK ((channel = ANY (ARRAY['mail'::text, 'sms'::text]))),
    CONSTRAINT notification_deliveries_state CHECK ((state = ANY (ARRAY['queued'::text, 'sent'::text, 'failed'::text])))
);

CREATE TABLE public.notification_settings (
    account_id bigint NOT NULL,
    mail boolean NOT NULL
);

CREATE TABLE public.notifications (
    id bigint NOT NULL,
    public_id text DEFAULT replace((gen_random_uuid())::text, '-'::text, ''::text) NOT NULL,
    account_id bigint NOT NULL,
    kind text NOT NULL,
    section text NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    path text NOT NULL,
    cause text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    read_at timestamp with time zone,
    CONSTRAINT notifications_path CHECK ((path ~~ '/%'::text))
);

ALTER TABLE public.notifications ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.notifications_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.outbox (
    id bigint NOT NULL,
    event text NOT NULL,
    topic text NOT NULL,
    ids text[] DEFAULT '{}'::text[] NOT NULL,
    bye text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    trace text DEFAULT ''::text NOT NULL
);

ALTER TABLE public.outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.passkey_challenges (
    challenge text NOT NULL,
    purpose text NOT NULL,
    holder text NOT NULL,
    account_id bigint,
    asked jsonb NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT passkey_challenges_purpose CHECK ((purpose = ANY (ARRAY['register'::text, 'assert'::text, 'discover'::text])))
);

CREATE TABLE public.passkeys (
    id bigint NOT NULL,
    public_id text NOT NULL,
    account_id bigint NOT NULL,
    credential_id bytea NOT NULL,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    transports text[] DEFAULT '{}'::text[] NOT NULL,
    aaguid bytea NOT NULL,
    backup_eligible boolean NOT NULL,
    backed_up boolean NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT passkeys_credential_id_length CHECK (((octet_length(credential_id) >= 1) AND (octet_length(credential_id) <= 1023))),
    CONSTRAINT passkeys_name CHECK (((char_length(name) >= 1) AND (char_length(name) <= 60)))
);

ALTER TABLE public.passkeys ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.passkeys_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.password_reminders (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.password_reminders ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.password_reminders_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.pending_sign_ins (
    id bigint NOT NULL,
    token_hash bytea NOT NULL,
    account_id bigint NOT NULL,
    means text[] NOT NULL,
    next text DEFAULT '/'::text NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    identity_id bigint,
    provider_sid text DEFAULT ''::text NOT NULL,
    CONSTRAINT pending_sign_ins_token_hash_length CHECK ((octet_length(token_hash) = 32))
);

ALTER TABLE public.pending_sign_ins ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.pending_sign_ins_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.phone_sign_ins (
    id bigint NOT NULL,
    token_hash bytea NOT NULL,
    account_id bigint,
    shown text NOT NULL,
    code text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT phone_sign_ins_token_hash_length CHECK ((octet_length(token_hash) = 32))
);

ALTER TABLE public.phone_sign_ins ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.phone_sign_ins_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.poll_options (
    id bigint NOT NULL,
    poll_id bigint NOT NULL,
    "position" integer NOT NULL,
    text text NOT NULL
);

ALTER TABLE public.poll_options ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.poll_options_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.poll_tallies (
    poll_id bigint NOT NULL,
    option_id bigint NOT NULL,
    shard smallint NOT NULL,
    votes bigint NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.poll_turnouts (
    poll_id bigint NOT NULL,
    hour timestamp with time zone NOT NULL,
    shard smallint NOT NULL,
    votes bigint NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.polls (
    id bigint NOT NULL,
    question text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    topic text NOT NULL,
    status text DEFAULT 'scheduled'::text NOT NULL,
    opens_at timestamp with time zone NOT NULL,
    closes_at timestamp with time zone NOT NULL,
    electorate bigint DEFAULT 0 NOT NULL,
    listed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT polls_close_after_opening CHECK ((closes_at > opens_at)),
    CONSTRAINT polls_status CHECK ((status = ANY (ARRAY['scheduled'::text, 'open'::text, 'closed'::text])))
);

ALTER TABLE public.polls ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.polls_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.post_counts (
    post_id bigint NOT NULL,
    shard smallint NOT NULL,
    likes bigint DEFAULT 0 NOT NULL,
    comments bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.post_hours (
    post_id bigint NOT NULL,
    hour timestamp with time zone NOT NULL,
    shard smallint NOT NULL,
    views bigint DEFAULT 0 NOT NULL,
    seconds bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.post_readers (
    post_id bigint NOT NULL,
    reader text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL
)
WITH (fillfactor='80');

CREATE TABLE public.post_reads (
    post_id bigint NOT NULL,
    shard smallint NOT NULL,
    views bigint DEFAULT 0 NOT NULL,
    seconds bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.posts (
    id bigint NOT NULL,
    public_id bigint NOT NULL,
    author_id bigint NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    state text DEFAULT 'draft'::text NOT NULL,
    published_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT posts_kind CHECK ((kind = ANY (ARRAY['news'::text, 'article'::text, 'notice'::text]))),
    CONSTRAINT posts_published_at CHECK (((state <> 'published'::text) OR (published_at IS NOT NULL))),
    CONSTRAINT posts_state CHECK ((state = ANY (ARRAY['draft'::text, 'scheduled'::text, 'published'::text, 'withdrawn'::text])))
);

ALTER TABLE public.posts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.posts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.proof_failures (
    account_id bigint NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    failed_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.publics (
    id bigint NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    about text DEFAULT ''::text NOT NULL,
    posts bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT publics_slug_form CHECK ((slug ~ '^[a-z][a-z0-9-]{1,39}$'::text))
);

ALTER TABLE public.publics ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.publics_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reactions (
    post_id bigint NOT NULL,
    account_id bigint NOT NULL,
    kind text DEFAULT 'like'::text NOT NULL,
    reacted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT reactions_kind CHECK ((kind = 'like'::text))
);

CREATE TABLE public.recoveries (
    id bigint NOT NULL,
    public_id text NOT NULL,
    token_hash bytea NOT NULL,
    intent text NOT NULL,
    account_id bigint,
    login_kind text NOT NULL,
    login_value text NOT NULL,
    step text DEFAULT 'code'::text NOT NULL,
    channel text NOT NULL,
    switched boolean DEFAULT false NOT NULL,
    code text DEFAULT ''::text NOT NULL,
    lang text DEFAULT 'ru'::text NOT NULL,
    questions boolean DEFAULT false NOT NULL,
    paper bytea,
    state text DEFAULT ''::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    asked_at timestamp with time zone,
    decided_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT recoveries_intent CHECK ((intent = ANY (ARRAY['password'::text, 'unlock'::text]))),
    CONSTRAINT recoveries_paper CHECK (((paper IS NULL) OR (state = ANY (ARRAY[''::text, 'checking'::text, 'desk'::text])))),
    CONSTRAINT recoveries_state CHECK ((state = ANY (ARRAY[''::text, 'checking'::text, 'desk'::text, 'approved'::text, 'refused'::text]))),
    CONSTRAINT recoveries_step CHECK ((step = ANY (ARRAY['code'::text, 'questions'::text, 'proof'::text, 'password'::text, 'evidence'::text, 'waiting'::text, 'done'::text]))),
    CONSTRAINT recoveries_token_hash_length CHECK ((octet_length(token_hash) = 32))
);

ALTER TABLE public.recoveries ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.recoveries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.recovery_evidence (
    id bigint NOT NULL,
    public_id text NOT NULL,
    request text NOT NULL,
    kind text NOT NULL,
    mime text NOT NULL,
    size integer NOT NULL,
    sha256 bytea NOT NULL,
    sealed bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    erased_at timestamp with time zone,
    CONSTRAINT recovery_evidence_erased CHECK (((sealed IS NULL) = (erased_at IS NOT NULL))),
    CONSTRAINT recovery_evidence_kind CHECK ((kind = ANY (ARRAY['passport'::text, 'other'::text]))),
    CONSTRAINT recovery_evidence_mime CHECK ((mime = ANY (ARRAY['application/pdf'::text, 'image/jpeg'::text]))),
    CONSTRAINT recovery_evidence_sha256_length CHECK ((octet_length(sha256) = 32)),
    CONSTRAINT recovery_evidence_size CHECK (((size >= 1) AND (size <= 5242880)))
);
ALTER TABLE ONLY public.recovery_evidence ALTER COLUMN sealed SET STORAGE EXTERNAL;

ALTER TABLE public.recovery_evidence ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.recovery_evidence_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.recovery_requests (
    id bigint NOT NULL,
    key text NOT NULL,
    recovery_id bigint,
    account_id bigint,
    name text DEFAULT ''::text NOT NULL,
    inn text DEFAULT ''::text NOT NULL,
    contact text DEFAULT ''::text NOT NULL,
    channel text DEFAULT ''::text NOT NULL,
    login text DEFAULT ''::text NOT NULL,
    text text DEFAULT ''::text NOT NULL,
    lang text DEFAULT 'ru'::text NOT NULL,
    questions boolean DEFAULT false NOT NULL,
    checked_by bigint,
    seconded_by bigint,
    state text DEFAULT 'waiting'::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    decided_by bigint,
    decided_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    due_at timestamp with time zone NOT NULL,
    CONSTRAINT recovery_requests_state CHECK ((state = ANY (ARRAY['waiting'::text, 'issued'::text, 'lifted'::text, 'refused'::text]))),
    CONSTRAINT recovery_requests_two CHECK (((seconded_by IS DISTINCT FROM decided_by) OR (seconded_by IS NULL)))
);

ALTER TABLE public.recovery_requests ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.recovery_requests_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.registrations (
    id bigint NOT NULL,
    token_hash bytea NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    phone text NOT NULL,
    lang text DEFAULT 'ru'::text NOT NULL,
    channel text NOT NULL,
    code text NOT NULL,
    confirmed_at timestamp with time zone,
    account_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT registrations_channel CHECK ((channel = ANY (ARRAY['sms'::text, 'mail'::text]))),
    CONSTRAINT registrations_token_hash_length CHECK ((octet_length(token_hash) = 32))
);

ALTER TABLE public.registrations ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.registrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.river_job (
    id bigint NOT NULL,
    state public.river_job_state DEFAULT 'available'::public.river_job_state NOT NULL,
    attempt smallint DEFAULT 0 NOT NULL,
    max_attempts smallint DEFAULT 25 NOT NULL,
    attempted_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finalized_at timestamp with time zone,
    scheduled_at timestamp with time zone DEFAULT now() NOT NULL,
    priority smallint DEFAULT 1 NOT NULL,
    args jsonb NOT NULL,
    attempted_by text[],
    errors jsonb[],
    kind text NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    queue text DEFAULT 'default'::text NOT NULL,
    tags character varying(255)[] DEFAULT '{}'::character varying[] NOT NULL,
    unique_key bytea,
    unique_states bit(8),
    CONSTRAINT finalized_or_finalized_at_null CHECK ((((finalized_at IS NULL) AND (state <> ALL (ARRAY['cancelled'::public.river_job_state, 'completed'::public.river_job_state, 'discarded'::public.river_job_state]))) OR ((finalized_at IS NOT NULL) AND (state = ANY (ARRAY['cancelled'::public.river_job_state, 'completed'::public.river_job_state, 'discarded'::public.river_job_state]))))),
    CONSTRAINT kind_length CHECK (((char_length(kind) > 0) AND (char_length(kind) < 128))),
    CONSTRAINT max_attempts_is_positive CHECK ((max_attempts > 0)),
    CONSTRAINT priority_in_range CHECK (((priority >= 1) AND (priority <= 4))),
    CONSTRAINT queue_length CHECK (((char_length(queue) > 0) AND (char_length(queue) < 128)))
);

CREATE SEQUENCE public.river_job_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.river_job_id_seq OWNED BY public.river_job.id;

CREATE UNLOGGED TABLE public.river_leader (
    elected_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    leader_id text NOT NULL,
    name text DEFAULT 'default'::text NOT NULL,
    CONSTRAINT leader_id_length CHECK (((char_length(leader_id) > 0) AND (char_length(leader_id) < 128))),
    CONSTRAINT name_length CHECK ((name = 'default'::text))
);

CREATE TABLE public.river_migration (
    line text NOT NULL,
    version bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT line_length CHECK (((char_length(line) > 0) AND (char_length(line) < 128))),
    CONSTRAINT version_gte_1 CHECK ((version >= 1))
);

CREATE TABLE public.river_notification (
    id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    payload text NOT NULL,
    topic text NOT NULL,
    CONSTRAINT topic_length CHECK (((length(topic) > 0) AND (length(topic) < 128)))
);

CREATE SEQUENCE public.river_notification_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.river_notification_id_seq OWNED BY public.river_notification.id;

CREATE TABLE public.river_queue (
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    paused_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);

CREATE TABLE public.search_entries (
    kind text NOT NULL,
    object_id bigint NOT NULL,
    title text NOT NULL,
    body text DEFAULT ''::text NOT NULL,
    words tsvector GENERATED ALWAYS AS ((((setweight(to_tsvector('russian'::regconfig, title), 'A'::"char") || setweight(to_tsvector('english'::regconfig, title), 'A'::"char")) || setweight(to_tsvector('russian'::regconfig, body), 'B'::"char")) || setweight(to_tsvector('english'::regconfig, body), 'B'::"char"))) STORED
);

CREATE TABLE public.sessions (
    id bigint NOT NULL,
    public_id text NOT NULL,
    token_hash bytea NOT NULL,
    account_id bigint NOT NULL,
    device text DEFAULT ''::text NOT NULL,
    address text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    means text[] DEFAULT '{password}'::text[] NOT NULL,
    proved_at timestamp with time zone,
    device_id bigint,
    browser bytea,
    warned_at timestamp with time zone,
    end_reason text DEFAULT ''::text NOT NULL,
    identity_id bigint,
    provider_sid text DEFAULT ''::text NOT NULL,
    CONSTRAINT sessions_token_hash_length CHECK ((octet_length(token_hash) = 32))
)
WITH (fillfactor='80');

ALTER TABLE public.sessions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.sessions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sign_in_guards (
    key bytea NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    closed_at timestamp with time zone,
    failed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT sign_in_guards_key_length CHECK ((octet_length(key) = 32))
)
WITH (fillfactor='80');

CREATE TABLE public.totp_keys (
    account_id bigint NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    confirmed_at timestamp with time zone,
    last_step bigint DEFAULT 0 NOT NULL
);

ALTER TABLE ONLY public.comments ALTER COLUMN turn SET DEFAULT nextval('public.comment_turns'::regclass);

ALTER TABLE ONLY public.river_job ALTER COLUMN id SET DEFAULT nextval('public.river_job_id_seq'::regclass);

ALTER TABLE ONLY public.river_notification ALTER COLUMN id SET DEFAULT nextval('public.river_notification_id_seq'::regclass);

ALTER TABLE ONLY public.account_events
    ADD CONSTRAINT account_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_inn UNIQUE (inn);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_phone UNIQUE (phone);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_public_id UNIQUE (public_id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_snils UNIQUE (snils);

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_once UNIQUE (event_id);

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_public_id UNIQUE (public_id);

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_token_hash UNIQUE (token_hash);

ALTER TABLE ONLY public.audit_entries
    ADD CONSTRAINT audit_entries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.backup_codes
    ADD CONSTRAINT backup_codes_pkey PRIMARY KEY (account_id, hash);

ALTER TABLE ONLY public.ballots
    ADD CONSTRAINT ballots_one_per_person PRIMARY KEY (poll_id, account_id);

ALTER TABLE ONLY public.browsers
    ADD CONSTRAINT browsers_pkey PRIMARY KEY (account_id, token_hash);

ALTER TABLE ONLY public.codes
    ADD CONSTRAINT codes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.codes
    ADD CONSTRAINT codes_public_id UNIQUE (public_id);

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_of_post UNIQUE (post_id, id);

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.contact_changes
    ADD CONSTRAINT contact_changes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.control_question_rounds
    ADD CONSTRAINT control_question_rounds_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.control_questions
    ADD CONSTRAINT control_questions_once UNIQUE (account_id, question);

ALTER TABLE ONLY public.control_questions
    ADD CONSTRAINT control_questions_pkey PRIMARY KEY (account_id, "position");

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_link_hash UNIQUE (link_hash);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_public_id UNIQUE (public_id);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_token_hash UNIQUE (token_hash);

ALTER TABLE ONLY public.email_links
    ADD CONSTRAINT email_links_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.email_links
    ADD CONSTRAINT email_links_public_id UNIQUE (public_id);

ALTER TABLE ONLY public.email_links
    ADD CONSTRAINT email_links_token_hash UNIQUE (token_hash);

ALTER TABLE ONLY public.goose_db_version
    ADD CONSTRAINT goose_db_version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.grants
    ADD CONSTRAINT grants_pkey PRIMARY KEY (account_id, role, scope);

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_one_at_a_provider UNIQUE (account_id, issuer);

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_public_id UNIQUE (public_id);

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_subject UNIQUE (issuer, subject);

ALTER TABLE ONLY public.identity_logouts
    ADD CONSTRAINT identity_logouts_pkey PRIMARY KEY (issuer, token_hash);

ALTER TABLE ONLY public.identity_requests
    ADD CONSTRAINT identity_requests_pkey PRIMARY KEY (state_hash);

ALTER TABLE ONLY public.moderation_items
    ADD CONSTRAINT moderation_items_object UNIQUE (kind, object_id);

ALTER TABLE ONLY public.moderation_items
    ADD CONSTRAINT moderation_items_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.notification_deliveries
    ADD CONSTRAINT notification_deliveries_pkey PRIMARY KEY (notification_id, channel);

ALTER TABLE ONLY public.notification_settings
    ADD CONSTRAINT notification_settings_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_once UNIQUE (account_id, cause);

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_public_id UNIQUE (public_id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.passkey_challenges
    ADD CONSTRAINT passkey_challenges_pkey PRIMARY KEY (challenge);

ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_credential_id UNIQUE (credential_id);

ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_public_id UNIQUE (public_id);

ALTER TABLE ONLY public.password_reminders
    ADD CONSTRAINT password_reminders_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pending_sign_ins
    ADD CONSTRAINT pending_sign_ins_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pending_sign_ins
    ADD CONSTRAINT pending_sign_ins_token_hash UNIQUE (token_hash);

ALTER TABLE ONLY public.phone_sign_ins
    ADD CONSTRAINT phone_sign_ins_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.phone_sign_ins
    ADD CONSTRAINT phone_sign_ins_token_hash UNIQUE (token_hash);

ALTER TABLE ONLY public.poll_options
    ADD CONSTRAINT poll_options_of_poll UNIQUE (poll_id, id);

ALTER TABLE ONLY public.poll_options
    ADD CONSTRAINT poll_options_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.poll_options
    ADD CONSTRAINT poll_options_position UNIQUE (poll_id, "position");

ALTER TABLE ONLY public.poll_tallies
    ADD CONSTRAINT poll_tallies_pkey PRIMARY KEY (poll_id, option_id, shard);

ALTER TABLE ONLY public.poll_turnouts
    ADD CONSTRAINT poll_turnouts_pkey PRIMARY KEY (poll_id, hour, shard);

ALTER TABLE ONLY public.polls
    ADD CONSTRAINT polls_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.post_counts
    ADD CONSTRAINT post_counts_pkey PRIMARY KEY (post_id, shard);

ALTER TABLE ONLY public.post_hours
    ADD CONSTRAINT post_hours_pkey PRIMARY KEY (post_id, hour, shard);

ALTER TABLE ONLY public.post_readers
    ADD CONSTRAINT post_readers_pkey PRIMARY KEY (post_id, reader);

ALTER TABLE ONLY public.post_reads
    ADD CONSTRAINT post_reads_pkey PRIMARY KEY (post_id, shard);

ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.proof_failures
    ADD CONSTRAINT proof_failures_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.publics
    ADD CONSTRAINT publics_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.publics
    ADD CONSTRAINT publics_slug UNIQUE (slug);

ALTER TABLE ONLY public.reactions
    ADD CONSTRAINT reactions_one_per_person PRIMARY KEY (post_id, account_id);

ALTER TABLE ONLY public.recoveries
    ADD CONSTRAINT recoveries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.recoveries
    ADD CONSTRAINT recoveries_public_id UNIQUE (public_id);

ALTER TABLE ONLY public.recoveries
    ADD CONSTRAINT recoveries_token_hash UNIQUE (token_hash);

ALTER TABLE ONLY public.recovery_evidence
    ADD CONSTRAINT recovery_evidence_once UNIQUE (request, sha256);

ALTER TABLE ONLY public.recovery_evidence
    ADD CONSTRAINT recovery_evidence_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.recovery_evidence
    ADD CONSTRAINT recovery_evidence_public_id UNIQUE (public_id);

ALTER TABLE ONLY public.recovery_requests
    ADD CONSTRAINT recovery_requests_key UNIQUE (key);

ALTER TABLE ONLY public.recovery_requests
    ADD CONSTRAINT recovery_requests_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.recovery_requests
    ADD CONSTRAINT recovery_requests_recovery UNIQUE (recovery_id);

ALTER TABLE ONLY public.registrations
    ADD CONSTRAINT registrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.registrations
    ADD CONSTRAINT registrations_token_hash UNIQUE (token_hash);

ALTER TABLE ONLY public.river_job
    ADD CONSTRAINT river_job_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.river_leader
    ADD CONSTRAINT river_leader_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.river_migration
    ADD CONSTRAINT river_migration_pkey1 PRIMARY KEY (line, version);

ALTER TABLE ONLY public.river_notification
    ADD CONSTRAINT river_notification_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.river_queue
    ADD CONSTRAINT river_queue_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.search_entries
    ADD CONSTRAINT search_entries_pkey PRIMARY KEY (kind, object_id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_public_id UNIQUE (public_id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_token_hash UNIQUE (token_hash);

ALTER TABLE ONLY public.sign_in_guards
    ADD CONSTRAINT sign_in_guards_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.totp_keys
    ADD CONSTRAINT totp_keys_pkey PRIMARY KEY (account_id);

CREATE INDEX account_events_by_account ON public.account_events USING btree (account_id, id DESC);

CREATE UNIQUE INDEX accounts_email ON public.accounts USING btree (email) WHERE (email <> ''::text);

CREATE INDEX alerts_by_account ON public.alerts USING btree (account_id, id DESC);

CREATE INDEX audit_entries_by_account ON public.audit_entries USING btree (account_id, id DESC);

CREATE INDEX audit_entries_by_object ON public.audit_entries USING btree (object, id DESC);

CREATE INDEX ballots_by_account ON public.ballots USING btree (account_id, poll_id);

CREATE INDEX codes_by_account ON public.codes USING btree (account_id, purpose, id DESC) WHERE (account_id IS NOT NULL);

CREATE INDEX codes_by_age ON public.codes USING btree (created_at);

CREATE INDEX comments_by_author ON public.comments USING btree (author_id, id DESC);

CREATE INDEX comments_by_turn ON public.comments USING btree (post_id, turn DESC) WHERE ((state = 'published'::text) AND (parent_id IS NULL));

CREATE UNIQUE INDEX comments_one_per_form ON public.comments USING btree (author_id, request_key) WHERE (request_key IS NOT NULL);

CREATE INDEX comments_own ON public.comments USING btree (author_id, post_id, id DESC) WHERE ((state = ANY (ARRAY['pending'::text, 'rejected'::text])) OR (NOT told));

CREATE INDEX comments_replies ON public.comments USING btree (parent_id, id) WHERE ((state = 'published'::text) AND (parent_id IS NOT NULL));

CREATE INDEX comments_threads ON public.comments USING btree (post_id, id DESC) WHERE ((state = 'published'::text) AND (parent_id IS NULL));

CREATE INDEX contact_changes_by_age ON public.contact_changes USING btree (created_at);

CREATE INDEX control_question_rounds_by_age ON public.control_question_rounds USING btree (since);

CREATE INDEX devices_by_account ON public.devices USING btree (account_id, id DESC);

CREATE INDEX email_links_by_account ON public.email_links USING btree (account_id, id DESC);

CREATE INDEX email_links_by_expiry ON public.email_links USING btree (expires_at);

CREATE INDEX grants_by_end ON public.grants USING btree (until) WHERE (until IS NOT NULL);

CREATE INDEX identity_logouts_by_expiry ON public.identity_logouts USING btree (expires_at);

CREATE INDEX identity_logouts_by_session ON public.identity_logouts USING btree (issuer, provider_sid) WHERE (provider_sid <> ''::text);

CREATE INDEX identity_requests_by_expiry ON public.identity_requests USING btree (expires_at);

CREATE INDEX moderation_items_by_author ON public.moderation_items USING btree (author_id, outcome) WHERE (state = 'settled'::text);

CREATE INDEX moderation_items_open ON public.moderation_items USING btree (due_at, id) WHERE (state <> 'settled'::text);

CREATE INDEX moderation_items_undo ON public.moderation_items USING btree (decided_by, id) WHERE (state = 'decided'::text);

CREATE INDEX notifications_by_section ON public.notifications USING btree (account_id, section, created_at DESC);

CREATE INDEX notifications_feed ON public.notifications USING btree (account_id, created_at DESC);

CREATE INDEX notifications_unread ON public.notifications USING btree (account_id, created_at DESC) WHERE (read_at IS NULL);

CREATE INDEX outbox_sweep ON public.outbox USING btree (((bye = ''::text)), id);

CREATE INDEX passkey_challenges_by_account ON public.passkey_challenges USING btree (account_id) WHERE (account_id IS NOT NULL);

CREATE INDEX passkey_challenges_by_expiry ON public.passkey_challenges USING btree (expires_at);

CREATE INDEX passkeys_by_account ON public.passkeys USING btree (account_id, id);

CREATE INDEX password_reminders_by_account ON public.password_reminders USING btree (account_id, id DESC);

CREATE INDEX pending_sign_ins_by_expiry ON public.pending_sign_ins USING btree (expires_at);

CREATE INDEX pending_sign_ins_by_identity ON public.pending_sign_ins USING btree (identity_id) WHERE (identity_id IS NOT NULL);

CREATE INDEX phone_sign_ins_by_expiry ON public.phone_sign_ins USING btree (expires_at);

CREATE UNIQUE INDEX polls_by_listing ON public.polls USING btree (listed_at DESC);

CREATE INDEX polls_by_status ON public.polls USING btree (status, listed_at DESC);

CREATE INDEX polls_open_by_close ON public.polls USING btree (closes_at, id) WHERE (status = 'open'::text);

CREATE INDEX post_hours_lately ON public.post_hours USING btree (hour, post_id);

CREATE INDEX post_readers_by_sign ON public.post_readers USING btree (seen_at);

CREATE INDEX posts_by_author ON public.posts USING btree (author_id, id DESC);

CREATE INDEX posts_by_kind ON public.posts USING btree (public_id, kind, published_at DESC, id DESC) WHERE (state = 'published'::text);

CREATE INDEX posts_by_public ON public.posts USING btree (public_id, published_at DESC, id DESC) WHERE (state = 'published'::text);

CREATE INDEX posts_latest ON public.posts USING btree (published_at DESC, id DESC) WHERE (state = 'published'::text);

CREATE INDEX publics_by_name ON public.publics USING btree (name, id);

CREATE INDEX reactions_by_account ON public.reactions USING btree (account_id, post_id);

CREATE INDEX recoveries_by_account ON public.recoveries USING btree (account_id, id DESC) WHERE (account_id IS NOT NULL);

CREATE INDEX recoveries_by_age ON public.recoveries USING btree (created_at);

CREATE INDEX recovery_evidence_kept ON public.recovery_evidence USING btree (created_at) WHERE (sealed IS NOT NULL);

CREATE INDEX recovery_requests_queue ON public.recovery_requests USING btree (due_at, id) WHERE (state = 'waiting'::text);

CREATE INDEX registrations_by_expiry ON public.registrations USING btree (expires_at);

CREATE INDEX river_job_args_index ON public.river_job USING gin (args);

CREATE INDEX river_job_kind ON public.river_job USING btree (kind);

CREATE INDEX river_job_metadata_index ON public.river_job USING gin (metadata);

CREATE INDEX river_job_prioritized_fetching_index ON public.river_job USING btree (state, queue, priority, scheduled_at, id);

CREATE INDEX river_job_state_and_finalized_at_index ON public.river_job USING btree (state, finalized_at) WHERE (finalized_at IS NOT NULL);

CREATE UNIQUE INDEX river_job_unique_idx ON public.river_job USING btree (unique_key) WHERE ((unique_key IS NOT NULL) AND (unique_states IS NOT NULL) AND public.river_job_state_in_bitmask(unique_states, state));

CREATE INDEX river_notification_created_at_idx ON public.river_notification USING btree (created_at);

CREATE INDEX river_notification_topic_id_idx ON public.river_notification USING btree (topic, id);

CREATE INDEX search_entries_by_title ON public.search_entries USING gin (title public.gin_trgm_ops);

CREATE INDEX search_entries_by_words ON public.search_entries USING gin (words);

CREATE INDEX sessions_by_account ON public.sessions USING btree (account_id, id DESC) WHERE (ended_at IS NULL);

CREATE INDEX sessions_by_activity ON public.sessions USING btree (seen_at) WHERE (ended_at IS NULL);

CREATE INDEX sessions_by_device ON public.sessions USING btree (device_id) WHERE (device_id IS NOT NULL);

CREATE INDEX sessions_by_expiry ON public.sessions USING btree (expires_at) WHERE (ended_at IS NULL);

CREATE INDEX sessions_by_identity ON public.sessions USING btree (identity_id) WHERE (identity_id IS NOT NULL);

CREATE INDEX sessions_history ON public.sessions USING btree (account_id, id DESC);

CREATE INDEX sign_in_guards_by_age ON public.sign_in_guards USING btree (failed_at);

CREATE TRIGGER audit_entries_stay BEFORE DELETE OR UPDATE ON public.audit_entries FOR EACH STATEMENT EXECUTE FUNCTION public.audit_entries_stay();

CREATE TRIGGER audit_entries_stay_whole BEFORE TRUNCATE ON public.audit_entries FOR EACH STATEMENT EXECUTE FUNCTION public.audit_entries_stay();

ALTER TABLE ONLY public.account_events
    ADD CONSTRAINT account_events_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.account_events(id);

ALTER TABLE ONLY public.backup_codes
    ADD CONSTRAINT backup_codes_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.ballots
    ADD CONSTRAINT ballots_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.ballots
    ADD CONSTRAINT ballots_option_of_poll FOREIGN KEY (poll_id, option_id) REFERENCES public.poll_options(poll_id, id);

ALTER TABLE ONLY public.ballots
    ADD CONSTRAINT ballots_poll_id_fkey FOREIGN KEY (poll_id) REFERENCES public.polls(id);

ALTER TABLE ONLY public.browsers
    ADD CONSTRAINT browsers_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.codes
    ADD CONSTRAINT codes_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_parent FOREIGN KEY (post_id, parent_id) REFERENCES public.comments(post_id, id);

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id);

ALTER TABLE ONLY public.contact_changes
    ADD CONSTRAINT contact_changes_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.control_questions
    ADD CONSTRAINT control_questions_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.email_links
    ADD CONSTRAINT email_links_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.grants
    ADD CONSTRAINT grants_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.identity_requests
    ADD CONSTRAINT identity_requests_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.moderation_items
    ADD CONSTRAINT moderation_items_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.moderation_items
    ADD CONSTRAINT moderation_items_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.moderation_items
    ADD CONSTRAINT moderation_items_held_before_fkey FOREIGN KEY (held_before) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.moderation_items
    ADD CONSTRAINT moderation_items_held_by_fkey FOREIGN KEY (held_by) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.notification_deliveries
    ADD CONSTRAINT notification_deliveries_notification_id_fkey FOREIGN KEY (notification_id) REFERENCES public.notifications(id);

ALTER TABLE ONLY public.notification_settings
    ADD CONSTRAINT notification_settings_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.passkey_challenges
    ADD CONSTRAINT passkey_challenges_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.password_reminders
    ADD CONSTRAINT password_reminders_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.pending_sign_ins
    ADD CONSTRAINT pending_sign_ins_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.pending_sign_ins
    ADD CONSTRAINT pending_sign_ins_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES public.identities(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.phone_sign_ins
    ADD CONSTRAINT phone_sign_ins_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.poll_options
    ADD CONSTRAINT poll_options_poll_id_fkey FOREIGN KEY (poll_id) REFERENCES public.polls(id);

ALTER TABLE ONLY public.poll_tallies
    ADD CONSTRAINT poll_tallies_poll_id_fkey FOREIGN KEY (poll_id) REFERENCES public.polls(id);

ALTER TABLE ONLY public.poll_turnouts
    ADD CONSTRAINT poll_turnouts_poll_id_fkey FOREIGN KEY (poll_id) REFERENCES public.polls(id);

ALTER TABLE ONLY public.post_counts
    ADD CONSTRAINT post_counts_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id);

ALTER TABLE ONLY public.post_hours
    ADD CONSTRAINT post_hours_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id);

ALTER TABLE ONLY public.post_readers
    ADD CONSTRAINT post_readers_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id);

ALTER TABLE ONLY public.post_reads
    ADD CONSTRAINT post_reads_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id);

ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_public_id_fkey FOREIGN KEY (public_id) REFERENCES public.publics(id);

ALTER TABLE ONLY public.proof_failures
    ADD CONSTRAINT proof_failures_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.reactions
    ADD CONSTRAINT reactions_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.reactions
    ADD CONSTRAINT reactions_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id);

ALTER TABLE ONLY public.recoveries
    ADD CONSTRAINT recoveries_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.recovery_requests
    ADD CONSTRAINT recovery_requests_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.recovery_requests
    ADD CONSTRAINT recovery_requests_checked_by_fkey FOREIGN KEY (checked_by) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.recovery_requests
    ADD CONSTRAINT recovery_requests_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.recovery_requests
    ADD CONSTRAINT recovery_requests_recovery_id_fkey FOREIGN KEY (recovery_id) REFERENCES public.recoveries(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.recovery_requests
    ADD CONSTRAINT recovery_requests_seconded_by_fkey FOREIGN KEY (seconded_by) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.registrations
    ADD CONSTRAINT registrations_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.devices(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES public.identities(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.totp_keys
    ADD CONSTRAINT totp_keys_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);
