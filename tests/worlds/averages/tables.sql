create table calls (id integer, site varchar, kind varchar, started date, minutes integer);
insert into calls select row_number() over (), site, kind, day, minutes
from (select 'North' as site, 'simple' as kind, date '2024-01-15' as day, 4 as minutes from range(80)
      union all select 'North', 'complex', date '2024-02-15', 20 from range(20)
      union all select 'South', 'simple', date '2024-01-15', 3 from range(60)
      union all select 'South', 'complex', date '2024-02-15', 18 from range(140)) as rows;
