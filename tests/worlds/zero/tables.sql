create table tests (id integer, team varchar, day date, tried integer, passed integer, score double);
insert into tests values
  (1, 'A', '2024-01-01', 10,   5,    1.5), (2, 'A', '2024-02-01', 0,    0,    null),
  (3, 'B', '2024-01-01', 0,    0,    0.0), (4, 'C', '2024-01-01', null, null, null),
  (5, 'D', '2024-01-01', 4,    0,    -2.0);
create table awards (id integer, team varchar, day date, points integer);
insert into awards values (1, 'A', '2024-01-05', 3), (2, 'D', '2024-01-06', null), (3, 'E', '2024-02-07', 7);
create table fines (id integer, team varchar, day date, amount decimal(18,2));
