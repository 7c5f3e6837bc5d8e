"""Which materials a recycling batch takes in, what it gives, and the lots that go on to the next processor."""
