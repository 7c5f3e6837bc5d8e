"""What people see: the page of a battery, the home page, and what to say when a code leads nowhere."""
