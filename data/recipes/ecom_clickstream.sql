-- Each line is an event, exact repetitions too: the line's number is the message's id. Instants are taken for UTC.
select 'track' as "type",
    'ecom_clickstream:' || row_number() over () as "messageId",
    user_id as "userId",
    event,
    strftime("timestamp", '%Y-%m-%dT%H:%M:%SZ') as "timestamp",
    {'session_id': session_id, 'platform': platform, 'channel': acquisition_channel, 'cohort': user_cohort, 'lifecycle': user_lifecycle} as properties
from events
