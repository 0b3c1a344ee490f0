create table delays (id integer, day date, station varchar, minutes integer);
insert into delays values
  (1, '2023-12-31', 'A', 1), (2, '2024-05-10', 'A', 10), (3, '2024-06-30', 'B', 20), (4, '2024-07-01', 'A', 40), (5, '2024-08-15', 'B', 80),
  (6, '2024-10-14', 'A', 100), (7, '2024-10-15', 'A', 200), (8, '2024-11-05', 'B', 400), (9, null, 'A', 1000);
