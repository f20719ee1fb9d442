-- Only the day of a session is told: its clicks follow each other by a second from noon (UTC). Nobody is known; each session is a visitor.
select 'track' as "type",
    'eshop_clicks:' || session_id || ':' || "order" as "messageId",
    'session-' || session_id as "anonymousId",
    'Product Viewed' as event,
    strftime(make_timestamp("year", "month", "day", 12, 0, 0) + to_seconds("order"), '%Y-%m-%dT%H:%M:%SZ') as "timestamp",
    {
        'session_id': session_id, 'click': "order", 'product_id': clothing_model, 'category': main_category, 'price': price, 'currency': 'USD',
        'country': country, 'colour': colour, 'place': "location", 'photo': model_photography, 'above_average': price_above_avg = 1, 'page': page
    } as properties
from clicks
order by session_id, "order"
