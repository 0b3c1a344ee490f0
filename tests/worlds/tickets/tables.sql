-- Nine tickets: seven count, one is a test, one was loaded after the cut-off of 1 July. 10 + 20 + 30 + 15 + 25 + 8 + 12 = 120.
create table tickets (id integer, unit varchar, kind varchar, cost integer, minutes integer, is_test boolean, opened date, loaded_on date);
insert into tickets values
  (1, 'U1', 'simple',  10,  4, false, '2026-06-01', '2026-06-02'),
  (2, 'U1', 'simple',  20,  6, false, '2026-06-02', '2026-06-03'),
  (3, 'U1', 'complex', 30, 20, null,  '2026-06-03', '2026-06-04'),    -- nobody says whether it was a test: it stays
  (4, 'U2', 'simple',  15,  3, false, '2026-06-04', '2026-06-05'),
  (5, 'U2', 'complex', 25, 17, false, '2026-06-05', '2026-06-06'),
  (6, null, 'complex',  8, 10, false, '2026-06-08', '2026-06-09'),
  (7, 'U9', 'simple',  12,  5, false, '2026-06-09', '2026-06-10'),
  (8, 'U1', 'simple',   5,  1, true,  '2026-06-10', '2026-06-11'),
  (9, 'U2', 'simple',   7,  2, false, '2026-06-30', '2026-07-02');

create table units (unit varchar, division varchar);
insert into units values ('U1', 'Retail'), ('U2', 'Online');

-- tags of tickets: the third has two
create table tags (ticket integer, tag varchar);
insert into tags values (1, 'a'), (2, 'a'), (3, 'a'), (3, 'b'), (4, 'a'), (5, 'b'), (6, 'b'), (7, 'a'), (8, 'a'), (9, 'b');
