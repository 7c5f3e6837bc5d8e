"""Pictures that people send: opened with care, drawn anew from their pixels, read for the codes in them."""
