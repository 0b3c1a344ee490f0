create table tickets (id integer, team varchar, site varchar, closed_on date, held boolean);
insert into tickets select row_number() over (), team, site, closed_on, held
from (select 'Alpha' as team, 'Harbour' as site, date '2026-07-01' + cast(n % 92 as integer) as closed_on, n < 66 as held from range(120) as t(n)
      union all select 'Beta', 'Harbour', date '2026-07-01' + cast(n % 92 as integer), n < 210 from range(280) as t(n)
      union all select 'Gamma', 'Airport', date '2026-08-15', true from range(20) as t(n)) as rows;
