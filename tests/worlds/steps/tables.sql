create table rides (id integer, line varchar, day date, delay integer, seats integer);
insert into rides values
  (1, 'City',  '2024-01-01', 0,  50), (2, 'City',  '2024-01-31', 10,   50), (3, 'City',  '2024-02-01', null, 50), (4, 'City',  '2024-02-02', 5, 50),
  (5, 'Rural', '2024-01-01', 30, 20), (6, 'Rural', '2024-01-31', null, 20), (7, 'Rural', '2024-02-01', 2,    20), (8, 'Rural', '2024-02-02', 7, 20);
