create table ports (port varchar, name varchar, sea varchar);
insert into ports values ('HAM', 'Hamburg', 'NS'), ('GOA', 'Genoa', 'MED'), ('ODE', 'Odessa', 'BS'), ('BSL', 'Basel', null);
create table seas (sea varchar, name varchar);
insert into seas values ('NS', 'North Sea'), ('MED', 'Mediterranean');

create table customers (country varchar, number integer, name varchar);
insert into customers values ('DE', 1, 'Alder'), ('DE', 2, 'Birch'), ('FR', 1, 'Cedar'), ('IT', 1, null);

create table depots (depot varchar, name varchar);

create table shipments (id integer, port varchar, country varchar, number integer, depot varchar, kilos integer, sent date);
insert into shipments values
  (1, 'HAM', 'DE', 1,    'D1', 1,  '2024-01-01'),
  (2, 'GOA', 'DE', 1,    'D1', 2,  '2024-01-02'),
  (3, 'ODE', 'FR', 1,    'D2', 4,  '2024-01-03'),
  (4, 'BSL', 'DE', null, null, 8,  '2024-02-01'),
  (5, 'ZZZ', 'FR', 9,    'D2', 16, null),
  (6, null,  null, null, null, 32, '2024-02-03');

create table invoices (id integer, country varchar, number integer, amount decimal(18,2), sent date);
insert into invoices values
  (1, 'DE', 1, 10, '2024-01-01'), (2, 'DE', 2, 20, '2024-01-02'), (3, 'FR', 9, 40, '2024-01-03'), (4, null, null, 80, '2024-02-03'),
  (5, 'DE', null, 160, null);
