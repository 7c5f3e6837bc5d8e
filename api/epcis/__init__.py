"""The interface of EPCIS 2.0: capture, events, queries, resources."""
