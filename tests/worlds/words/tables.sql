create table tickets (ticket varchar, team varchar, marked boolean, reopened boolean);
insert into tickets select team || number, case team when 'A' then 'Alpha' else 'Beta' end, number <= 8,
                           team || number in ('A7', 'A8', 'B8')
from (values ('A'), ('B')) as teams (team), (select range as number from range(1, 11)) as numbers;
