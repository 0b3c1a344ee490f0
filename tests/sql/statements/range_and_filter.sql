-- {"metrics": ["large_revenue", "orders"], "by": ["quarter"], "start": "2024-01", "end": "2024-03", "where": "buyer.name = :name or shop is null", "params": {"name": "O'Hara"}}
SELECT
  DATE '2024-01-01' AS quarter,
  SUM(sales.amount) FILTER (WHERE sales.amount > 50) AS large_revenue,
  COUNT(*) AS orders
FROM sales
LEFT JOIN people AS buyer ON buyer.person = sales.buyer
WHERE sales.sold_at >= TIMESTAMP '2024-01-01 05:00:00'
  AND sales.sold_at < TIMESTAMP '2024-04-01 04:00:00'
  AND (buyer.name = $name OR sales.shop IS NULL)
GROUP BY 1
ORDER BY quarter NULLS LAST
