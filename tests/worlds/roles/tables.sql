create table airports (code varchar, name varchar, city varchar);
insert into airports values ('LHR', 'Heathrow', 'LON'), ('LGW', 'Gatwick', 'LON'), ('EDI', 'Turnhouse', 'EDB');
create table cities (city varchar, name varchar, country varchar);
insert into cities values ('LON', 'London', 'GB'), ('EDB', 'Edinburgh', 'GB'), ('PAR', 'Paris', 'FR');
create table countries (country varchar, name varchar, continent varchar);
insert into countries values ('GB', 'Britain', 'Europe'), ('FR', 'France', 'Europe');
create table flights (id integer, origin varchar, dest varchar, day date, seats integer);
insert into flights values
  (1, 'LHR', 'EDI', '2024-03-01', 100), (2, 'LGW', 'EDI', '2024-03-02', 200), (3, 'EDI', 'LHR', '2024-04-01', 300),
  (4, 'LHR', 'CDG', '2024-04-02', 400);
create table readings (id integer, airport varchar, day date, rain integer);
insert into readings values (1, 'LHR', '2024-03-01', 1), (2, 'EDI', '2024-03-01', 2), (3, 'LGW', '2024-04-01', 4);
create table transfers (id integer, from_airport varchar, to_airport varchar, bags integer);
insert into transfers values (1, 'LHR', 'LGW', 10), (2, 'LGW', 'LHR', 20), (3, 'LHR', 'EDI', 40);
