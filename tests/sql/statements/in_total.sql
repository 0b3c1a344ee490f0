-- {"metrics": ["orders", "middle", "buyers", "kilograms", "pieces_square"]}
SELECT
  COUNT(*) AS orders,
  QUANTILE_CONT(CAST(amount AS DOUBLE), 0.5) AS middle,
  COUNT(DISTINCT buyer) AS buyers,
  SUM(CAST(weight AS DECIMAL(38, 3))) AS kilograms,
  CAST(SUM(CAST(pieces AS BIGINT) * pieces) AS BIGINT) AS pieces_square
FROM sales
