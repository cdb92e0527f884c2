"""The bot's features: a folder each, with its commands, its buttons and what is behind them."""
