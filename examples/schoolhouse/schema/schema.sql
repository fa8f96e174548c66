-- One schema for both engines; {id}, {number}, {flag}, {time} and {day} are written as each of them calls it.
-- Foreign keys do not cascade: whoever deletes a person has to find what hangs on them.

create table schools (
  id {id},
  name text not null,
  city text not null,
  country text not null,
  peers_see {flag} not null,
  contract_end {day}
);

create table users (
  id {id},
  school_id {number} references schools (id),
  role text not null check (role in ('student', 'teacher', 'guardian', 'school_admin', 'staff')),
  username text not null unique,
  full_name text not null,
  email text not null unique,
  email_lookup text not null,
  birth_date {day},
  password_hash text not null,
  picture text,
  grade_level text,
  directory_opt_out {flag} not null,
  gravatar {flag} not null,
  marketing {flag} not null,
  oidc_subject text unique,
  created_at {time} not null,
  last_seen_at {time} not null
);
create index users_school on users (school_id, role);
create index users_email_lookup on users (email_lookup);

-- Without a foreign key: the number stays when the person is gone, so that the 30 days of the log can be counted.
create table account_deletions (
  user_id {number} primary key,
  deleted_at {time} not null
);

create table guardianships (
  id {id},
  guardian_id {number} not null references users (id),
  student_id {number} not null references users (id),
  relationship text not null,
  limited_by_court {flag} not null,
  unique (guardian_id, student_id)
);
create index guardianships_student on guardianships (student_id);

create table consents (
  id {id},
  user_id {number} not null references users (id),
  given_by {number} references users (id),
  kind text not null,
  given_at {time} not null,
  withdrawn_at {time}
);
create index consents_user on consents (user_id);
create index consents_given_by on consents (given_by);

create table classes (
  id {id},
  school_id {number} not null references schools (id),
  teacher_id {number} references users (id),
  name text not null
);
create index classes_school on classes (school_id);
create index classes_teacher on classes (teacher_id);

create table enrolments (
  id {id},
  class_id {number} not null references classes (id),
  student_id {number} not null references users (id),
  grade text,
  enrolled_at {time} not null,
  unique (class_id, student_id)
);
create index enrolments_student on enrolments (student_id);

create table projects (
  id {id},
  user_id {number} not null references users (id),
  title text not null,
  body text not null,
  link_token text unique,
  created_at {time} not null,
  updated_at {time} not null
);
create index projects_user on projects (user_id);

create table files (
  id {id},
  project_id {number} not null references projects (id),
  name text not null,
  path text not null,
  media_type text not null,
  bytes {number} not null,
  created_at {time} not null
);
create index files_project on files (project_id);

create table comments (
  id {id},
  project_id {number} not null references projects (id),
  author_id {number} not null references users (id),
  body text not null,
  created_at {time} not null
);
create index comments_project on comments (project_id);
create index comments_author on comments (author_id);

create table messages (
  id {id},
  sender_id {number} not null references users (id),
  recipient_id {number} not null references users (id),
  body text not null,
  sent_at {time} not null
);
create index messages_sender on messages (sender_id);
create index messages_recipient on messages (recipient_id);

-- What viewers do, per project, day and place of the page (`link`, `school`): never who they are.
create table project_views (
  project_id {number} not null references projects (id),
  day {day} not null,
  source text not null,
  views {number} not null,
  primary key (project_id, day, source)
);

create table search_documents (
  id {id},
  project_id {number} not null unique references projects (id),
  user_id {number} not null references users (id),
  words text not null
);
create index search_documents_user on search_documents (user_id);

-- Without a foreign key: rows stay for 30 days after the account is gone.
create table activity_log (
  id {id},
  user_id {number},
  ip text,
  user_agent text,
  action text not null,
  at {time} not null
);
create index activity_log_user on activity_log (user_id);
create index activity_log_at on activity_log (at);

create table sessions (
  token_digest text primary key,
  user_id {number} not null references users (id),
  created_at {time} not null,
  last_used_at {time} not null
);
create index sessions_user on sessions (user_id);

create table sign_in_attempts (
  state text primary key,
  nonce text not null,
  verifier text not null,
  created_at {time} not null
);

create table orders (
  id {id},
  user_id {number} references users (id),
  payer_name text,
  payer_email text,
  product text not null,
  amount_cents {number} not null,
  currency text not null,
  paid_at {time} not null
);
create index orders_user on orders (user_id);

create table support_requests (
  id {id},
  user_id {number} references users (id),
  email text not null,
  body text not null,
  created_at {time} not null
);
create index support_requests_user on support_requests (user_id);

create table staff_accesses (
  id {id},
  staff_id {number} not null references users (id),
  user_id {number} not null references users (id),
  reason text not null,
  at {time} not null
);
create index staff_accesses_staff on staff_accesses (staff_id);
create index staff_accesses_user on staff_accesses (user_id);

create table vendor_records (
  id {id},
  user_id {number} not null references users (id),
  vendor text not null,
  external_id text not null,
  created_at {time} not null,
  unique (user_id, vendor)
);

create table jobs (
  id {id},
  user_id {number} references users (id),
  kind text not null,
  payload text not null,
  outcome text,
  created_at {time} not null,
  done_at {time}
);
create index jobs_user on jobs (user_id);
