"""Webhooks: operators' programs are told of entries by HTTPS, each at least once and in order (docs/webhooks.md)."""
