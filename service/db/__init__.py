"""Where the register is kept: engines, tables, the log's store, present state."""
