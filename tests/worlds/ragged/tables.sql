create table staff (person varchar, name varchar, manager varchar);
insert into staff values
  ('ann', 'Ann', null), ('bob', 'Bob', 'ann'), ('cem', 'Cem', 'bob'), ('dan', 'Dan', 'cem'), ('eve', 'Eve', 'ann'),
  ('fay', 'Fay', 'zed'), ('gus', 'Gus', null);

create table hours (id integer, person varchar, day date, hours integer);
insert into hours values
  (1, 'ann', '2025-05-05', 1), (2, 'bob', '2025-05-05', 2), (3, 'cem', '2025-05-05', 4), (4, 'dan', '2025-05-05', 8),
  (5, 'eve', '2025-05-05', 16), (6, 'fay', '2025-05-05', 32), (7, 'gus', '2025-05-05', 64), (8, null, '2025-05-05', 128),
  (9, 'zed', '2025-05-05', 256), (10, 'cem', '2026-05-05', 1000), (11, 'dan', '2026-05-05', 2000);

-- the lines of frames/line.csv, in the warehouse
create table staff_lines (person varchar, boss varchar, valid_from date, valid_to date);
insert into staff_lines values
  ('ann', null, '2020-01-01', null), ('bob', 'ann', '2020-01-01', null), ('cem', 'bob', '2020-01-01', '2026-01-01'),
  ('cem', 'eve', '2026-01-01', null), ('dan', 'cem', '2020-01-01', null), ('eve', 'ann', '2020-01-01', null);
