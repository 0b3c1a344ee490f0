-- {"metrics": ["revenue"], "by": ["slot", "slot.weather"], "order": ["slot__day"]}
SELECT
  sales.shop AS slot__shop,
  sales.day AS slot__day,
  slot.weather AS slot__weather,
  SUM(sales.amount) AS revenue
FROM sales
LEFT JOIN slots AS slot ON slot.shop = sales.shop AND slot.day = sales.day
GROUP BY 1, 2, 3
ORDER BY slot__day NULLS LAST, slot__shop NULLS LAST, slot__weather NULLS LAST
