-- {"metrics": ["revenue"], "by": ["month", "shop"]}
SELECT
  CAST(date_trunc('month', timezone('America/New_York', timezone('UTC', sold_at))) AS DATE) AS month,
  shop,
  SUM(amount) AS revenue
FROM sales
GROUP BY 1, 2
ORDER BY month NULLS LAST, shop NULLS LAST
