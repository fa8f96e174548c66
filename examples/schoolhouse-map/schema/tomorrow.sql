-- The schema of a small platform for classes; PostgreSQL.

create table schools (
  id bigint primary key,
  name text not null,
  city text
);

create table users (
  id bigint primary key,
  role text not null,
  mail_address text,
  full_name text not null,
  birth_date date,
  password_digest text not null,
  school_id bigint references schools (id),
  created_at timestamptz not null
);

create table projects (
  id bigint primary key,
  user_id bigint not null references users (id),
  title text not null,
  body text,
  updated_at timestamptz not null
);

create table schema_migrations (version text primary key);

create table health_notes (
  id bigint primary key,
  user_id bigint not null references users (id),
  allergies text
);
