-- Thirteen Sundays: four of 90 heads, four of 98, five of 120; 1,352 if one adds them up. Costs of 369.0, 401.8 and 581.2 thousand: 1,352.0.
create table heads (sunday date, team varchar, heads integer);
insert into heads select date '2026-01-04' + 7 * i::integer, 'Alpha', case when i < 4 then 60 when i < 8 then 58 else 70 end from range(13) as weeks (i);
insert into heads select date '2026-01-04' + 7 * i::integer, 'Beta', case when i < 4 then 30 when i < 8 then 40 else 50 end from range(13) as weeks (i);
create table costs (id integer, paid_on date, thousand decimal(18, 1));
insert into costs values (1, '2026-01-23', 369.0), (2, '2026-02-20', 401.8), (3, '2026-03-27', 581.2);
