"""Questions for those who choose: translated numbers, prices, converted units, and their views."""

from __future__ import annotations

from tests.sample.question import FLEET, REGIONS, Question

NETWORK = (
    Question(
        "the network in one row",
        {
            "metrics": [
                "kept_promise",
                "arrived_as_sold",
                "late_cost_per_seat",
                "broken_promise_cost",
                "late_hours",
                "late_hour_share",
                "seats_per_slot",
                "capacity",
            ]
        },
        f"""
        with {FLEET}, f as (select * from flights left join fleet using (tailnum)),
        late as (select *, case when dep_delay > 15 then dep_delay else 0 end as late from f)
        select avg(case when dep_delay <= 15 then 1 else 0 end),
               avg(case when arr_delay <= 15 then 1 else 0 end),
               sum(late) filter (where seats is not null) * 74.0 / sum(seats) filter (where dep_time is not null),
               (sum(late) * 74.0 + (count(*) - count(dep_time)) * 5700.0) / count(*),
               sum(late) / 60.0,
               sum(late) / sum(air_time),
               avg(seats) filter (where dep_time is not null),
               sum(seats * distance) filter (where dep_time is not null)
        from late
        """,
        {
            "kept_promise": "mean of scheduled_departures",
            "arrived_as_sold": "mean of scheduled_departures",
            "late_cost_per_seat": "mean of seats_flown",
            "broken_promise_cost": "mean of scheduled_departures",
            "late_hours": "sum",
            "late_hour_share": "mean of air_minutes",
            "seats_per_slot": "harmonic of seats_flown",
            "capacity": "sum",
        },
    ),
    Question(
        # Envoy (MQ) has no aircraft whose seats anybody knows, so it has no row among the costs by seat.
        "cost of lateness by carrier",
        {"metrics": ["late_cost_per_seat"], "by": ["carrier"], "order": ["-late_cost_per_seat"]},
        f"""
        with {FLEET}
        select carrier,
               74.0 * sum(case when dep_delay > 15 then dep_delay else 0 end) / sum(seats) as cost
        from flights join fleet using (tailnum) where seats is not null and dep_time is not null
        group by carrier order by cost desc
        """,
        {"late_cost_per_seat": "mean of seats_flown"},
    ),
    Question(
        "carriers by quarter: cost, promises, and nothing for Envoy's seats",
        {
            "metrics": ["late_cost_per_seat", "kept_promise", "broken_promise_cost"],
            "by": ["quarter", "carrier.name"],
        },
        f"""
        with {FLEET}
        select make_date(2013, 1 + 3 * ((month - 1) // 3), 1) as q, name,
               74.0 * sum(case when seats is null then 0 when dep_delay > 15 then dep_delay else 0 end)
                 / sum(seats) filter (where dep_time is not null),
               avg(case when dep_delay <= 15 then 1 else 0 end),
               (74.0 * sum(case when dep_delay > 15 then dep_delay else 0 end)
                 + 5700.0 * sum(case when dep_time is null then 1 else 0 end)) / count(*)
        from flights join airlines using (carrier) left join fleet using (tailnum)
        group by all order by q, name
        """,
        {
            "late_cost_per_seat": "mean of seats_flown",
            "kept_promise": "mean of scheduled_departures",
            "broken_promise_cost": "mean of scheduled_departures",
        },
    ),
    Question(
        "the expensive corner: carriers above fifteen dollars a seat",
        {
            "metrics": ["late_cost_per_seat"],
            "by": ["carrier.name", "origin"],
            "where": "carrier.business = :business",
            "params": {"business": "regional"},
            "having": "late_cost_per_seat > 15",
            "order": ["origin", "-late_cost_per_seat"],
            "limit": 5,
        },
        f"""
        with {FLEET}
        select name, origin, 74.0 * sum(case when dep_delay > 15 then dep_delay else 0 end) / sum(seats) as cost
        from flights join airlines using (carrier) join fleet using (tailnum)
        where carrier in ('9E', 'EV', 'MQ', 'OO', 'YV') and seats is not null and dep_time is not null
        group by all having cost > 15 order by origin, cost desc limit 5
        """,
        {"late_cost_per_seat": "mean of seats_flown"},
    ),
    Question(
        "hours instead of minutes, by brand and airport",
        {"metrics": ["late_hours", "late_hour_share"], "by": ["carrier.business", "origin"]},
        """
        select case when carrier in ('9E', 'EV', 'MQ', 'OO', 'YV') then 'regional' else 'own brand' end as business,
               origin, sum(dep_delay) filter (where dep_delay > 15) / 60.0,
               sum(dep_delay) filter (where dep_delay > 15) / sum(air_time)
        from flights group by all order by 1, 2
        """,
        {"late_hours": "sum", "late_hour_share": "mean of air_minutes"},
    ),
    Question(
        "two hops: seat miles by region and quarter, with those to nowhere known",
        {"metrics": ["capacity"], "by": ["quarter", "destination.time_zone.region"]},
        f"""
        with {FLEET}, {REGIONS}
        select make_date(2013, 1 + 3 * ((month - 1) // 3), 1), region, sum(seats * distance)
        from flights join fleet using (tailnum) left join regions on dest = faa
        where seats is not null and dep_time is not null group by all order by 1, 2 nulls last
        """,
        {"capacity": "sum"},
    ),
    Question(
        "what a slot is used for, by carrier and airport",
        {"metrics": ["seats_per_slot"], "by": ["carrier", "origin"], "start": "2013-04", "end": "2013-09"},
        f"""
        with {FLEET}
        select carrier, origin, avg(seats) from flights join fleet using (tailnum)
        where seats is not null and dep_time is not null and month between 4 and 9
        group by all order by carrier, origin
        """,
        {"seats_per_slot": "harmonic of seats_flown"},
    ),
    Question(
        "the same word in two dialects: on time at the gate, and as promised",
        {
            "metrics": ["on_time_share", "kept_promise", "arrived_on_time_share", "arrived_as_sold"],
            "by": ["month", "origin"],
        },
        """
        select make_date(2013, month, 1), origin,
               sum(case when dep_delay <= 15 then 1 else 0 end) / count(dep_delay),
               sum(case when dep_delay <= 15 then 1 else 0 end) / count(*),
               sum(case when arr_delay <= 15 then 1 else 0 end) / count(arr_delay),
               sum(case when arr_delay <= 15 then 1 else 0 end) / count(*)
        from flights group by all order by 1, 2
        """,
        {
            "on_time_share": "mean of flown_departures",
            "kept_promise": "mean of scheduled_departures",
            "arrived_on_time_share": "mean of arrivals",
            "arrived_as_sold": "mean of scheduled_departures",
        },
    ),
)
