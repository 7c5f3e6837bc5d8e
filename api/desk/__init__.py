"""Pages for people who sign in, and the way in: login, invitation, recovery, application, account, desk."""
