-- The tables of the small company. A case's own statements run after these.
create table regions as select * from (values ('C', 'Coast'), ('I', 'Inland')) as t(region, name);
create table shops as select * from (values ('N', 'North street', 'C'), ('S', 'South gate', 'I')) as t(shop, name, region);
create table orders as
select order_id, shop, customer, cast(ordered_on as date) as ordered_on, cast(amount as decimal(18,2)) as amount, wait, picking,
       cast(points as double) as points
from (values
    (1, 'N', 'a', '2024-01-02', 20.00,  4,   90, 2.0),
    (2, 'N', 'b', '2024-01-02', 80.00, 12,  200, 8.0),
    (3, 'N', 'a', '2024-02-10', 30.00,  5,  120, 3.0),
    (4, 'S', 'c', '2024-01-03', 60.00,  3,  150, 6.0),
    (5, 'S', 'd', '2024-02-11', 10.00, 30,   60, 1.0),
    (6, 'S', 'd', '2024-02-11', 40.00,  2,  100, 4.0)) as t(order_id, shop, customer, ordered_on, amount, wait, picking, points);
create table order_lines as
select * from (values (1, 'bread', 2), (2, 'bread', 3), (2, 'milk', 6), (3, 'milk', 4), (4, 'bread', 9), (5, 'tea', 1), (6, 'tea', 4))
    as t(order_id, product, pieces);
create table transfers as
select box, sender, receiver, cast(sent_on as date) as sent_on, pieces
from (values (1, 'N', 'S', '2024-01-05', 10), (2, 'S', 'N', '2024-02-05', 4)) as t(box, sender, receiver, sent_on, pieces);
create table shop_days as
select shop, cast(day_of as date) as day_of, cast(mean_wait as double) as mean_wait, cast(late_share as double) as late_share,
       customers, cast(slow_wait as double) as slow_wait, open_minutes
from (values
    ('N', '2024-01-02', 8.0, 0.5, 2, 12.0, 600),
    ('S', '2024-01-03', 3.0, 0.0, 1, 3.0, 600)) as t(shop, day_of, mean_wait, late_share, customers, slow_wait, open_minutes);
create table shelves as
select shop, cast(counted_on as date) as counted_on, pieces
from (values ('N', '2024-01-07', 50), ('N', '2024-01-14', 40), ('S', '2024-01-07', 30)) as t(shop, counted_on, pieces);
