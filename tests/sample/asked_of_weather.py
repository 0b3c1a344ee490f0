"""Questions over the weather, alone and beside the flights of the same airport and hour."""

from __future__ import annotations

from tests.sample.question import Question

WEATHER = (
    Question(
        "a year of weather by airport: the reading of 1,048 miles an hour is left out",
        {"metrics": ["field_readings", "wind", "strongest_gust", "coldest"], "by": ["airport.name"]},
        """
        select name, count(*), avg(wind_speed) filter (where wind_speed <> 1048.36058), max(wind_gust), min(temp)
        from weather join airports on origin = faa group by name order by name
        """,
        {"field_readings": "sum", "wind": "between", "strongest_gust": "max", "coldest": "min"},
    ),
    Question(
        "rain by month, to the hundredth of an inch",
        {"metrics": ["precipitation", "wet_readings"], "by": ["month", "airport"]},
        """
        select make_date(2013, month, 1), origin, sum(precip::decimal(18, 2)), count(*) filter (where precip > 0)
        from weather group by month, origin order by 1, 2
        """,
        {"precipitation": "sum", "wet_readings": "sum"},
    ),
    Question(
        # The clocks go back: one o'clock comes twice, and the two are two hours.
        "the night in which one o'clock came twice",
        {"metrics": ["field_readings", "coldest"], "by": ["hour"], "start": "2013-11-03", "end": "2013-11-03T03"},
        """
        select time_hour, count(*), min(temp) from weather where month = 11 and day = 3 and hour <= 3
        group by time_hour order by time_hour
        """,
        {"field_readings": "sum", "coldest": "min"},
    ),
    Question(
        "what the sky looked like, by quarter",
        {"metrics": ["field_readings", "low_visibility_readings"], "by": ["quarter", "sky"]},
        """
        select make_date(2013, 3 * ((month - 1) // 3) + 1, 1),
               case when visib < 1 then 'fog' when precip > 0 then 'wet' else 'clear' end as sky,
               count(*), count(*) filter (where visib < 1)
        from weather group by all order by 1, 2
        """,
        {"field_readings": "sum", "low_visibility_readings": "sum"},
    ),
    Question(
        # Each keeps the hours that the other lacks: no flights at night, no weather when a reading is missing.
        "a blizzard hour by hour: flights and weather on the same airport and hour",
        {
            "metrics": [
                "scheduled_departures",
                "cancelled_departures",
                "late_minutes",
                "wind",
                "low_visibility_readings",
            ],
            "by": ["hour", "origin"],
            "start": "2013-02-08",
            "end": "2013-02-09",
        },
        """
        with f as (
          select time_hour, origin, count(*) as scheduled, count(*) - count(dep_time) as cancelled,
                 coalesce(sum(dep_delay) filter (where dep_delay > 15), 0) as late
          from flights where month = 2 and day in (8, 9) group by all
        ), w as (
          select time_hour, origin, wind_speed, visib from weather where month = 2 and day in (8, 9)
        )
        select coalesce(f.time_hour, w.time_hour) as h, coalesce(f.origin, w.origin) as o, coalesce(scheduled, 0),
               coalesce(cancelled, 0), coalesce(late, 0), wind_speed, case when visib < 1 then 1 else 0 end
        from f full join w on f.time_hour = w.time_hour and f.origin = w.origin order by h, o
        """,
        {
            "scheduled_departures": "sum",
            "cancelled_departures": "sum",
            "late_minutes": "sum",
            "wind": "between",
            "low_visibility_readings": "sum",
        },
    ),
    Question(
        # The readings end on 30 December; the flights of New Year's Eve stand without weather.
        "the end of December: days of flights without weather stay",
        {
            "metrics": ["scheduled_departures", "precipitation", "wet_readings", "strongest_gust"],
            "by": ["day", "origin"],
            "start": "2013-12-28",
        },
        """
        with f as (
          select day, origin, count(*) as scheduled from flights where month = 12 and day >= 28 group by all
        ), w as (
          select day, origin, sum(precip::decimal(18, 2)) as rain, count(*) filter (where precip > 0) as wet,
                 max(wind_gust) as gust
          from weather where month = 12 and day >= 28 group by all
        )
        select make_date(2013, 12, f.day), f.origin, scheduled, rain, coalesce(wet, 0), gust
        from f left join w using (day, origin) order by 1, 2
        """,
        {"scheduled_departures": "sum", "precipitation": "sum", "wet_readings": "sum", "strongest_gust": "max"},
    ),
    Question(
        "kept promises beside foul weather, by month and airport",
        {"metrics": ["kept_promise", "foul_weather_share"], "by": ["month", "origin.name"]},
        """
        with f as (
          select month, origin, count(*) filter (where dep_delay <= 15) / count(*) as kept from flights group by all
        ), w as (
          select month, origin, sum(case when visib < 1 then 1 else 0 end) / count(*) as foul from weather group by all
        )
        select make_date(2013, f.month, 1), name, kept, foul
        from f join w using (month, origin) join airports on f.origin = faa order by 1, 2
        """,
        {"kept_promise": "mean of scheduled_departures", "foul_weather_share": "mean of field_readings"},
    ),
    Question(
        "flights by the sky over their gate; 1,556 left in an hour without a reading",
        {"metrics": ["scheduled_departures", "cancelled_share"], "by": ["field.sky", "origin"]},
        """
        select case when visib < 1 then 'fog' when precip > 0 then 'wet' when visib is not null then 'clear' end as sky,
               flights.origin, count(*), count(*) filter (where dep_time is null) / count(*)
        from flights left join weather on flights.origin = weather.origin and flights.time_hour = weather.time_hour
        group by all order by sky nulls last, flights.origin
        """,
        {"scheduled_departures": "sum", "cancelled_share": "mean of scheduled_departures"},
    ),
    Question(
        "foggy hours only, by a filter on the linked reading",
        {
            "metrics": ["scheduled_departures", "diverted_departures"],
            "by": ["carrier"],
            "where": "field.sky = 'fog' and origin = :station",
            "params": {"station": "JFK"},
        },
        """
        select carrier, count(*), count(*) filter (where dep_time is not null and arr_delay is null)
        from flights where (origin, time_hour) in (select (origin, time_hour) from weather where visib < 1)
          and origin = 'JFK'
        group by carrier order by carrier
        """,
        {"scheduled_departures": "sum", "diverted_departures": "sum"},
    ),
)
