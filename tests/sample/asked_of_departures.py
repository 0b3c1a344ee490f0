"""Questions over departures: periods and their edges, splits, filters, order, and rows whose link leads nowhere."""

from __future__ import annotations

from tests.sample.question import FLEET, REGIONS, Question

DEPARTURES = (
    Question(
        "the whole year in one row",
        {
            "metrics": [
                "scheduled_departures",
                "flown_departures",
                "cancelled_departures",
                "late_minutes",
                "on_time_share",
            ]
        },
        """
        select count(*), count(dep_time), count(*) - count(dep_time),
               sum(case when dep_delay > 15 then dep_delay else 0 end),
               sum(case when dep_delay <= 15 then 1 else 0 end) / count(dep_delay)
        from flights
        """,
        {
            "scheduled_departures": "sum",
            "flown_departures": "sum",
            "cancelled_departures": "sum",
            "late_minutes": "sum",
            "on_time_share": "mean of flown_departures",
        },
    ),
    Question(
        "cancellations by month",
        {"metrics": ["scheduled_departures", "cancelled_departures", "cancelled_share"], "by": ["month"]},
        """
        select make_date(year, month, 1), count(*), sum(case when dep_time is null then 1 else 0 end),
               avg(case when dep_time is null then 1 else 0 end)
        from flights group by all order by 1
        """,
        {
            "scheduled_departures": "sum",
            "cancelled_departures": "sum",
            "cancelled_share": "mean of scheduled_departures",
        },
    ),
    Question(
        # Read naively in UTC, each day's evening flights would stand on the next one, December's in 2014.
        "every day of January by New York's clock",
        {
            "metrics": ["scheduled_departures", "late_departures"],
            "by": ["day"],
            "start": "2013-01-01",
            "end": "2013-01-31",
        },
        """
        select make_date(year, month, day), count(*), sum(case when dep_delay > 15 then 1 else 0 end)
        from flights where month = 1 group by all order by 1
        """,
        {"scheduled_departures": "sum", "late_departures": "sum"},
    ),
    Question(
        "the last evening of the year is still in 2013",
        {"metrics": ["scheduled_departures"], "by": ["year", "month"], "start": "2013-12-31"},
        "select make_date(2013, 1, 1), make_date(2013, 12, 1), count(*) from flights where month = 12 and day = 31",
        {"scheduled_departures": "sum"},
    ),
    Question(
        "the days around the start of summer time",
        {
            "metrics": ["scheduled_departures", "late_minutes"],
            "by": ["day"],
            "start": "2013-03-09",
            "end": "2013-03-11",
        },
        """
        select make_date(year, month, day), count(*), coalesce(sum(dep_delay) filter (where dep_delay > 15), 0)
        from flights where month = 3 and day between 9 and 11 group by all order by 1
        """,
        {"scheduled_departures": "sum", "late_minutes": "sum"},
    ),
    Question(
        "weeks begin on Monday, the first one in 2012",
        {"metrics": ["late_departures", "flown_departures", "departure_delay"], "by": ["week"]},
        """
        select make_date(year, month, day) - (isodow(make_date(year, month, day)) - 1)::integer as monday,
               count(*) filter (where dep_delay > 15), count(dep_delay), sum(dep_delay) / count(dep_delay)
        from flights group by monday order by monday
        """,
        {"late_departures": "sum", "flown_departures": "sum", "departure_delay": "mean of flown_departures"},
    ),
    Question(
        "from July to the middle of August, by month",
        {"metrics": ["scheduled_departures", "worst_delay"], "by": ["month"], "start": "2013-07", "end": "2013-08-15"},
        """
        select make_date(2013, month, 1), count(*), max(dep_delay)
        from flights where month = 7 or (month = 8 and day <= 15) group by month order by 1
        """,
        {"scheduled_departures": "sum", "worst_delay": "max"},
    ),
    Question(
        "four hours of one afternoon, both ends included",
        {
            "metrics": ["scheduled_departures", "late_departures", "cancelled_departures"],
            "by": ["hour", "origin"],
            "start": "2013-06-13T16",
            "end": "2013-06-13T19",
        },
        """
        select time_hour, origin, count(*), count(*) filter (where dep_delay > 15),
               count(*) filter (where dep_time is null)
        from flights where month = 6 and day = 13 and hour between 16 and 19 group by all order by 1, 2
        """,
        {"scheduled_departures": "sum", "late_departures": "sum", "cancelled_departures": "sum"},
    ),
    Question(
        "a year as start and end",
        {"metrics": ["arrivals", "arrival_delay"], "by": ["quarter"], "start": "2013", "end": "2013"},
        """
        select make_date(year, 1 + 3 * ((month - 1) // 3), 1), count(arr_delay), sum(arr_delay) / count(arr_delay)
        from flights group by 1 order by 1
        """,
        {"arrivals": "sum", "arrival_delay": "mean of arrivals"},
    ),
    Question(
        "two hops: who made the aircraft, with those that nobody knows",
        {"metrics": ["scheduled_departures", "seats_flown", "late_minutes"], "by": ["aircraft.maker.name"]},
        f"""
        with {FLEET}
        select case when manufacturer in ('AIRBUS', 'AIRBUS INDUSTRIE') then 'Airbus'
                    when manufacturer = 'BOEING' then 'Boeing' when manufacturer = 'EMBRAER' then 'Embraer'
                    when manufacturer in ('BOMBARDIER INC', 'CANADAIR', 'CANADAIR LTD') then 'Bombardier'
                    when manufacturer in ('DOUGLAS', 'MCDONNELL DOUGLAS', 'MCDONNELL DOUGLAS AIRCRAFT CO',
                                          'MCDONNELL DOUGLAS CORPORATION') then 'McDonnell Douglas'
                    when manufacturer is not null then 'Other' end as maker,
               count(*), sum(seats) filter (where dep_time is not null),
               coalesce(sum(dep_delay) filter (where dep_delay > 15), 0)
        from flights left join fleet using (tailnum) group by maker order by maker nulls last
        """,
        {"scheduled_departures": "sum", "seats_flown": "sum", "late_minutes": "sum"},
    ),
    Question(
        "two hops: the region of the destination, 7,602 flights without one",
        {"metrics": ["scheduled_departures", "arrivals", "arrival_delay"], "by": ["destination.time_zone.region"]},
        f"""
        with {REGIONS}
        select region, count(*), count(arr_delay), avg(arr_delay)
        from flights left join regions on dest = faa group by region order by region nulls last
        """,
        {"scheduled_departures": "sum", "arrivals": "sum", "arrival_delay": "mean of arrivals"},
    ),
    Question(
        "one hop: destinations by name, four of them nameless",
        {"metrics": ["scheduled_departures", "diverted_departures"], "by": ["destination.name"]},
        """
        select (select min(name) from airports where faa = dest) as called, count(*),
               count(*) filter (where dep_time is not null and arr_delay is null)
        from flights group by called order by called nulls last
        """,
        {"scheduled_departures": "sum", "diverted_departures": "sum"},
    ),
    Question(
        "the four destinations that have no name keep their codes",
        {"metrics": ["scheduled_departures"], "by": ["destination"], "where": "destination.name is null"},
        """
        select dest, count(*) from flights where dest not in (select faa from airports) group by dest order by dest
        """,
        {"scheduled_departures": "sum"},
    ),
    Question(
        # An unknown maker is not "another maker": a comparison with nothing is not true.
        "a filter over two hops leaves the unknown out",
        {"metrics": ["scheduled_departures"], "by": ["carrier"], "where": "aircraft.maker.name <> 'Boeing'"},
        """
        select carrier, count(*) from flights join planes using (tailnum) where manufacturer <> 'BOEING'
        group by carrier order by carrier
        """,
        {"scheduled_departures": "sum"},
    ),
    Question(
        "departures without a known aircraft, only where there are any",
        {"metrics": ["unregistered_departures"], "by": ["carrier"]},
        """
        select carrier, count(*) from flights
        where tailnum is null or tailnum not in (select tailnum from planes) group by carrier order by carrier
        """,
        {"unregistered_departures": "sum"},
    ),
    Question(
        "departures without a known aircraft beside all, zeros included",
        {"metrics": ["scheduled_departures", "unregistered_departures"], "by": ["carrier.name", "carrier.business"]},
        """
        select name, case when carrier in ('9E', 'EV', 'MQ', 'OO', 'YV') then 'regional' else 'own brand' end,
               count(*), sum(case when tailnum in (select tailnum from planes) then 0 else 1 end)
        from flights join airlines using (carrier) group by all order by 1, 2
        """,
        {"scheduled_departures": "sum", "unregistered_departures": "sum"},
    ),
    Question(
        "a filter with a parameter, by month",
        {
            "metrics": ["late_minutes", "flown_departures", "departure_delay"],
            "by": ["month"],
            "where": "carrier.name = :carrier and origin in ('EWR', 'LGA')",
            "params": {"carrier": "JetBlue Airways"},
        },
        """
        select make_date(2013, month, 1), coalesce(sum(dep_delay) filter (where dep_delay > 15), 0),
               count(dep_delay), avg(dep_delay)
        from flights where carrier = 'B6' and origin <> 'JFK' group by month order by 1
        """,
        {"late_minutes": "sum", "flown_departures": "sum", "departure_delay": "mean of flown_departures"},
    ),
    Question(
        "long flights from two airports by part of the day",
        {
            "metrics": ["scheduled_departures", "minutes_made_up"],
            "by": ["part_of_day", "origin"],
            "where": "haul = 'long' and origin <> 'EWR'",
        },
        """
        select case when sched_dep_time >= 1700 then 'evening' when sched_dep_time >= 1200 then 'afternoon'
                    else 'morning' end as part,
               origin, count(*), sum(dep_delay) filter (where arr_delay is not null) - sum(arr_delay)
        from flights where distance >= 800 and origin in ('JFK', 'LGA') group by all order by part, origin
        """,
        {"scheduled_departures": "sum", "minutes_made_up": "sum"},
    ),
    Question(
        "a filter two hops away, nobody split",
        {
            "metrics": ["scheduled_departures", "seat_miles", "air_minutes"],
            "where": "destination.time_zone.region = :region or destination.time_zone.hours_from_new_york < :hours",
            "params": {"region": "West", "hours": -3},
        },
        f"""
        with {FLEET}
        select count(*), sum(seats * distance) filter (where dep_time is not null), sum(air_time)
        from flights left join fleet using (tailnum)
        where dest in (select faa from airports where tzone in ('America/Los_Angeles', 'America/Vancouver',
                                                                'America/Anchorage', 'Pacific/Honolulu'))
        """,
        {"scheduled_departures": "sum", "seat_miles": "sum", "air_minutes": "sum"},
    ),
    Question(
        "destinations that lose more than one flight in twenty",
        {
            "metrics": ["scheduled_departures", "cancelled_share"],
            "by": ["destination"],
            "having": "cancelled_share > 0.05 and scheduled_departures >= 100",
        },
        """
        select dest, count(*), count(*) filter (where dep_time is null) / count(*)
        from flights group by dest having count(*) >= 100 and count(*) filter (where dep_time is null) * 20 > count(*)
        order by dest
        """,
        {"scheduled_departures": "sum", "cancelled_share": "mean of scheduled_departures"},
    ),
    Question(
        "the fifteen routes with most cancellations",
        {
            "metrics": ["cancelled_departures"],
            "by": ["origin", "destination", "carrier"],
            "order": ["-cancelled_departures", "carrier"],
            "limit": 15,
        },
        """
        select origin, dest, carrier, count(*) as cancelled from flights where dep_time is null
        group by all order by cancelled desc, carrier, origin, dest limit 15
        """,
        {"cancelled_departures": "sum"},
    ),
    Question(
        # SkyWest flew 32 flights all year: on most days with late flights of others it has no row at all.
        "late flights by day and carrier: no row where nobody was late",
        {
            "metrics": ["late_departures", "late_minutes"],
            "by": ["day", "carrier"],
            "start": "2013-11",
            "end": "2013-11",
        },
        """
        select make_date(2013, 11, day), carrier, count(*), sum(dep_delay)
        from flights where month = 11 and dep_delay > 15 group by day, carrier order by day, carrier
        """,
        {"late_departures": "sum", "late_minutes": "sum"},
    ),
    Question(
        "a carrier that does not exist, split: no rows",
        {"metrics": ["scheduled_departures"], "by": ["carrier"], "where": "carrier = 'ZZ'"},
        "select carrier, count(*) from flights where carrier = 'ZZ' group by carrier",
        {"scheduled_departures": "sum"},
    ),
    Question(
        "a carrier that does not exist, in all: counts are 0, sums nothing",
        {
            "metrics": ["scheduled_departures", "late_minutes", "air_minutes", "departure_delay", "cancelled_share"],
            "where": "carrier = 'ZZ'",
        },
        "select 0, 0, null, null, null",
        {
            "scheduled_departures": "sum",
            "late_minutes": "sum",
            "air_minutes": "sum",
            "departure_delay": "mean of flown_departures",
            "cancelled_share": "mean of scheduled_departures",
        },
    ),
    Question(
        "hourly load is a ratio of totals, and hours are shared between airports",
        {"metrics": ["scheduled_departures", "open_hours", "hourly_load"], "by": ["origin"]},
        """
        select origin, count(*), count(distinct (month, day, hour)), count(*) / count(distinct (month, day, hour))
        from flights group by origin order by origin
        """,
        {"scheduled_departures": "sum", "open_hours": "overlap", "hourly_load": "overlap"},
    ),
    Question(
        "aircraft used, by whose brand they fly under",
        {"metrics": ["tails_used"], "by": ["carrier.business", "haul"]},
        """
        select case when carrier in ('9E', 'EV', 'MQ', 'OO', 'YV') then 'regional' else 'own brand' end as business,
               case when distance < 800 then 'short' else 'long' end as haul, count(distinct tailnum)
        from flights group by all order by 1, 2
        """,
        {"tails_used": "overlap"},
    ),
    Question(
        "the delay that nine in ten stay under",
        {"metrics": ["delay_nine_in_ten", "worst_delay"], "by": ["origin", "carrier.name"]},
        """
        select origin, name, quantile_cont(dep_delay::double, 0.9), max(dep_delay)
        from flights join airlines using (carrier) where dep_delay is not null group by all order by 1, 2
        """,
        {"delay_nine_in_ten": "between", "worst_delay": "max"},
    ),
    Question(
        "big aircraft by the year in which they were built, newest first, unknown years last",
        {
            "metrics": ["seats_flown", "flown_departures"],
            "by": ["aircraft.built"],
            "where": "aircraft.size = 'wide body'",
            "order": ["-aircraft__built"],
        },
        f"""
        with {FLEET}
        select built, sum(seats), count(*) from flights join fleet using (tailnum)
        where seats >= 200 and dep_time is not null group by built order by built desc nulls last
        """,
        {"seats_flown": "sum", "flown_departures": "sum"},
    ),
    Question(
        "distinct values: which hauls leave from where",
        {"by": ["origin", "haul"]},
        """
        select distinct origin, case when distance < 800 then 'short' else 'long' end as haul
        from flights order by 1, 2
        """,
    ),
    Question(
        "distinct values: the carriers by name",
        {"by": ["carrier.name"]},
        "select name from airlines order by name",
    ),
)
