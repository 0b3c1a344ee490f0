-- {"by": ["kind", "shop.town.is_north"], "where": "buyer is not null"}
SELECT
  CASE WHEN sales.amount < 50 THEN 'small' ELSE 'large' END AS kind,
  CASE WHEN shop__town.town IS NOT NULL THEN COALESCE(shop__town.region, '') = 'north' END AS shop__town__is_north
FROM sales
LEFT JOIN shops AS shop ON shop.shop = sales.shop
LEFT JOIN towns AS shop__town ON shop__town.town = shop.town
WHERE sales.buyer IS NOT NULL
GROUP BY 1, 2
ORDER BY kind NULLS LAST, shop__town__is_north NULLS LAST
