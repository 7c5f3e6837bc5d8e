"""How much anybody may ask for in a time: limits as rows, what is counted, what the authority sets."""
