"""Operating the bot: whether it is well, and what it does, for service managers, load balancers and Prometheus."""
