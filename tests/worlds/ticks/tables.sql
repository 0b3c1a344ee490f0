create table trades (id integer, "at" timestamp, n integer);
insert into trades values
  (1,  '2024-07-15 03:59:59.999999', 1),     -- the last microsecond of 14 July in New York
  (2,  '2024-07-15 04:00:00',        2),
  (3,  '2024-07-15 04:00:00.000999', 4),     -- still the first millisecond
  (4,  '2024-07-15 04:00:00.001',    8),
  (5,  '2024-07-15 04:00:00.2495',   16),    -- the last half millisecond of the first quarter
  (6,  '2024-07-15 04:00:00.25',     32),
  (7,  '2024-07-15 04:00:00.75',     64),
  (8,  '2024-07-15 04:00:00.999999', 128),
  (9,  '2024-07-15 04:00:01',        256),
  (10, null,                         512);
create table notes (id integer, "at" timestamp, n integer);
insert into notes values (1, '2024-07-15 04:00:00', 1), (2, '2024-07-15 04:00:01', 2);
