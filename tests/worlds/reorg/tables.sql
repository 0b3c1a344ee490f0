create table shops (shop varchar, name varchar);
insert into shops values ('U1', 'Quay'), ('U2', 'Mill'), ('U3', 'Web shop'), ('U4', 'Pop-up');

create table sales (id integer, shop varchar, day date, amount integer);
insert into sales values
  (1, 'U1', '2025-03-01', 100), (2, 'U2', '2025-03-01', 40), (3, 'U3', '2025-03-01', 60), (4, 'U4', '2025-03-01', 5),
  (5, 'U1', '2026-03-01', 103), (6, 'U2', '2026-03-01', 50), (7, 'U3', '2026-03-01', 63), (8, 'U4', '2026-03-01', 7),
  (9, 'U5', '2026-03-01', 2), (10, null, '2026-03-01', 1);

-- the same lines as in frames/org.csv, in the warehouse
create table shop_lines (shop varchar, division varchar, region varchar, valid_from date, valid_to date);
insert into shop_lines values
  ('U1', 'Retail', 'North', '2020-01-01', null),
  ('U2', 'Retail', 'South', '2020-01-01', '2026-01-01'),
  ('U2', 'Online', 'Web', '2026-01-01', null),
  ('U3', 'Online', 'Web', '2020-01-01', null),
  ('U5', 'Online', null, '2020-01-01', null);
