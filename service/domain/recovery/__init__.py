"""How much of each material recyclers win back, by step, and whether that is what the law asks for."""
