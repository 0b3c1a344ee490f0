-- Sales in two currencies, one in a third that has no rate; what customers owe at each month's end.
create table sales (id integer, sold_on date, region varchar, currency varchar, amount decimal(18,2), discount decimal(18,2), pieces integer);
insert into sales values
  (1, '2026-01-10', 'US', 'USD', 60, 0, 6), (2, '2026-01-31', 'US', 'USD', 40, 10, 4), (3, '2026-02-14', 'US', 'USD', 100, null, 5),
  (4, '2026-03-01', 'US', 'USD', 150, 0, 3), (5, '2026-03-31', 'US', 'USD', 50, null, 2),
  (6, '2026-01-05', 'EU', 'EUR', 120, 0, 12), (7, '2026-02-05', 'EU', 'EUR', 130, 30, 13), (8, '2026-03-05', 'EU', 'EUR', 140, 0, 7),
  (9, '2026-02-20', 'UK', 'GBP', null, null, 1), (10, '2026-04-02', 'UK', 'GBP', 70, 0, 7);
create table collections (id integer, paid_on date, region varchar, amount decimal(18,2));
insert into collections values (1, '2026-01-20', 'US', 110), (2, '2026-02-20', 'US', 100), (3, '2026-03-20', 'US', 160);
create table receivables (day date, region varchar, currency varchar, amount decimal(18,2));
insert into receivables values
  ('2025-12-31', 'US', 'USD', 50), ('2026-01-31', 'US', 'USD', 40), ('2026-02-28', 'US', 'USD', 40), ('2026-03-31', 'US', 'USD', 80);
-- the same sale at two times of one day: in New York it is still the last of March
create table tills (id integer, rung_at timestamp with time zone, amount integer);
insert into tills values (1, '2026-03-31 23:30:00-04', 100), (2, '2026-04-01 00:30:00-04', 100);
