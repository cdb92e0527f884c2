"""The icon of the day: exactly one post for each local day, whatever fails.

`schedule` computes when a local day's icon is due; `times` and `zones` parse input. `choice` selects a date's icon and
`icons` stores it. `job` ticks once a minute and runs `poster`, which claims, sends and settles posts; `history`
searches a channel for posts of a crashed process. `message` is the post with its ⭐, `best` the month's best.
After a post, `server_icons` makes the icon the server's icon, and `monthly` posts the best of the month before.
docs/daily.md explains the exactly-once guarantee.
"""
