create table sales (id integer, day date, shop varchar, amount integer);
insert into sales values
  (1, '2023-02-28', 'A', 1), (2, '2023-03-17', 'A', 2), (3, '2023-03-31', 'B', 128), (4, '2023-06-30', 'C', 2048),
  (5, '2024-01-05', 'B', 256), (6, '2024-01-31', 'A', 4), (7, '2024-02-10', 'A', 8), (8, '2024-02-15', 'B', 512),
  (9, '2024-02-29', 'A', 16), (10, '2024-03-15', 'A', 32), (11, '2024-03-31', 'A', 64);
create table visits (id integer, day date, shop varchar, n integer);
insert into visits values (1, '2024-02-10', 'A', 10), (2, '2024-03-15', 'A', 20), (3, '2024-03-20', 'B', 30);
