-- {"metrics": ["spent"], "by": ["week", "day"]}
SELECT
  CAST(date_trunc('week', day) AS DATE) AS week,
  day,
  SUM(amount) AS spent
FROM costs
GROUP BY 1, 2
ORDER BY week NULLS LAST, day NULLS LAST
