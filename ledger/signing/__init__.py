"""Who may sign what: organisations' signatures and the keys in force at each index."""
