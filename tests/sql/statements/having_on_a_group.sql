-- {"metrics": ["profit"], "by": ["shop"], "having": "shop <> 's1' and profit > 0"}
WITH sales_cells AS (
  -- one row per shop
  SELECT
    shop,
    SUM(amount) AS revenue
  FROM sales
  GROUP BY 1
),
costs_cells AS (
  -- one row per shop
  SELECT
    shop,
    SUM(amount) AS spent
  FROM costs
  GROUP BY 1
),
cells AS (
  -- one row per shop
  SELECT
    shop,
    MAX(revenue) AS revenue,
    MAX(spent) AS spent
  FROM (
    SELECT * FROM sales_cells
    UNION ALL BY NAME
    SELECT * FROM costs_cells
  ) AS stacked
  GROUP BY 1
),
finished AS (
  -- one row per shop
  SELECT
    shop,
    COALESCE(revenue - spent, revenue, -spent) AS profit
  FROM cells
)
SELECT
  shop,
  profit
FROM finished
WHERE shop IS NOT NULL
  AND shop <> 's1'
  AND profit > 0
ORDER BY shop NULLS LAST
