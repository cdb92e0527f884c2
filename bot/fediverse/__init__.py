"""Icons on the fediverse: an account on a Mastodon-compatible server answers mentions and posts the icon of the day.

What each module does:

    service     what runs: looks for mentions, looks whether the icon of the day is due
    services    what the account shares with the bot on Discord
    account     the server's API, with errors that say whether to try again
    mentions    which mentions are answered, each exactly once
    asking      what a mention asks for
    replies     the answer to it
    daily       the post of the day, exactly once a date
    state       what must be remembered across restarts
    avatars     downloads an avatar within limits
    text        HTML to text, and text that links to nothing
    standalone  `melicon fediverse`: the same without Discord
"""
