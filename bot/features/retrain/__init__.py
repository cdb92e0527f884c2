"""Learning a new style from pictures that the owner attaches in the chat, while the bot goes on serving.

`intake` has the pictures decoded by `reader`, a process that can do no harm; `training` is the process that learns
them; `trainers` starts it and finds it again after a restart, `announcing` tells the chat, and `supervisor` gives each
job its turn. `bot.features.styles` keeps what was learnt.
"""
