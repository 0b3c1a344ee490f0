-- Two shops and a shelf of nobody are counted on six Sundays. South is not counted on two of them.
create table shelves (sunday date, shop varchar, pieces integer);
insert into shelves values
  ('2024-01-07', 'North', 10), ('2024-01-14', 'North', 12), ('2024-01-21', 'North', 14), ('2024-01-28', 'North', 16),
  ('2024-02-04', 'North', 20), ('2024-02-11', 'North', 18),
  ('2024-01-07', 'South', 5), ('2024-01-14', 'South', 5), ('2024-01-21', 'South', 5), ('2024-02-11', 'South', 9),
  ('2024-01-14', null, 1);
-- in all: 15, 18, 19, 16 in January, 20, 27 in February
create table shops (shop varchar, town varchar);
insert into shops values ('North', 'Alba'), ('South', 'Bern');
create table sales (id integer, day date, shop varchar, amount integer);
insert into sales values (1, '2024-01-03', 'North', 100), (2, '2024-01-30', 'South', 60), (3, '2024-02-05', 'North', 90);
