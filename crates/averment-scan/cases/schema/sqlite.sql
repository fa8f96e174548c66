PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE schools (id integer primary key autoincrement, name text not null, city text);
CREATE TABLE "users" (
  "id" integer primary key autoincrement, "email" varchar not null, "username" varchar, "full_name" varchar, "birth_date" date,
  "password_digest" varchar not null, "grade_level" integer, "school_id" integer references schools(id), "bio" text,
  "last_sign_in_ip" varchar,
  -- social security number
  "social_security_number" varchar,
  "created_at" datetime not null
);
ALTER TABLE users RENAME COLUMN social_security_number TO zz;
CREATE TABLE guardians (id integer primary key, name text, email text, student_id integer not null references users);
CREATE TABLE projects (id integer primary key, user_id integer not null references users(id), title text, position integer, state text, xq7 varchar(20));
CREATE TABLE messages (id integer primary key, sender_id integer not null references users(id), project_id integer references projects(id), body text);
CREATE TABLE products (id integer primary key, name text, price numeric);
CREATE TABLE schema_migrations (version varchar primary key);
COMMIT;
