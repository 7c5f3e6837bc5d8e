"""Problems that people report about a battery or its label, until the authority has handled them."""
