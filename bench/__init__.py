"""The benchmarks: each figure beside a peer's from the same run. `make bench` prints them; nobody imports this."""
