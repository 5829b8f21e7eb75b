"""Counters for `/metrics`, Prometheus text. No person in a label."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

HEARD = Counter("huiyin_heard", "Things heard and acknowledged", ["channel"], registry=REGISTRY)
AGAIN = Counter("huiyin_heard_again", "Things heard that had been heard before", ["channel"], registry=REGISTRY)
FAILED = Counter("huiyin_failed", "Things heard whose handling failed", ["channel"], registry=REGISTRY)
BURIED = Counter("huiyin_buried", "Dead letters", ["channel"], registry=REGISTRY)
SENT = Counter("huiyin_sent", "Letters sent", ["channel", "lane"], registry=REGISTRY)
UNSENT = Counter("huiyin_unsent", "Attempts to send that failed", ["channel", "reason"], registry=REGISTRY)
LEADS = Gauge(
    "huiyin_leads",
    "1: of all processes this one leads it (a channel's sending, the clock)",
    ["what"],
    registry=REGISTRY,
)
BATCH = Histogram(
    "huiyin_batch", "Turns that shared one commit", buckets=(1, 2, 4, 8, 16, 32, 64, 128), registry=REGISTRY
)
COMMIT = Histogram(
    "huiyin_commit_seconds", "Seconds from the first statement to the end of a commit", registry=REGISTRY
)
