"""The tests mirror the code path for path; journeys, conformance, benchmarks and torture have folders of their own."""
