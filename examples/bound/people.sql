-- The directory of people, read from the platform: accounts by the number that vendors are told, `user-17`.
select users.id as id,
       users.role as role,
       users.email as email,
       users.username as username,
       users.full_name as full_name,
       users.birth_date as birth_date,
       'user-' || users.id as account_id,
       schools.name as school
from users
left join schools on schools.id = users.school_id
