-- People are looked for by words in what they are called: read here alone, and not with all else that a row holds of them.
CREATE INDEX principal_listed ON principal (kind, name_key, title, email, suspended, created_at, password_used_at);
