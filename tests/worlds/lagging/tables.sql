create table sales (id integer, day date, amount integer);
insert into sales values (1, '2023-11-10', 100), (2, '2023-12-05', 30);
create table costs (id integer, booked timestamp, amount integer);
insert into costs values (1, '2023-10-20 09:00:00', 25), (2, '2023-11-12 17:30:00', 50);
