"""Documents about batteries and models: kept by content, sealed, shown to whom their kind may be shown."""
