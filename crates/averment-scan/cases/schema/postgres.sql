create table schools (id bigserial primary key, name text not null, city text);
create table users (
  id bigserial primary key,
  email varchar(255) not null unique,
  username varchar(40),
  full_name text,
  birth_date date,
  password_digest text not null,
  grade_level smallint check (grade_level between 0 and 13),
  school_id bigint references schools (id),
  bio text,
  last_sign_in_ip inet,
  zz text,
  created_at timestamptz not null default now()
);
comment on table users is 'Everybody who can sign in';
comment on column users.zz is 'social security number; of staff only';
create table guardians (
  id bigserial primary key, name text not null, email text,
  student_id bigint not null references users (id) on delete cascade
);
create table projects (
  id bigserial primary key, user_id bigint not null references users (id), title text, position int, state varchar(20), xq7 varchar(20)
);
create table messages (
  id bigserial primary key, sender_id bigint not null, project_id bigint references projects, body text,
  constraint fk_sender foreign key (sender_id) references users (id)
);
create table products (id bigserial primary key, name text, price numeric(8, 2));
create table schema_migrations (version varchar(255) primary key);
