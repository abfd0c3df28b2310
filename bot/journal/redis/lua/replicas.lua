return {dec(redis.call('ZCOUNT', P .. 'alive', '(' .. dec(now()), '+inf'))}
