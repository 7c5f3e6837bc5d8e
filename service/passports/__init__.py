"""Use-cases of the battery passport: contents kept and published, and the passport read as somebody may see it."""
