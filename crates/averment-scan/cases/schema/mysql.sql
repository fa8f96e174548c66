create table `schools` (`id` bigint auto_increment primary key, `name` varchar(255) not null, `city` varchar(255)) engine=InnoDB;
create table `users` (
  `id` bigint not null auto_increment,
  `email` varchar(255) not null,
  `username` varchar(40),
  `full_name` varchar(255),
  `birth_date` date,
  `password_digest` varchar(255) not null,
  `grade_level` smallint,
  `school_id` bigint,
  `bio` longtext,
  `last_sign_in_ip` varchar(45),
  `zz` varchar(20) comment 'social security number; of staff only',
  `created_at` datetime not null default current_timestamp,
  primary key (`id`),
  unique key `by_email` (`email`),
  constraint `to_school` foreign key (`school_id`) references `schools` (`id`)
) engine=InnoDB comment='Everybody who can sign in';
create table `guardians` (
  `id` bigint auto_increment primary key, `name` varchar(255) not null, `email` varchar(255), `student_id` bigint not null,
  foreign key (`student_id`) references `users` (`id`) on delete cascade
) engine=InnoDB;
create table `projects` (
  `id` bigint auto_increment primary key, `user_id` bigint not null, `title` varchar(255), `position` int,
  `state` enum('open', 'it''s; done', 'a\\''b') default 'open', `xq7` varchar(20),
  foreign key (`user_id`) references `users` (`id`)
) engine=InnoDB;
create table `messages` (
  `id` bigint auto_increment primary key, `sender_id` bigint not null, `project_id` bigint, `body` text,
  foreign key (`sender_id`) references `users` (`id`), foreign key (`project_id`) references `projects` (`id`)
) engine=InnoDB;
create table `products` (`id` bigint auto_increment primary key, `name` varchar(255), `price` decimal(8,2)) engine=InnoDB;
create table `schema_migrations` (`version` varchar(255) primary key) engine=InnoDB;
