"""The icon of the day: one post in each local day, whatever happens to the process, the network or the clock.

`schedule` says when a local day's icon is due, `times` and `zones` read what people type. `choice` finds the icon of a
date and `icons` keeps it. `job` ticks once a minute and drives `poster`, which claims what is due, sends it and settles
it; `history` looks into a channel for what an earlier process may have sent. `message` is the post with its ⭐, `best`
the picture of a month. docs/daily.md says why no day goes without a post and none gets two.
"""
