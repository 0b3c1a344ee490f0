-- {"metrics": ["large_revenue", "small_orders"], "by": ["shop"], "where": "day_of_week < 6"}
SELECT
  shop,
  SUM(amount) FILTER (WHERE amount > 50) AS large_revenue,
  COUNT(*) FILTER (WHERE CASE WHEN amount < 50 THEN 'small' ELSE 'large' END = 'small') AS small_orders
FROM sales
WHERE isodow(timezone('America/New_York', timezone('UTC', sold_at))) < 6
  AND (amount > 50 OR CASE WHEN amount < 50 THEN 'small' ELSE 'large' END = 'small')
GROUP BY 1
ORDER BY shop NULLS LAST
