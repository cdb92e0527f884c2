"""An account on a Mastodon-compatible server: it answers mentions and posts the icon of the day.

worker      the polling loops
services    what the account shares with the Discord bot
account     the server's API, with errors that say whether to retry
mentions    which mentions are answered, each exactly once
parsing     what a mention requests
replies     the reply
daily       the daily post, exactly once per date
state       state that survives restarts
avatars     bounded download of an avatar
text        HTML to text, and text without links
standalone  `melicon fediverse`: the account without Discord
"""
