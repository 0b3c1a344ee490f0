-- 100 orders in each half of 2026: on the day, one or two days late, three or more.
create table orders as
select row_number() over (order by delivered, region, days_late, n) as id, region, delivered, days_late, delivered + interval 1 day as loaded_on
from (values
    (date '2026-03-10', 'Coast', 0, 24), (date '2026-03-10', 'Coast', 1, 4), (date '2026-03-10', 'Coast', 3, 2),
    (date '2026-03-10', 'Inland', 0, 16), (date '2026-03-10', 'Inland', 2, 2), (date '2026-03-10', 'Inland', 4, 2),
    (date '2026-06-10', 'Coast', 0, 24), (date '2026-06-10', 'Coast', 1, 4), (date '2026-06-10', 'Coast', 3, 2),
    (date '2026-06-10', 'Inland', 0, 16), (date '2026-06-10', 'Inland', 2, 2), (date '2026-06-10', 'Inland', 4, 2),
    (date '2026-07-10', 'Coast', 0, 26), (date '2026-07-10', 'Coast', 1, 3), (date '2026-07-10', 'Coast', 3, 1),
    (date '2026-07-10', 'Inland', 0, 16), (date '2026-07-10', 'Inland', 2, 2), (date '2026-07-10', 'Inland', 4, 2),
    (date '2026-11-10', 'Coast', 0, 26), (date '2026-11-10', 'Coast', 1, 3), (date '2026-11-10', 'Coast', 3, 1),
    (date '2026-11-10', 'Inland', 0, 16), (date '2026-11-10', 'Inland', 2, 2), (date '2026-11-10', 'Inland', 4, 2)
) as batches(delivered, region, days_late, many), range(many) as each(n);
alter table orders alter delivered type date;
alter table orders alter loaded_on type date;
