"""Learning a new style from pictures that the owner attaches in the chat, while the bot goes on serving.

`intake` has the pictures decoded by `reader`, a process that can do no harm; `training` is the process that learns
them; `supervisor` starts it, finds it again after a restart, and tells the chat; `styles` keeps what was learnt.
"""
