-- Eight visits, of which the sixth is too late to be judged: the last order is of 20 March, noon.
create table visits (id integer, seen timestamp, visitor varchar, channel varchar, product varchar);
insert into visits values
  (1, '2024-03-01 10:00', 'v1', 'ads', 'toy'), (2, '2024-03-02 10:00', 'v1', 'mail', 'toy'), (3, '2024-03-03 09:00', 'v2', 'ads', 'book'),
  (4, '2024-03-04 09:00', 'v3', 'ads', 'book'), (5, '2024-03-10 09:00', 'v4', 'mail', 'toy'), (6, '2024-03-15 09:00', 'v5', 'ads', 'toy'),
  (7, '2024-03-05 12:00', null, 'ads', 'toy'), (8, '2024-03-08 08:00', 'v6', 'mail', 'book');
create table orders (id integer, placed timestamp, visitor varchar, product varchar, is_paid boolean);
insert into orders values
  (1, '2024-03-03 10:00', 'v1', 'toy', true), (2, '2024-03-03 11:00', 'v1', 'book', true), (3, '2024-03-09 10:00', 'v1', 'toy', true),
  (4, '2024-03-03 09:00', 'v2', 'book', true), (5, '2024-03-12 10:00', 'v3', 'book', true), (6, '2024-03-12 09:00', 'v4', 'book', true),
  (7, '2024-03-16 09:00', 'v5', 'toy', true), (8, '2024-03-20 12:00', 'v9', 'toy', true), (9, '2024-03-09 08:00', 'v6', 'book', false),
  (10, '2024-03-18 08:00', null, 'toy', true);
create table visitors (visitor varchar, country varchar);
insert into visitors values ('v1', 'CH'), ('v2', 'CH'), ('v3', 'IT'), ('v4', 'IT'), ('v5', 'IT'), ('v6', 'IT');
