-- {"metrics": ["board_revenue", "all_small_share", "paid_share"], "by": ["month", "shop"]}
SELECT
  CAST(date_trunc('month', timezone('America/New_York', timezone('UTC', sold_at))) AS DATE) AS month,
  shop,
  SUM(amount) AS board_revenue,
  CAST(COUNT(*) FILTER (WHERE amount < 50) AS DOUBLE) / NULLIF(COUNT(*), 0) AS all_small_share,
  CAST(COUNT(*) FILTER (WHERE paid_on IS NOT NULL AND amount < 50) AS DOUBLE) / NULLIF(COUNT(*) FILTER (WHERE paid_on IS NOT NULL), 0) AS paid_share
FROM sales
GROUP BY 1, 2
ORDER BY month NULLS LAST, shop NULLS LAST
