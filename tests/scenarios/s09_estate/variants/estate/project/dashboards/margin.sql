select sum(amount - refund) as net_revenue from orders where status = 'paid'
