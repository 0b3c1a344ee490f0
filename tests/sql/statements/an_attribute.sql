-- {"metrics": ["revenue", "mean_amount", "small_share"], "by": ["shop.town.region"]}
SELECT
  shop__town.region AS shop__town__region,
  SUM(sales.amount) AS revenue,
  CAST(SUM(sales.amount) AS DOUBLE) / NULLIF(COUNT(sales.amount), 0) AS mean_amount,
  CAST(COUNT(*) FILTER (WHERE sales.amount < 50) AS DOUBLE) / NULLIF(COUNT(*), 0) AS small_share
FROM sales
LEFT JOIN shops AS shop ON shop.shop = sales.shop
LEFT JOIN towns AS shop__town ON shop__town.town = shop.town
GROUP BY 1
ORDER BY shop__town__region NULLS LAST
