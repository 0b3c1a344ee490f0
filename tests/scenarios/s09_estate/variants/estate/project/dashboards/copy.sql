select sum(case when status = 'paid' then amount - coalesce(refund, 0) else 0 end) as net_revenue from orders
