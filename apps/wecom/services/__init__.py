"""One module for each noun: messages, callbacks, contacts, logins."""
