-- the wall clock of each row in New York stands behind it
create table pings (id integer, "at" timestamp, n integer);
insert into pings values
  (1,  '2024-03-10 04:59:59', 1),     -- 9 March 23:59:59
  (2,  '2024-03-10 05:00:00', 2),     -- 10 March 00:00:00, a day of 23 hours
  (3,  '2024-03-10 06:59:59', 4),     -- 10 March 01:59:59
  (4,  '2024-03-10 07:00:00', 8),     -- 10 March 03:00:00
  (5,  '2024-03-11 03:59:59', 16),    -- 10 March 23:59:59
  (6,  '2024-03-11 04:00:00', 32),    -- 11 March 00:00:00
  (7,  '2024-11-03 03:59:59', 64),    -- 2 November 23:59:59
  (8,  '2024-11-03 04:00:00', 128),   -- 3 November 00:00:00, a day of 25 hours
  (9,  '2024-11-03 05:30:00', 256),   -- 3 November 01:30:00, for the first time
  (10, '2024-11-03 06:30:00', 512),   -- 3 November 01:30:00, for the second time
  (11, '2024-11-04 04:59:59', 1024),  -- 3 November 23:59:59
  (12, '2024-11-04 05:00:00', 2048),  -- 4 November 00:00:00
  (13, null,                  4096);
create table events (id integer, "at" timestamptz, n integer);
insert into events values
  (1, '2024-03-10 04:59:59+00', 1), (2, '2024-03-10 00:00:00-05', 2), (3, '2024-03-10 23:59:59-04', 4), (4, '2024-03-11 04:00:00+00', 8);
create table walls (id integer, "at" timestamp, n integer);
insert into walls values
  (1, '2024-12-31 23:30:00', 1), (2, '2025-01-01 00:00:00', 2), (3, '2024-12-28 23:59:59', 4), (4, '2024-12-29 00:00:00', 8);
create table dates (id integer, day date, n integer);
insert into dates values (1, '2024-03-09', 1), (2, '2024-03-10', 2), (3, '2024-03-16', 4), (4, '2024-03-17', 8), (5, null, 16);
-- India is five and a half hours ahead of UTC; in July, New York four behind
create table india (id integer, "at" timestamp, n integer);
insert into india values (1, '2024-07-01 09:29:59', 1), (2, '2024-07-01 09:30:00', 2), (3, '2024-07-01 23:00:00', 4), (4, '2024-07-02 09:30:00', 8);
create table parcels (id integer, placed_at timestamp, delivered_on date, n integer);
insert into parcels values
  (1, '2024-02-01 04:59:59', '2024-02-03', 1), (2, '2024-02-01 05:00:00', '2024-03-01', 2), (3, '2024-02-20 12:00:00', null, 4),
  (4, '2024-03-01 04:00:00', '2024-03-02', 8);
