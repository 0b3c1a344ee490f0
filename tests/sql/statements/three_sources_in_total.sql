-- {"metrics": ["profit", "calls_taken", "bills_or_zero", "orders_or_none"]}
WITH sales_in_all AS (
  -- exactly one row
  SELECT
    SUM(amount) AS revenue,
    COUNT(*) AS orders_or_none__count
  FROM sales
),
costs_in_all AS (
  -- exactly one row
  SELECT
    SUM(amount) AS spent,
    COUNT(*) AS bills_or_zero__count
  FROM costs
),
calls_in_all AS (
  -- exactly one row
  SELECT
    COUNT(*) AS calls_taken
  FROM calls
),
cells AS (
  -- exactly one row
  SELECT
    MAX(revenue) AS revenue,
    COALESCE(MAX(orders_or_none__count), 0) AS orders_or_none__count,
    MAX(spent) AS spent,
    COALESCE(MAX(bills_or_zero__count), 0) AS bills_or_zero__count,
    COALESCE(MAX(calls_taken), 0) AS calls_taken
  FROM (
    SELECT * FROM sales_in_all
    UNION ALL BY NAME
    SELECT * FROM costs_in_all
    UNION ALL BY NAME
    SELECT * FROM calls_in_all
  ) AS stacked
)
SELECT
  COALESCE(revenue - spent, revenue, -spent) AS profit,
  calls_taken,
  CASE WHEN bills_or_zero__count = 0 THEN 0 ELSE spent END AS bills_or_zero,
  NULLIF(orders_or_none__count, 0) AS orders_or_none
FROM cells
