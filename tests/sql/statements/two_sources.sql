-- {"metrics": ["profit", "margin"], "by": ["month", "shop.name"], "order": ["-margin"], "limit": 10}
WITH sales_cells AS (
  -- one row per month and shop.name
  SELECT
    CAST(date_trunc('month', timezone('America/New_York', timezone('UTC', sales.sold_at))) AS DATE) AS month,
    shop.name AS shop__name,
    SUM(sales.amount) AS revenue
  FROM sales
  LEFT JOIN shops AS shop ON shop.shop = sales.shop
  GROUP BY 1, 2
),
costs_cells AS (
  -- one row per month and shop.name
  SELECT
    CAST(date_trunc('month', costs.day) AS DATE) AS month,
    shop.name AS shop__name,
    SUM(costs.amount) AS spent
  FROM costs
  LEFT JOIN shops AS shop ON shop.shop = costs.shop
  GROUP BY 1, 2
),
cells AS (
  -- one row per month and shop.name
  SELECT
    month,
    shop__name,
    MAX(revenue) AS revenue,
    MAX(spent) AS spent
  FROM (
    SELECT * FROM sales_cells
    UNION ALL BY NAME
    SELECT * FROM costs_cells
  ) AS stacked
  GROUP BY 1, 2
)
SELECT
  month,
  shop__name,
  COALESCE(revenue - spent, revenue, -spent) AS profit,
  CAST(COALESCE(revenue - spent, revenue, -spent) AS DOUBLE) / NULLIF(revenue, 0) AS margin
FROM cells
ORDER BY margin DESC NULLS LAST, month NULLS LAST, shop__name NULLS LAST
LIMIT 10 OFFSET 0
