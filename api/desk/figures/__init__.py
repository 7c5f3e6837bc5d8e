"""The figures on pages: what is asked, what a cell says, which picture a table makes, and the addresses of it all."""
