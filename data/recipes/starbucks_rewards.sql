-- Hours are counted from the start of the test, for which 2018-07-27, 0:00 UTC stands: the day after the last member joined.
-- Of members whose gender is not told, 118 stands for an unknown age.
select 'identify' as "type",
    'starbucks_rewards:member:' || customer_id as "messageId",
    customer_id as "userId",
    null as event,
    strftime(became_member_on::timestamp, '%Y-%m-%dT%H:%M:%SZ') as "timestamp",
    null as properties,
    {'gender': gender, 'age': nullif(age, 118), 'income': income, 'member_since': became_member_on::varchar} as traits
from profile
union all by name
select 'track' as "type",
    'starbucks_rewards:' || e.seq as "messageId",
    e.customer_id as "userId",
    case e.event when 'transaction' then 'Payment Made' else 'Offer ' || upper(e.event[1]) || e.event[2:] end as event,
    strftime(timestamp '2018-07-27' + to_hours(e."hour"::bigint), '%Y-%m-%dT%H:%M:%SZ') as "timestamp",
    {
        'hour': e."hour", 'offer_id': e.offer_id, 'offer_type': p.offer_type, 'amount': e.amount, 'reward': e.reward
    } as properties
from events e
left join portfolio p using (offer_id)
