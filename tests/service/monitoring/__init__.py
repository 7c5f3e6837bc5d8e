"""Monitors that follow registers over real sockets."""
