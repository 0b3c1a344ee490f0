select sum(amount) as revenue from orders where status in ('paid', 'pending')
