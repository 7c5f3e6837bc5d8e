"""A witness on the network: C2SP tlog-witness over HTTP."""
