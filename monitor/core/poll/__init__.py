"""When to ask a feed and how: conditional requests, intervals, and manners towards hosts."""
