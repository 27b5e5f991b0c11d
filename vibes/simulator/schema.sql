-- The simulator's whole state. Times are seconds since 1970 by the simulator's own clock.
CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS lists (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS source_codes (
    code TEXT PRIMARY KEY, country_code TEXT NOT NULL, country_name TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS campaigns (
    id TEXT PRIMARY KEY, description TEXT NOT NULL, list_id TEXT NOT NULL,
    double_opt_in INTEGER NOT NULL, status TEXT NOT NULL, keywords TEXT NOT NULL,
    source_code TEXT NOT NULL, question TEXT NOT NULL, welcome TEXT NOT NULL, created_at REAL NOT NULL,
    confirmed_by TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS senders (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event_type TEXT NOT NULL, body TEXT NOT NULL,
    canceled INTEGER NOT NULL DEFAULT 0, created_at REAL NOT NULL, updated_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS senders_by_type ON senders (event_type);

CREATE TABLE IF NOT EXISTS handsets (
    mdn TEXT PRIMARY KEY, line_type TEXT NOT NULL DEFAULT 'mobile', carrier TEXT NOT NULL DEFAULT '104',
    powered INTEGER NOT NULL DEFAULT 1, disconnected INTEGER NOT NULL DEFAULT 0,
    blocked INTEGER NOT NULL DEFAULT 0,
    auto_reply TEXT, last_message INTEGER
);
CREATE INDEX IF NOT EXISTS handsets_by_talk ON handsets (last_message DESC, mdn);
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, mdn TEXT NOT NULL, direction TEXT NOT NULL, kind TEXT NOT NULL,
    text TEXT NOT NULL, source_code TEXT NOT NULL, at REAL NOT NULL,
    event_id TEXT, campaign TEXT, state TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_by_mdn ON messages (mdn, id);
CREATE TABLE IF NOT EXISTS readings (mdn TEXT PRIMARY KEY, last_read INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS meanings (
    message_id INTEGER PRIMARY KEY, matched TEXT NOT NULL,
    callbacks_after INTEGER NOT NULL, callbacks_upto INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS persons (
    person_id INTEGER PRIMARY KEY AUTOINCREMENT, person_key TEXT NOT NULL UNIQUE, mdn TEXT,
    carrier TEXT NOT NULL, external_id TEXT UNIQUE, custom_fields TEXT NOT NULL,
    created_at REAL NOT NULL, updated_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS persons_by_mdn ON persons (mdn);
CREATE TABLE IF NOT EXISTS subscriptions (
    id INTEGER PRIMARY KEY AUTOINCREMENT, person_key TEXT NOT NULL, mdn TEXT, list_id TEXT NOT NULL,
    campaign_id TEXT, opt_in_at REAL NOT NULL, opt_out_at REAL, reason TEXT
);
CREATE INDEX IF NOT EXISTS subscriptions_by_person ON subscriptions (person_key, list_id);
CREATE INDEX IF NOT EXISTS subscriptions_by_mdn ON subscriptions (mdn, list_id);
CREATE TABLE IF NOT EXISTS participations (
    id INTEGER PRIMARY KEY AUTOINCREMENT, campaign_id TEXT NOT NULL, person_key TEXT NOT NULL, mdn TEXT,
    status TEXT NOT NULL, source_code TEXT NOT NULL, at REAL NOT NULL, expire_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS participations_by_mdn ON participations (mdn, status);
CREATE INDEX IF NOT EXISTS participations_by_person ON participations (person_key, campaign_id);
CREATE TABLE IF NOT EXISTS blocks (mdn TEXT NOT NULL, campaign_id TEXT NOT NULL, PRIMARY KEY (mdn, campaign_id));

CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, event_type TEXT NOT NULL, mdn TEXT,
    text TEXT, event_data TEXT NOT NULL, debug_data TEXT NOT NULL, at REAL NOT NULL, duplicate INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS events_by_id ON events (event_id);
CREATE TABLE IF NOT EXISTS jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, due_at REAL NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS jobs_by_due ON jobs (due_at, id);

CREATE TABLE IF NOT EXISTS registrations (
    id TEXT PRIMARY KEY, callback_type TEXT NOT NULL, scope TEXT NOT NULL, destination TEXT NOT NULL,
    version INTEGER NOT NULL, start_at REAL NOT NULL, end_at REAL, created_at REAL NOT NULL, updated_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS registrations_by_type ON registrations (callback_type);
CREATE TABLE IF NOT EXISTS callbacks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, callback_type TEXT NOT NULL,
    registration_id TEXT NOT NULL, url TEXT NOT NULL, method TEXT NOT NULL, content_type TEXT NOT NULL,
    body TEXT NOT NULL, mdn TEXT, state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    next_at REAL NOT NULL, status INTEGER, error TEXT, at REAL NOT NULL, done_at REAL, fault INTEGER
);
CREATE INDEX IF NOT EXISTS callbacks_by_state ON callbacks (state, next_at);
CREATE TABLE IF NOT EXISTS addresses (url TEXT PRIMARY KEY, failures INTEGER NOT NULL, down_until REAL);
CREATE TABLE IF NOT EXISTS requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT, method TEXT NOT NULL, path TEXT NOT NULL, query TEXT NOT NULL,
    status INTEGER NOT NULL, body TEXT NOT NULL, response TEXT NOT NULL, fault INTEGER, at REAL NOT NULL,
    done_at REAL NOT NULL
);
