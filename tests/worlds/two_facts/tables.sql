create table regions (region varchar, name varchar);
insert into regions values ('N', 'North'), ('S', 'South'), ('W', 'West');

create table sales (id integer, region varchar, sold_on date, amount decimal(18,2));
insert into sales values (1, 'N', '2024-01-05', 70), (2, 'N', '2024-02-10', 30), (3, 'S', '2024-01-20', 80);

create table costs (id integer, region varchar, booked_on date, amount decimal(18,2));
insert into costs values (1, 'N', '2024-01-08', 60), (2, 'W', '2024-02-02', 30);

create table visits (id integer, region varchar, seen_at timestamp, people integer);
insert into visits values
  (1, 'N', '2024-01-01 09:00:00', 4), (2, 'N', '2024-01-15 10:30:00', 6), (3, 'S', '2024-02-01 00:00:00', 5),
  (4, null, '2024-02-20 23:59:59', 3), (5, 'X', '2024-01-09 12:00:00', 2);
