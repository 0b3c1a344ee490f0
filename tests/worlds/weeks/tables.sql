create table sales (id integer, day date, shop varchar, amount integer);
insert into sales values
  (1,  '2019-01-03', 'A', 1),     -- 2019, week 1
  (2,  '2019-12-30', 'A', 2),     -- Monday of 2020, week 1
  (3,  '2020-01-05', 'B', 4),     -- Sunday of 2020, week 1
  (4,  '2020-01-06', 'A', 8),     -- 2020, week 2
  (5,  '2020-12-27', 'A', 16),    -- Sunday of 2020, week 52
  (6,  '2020-12-31', 'A', 32),    -- 2020, week 53
  (7,  '2021-01-03', 'B', 64),    -- Sunday of 2020, week 53
  (8,  '2021-01-04', 'A', 128),   -- Monday of 2021, week 1
  (9,  '2021-01-11', 'A', 256),   -- 2021, week 2
  (10, '2021-12-27', 'A', 512),   -- Monday of 2021, week 52
  (11, null,         'A', 1024);
