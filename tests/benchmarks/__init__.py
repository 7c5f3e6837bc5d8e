"""Benchmarks: what PackTrail costs, beside what the same machine does without it. Run with `make bench`."""
