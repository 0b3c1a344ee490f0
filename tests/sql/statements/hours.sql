-- {"metrics": ["orders"], "by": ["hour", "hour_of_day"]}
SELECT
  timezone('UTC', sold_at) - (timezone('America/New_York', timezone('UTC', sold_at)) - date_trunc('hour', timezone('America/New_York', timezone('UTC', sold_at)))) AS hour,
  hour(timezone('America/New_York', timezone('UTC', sold_at))) AS hour_of_day,
  COUNT(*) AS orders
FROM sales
GROUP BY 1, 2
ORDER BY hour NULLS LAST, hour_of_day NULLS LAST
