create table orders (id integer, customer varchar, day date, amount integer, loaded date);
insert into orders values
  (0, 'ann', '2023-12-05',   5, '2024-05-01'),
  (1, 'ann', '2024-01-10',  30, '2024-01-10'),
  (2, 'ann', '2024-01-20',  50, '2024-01-20'),
  (3, 'bob', '2024-02-01',   7, '2024-02-01'),
  (4, 'cyd', '2024-02-20', 100, '2024-05-01'),
  (5, 'cyd', '2024-02-03',  10, '2024-02-03'),
  (6, 'bob', '2024-03-15',   8, '2024-05-01');
create table lines (id integer, order_id integer, product varchar, packed date, worth integer, loaded date);
insert into lines values
  (1, 1, 'bear',  '2024-01-10', 10, '2024-01-10'),
  (2, 1, 'ball',  '2024-01-10', 20, '2024-01-10'),
  (3, 2, 'bear',  '2024-01-20', 15, '2024-01-20'),
  (4, 2, 'apple', '2024-01-20', 35, '2024-05-01'),
  (5, 3, 'apple', '2024-02-01',  7, '2024-02-01'),
  (6, 5, 'bear',  '2024-02-03',  4, '2024-02-03'),
  (7, 5, 'apple', '2024-02-03',  6, '2024-02-03');
create table products (product varchar, category varchar, since date, until date, loaded date);
insert into products values
  ('bear',  'Toys',  '2020-01-01', '2024-02-01', '2020-01-01'),
  ('bear',  'Gifts', '2024-02-01', null,         '2024-05-01'),
  ('ball',  'Toys',  '2020-01-01', null,         '2020-01-01'),
  ('apple', 'Food',  '2020-01-01', null,         '2020-01-01');
create table customers (customer varchar, city varchar, loaded date);
insert into customers values ('ann', 'Rome', '2023-01-01'), ('bob', 'Oslo', '2023-01-01'), ('cyd', 'Rome', '2024-05-01');
