"""Prometheus metrics of the bot, served by `bot.operations.http`."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0)
COMPLETED, REFUSED, FAILED = "completed", "refused", "failed"  # outcomes of a command


class Metrics:
    """The metrics of one bot."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        registry = self.registry
        self.commands = Counter(
            "melicon_commands", "Commands by name and outcome", ["command", "outcome"], registry=registry
        )
        self.command_seconds = Histogram(
            "melicon_command_seconds",
            "Seconds from receiving a command to its response",
            ["command"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.drawn = Counter("melicon_icons_drawn", "Icons drawn, excluding cached ones", registry=registry)
        self.drawing_seconds = Histogram(
            "melicon_drawing_seconds", "Drawing a batch of up to four icons", buckets=_SECONDS, registry=registry
        )
        self.queue = Gauge("melicon_icons_waiting", "Icons waiting or being drawn", registry=registry)
        self.daily_posts = Counter(
            "melicon_daily_posts", "Icons of the day by outcome: posted or missed", ["outcome"], registry=registry
        )
        self.training_jobs = Gauge("melicon_training_jobs", "Training jobs by state", ["state"], registry=registry)
        self.gateway_ready = Gauge("melicon_gateway_ready", "Whether the gateway is connected", registry=registry)
        self.gateway_latency = Gauge(
            "melicon_gateway_latency_seconds", "Heartbeat latency of the gateway", registry=registry
        )
        self.servers = Gauge("melicon_servers", "Discord servers of this process", registry=registry)

    def observe_batch(self, seconds: float, icons: int) -> None:
        """Record a batch of `icons` icons that was drawn in `seconds`."""
        self.drawn.inc(icons)
        self.drawing_seconds.observe(seconds)

    def text(self) -> bytes:
        """Return the metrics in the Prometheus text format."""
        return generate_latest(self.registry)
