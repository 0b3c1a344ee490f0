-- {"metrics": ["revenue", "fees"], "by": ["buyer"], "having": "fees > 3 or revenue > 50"}
SELECT
  buyer,
  SUM(amount) AS revenue,
  CAST(COUNT(*) * 2 AS DECIMAL(38, 0)) AS fees
FROM sales
GROUP BY 1
HAVING COUNT(*) * 2 > 3 OR SUM(amount) > 50
ORDER BY buyer NULLS LAST
