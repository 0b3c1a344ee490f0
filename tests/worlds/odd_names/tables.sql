create schema "Odd Schema";
create table "Odd Schema"."Order ""Lines""" ("select" integer, "a b" integer, "quo""te" varchar, "Grüße" varchar, "from" varchar, "ORDER" date);
insert into "Odd Schema"."Order ""Lines""" values
  (1, 1,  'plain',                'Ä',  'X', '2024-01-01'),
  (2, 2,  'O''Brien',             'ä',  'X', '2024-01-02'),
  (3, 4,  '''; drop table users; --', '',   'Y', '2024-01-03'),
  (4, 8,  '100%_\',               null, 'Y', '2024-02-01'),
  (5, 16, E'two\nlines',          '😀', null, '2024-02-02'),
  (6, 32, '"quoted"',             'z',  'Z', '2024-02-03');
create table "user" ("table" varchar, "Group" varchar);
insert into "user" values ('X', 'where'), ('Y', 'null');
