-- the wall clock of each row in Adelaide stands behind it
create table pings (id integer, "at" timestamp, n integer);
insert into pings values
  (1,  '2024-04-06 13:29:59', 1),    -- 6 April 23:59:59
  (2,  '2024-04-06 13:30:00', 2),    -- 7 April 00:00:00, a day of 25 hours
  (3,  '2024-04-06 15:45:00', 4),    -- 7 April 02:15:00, for the first time
  (4,  '2024-04-06 16:45:00', 8),    -- 7 April 02:15:00, for the second time
  (5,  '2024-04-07 14:29:59', 16),   -- 7 April 23:59:59
  (6,  '2024-04-07 14:30:00', 32),   -- 8 April 00:00:00
  (7,  '2024-10-05 14:30:00', 64),   -- 6 October 00:00:00, a day of 23 hours
  (8,  '2024-10-05 16:29:59', 128),  -- 6 October 01:59:59
  (9,  '2024-10-05 16:30:00', 256),  -- 6 October 03:00:00
  (10, '2024-10-06 13:29:59', 512),  -- 6 October 23:59:59
  (11, '2024-10-06 13:30:00', 1024); -- 7 October 00:00:00
