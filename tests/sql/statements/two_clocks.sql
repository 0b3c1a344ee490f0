-- {"metrics": ["orders", "paid_orders"], "by": ["month"], "start": "2024"}
WITH sales_cells AS (
  -- one row per month
  SELECT
    CAST(date_trunc('month', timezone('America/New_York', timezone('UTC', sold_at))) AS DATE) AS month,
    COUNT(*) AS orders
  FROM sales
  WHERE sold_at >= TIMESTAMP '2024-01-01 05:00:00'
  GROUP BY 1
),
sales_cells_2 AS (
  -- one row per month
  SELECT
    CAST(date_trunc('month', paid_on) AS DATE) AS month,
    COUNT(*) AS paid_orders
  FROM sales
  WHERE paid_on >= DATE '2024-01-01'
  GROUP BY 1
),
cells AS (
  -- one row per month
  SELECT
    month,
    COALESCE(MAX(orders), 0) AS orders,
    COALESCE(MAX(paid_orders), 0) AS paid_orders
  FROM (
    SELECT * FROM sales_cells
    UNION ALL BY NAME
    SELECT * FROM sales_cells_2
  ) AS stacked
  GROUP BY 1
)
SELECT
  month,
  orders,
  paid_orders
FROM cells
ORDER BY month NULLS LAST
